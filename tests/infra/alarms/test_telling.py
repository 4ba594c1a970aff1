"""Where alarms go, what a month may cost, and what an operator sees first."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from infra.packaging import parameters, templates
from tests.infra.parts import of_type, properties

FOLDER = Path(__file__).parents[3] / "infra" / "templates"
ALARMS, BUDGET, DASHBOARD = (templates.read(FOLDER / f"{name}.yaml") for name in ("alarms", "budget", "dashboard"))
SENDERS = {"cloudwatch.amazonaws.com", "budgets.amazonaws.com"}
TOPICS = [{"Ref": "AlarmTopic"}, {"Ref": "TicketTopic"}]


def test_messages_are_encrypted_by_a_key_that_their_senders_may_use() -> None:
    for topic in ("AlarmTopic", "TicketTopic"):
        assert properties(ALARMS, topic)["KmsMasterKeyId"] == {"Ref": "AlarmKey"}
    key = properties(ALARMS, "AlarmKey")
    (senders,) = [each for each in key["KeyPolicy"]["Statement"] if each["Sid"] == "WhoSendsAlarms"]

    assert key["EnableKeyRotation"] is True
    assert set(senders["Principal"]["Service"]) == SENDERS
    assert set(senders["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey*"}
    assert senders["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_topics_take_messages_from_aws_for_this_account_alone_and_by_tls() -> None:
    policy = properties(ALARMS, "AlarmTopicPolicy")
    allowed, refused = policy["PolicyDocument"]["Statement"]

    assert policy["Topics"] == allowed["Resource"] == refused["Resource"] == TOPICS
    assert (allowed["Effect"], set(allowed["Principal"]["Service"])) == ("Allow", SENDERS)
    assert allowed["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert (refused["Effect"], refused["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_mail_goes_to_whoever_is_named_and_to_nobody_otherwise() -> None:
    for name, topic, parameter in (
        ("AlarmSubscription", "AlarmTopic", "AlarmEmail"),
        ("TicketSubscription", "TicketTopic", "TicketEmail"),
    ):
        condition = ALARMS["Resources"][name]["Condition"]
        assert properties(ALARMS, name) == {
            "TopicArn": {"Ref": topic},
            "Protocol": "email",
            "Endpoint": {"Ref": parameter},
        }
        assert ALARMS["Conditions"][condition] == {"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, ""]}]}
        assert ALARMS["Parameters"][parameter]["Default"] == ""


def test_dev_wakes_nobody_and_production_does() -> None:
    told = {name: parameters.parameters_of(name)["AlarmActions"] for name in ("dev", "staging", "production")}

    assert told == {"dev": "false", "staging": "true", "production": "true"}


def test_old_definitions_are_told_half_a_day_before_they_are_refused() -> None:
    scanner = templates.read(FOLDER / "scanner.yaml")["Parameters"]["DefinitionsMaxAgeHours"]

    assert scanner["Default"] - ALARMS["Parameters"]["ScannerDefinitionsHours"]["Default"] >= 12


def test_the_budget_is_told_at_80_percent_of_the_forecast_and_when_it_is_spent() -> None:
    (budget,) = of_type(BUDGET, "AWS::Budgets::Budget").values()
    told = budget["NotificationsWithSubscribers"]

    assert budget["Budget"]["BudgetLimit"] == {"Amount": {"Ref": "MonthlyBudgetUsd"}, "Unit": "USD"}
    assert [(each["Notification"]["NotificationType"], each["Notification"]["Threshold"]) for each in told] == [
        ("FORECASTED", 80),
        ("ACTUAL", 100),
    ]
    for each in told:
        assert each["Subscribers"] == [{"SubscriptionType": "SNS", "Address": {"Ref": "TicketTopic"}}]


def body() -> dict[str, Any]:
    """The dashboard as CloudWatch gets it, with the names of things in the place of what only a deployment knows."""
    pattern = properties(DASHBOARD, "Dashboard")["DashboardBody"]["Fn::Sub"]
    made: dict[str, Any] = json.loads(re.sub(r"\$\{([^}]+)\}", lambda found: found[1], pattern))
    return made


def test_the_dashboard_shows_pages_first_and_nothing_over_another() -> None:
    widgets = body()["widgets"]
    shown = {each.removesuffix(".Arn") for each in widgets[0]["properties"]["alarms"]}

    assert widgets[0]["type"] == "alarm"
    assert shown <= set(ALARMS["Resources"])
    places = [
        (x, y) for w in widgets for x in range(w["x"], w["x"] + w["width"]) for y in range(w["y"], w["y"] + w["height"])
    ]
    assert len(places) == len(set(places))
    assert max(x for x, _ in places) < 24


def test_the_dashboard_draws_what_the_alarms_of_our_own_figures_hang_on() -> None:
    drawn = {
        metric
        for widget in body()["widgets"]
        for each in widget["properties"].get("metrics", [])
        for metric in each
        if isinstance(metric, str) and re.fullmatch("[a-z_]+", metric)
    }

    assert {
        "backup_age_hours",
        "restore_test_age_hours",
        "export_age_hours",
        "export_proof_age_hours",
        "job_oldest_seconds",
        "job_dead_letters",
    } <= drawn
