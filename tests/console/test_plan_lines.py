"""The lines of a plan as pages show them."""

from nightcrew.console.plan_lines import Called, Step, plan_lines


def test_nothing_of_what_people_agree_to_is_cut() -> None:
    """A long parameter is whole, and so is an undo's."""
    long = "x" * 5000
    (line,) = plan_lines(
        [{"title": "t", "call": "a:B", "parameters": {"P": long}, "undo": {"call": "a:C", "parameters": {"P": long}}}]
    )
    assert line.does == Called("a:B", (("P", long),))
    assert line.undo == (Step("", Called("a:C", (("P", long),))),)


def test_an_undo_of_several_steps_has_each_with_its_call() -> None:
    """What only waits has none."""
    undo = [
        {"verb": "wait until", "title": "it is off", "call": "a:Read"},
        {"verb": "change", "title": "on", "call": "a:On"},
    ]
    (line,) = plan_lines([{"title": "t", "call": "a:B", "undo": undo}])
    assert line.undo == (Step("wait until it is off"), Step("on", Called("a:On")))


def test_a_change_that_cannot_be_taken_back_says_so() -> None:
    """In the plan's own words."""
    (line,) = plan_lines([{"title": "t", "call": "a:B", "undo": "irreversible"}])
    assert line.changes
    assert line.undo == (Step("irreversible"),)
