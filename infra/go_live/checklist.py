"""The checklist. A machine looks at each line, or a person answers it; docs/go-live.md tells the same lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from infra.go_live import account, outside
from infra.go_live.world import World

Check = Callable[[World], str]


@dataclass(frozen=True, slots=True)
class Line:
    """What has to be so. `check` answers what it saw, or raises Wrong with what to do; without one a person looks."""

    section: str
    text: str
    check: Check | None = None


def _section(name: str, *lines: tuple[str, Check | None]) -> list[Line]:
    return [Line(name, text, check) for text, check in lines]


LINES: Sequence[Line] = (
    *_section(
        "Deployment",
        ("The stack is whole, and of this environment", account.stack_is_whole),
        ("The server is this environment and this release", outside.is_this_release),
        ("No migration is waiting", account.nothing_to_migrate),
        ("The smoke test passes, with an account of its own", outside.smoke_passes),
        ("Going back to the release before has been tried in staging", None),
    ),
    *_section(
        "Doors",
        ("Only HTTPS answers, from TLS 1.2 on", outside.only_https),
        ("The certificate lasts longer than two weeks", outside.certificate_lasts),
        ("Nobody can register an organization by themselves", outside.registration_is_closed),
        ("Every answer carries the security headers; pages of strangers get nothing", outside.headers_and_origins),
        ("The firewall stands before the API", account.firewall_is_in_front),
        ("Every bucket is closed to the public, versioned and encrypted", account.buckets_are_closed),
        ("Quarantine and backups are locked", account.locks_are_on),
        ("The first admin has a second factor, and the organization asks everybody for one", None),
        ("Nobody's own keys deploy: the roles of GitHub do, and production waits for an approval", None),
    ),
    *_section(
        "Database",
        ("It is private, encrypted and kept from deletion, with a standby in production", account.database_is_kept),
        ("It can be brought back to any moment of the last days", account.point_in_time),
        ("Its passwords change by themselves", account.secrets_rotate),
    ),
    *_section(
        "Backups",
        ("The newest snapshot is younger than 26 hours", outside.backup_is_young),
        ("A restore was verified within the last 7 days, and an export within 8", account.restores_are_verified),
        ("make restore-drill has been run, and its figures stand in docs/disaster-recovery.md", None),
        ("Somebody other than its author has restored by docs/disaster-recovery.md", None),
    ),
    *_section(
        "Scanning",
        ("ClamAV answers, with definitions of today or yesterday", outside.scanner_is_fresh),
        ("An EICAR file sent through the frontend ends as infected, and nobody can fetch it", None),
    ),
    *_section(
        "Work in the background",
        ("No queue holds what was given up", account.nothing_was_given_up),
        ("Every queue feeds its function", account.queues_feed_functions),
        ("Every schedule is on", account.schedules_are_on),
    ),
    *_section(
        "Mail",
        ("The sender is verified, and SES lets us write to anybody", account.mail_may_leave),
        ("Links in mails lead to the frontend", None),
    ),
    *_section(
        "Seen and heard",
        ("Alarms are armed, and none is ringing", account.alarms_are_armed),
        ("Somebody gets the alarms", account.alarms_are_heard),
        ("There is a budget", account.budget_is_set),
        ("Logs are kept as long as they should be", account.logs_are_kept),
        ("Whoever is on call has read docs/operations.md, and an alarm has woken them once", None),
        ("Errors reach Sentry, or it was decided against", account.errors_reach_sentry),
    ),
    *_section(
        "Load",
        ("make load against staging with the people you expect: no errors, p95 as you want it", None),
        ("The account's limit of functions at once is above what the environment may use", account.concurrency_fits),
    ),
    *_section(
        "People and law",
        ("How long candidates are kept is set for each organization, and the privacy notice says the same", None),
        ("An erasure and an export of a person were tried", None),
        ("There is a contract about the processing of personal data with AWS and everybody else who gets some", None),
        ("docs/incident-response.md names who leads and whom to tell", None),
    ),
    *_section(
        "From the old system",
        ("The migration's report was read line by line, and its verification passed", None),
        ("The old system is read-only, and its backup is kept", None),
    ),
)


def as_markdown(lines: Sequence[Line] = LINES) -> str:
    """The lines by section, each with who looks."""
    told: list[str] = []
    for line in lines:
        if f"### {line.section}" not in told:
            told += ["", f"### {line.section}"]
        told.append(f"- [ ] {line.text}{'' if line.check else ' (a person)'}")
    return "\n".join(told).strip()
