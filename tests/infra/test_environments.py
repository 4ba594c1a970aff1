"""The values of each environment: what the template is told, and what is refused before AWS hears of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.packaging.errors import PackageRefused
from infra.packaging.parameters import check, parameters_of, read_values

ENVIRONMENTS = ("dev", "staging", "production")
PARAMETERS = {
    "Environment": {"Type": "String"},
    "Consumers": {"Type": "Number", "MinValue": 2, "MaxValue": 1000, "Description": "how many run at once"},
    "LogLevel": {"Type": "String", "Default": "INFO", "AllowedValues": ["INFO", "ERROR"]},
    "MailSender": {"Type": "String", "Default": "", "AllowedPattern": r"^$|^[^@\s]+@[^@\s]+$"},
    "Origins": {"Type": "CommaDelimitedList", "Default": ""},
}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_template_takes_every_environment_as_it_stands_in_the_repository(environment: str, tmp_path: Path) -> None:
    folder = Path(__file__).parents[2] / "infra" / "environments"
    (tmp_path / f"{environment}.yaml").write_text((folder / f"{environment}.yaml").read_text())

    values = parameters_of(environment, folder=tmp_path)

    assert int(values["HighConsumers"]) >= 2
    assert "Environment" not in values


def test_environments_differ_by_values_of_the_same_parameters() -> None:
    named = {environment: set(read_values(_file(environment))) for environment in ENVIRONMENTS}

    assert named["dev"] == named["staging"] == named["production"]


def test_what_belongs_to_the_deployer_wins_and_stays_outside_of_git(tmp_path: Path) -> None:
    (tmp_path / "dev.yaml").write_text(_file("dev").read_text())
    (tmp_path / "dev.local.yaml").write_text("MailSender: jobs@hire.example.com\nHighConsumers: 3\n")

    values = parameters_of("dev", folder=tmp_path)

    assert (values["MailSender"], values["HighConsumers"]) == ("jobs@hire.example.com", "3")
    ignored = (Path(__file__).parents[2] / ".gitignore").read_text().splitlines()
    assert "infra/environments/*.local.yaml" in ignored


def test_numbers_lists_and_truth_become_the_text_that_cloudformation_takes(tmp_path: Path) -> None:
    (tmp_path / "dev.yaml").write_text("Consumers: 2\nOrigins: [https://a.example, https://b.example]\nOpen: true\n")

    values = read_values(tmp_path / "dev.yaml")

    assert values == {"Consumers": "2", "Origins": "https://a.example,https://b.example", "Open": "true"}


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"Consumers": "2", "Consumer": "2"}, "the template has no parameter Consumer that could be set"),
        ({"Consumers": "2", "Environment": "dev"}, "the template has no parameter Environment that could be set"),
        ({}, "Consumers is missing: how many run at once"),
        ({"Consumers": "1"}, "Consumers is '1': it must be 2 or more"),
        ({"Consumers": "1001"}, "Consumers is '1001': it must be 1000 or less"),
        ({"Consumers": "many"}, "Consumers is 'many': it must be a number"),
        ({"Consumers": "2", "LogLevel": "LOUD"}, "LogLevel is 'LOUD': it must be one of INFO, ERROR"),
        ({"Consumers": "2", "MailSender": "jobs"}, "MailSender is 'jobs': it must look like ^$|^[^@\\s]+@[^@\\s]+$"),
    ],
)
def test_what_the_template_would_refuse_is_named(values: dict[str, str], refusal: str) -> None:
    with pytest.raises(PackageRefused) as refused:
        check(values, PARAMETERS)

    assert str(refused.value) == refusal


def test_an_environment_without_a_file_and_a_value_that_is_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "dev.yaml").write_text("Consumers: { high: 2 }\n")

    with pytest.raises(PackageRefused, match=r"^there is no attic\.yaml in infra/environments$"):
        parameters_of("attic", folder=tmp_path)
    with pytest.raises(PackageRefused, match=r"^dev\.yaml says of Consumers neither a text nor a number"):
        read_values(tmp_path / "dev.yaml")


@pytest.mark.parametrize("webhooks", ["true", "false"])
def test_a_region_for_copies_without_a_way_to_it_is_refused(tmp_path: Path, webhooks: str) -> None:
    (tmp_path / "production.yaml").write_text(_file("production").read_text())
    (tmp_path / "production.local.yaml").write_text(f"BackupCopyRegion: eu-north-1\nWebhooks: {webhooks}\n")

    if webhooks == "true":
        assert parameters_of("production", folder=tmp_path)["BackupCopyRegion"] == "eu-north-1"
    else:
        with pytest.raises(PackageRefused, match=r"^BackupCopyRegion is 'eu-north-1', .* needs Webhooks: true, or"):
            parameters_of("production", folder=tmp_path)


def test_snapshots_of_production_alone_are_copied_to_another_region() -> None:
    copied = {name: read_values(_file(name))["BackupCopyRegion"] for name in ENVIRONMENTS}

    assert copied == {"dev": "", "staging": "", "production": "eu-west-1"}


def _file(environment: str) -> Path:
    return Path(__file__).parents[2] / "infra" / "environments" / f"{environment}.yaml"
