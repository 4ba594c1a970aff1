"""What a chaos run is asked for, and the time-outs that it runs with."""

from __future__ import annotations

from dataclasses import dataclass

from tests.queue_faults import Fault

SWEEP_SECONDS = 1.0
LEASE_SECONDS = 6
LATE_SECONDS = 5.0
GRACE_SECONDS = 1
LOST_AFTER_SECONDS = 6
BACKLOG = 120
"""Messages ready for delivery beyond which nobody asks for more work."""

# How likely each fault is at each occasion. The rare ones are those that hold a message back for a whole visibility.
CHANCES = {
    Fault.DUPLICATE: 0.03,
    Fault.REORDERED: 0.15,
    Fault.LATE: 0.03,
    Fault.LOST_DELETE: 0.03,
    Fault.LOST_RECEIVE: 0.01,
    Fault.SENT_AND_FAILED: 0.03,
    Fault.NOT_SENT: 0.03,
    Fault.DELAY_FAILED: 0.2,
}
SETTINGS = {
    "RECRUITPRO_LOG_LEVEL": "WARNING",
    "RECRUITPRO_DATABASE_POOL_SIZE": "2",
    "RECRUITPRO_DATABASE_CONNECT_TIMEOUT_SECONDS": "2",
    "RECRUITPRO_JOB_RETRY_BASE_SECONDS": "1",
    "RECRUITPRO_JOB_LEASE_SECONDS": str(LEASE_SECONDS),
    "RECRUITPRO_JOB_LOST_AFTER_SECONDS": str(LOST_AFTER_SECONDS),
    "RECRUITPRO_OUTBOX_GRACE_SECONDS": str(GRACE_SECONDS),
    "RECRUITPRO_UPLOAD_LOST_AFTER_SECONDS": "4",
    "RECRUITPRO_WEBHOOK_TIMEOUT_SECONDS": "2",
    "RECRUITPRO_RATE_LIMIT_INVITATIONS": "100000/hour",
    "RECRUITPRO_RATE_LIMIT_PASSWORD_RESET": "100000/hour",
    "RECRUITPRO_RATE_LIMIT_LOGIN": "100000/minute",
}


@dataclass(frozen=True, slots=True)
class Options:
    """How many jobs and faults, from which seed, by how many workers, and how long at most."""

    jobs: int
    faults: int
    seed: int
    workers: int
    visibility_seconds: int
    longest_seconds: float

    @property
    def bound_seconds(self) -> float:
        """How long recovery may take."""
        return self.visibility_seconds + SWEEP_SECONDS

    @property
    def command(self) -> str:
        """How to run this again."""
        return (
            f"python -m tests.chaos --jobs {self.jobs} --faults {self.faults} --seed {self.seed} "
            f"--workers {self.workers} --visibility {self.visibility_seconds}"
        )
