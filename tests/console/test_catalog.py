"""The catalog: all runbooks by family, and each one's page with its record."""

from datetime import timedelta

import pytest

from nightcrew.console.marked import prose
from nightcrew.knowledge.lessons import learn
from tests.console.looking import looking
from tests.console.past import ADA, RUNBOOK, SYMPTOM, ended, refused
from tests.console.reader import Newsroom, Opened, Reader

AT = "/console/runbooks"


def names(page: Opened) -> set[str]:
    """The runbooks on a page of the list."""
    return {words for words, at in page.links.items() if at == f"{AT}/{words}"}


def test_all_runbooks_stand_by_family(room: Newsroom, reader: Reader) -> None:
    """Each with what it does, its risk, what it answers, and whether it was proved on AWS."""
    page = reader.open(AT)
    assert names(page) == set(room.house.crew.installation.catalog)
    line = page.words.split(f" {RUNBOOK} ")[1][:300]
    assert "Stop and start an EC2 instance, so that it comes back on other hardware." in line
    for part in ("disruptive", "AWS/EC2 StatusCheckFailed_Instance high", "in part", "never"):
        assert part in line
    assert len(page.text.encode()) < 100_000


@pytest.mark.parametrize(
    ("typed", "found", "other"),
    [
        ({"words": "aurora reader"}, "add-aurora-reader", RUNBOOK),
        ({"words": "statuscheckfailed_instance"}, RUNBOOK, "add-aurora-reader"),
        ({"words": "ec2:StopInstances"}, RUNBOOK, "add-aurora-reader"),
        ({"risk": "data-loss"}, "switch-region", RUNBOOK),
        ({"family": "restart"}, RUNBOOK, "add-aurora-reader"),
        ({"family": "restart"}, "invoke-lambda", "add-aurora-reader"),
    ],
)
def test_runbooks_are_found_by_words_family_and_risk(
    reader: Reader, typed: dict[str, str], found: str, other: str
) -> None:
    """By what they answer and may do, too; one that is of a family by its call is of each."""
    page = reader.open(AT, **typed)
    assert found in names(page)
    assert other not in names(page)


def test_words_that_no_runbook_has_lead_back_to_all(reader: Reader) -> None:
    page = reader.submit(reader.open(AT), AT, words="<b>teapot")
    assert "No runbook has all of these words." in page.words
    assert "<b>teapot" not in page.text


def test_a_family_that_there_is_not_is_said_at_its_field(reader: Reader) -> None:
    page = reader.open(AT, family="<b>")
    assert page.status == 422
    assert "one of restart, scale-out, failover, restore" in page.words
    assert "<b>" not in page.text


def test_a_page_tells_what_a_runbook_does(reader: Reader) -> None:
    """For a person at night: effect, what it answers, changes with their undo, proofs, inputs, permissions."""
    page = reader.open(f"{AT}/{RUNBOOK}")
    assert "Moves the instance to other hardware; it is down for some minutes." in page.words
    for part in (
        "AWS/EC2 StatusCheckFailed_Instance, high, by InstanceId as instance_id",
        "stop it bring it back a read tells whether it was made; only if not, it is made again",
        "both status checks pass",
        "no Auto Scaling group owns it",
        "instance_id like i-0abc1234def567890 required",
        "ec2:StopInstances",
        "scripted cloud, moto; AWS: never",
        "its lock lasts 1 h 15 min",
    ):
        assert part in page.words, part
    assert page.links["Run it …"] == f"{AT}/{RUNBOOK}/run"


def test_a_viewer_is_not_shown_the_way_to_run_it(room: Newsroom) -> None:
    page = looking(room).open(f"{AT}/{RUNBOOK}")
    assert "Run it …" not in page.links
    assert "An operator may run it." in page.words


def test_a_runbook_has_its_record_and_its_last_runs(room: Newsroom, reader: Reader) -> None:
    """Refusals are no tries; another runbook's runs are none of its own."""
    assert "Never tried here." in reader.open(f"{AT}/{RUNBOOK}").words
    for number in range(3):
        ended(room, f"cured-{number}", timedelta(minutes=number))
    ended(room, "failed", outcome="failed")
    ended(room, "other", runbook="scale-out-ecs-service")
    refused(room, "a", "lock", "another run has it")
    page = reader.open(f"{AT}/{RUNBOOK}")
    assert "3 of 4 helped, in 30 s (the median)." in page.words
    assert "30 % or more with 95 % confidence" in page.words
    assert "A person takes 20 min for it" in page.words
    assert "Of the last 5 runs and refusals" in page.words
    assert "✗ failed run failed" in page.links
    assert "✓ cured run other" not in page.links


def test_what_people_learned_stands_with_the_runbook(room: Newsroom, reader: Reader) -> None:
    """Of its runs, and of what it answers; in its current version, and nothing of others'."""
    ended(room, "one")
    _learn(room, "a", "the zone was <b>full</b>", run="one")
    _learn(room, "b", "look at the host first", symptom=SYMPTOM)
    _learn(room, "c", "that is for databases", symptom="AWS/RDS:CPUUtilization:high")
    page = reader.open(f"{AT}/{RUNBOOK}")
    assert "the zone was <b>full</b>" in page.words
    assert "<b>full" not in page.text
    assert "look at the host first" in page.words
    assert "that is for databases" not in page.words


def test_a_runbook_that_there_is_not_is_named(reader: Reader) -> None:
    """With the nearest one that there is."""
    page = reader.open(f"{AT}/restart-ec2-instanze")
    assert page.status == 404
    assert "did you mean restart-ec2-instance?" in page.words


def test_every_runbook_has_a_page(room: Newsroom, reader: Reader) -> None:
    """Below 100 kB, whatever it declares; those that are parts, that answer events, that say their risk at a call."""
    for name in ("move-ec2-instance", "start-ec2-instance", "invoke-lambda", "restore-aurora-cluster", "switch-region"):
        page = reader.open(f"{AT}/{name}")
        assert page.status == 200, name
        assert len(page.text.encode()) < 100_000
    assert room.slips == []


def test_names_and_stress_are_shown_as_such_and_nothing_else_is_made_of_a_page() -> None:
    """A page is a team's own text: it becomes no HTML of its own."""
    text = "<b>Stops</b> `<i>`; **all** of *it*.\nStill.\n\n<script>x</script> 2 * 3 * 4"
    assert prose(text) == (
        "<p>&lt;b&gt;Stops&lt;/b&gt; <code>&lt;i&gt;</code>; <strong>all</strong> of <em>it</em>.\nStill.</p>"
        "<p>&lt;script&gt;x&lt;/script&gt; 2 * 3 * 4</p>"
    )


def _learn(room: Newsroom, name: str, words: str, **about: str) -> None:
    crew = room.house.crew
    learn(crew.store, crew.installation.clock, f"lesson-{name}", words, author=ADA, **about)
