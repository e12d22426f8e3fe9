"""Policy from a parameter: the last good one stays, and what is wrong is told."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from nightcrew.admission.policy import Level, Policy
from nightcrew.admission.policy_file import load
from nightcrew.admission.policy_source import KEPT, LOOK_BACK, PolicySource, Text, Trouble, checked, parameter
from nightcrew.admission.settings import Setting, Settings
from nightcrew.aws.cloud import READING
from nightcrew.clock import StoppedClock
from nightcrew.demo.scripted import Refusal, Scripted
from nightcrew.errors import BadPolicy, Unreachable

AUTO = "rules:\n  - {when: {family: restart}, autonomy: auto}\n"
OTHER = "rules:\n  - {when: {family: restart}, autonomy: approve}\n"
BAD = "rules:\n  - {when: {family: restart}, autonomie: auto}\n"
PACKAGED = load("rules:\n  - {when: {family: restart}, autonomy: auto, cool_down: 2h}\n")
NAME = "/nightcrew/policy"


@dataclass
class Shelf:
    """A parameter with its versions; what was asked for, and what was said about it."""

    versions: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    told: list[Trouble] = field(default_factory=list)
    away: bool = False

    def read(self, name: str) -> Text:
        self.asked.append(name)
        _, _, number = name.partition(":")
        version = int(number or len(self.versions))
        if self.away or not 1 <= version <= len(self.versions):
            raise Unreachable(f"parameter {name}: ThrottlingException")
        return Text(self.versions[version - 1], version)


@pytest.fixture
def shelf() -> Shelf:
    """Nothing on it yet."""
    return Shelf()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def source(shelf: Shelf, clock: StoppedClock) -> Callable[[], PolicySource]:
    """A fresh environment's source."""

    def made() -> PolicySource:
        return PolicySource(NAME, shelf.read, checked(NAME, {"remedy"}), clock, PACKAGED, shelf.told.append)

    return made


def level(policy: Policy) -> Level:
    """What the policy lets restarts do."""
    return settings(policy).autonomy.value


def settings(policy: Policy) -> Settings:
    return policy.settings_for("remedy", "restart", "low", alarm_tags={}, region="eu-west-1", account="1")


def test_it_is_read_when_it_is_asked_for_and_once_a_minute(
    shelf: Shelf, clock: StoppedClock, source: Callable[[], PolicySource]
) -> None:
    """So a team changes it without deploying."""
    shelf.versions.append(AUTO)
    policy = source()
    assert shelf.asked == []
    assert policy.current().version == load(AUTO).version
    clock.sleep(KEPT.total_seconds() - 1)
    shelf.versions.append(OTHER)
    assert level(policy.current()) is Level.AUTO
    clock.sleep(1)
    assert level(policy.current()) is Level.APPROVE
    assert shelf.asked == [NAME, NAME]
    assert shelf.told == []


def test_a_policy_is_the_same_object_until_another_is_read(
    shelf: Shelf, clock: StoppedClock, source: Callable[[], PolicySource]
) -> None:
    """What a run was handed stays as it was: it is never changed under it."""
    shelf.versions.append(AUTO)
    policy = source()
    before = policy.current()
    clock.sleep(120)
    assert policy.current() is before
    shelf.versions.append(OTHER)
    clock.sleep(120)
    assert policy.current() is not before
    assert level(before) is Level.AUTO


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (BAD, "ssm:/nightcrew/policy:2: rules[0].autonomie"),
        ("rules: [{when: {runbook: remedi}, autonomy: auto}]", "remedy"),
        ("rules: [", "ssm:/nightcrew/policy:"),
        ("", ""),
    ],
)
def test_a_bad_version_changes_nothing_and_is_told(
    shelf: Shelf, clock: StoppedClock, source: Callable[[], PolicySource], bad: str, words: str
) -> None:
    """With its place in the file, and the policy that stays. An empty one is a good one, under which nothing runs."""
    shelf.versions.append(AUTO)
    policy = source()
    good = policy.current()
    shelf.versions.append(bad)
    clock.sleep(60)
    if not bad:
        assert level(policy.current()) is Level.OBSERVE
        return
    assert policy.current() is good
    (trouble,) = shelf.told
    assert words in trouble.words
    assert f"policy {good.version} stays" in trouble.words
    assert (trouble.policy, trouble.bad is not None) == (good.version, True)
    shelf.versions.append(OTHER)
    clock.sleep(60)
    assert level(policy.current()) is Level.APPROVE
    assert len(shelf.told) == 1


def test_it_is_told_as_long_as_it_lasts_and_each_bad_version_has_its_own_name(
    shelf: Shelf, clock: StoppedClock, source: Callable[[], PolicySource]
) -> None:
    """An alarm on the metric stays on; the name lets one environment tell people, once."""
    shelf.versions += [AUTO, BAD]
    policy = source()
    for _ in range(3):
        policy.current()
        clock.sleep(60)
    shelf.versions.append(f"{BAD}\n# another\n")
    policy.current()
    names = [trouble.bad for trouble in shelf.told]
    assert len(names) == 4
    assert len(set(names[:3])) == 1
    assert names[3] not in {names[0], None}


def test_what_cannot_be_read_leaves_the_last_good_one(
    shelf: Shelf, clock: StoppedClock, source: Callable[[], PolicySource]
) -> None:
    shelf.versions.append(AUTO)
    policy = source()
    good = policy.current()
    shelf.away = True
    clock.sleep(60)
    assert policy.current() is good
    assert [(each.bad, "ThrottlingException" in each.words) for each in shelf.told] == [(None, True)]


def test_an_environment_that_starts_on_a_bad_version_takes_the_newest_good_one_before_it(
    shelf: Shelf, source: Callable[[], PolicySource]
) -> None:
    """So those that start now decide as those that read it in time."""
    shelf.versions += [OTHER, AUTO, BAD, "rules: ["]
    assert source().current().version == load(AUTO).version
    assert shelf.asked == [NAME, f"{NAME}:3", f"{NAME}:2"]
    (trouble,) = shelf.told
    assert "version 4 of the policy is not valid" in trouble.words
    assert trouble.policy == load(AUTO).version


@pytest.mark.parametrize("why", ["away", "never good", "good long ago"])
def test_where_none_could_be_read_the_packaged_one_holds_and_nothing_runs_by_itself(
    shelf: Shelf, source: Callable[[], PolicySource], why: str
) -> None:
    """Whatever the packaged one allows: the team's own may forbid it. Its limits hold."""
    shelf.away = why == "away"
    shelf.versions += [AUTO, *[BAD] * (LOOK_BACK + 1)] if why == "good long ago" else [BAD]
    held = settings(source().current())
    assert held.autonomy.value is Level.OBSERVE
    assert "no policy could be read from parameter /nightcrew/policy yet" in held.autonomy.because
    assert held.cool_down.value.total_seconds() == 7200
    assert len(shelf.told) == 1


def test_it_is_tried_again_until_one_is_read(
    shelf: Shelf, clock: StoppedClock, source: Callable[[], PolicySource]
) -> None:
    """A version before the bad one, too: it may have been out of reach."""
    shelf.versions += [AUTO, BAD]
    shelf.away = True
    policy = source()
    assert level(policy.current()) is Level.OBSERVE
    shelf.away = False
    clock.sleep(60)
    assert level(policy.current()) is Level.AUTO


def test_a_parameter_is_read_from_ssm_with_its_versions(scripted: Scripted) -> None:
    scripted.reset()
    client = scripted.clients("ssm", READING)
    for text in (OTHER, AUTO):
        client.put_parameter(Name="/nightcrew/source", Value=text, Type="String", Overwrite=True)
    read = parameter(scripted)
    assert read("/nightcrew/source").text == AUTO
    newest = read("/nightcrew/source").version
    assert read(f"/nightcrew/source:{newest - 1}") == Text(OTHER, newest - 1)
    with pytest.raises(Unreachable, match="ParameterNotFound"):
        read("/nightcrew/nothing")
    scripted.answer("ssm", "GetParameter", *[Refusal("AccessDeniedException")] * 3)
    with pytest.raises(Unreachable, match="AccessDeniedException"):
        read("/nightcrew/source")


def test_the_packaged_policy_is_no_worse_for_a_ceiling() -> None:
    """A ceiling lowers and never raises, and names what it lowered."""
    capped = replace(PACKAGED, ceiling=Setting(Level.SUGGEST, "the stack"))
    assert str(settings(capped).autonomy.because).startswith("the stack, which lowers auto from rules[0]")
    assert level(replace(load(""), ceiling=Setting(Level.AUTO, "the stack"))) is Level.OBSERVE


def test_a_text_that_is_not_valid_is_refused_with_the_parameters_name() -> None:
    with pytest.raises(BadPolicy, match="ssm:/nightcrew/policy:2"):
        checked(NAME, ())(BAD)
