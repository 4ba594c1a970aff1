"""Every alarm of the template fires when its trouble comes and clears when it is over; quiet days wake nobody."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from random import Random

import pytest

from tests.infra import packaged
from tests.infra.alarms.evaluator import CompositeAlarm, MetricAlarm, Missing, State
from tests.infra.alarms.reading import Alarm, Reader, states
from tests.infra.alarms.scenarios import DAY, HOUR, Scenario, requests
from tests.infra.alarms.series import Metric, Recording
from tests.infra.alarms.stories import OFTEN, SCHEDULED, SELDOM, stories
from tests.infra.parts import of_type

ENVIRONMENTS = ("dev", "staging", "production")
PAGE, TICKET = [{"Ref": "AlarmTopic"}], [{"Ref": "TicketTopic"}]
SCHEDULE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
MINUTES = {"minute": 1, "hour": 60, "day": DAY}


@cache
def reader(environment: str) -> Reader:
    return Reader(packaged.translate(packaged.build(environment, with_zip=False).template), environment)


@cache
def alarms(environment: str) -> dict[str, Alarm]:
    return reader(environment).alarms()


def played(scenario: Scenario) -> tuple[Recording, int, int]:
    """The recording of a story, with when its trouble begins and ends."""
    begin = scenario.warm_up
    end = begin + scenario.fires_within
    recording = Recording(end + scenario.clears_within + 1)
    scenario.well(recording, 0, begin)
    scenario.trouble(recording, begin, end)
    scenario.well(recording, end, recording.length)
    return recording, begin, end


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_alarm_has_a_story(environment: str) -> None:
    assert set(stories(reader(environment), environment)) == set(alarms(environment))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_alarm_fires_and_clears(environment: str) -> None:
    told = stories(reader(environment), environment)
    for name, alarm in alarms(environment).items():
        recording, begin, end = played(told[name])
        found = states(alarm, alarms(environment), recording)

        assert found[begin] is not State.ALARM, f"{name} is in alarm while all is well"
        assert State.ALARM in found[begin : end + 1], f"{name} does not fire"
        assert State.ALARM not in found[-1:], f"{name} does not clear"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("rate", [14.4, 100, 1000])
def test_an_api_that_burns_fourteen_times_its_budget_pages_within_five_minutes(environment: str, rate: float) -> None:
    recording = Recording(HOUR + 5)
    requests(environment, 0.02)(recording, 0, HOUR)
    requests(environment, rate * 0.1 * 1.0001)(recording, HOUR, HOUR + 5)

    found = states(alarms(environment)["ApiUnavailable"], alarms(environment), recording)

    assert found[HOUR] is State.OK
    assert found[HOUR + 5] is State.ALARM


def test_a_small_office_whose_api_is_gone_is_heard_within_a_quarter_of_an_hour() -> None:
    """One request a minute: too few for a rate by the minute, so the window of an hour has to have ten that failed."""
    recording = Recording(DAY + 15)
    requests("production", 0, per_minute=1)(recording, 0, DAY)
    requests("production", 100, per_minute=1)(recording, DAY, recording.length)

    found = states(alarms("production")["ApiUnavailable"], alarms("production"), recording)

    assert found[DAY] is State.OK
    assert State.ALARM in found[DAY:]


def test_a_hiccup_of_two_minutes_wakes_nobody() -> None:
    recording = Recording(2 * DAY)
    requests("production", 0.02)(recording, 0, 2 * DAY)
    requests("production", 30)(recording, DAY, DAY + 2)

    assert State.ALARM not in states(alarms("production")["ApiUnavailable"], alarms("production"), recording)


@pytest.mark.parametrize("schedule", SCHEDULED)
def test_a_schedule_that_stops_is_told_after_more_than_two_of_its_periods_and_no_later_than_five(schedule: str) -> None:
    name, period, _ = SCHEDULED[schedule]
    ran = Metric.of("RecruitPro", "function_ran", environment="production", function=name)
    stopped = 6 * period
    recording = Recording(stopped + 6 * period)
    recording.of(ran).repeat(period, {1: 1}, begin=0, end=stopped)

    found = states(alarms("production")[f"{schedule}Dead"], alarms("production"), recording)
    fired = found.index(State.ALARM, 4 * period)

    last_run = stopped - period
    assert 2 * period <= fired - last_run <= 6 * period
    assert State.ALARM not in found[4 * period : fired]


def quiet_days(environment: str, per_minute: int, days: int = 30) -> Recording:
    """Nothing special: every story's `well`, and requests of which one of 5,000 fails, at random."""
    recording = Recording(days * DAY)
    for name, story in stories(reader(environment), environment).items():
        if not name.startswith(("ApiF", "ApiB", "ApiU")):
            story.well(recording, 0, recording.length)
    api = {"ApiName": f"recruitpro-{environment}", "Stage": environment}
    asked, failed = (recording.of(Metric.of("AWS/ApiGateway", name, **api)) for name in ("Count", "5XXError"))
    asked.repeat(1, {1: per_minute}, begin=0, end=recording.length)
    random, minute = Random(per_minute), 0.0
    while (minute := minute + random.expovariate(per_minute / 5000)) < recording.length:
        failed.put(int(minute), 1)
    return recording


@pytest.mark.parametrize("per_minute", [1, 3000], ids=["low traffic", "high traffic"])
def test_thirty_quiet_days_wake_nobody(per_minute: int) -> None:
    environment = "production"
    recording = quiet_days(environment, per_minute)

    telling = [name for name, made in reader(environment).described().items() if "AlarmActions" in made]
    heard = {name for name in telling if rings(alarms(environment)[name], environment, recording)}

    assert heard == set()


def rings(alarm: Alarm, environment: str, recording: Recording) -> bool:
    if isinstance(alarm, MetricAlarm):
        return alarm.ever_alarms(recording)
    parts = [each for each in alarms(environment).values() if isinstance(each, MetricAlarm) and each.name in alarm.rule]
    if not any(each.ever_alarms(recording) for each in parts if f'"{each.name}"' in alarm.rule):
        assert "NOT" not in alarm.rule  # such a rule rings when something that it names does
        return False
    return State.ALARM in states(alarm, alarms(environment), recording)


def test_three_days_together_are_found_though_no_period_is_that_long() -> None:
    """By days, never when less than a tenth of the month's budget went, and always when one day or all three carry
    it. Budgets by days: 1 is what a day may spend."""
    watched = alarms("production")["ApiBudget"]
    for spent, expected in (
        ((1.1, 1.1, 1.1), True),
        ((0.2, 0.2, 3.1), True),
        ((0.9, 0.9, 0.9), False),
        ((0, 0, 2.5), False),
    ):
        recording = Recording(3 * DAY)
        for day, rate in enumerate(spent):
            requests("production", rate * 0.1)(recording, day * DAY, (day + 1) * DAY)
        assert (states(watched, alarms("production"), recording)[-1] is State.ALARM) is expected, spent


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_pages_and_tickets_go_where_they_say_and_come_back(environment: str) -> None:
    for name, made in reader(environment).described().items():
        described = made["AlarmDescription"]
        if "One window of the error budget" in described:
            assert "AlarmActions" not in made, f"{name} is a part and tells nobody by itself"
            continue
        assert made["AlarmActions"] == (PAGE if described.startswith("PAGE. ") else TICKET), name
        assert described.startswith(("PAGE. ", "TICKET. ")), name
        assert made["OKActions"] == made["AlarmActions"], name
        assert made["ActionsEnabled"] == {"Ref": "AlarmActions"}, name


def test_names_are_unique_and_say_where() -> None:
    for environment in ENVIRONMENTS:
        names = [alarm.name for alarm in alarms(environment).values()]
        assert len(set(names)) == len(names)
        assert all(re.fullmatch(rf"recruitpro-{environment}-[a-z0-9-]+", name) for name in names)


def test_every_function_has_its_alarms() -> None:
    functions = {
        name for name, made in reader("production").resources.items() if made["Type"] == "AWS::Lambda::Function"
    }

    assert functions == {*OFTEN, *SELDOM}
    for name, (called, _, _) in SCHEDULED.items():
        if name in functions:
            assert reader("production").resources[name]["Properties"]["Handler"] == f"functions.{called}.{called}"


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is started, by the stem of its logical id, and how often, in minutes."""

    starts: str
    period: int


def schedules() -> dict[str, Schedule]:
    """Everything in the template that starts something by the clock, by its logical id."""
    template = {"Resources": dict(reader("production").resources)}
    functions = {
        name: Schedule(rule["Targets"][0]["Arn"]["Fn::GetAtt"][0], minutes_of(rule["ScheduleExpression"]))
        for name, rule in of_type(template, "AWS::Events::Rule").items()
        if "ScheduleExpression" in rule
    }
    containers = {
        name: Schedule(name.removesuffix("Schedule"), minutes_of(each["ScheduleExpression"]))
        for name, each in of_type(template, "AWS::Scheduler::Schedule").items()
    }
    return {**functions, **containers}


# An alarm looks back a week at most, so no empty window tells that a weekly run is missing: what it makes grows old.
BY_AGE = {"TakeExport": "ExportOld", "ProveExport": "ExportProofOld"}


def test_every_schedule_has_its_dead_mans_switch() -> None:
    found = {each.starts: each.period for each in schedules().values()}
    assert len(found) == len(schedules()), "nothing is started by two schedules"

    assert set(found) == {*SCHEDULED, *BY_AGE}
    for starts, period in found.items():
        alarm = alarms("production")[BY_AGE.get(starts, f"{starts}Dead")]
        assert isinstance(alarm, MetricAlarm)
        (query,) = alarm.queries
        assert alarm.missing is Missing.BREACHING, f"{starts} that never ran at all would not be told"
        if starts in BY_AGE:
            assert period < alarm.threshold * HOUR < 2 * period
            assert query.metric.name.endswith("_age_hours")
        else:
            called, _, _ = SCHEDULED[starts]
            assert query.metric == Metric.of("RecruitPro", "function_ran", environment="production", function=called)
            assert alarm.period == period == SCHEDULED[starts][1]
            assert 2 * period <= alarm.period * alarm.evaluation_periods <= DAY * 7


def minutes_of(expression: str) -> int:
    """How often a schedule is due, in minutes; those by cron are weekly, daily or every so many minutes."""
    found = SCHEDULE.fullmatch(expression)
    if found is not None:
        return int(found[1]) * MINUTES[found[2]]
    minute, hour, *rest = expression.removeprefix("cron(").removesuffix(")").split()
    if hour == "*":
        assert rest == ["*", "*", "?", "*"], expression
        return int(minute.partition("/")[2])
    assert minute.isdigit(), expression
    assert hour.isdigit(), expression
    weekly = re.fullmatch(r"\? \* [A-Z]{3} \*", " ".join(rest))
    assert weekly or rest == ["*", "*", "?", "*"], expression
    return 7 * DAY if weekly else DAY


def test_every_queue_has_its_alarms() -> None:
    queues = {name for name, each in reader("production").resources.items() if each["Type"] == "AWS::SQS::Queue"}

    expected = {f"{name}Found" if name.endswith("DeadLetters") else f"{name}Waits" for name in queues}
    assert expected <= set(alarms("production"))


def test_composite_alarms_name_alarms_that_are_there() -> None:
    for environment in ENVIRONMENTS:
        names = {alarm.name for alarm in alarms(environment).values()}
        for alarm in alarms(environment).values():
            if isinstance(alarm, CompositeAlarm):
                named = set(re.findall(r'"([^"]+)"', alarm.rule))
                assert named
                assert named <= names
