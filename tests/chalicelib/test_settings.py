"""Settings: read once, typed, and all mistakes said in one go, without a secret in the message."""

from __future__ import annotations

import pytest

from chalicelib.settings import Environment, ScannerKind, Settings, SettingsMistake, parse_rate, read

SECRET = "a-secret-that-nobody-may-read-in-a-log"
OUTSIDE = {"RECRUITPRO_TOKEN_SECRET_ARN": "arn:aws:secretsmanager:eu-central-1:1:secret:token"}


def mistakes(**values: str) -> list[str]:
    """What is said about these settings, one line each."""
    with pytest.raises(SettingsMistake) as mistake:
        read({f"RECRUITPRO_{name.upper()}": value for name, value in values.items()})
    first, *lines = str(mistake.value).splitlines()
    assert first == "settings are wrong:"
    return [line.strip() for line in lines]


def named(lines: list[str]) -> set[str]:
    return {line.split(":")[0] for line in lines}


def test_with_nothing_said_it_is_a_safe_local_installation() -> None:
    settings = read({})

    assert settings.environment is Environment.LOCAL
    assert settings.is_local
    assert settings.scanner is ScannerKind.CLAMD
    assert settings.open_registration is False
    assert settings.rate_limit_enabled is True
    assert (settings.rate_limit_default, settings.rate_limit_login) == ("100/minute", "5/minute")
    assert settings.cors_origins == ()


def test_values_are_typed() -> None:
    settings = read(
        {
            "RECRUITPRO_DATABASE_PORT": "6543",
            "RECRUITPRO_FORCE_HTTPS": "true",
            "RECRUITPRO_CORS_ORIGINS": "https://a.example, https://b.example,",
            "RECRUITPRO_CLAMD_TIMEOUT_SECONDS": "2.5",
            "RECRUITPRO_TOKEN_SECRET": SECRET,
        }
    )

    assert (settings.database_port, settings.force_https, settings.clamd_timeout_seconds) == (6543, True, 2.5)
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert settings.token_secret is not None
    assert settings.token_secret.get_secret_value() == SECRET


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("database_port", "1.5"),
        ("database_port", "0"),
        ("database_port", "65536"),
        ("database_port", "٣x"),
        ("database_pool_timeout_seconds", "0"),
        ("clamd_timeout_seconds", "nan"),
        ("clamd_timeout_seconds", "inf"),
        ("force_https", "2"),
        ("webhook_allowed_ports", "443,https"),
        ("mail_sender", "hello@hire.example\n"),
        ("mail_sender", "hello"),
    ],
)
def test_a_value_that_is_none_of_its_kind_or_beyond_its_limits_is_refused(name: str, value: str) -> None:
    assert named(mistakes(**{name: value})) == {f"RECRUITPRO_{name.upper()}"}


def test_limits_themselves_are_allowed() -> None:
    told = {
        "DATABASE_PORT": "65535",
        "CLAMD_PAUSE_SECONDS": "0",
        "LOG_SAMPLE_RATE": "1",
        "WEBHOOK_ALLOWED_PORTS": "443, 8443",
    }
    settings = read({f"RECRUITPRO_{name}": value for name, value in told.items()})

    assert (settings.database_port, settings.clamd_pause_seconds, settings.log_sample_rate) == (65535, 0.0, 1.0)
    assert settings.webhook_allowed_ports == (443, 8443)


def test_other_settings_are_made_of_these_without_changing_them() -> None:
    settings = read({})

    assert settings.but(database_port=6000).database_port == 6000
    assert settings.database_port == 5432
    assert hash(settings.but(database_port=5432)) == hash(settings)
    assert settings.but(database_port=5432) == settings != settings.but(database_port=6000)


def test_an_empty_variable_is_none_at_all_and_other_programs_variables_are_their_own() -> None:
    assert read({"RECRUITPRO_DATABASE_PORT": "", "PATH": "/bin", "OTHER_DATABASE_PORT": "x"}) == read({})


def test_all_mistakes_are_said_at_once() -> None:
    lines = mistakes(
        database_port="many",
        environment="prod",
        force_https="perhaps",
        rate_limit_default="lots",
        rate_limit_login="5/fortnight",
        access_token_seconds="1",
        databse_url="postgresql://typo",
        token_secret="short",
        log_level="LOUD",
    )

    assert named(lines) == {
        "RECRUITPRO_DATABASE_PORT",
        "RECRUITPRO_ENVIRONMENT",
        "RECRUITPRO_FORCE_HTTPS",
        "RECRUITPRO_RATE_LIMIT_DEFAULT",
        "RECRUITPRO_RATE_LIMIT_LOGIN",
        "RECRUITPRO_ACCESS_TOKEN_SECONDS",
        "RECRUITPRO_DATABSE_URL",
        "RECRUITPRO_TOKEN_SECRET",
        "RECRUITPRO_LOG_LEVEL",
    }
    assert "RECRUITPRO_DATABSE_URL: no such setting" in lines
    assert len(lines) == 9


@pytest.mark.parametrize("environment", ["dev", "staging", "production"])
def test_outside_local_all_that_is_unsafe_is_said_at_once(environment: str) -> None:
    lines = mistakes(environment=environment, scanner="eicar_only", token_secret=SECRET, database_port="0")

    assert named(lines) == {"RECRUITPRO_SCANNER", "RECRUITPRO_TOKEN_SECRET_ARN", "RECRUITPRO_DATABASE_PORT"}


@pytest.mark.parametrize("environment", ["dev", "staging", "production"])
def test_outside_local_a_secret_by_arn_and_a_real_scanner_are_enough(environment: str) -> None:
    settings = read({**OUTSIDE, "RECRUITPRO_ENVIRONMENT": environment})

    assert settings.environment == environment
    assert not settings.is_local


def test_whoever_builds_settings_by_hand_is_held_to_the_same_rules() -> None:
    with pytest.raises(ValueError, match="RECRUITPRO_SCANNER"):
        Settings(environment=Environment.PRODUCTION, scanner=ScannerKind.EICAR_ONLY)


@pytest.mark.parametrize(
    "values",
    [
        {"token_secret": "too-short-secret"},
        {"token_secret": SECRET, "environment": "production"},
        {"database_url": f"mysql://app:{SECRET}@db/recruitpro"},
        {"database_url": f"postgresql://app:{SECRET}@db/recruitpro", "databse_port": SECRET},
        {"metrics_token": SECRET, "database_port": SECRET},
        {"environment": SECRET},
        {"sentry_dsn": SECRET, "scanner": SECRET},
        {"rate_limit_default": SECRET},
        {"mail_sender": f"{SECRET}@hire.example\nBcc: x@y.z"},
        {"self": SECRET, "fields": SECRET, "is_local": SECRET},
    ],
)
def test_no_value_stands_in_the_message(values: dict[str, str]) -> None:
    text = "\n".join(mistakes(**values))

    assert SECRET not in text
    assert "too-short-secret" not in text


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    url = f"postgresql://app:{SECRET}@db/recruitpro"
    settings = read(
        {
            f"RECRUITPRO_{name}": value
            for name, value in {
                "TOKEN_SECRET": SECRET,
                "DATABASE_URL": url,
                "MIGRATION_DATABASE_URL": url,
                "SENTRY_DSN": f"https://{SECRET}@sentry.example/1",
                "METRICS_TOKEN": SECRET,
            }.items()
        }
    )

    assert SECRET not in repr(settings) + str(settings) + str(settings.__dict__)


@pytest.mark.parametrize("name", ["database_url", "migration_database_url"])
@pytest.mark.parametrize("url", ["mysql://a@b/c", "db.example.com", "postgresql:/a", "://"])
def test_a_database_url_of_another_kind_is_said_at_start(name: str, url: str) -> None:
    assert named(mistakes(**{name: url})) == {f"RECRUITPRO_{name.upper()}"}


@pytest.mark.parametrize("url", ["postgresql://a:b@c:1/d", "postgres://a@c/d", "postgresql+pg8000://a@c/d"])
def test_postgresql_is_named_in_every_usual_way(url: str) -> None:
    assert read({"RECRUITPRO_DATABASE_URL": url}).database_url is not None


@pytest.mark.parametrize(
    ("rate", "parsed"), [("100/minute", (100, 60)), ("5/second", (5, 1)), ("1/hour", (1, 3600)), ("0/minute", (0, 60))]
)
def test_a_rate_is_a_number_and_a_window(rate: str, parsed: tuple[int, int]) -> None:
    assert parse_rate(rate) == parsed


@pytest.mark.parametrize("rate", ["", "100", "/minute", "-1/minute", "1/day", "1/minute ", "x1/minute", "1/minutes"])
def test_what_is_no_rate_is_refused(rate: str) -> None:
    with pytest.raises(ValueError, match="not a rate"):
        parse_rate(rate)
    if rate:
        assert named(mistakes(rate_limit_default=rate)) == {"RECRUITPRO_RATE_LIMIT_DEFAULT"}


def test_settings_do_not_change_and_take_nothing_unknown() -> None:
    settings = read({})

    with pytest.raises(AttributeError, match="frozen"):
        settings.database_port = 1


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.fields.items() if not field.description] == []


SAFE = {"RECRUITPRO_ENVIRONMENT": "production", "RECRUITPRO_TOKEN_SECRET_ARN": "arn:aws:secretsmanager:x"}


@pytest.mark.parametrize("url", ["https://hire.example.com", "https://hire.example.com:8443/app/"])
def test_links_in_mails_lead_to_the_frontend(url: str) -> None:
    assert read({**SAFE, "RECRUITPRO_FRONTEND_URL": url}).frontend_address == url.rstrip("/")
    assert read({"RECRUITPRO_FRONTEND_URL": url}).frontend_address == url.rstrip("/")
    assert read({}).frontend_address == "http://localhost:3000"
    assert read(SAFE).frontend_address is None


@pytest.mark.parametrize(
    "url",
    [
        "http://hire.example.com",
        "hire.example.com",
        "https://",
        "javascript:alert(1)",
        "https://a@b.example",
        "https://hire.example.com/?next=",
        "https://hire.example.com/#x",
        "https://hire.example.com\nBcc: x",
        "https://a b",
    ],
)
def test_a_frontend_that_links_must_not_lead_to_is_refused(url: str) -> None:
    with pytest.raises(SettingsMistake, match="RECRUITPRO_FRONTEND_URL"):
        read({**SAFE, "RECRUITPRO_FRONTEND_URL": url})


@pytest.mark.parametrize(
    "dsn", ["sentry.example/1", "https://sentry.example/1", "https://key@sentry.example/", "ftp://k@s/1"]
)
def test_a_dsn_that_sentry_would_not_take_is_said_at_start(dsn: str) -> None:
    assert named(mistakes(sentry_dsn=dsn)) == {"RECRUITPRO_SENTRY_DSN"}


def test_reports_leave_in_clear_from_a_laptop_alone() -> None:
    dsn = "http://key@127.0.0.1:9000/1"

    assert read({"RECRUITPRO_SENTRY_DSN": dsn}).sentry_dsn is not None
    with pytest.raises(SettingsMistake, match="RECRUITPRO_SENTRY_DSN: it must begin with https://"):
        read({**OUTSIDE, "RECRUITPRO_ENVIRONMENT": "production", "RECRUITPRO_SENTRY_DSN": dsn})
