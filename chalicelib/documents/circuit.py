"""A scanner that is spared once it has failed several times in a row, so that a queue of files does not wait on it one
time-out after the other. Each container keeps a circuit of its own; a scan that it refuses is a job that comes back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import BinaryIO

from chalicelib import metrics
from chalicelib.documents.scanner import ScanIncomplete, Scanner, ScannerStatus, ScannerUnavailable, ScanVerdict
from chalicelib.logs import log


class CircuitState(StrEnum):
    CLOSED = "closed"
    """Scans go through."""
    OPEN = "open"
    """Scans are refused without asking."""
    HALF_OPEN = "half_open"
    """The pause is over: the next scan goes through if the scanner answers a question first."""


class Circuit:
    """Counts failures in a row: after `failures_before_pause` it is open for `pause_seconds`, then half open until the
    next success, and open again after the next failure."""

    def __init__(
        self, failures_before_pause: int, pause_seconds: float, *, clock: Callable[[], float] = time.time
    ) -> None:
        # The clock on the wall: the monotonic one may stand still while Lambda keeps a container frozen.
        self._failures_before_pause, self._pause_seconds, self._clock = failures_before_pause, pause_seconds, clock
        self._failures = 0
        self._opened_at: float | None = None

    @property
    def state(self) -> CircuitState:
        if self._opened_at is None:
            return CircuitState.CLOSED
        is_over = not 0 <= self._clock() - self._opened_at < self._pause_seconds
        return CircuitState.HALF_OPEN if is_over else CircuitState.OPEN

    @property
    def failures(self) -> int:
        return self._failures

    def failed(self) -> None:
        self._failures += 1
        if self._failures >= self._failures_before_pause:
            self._opened_at = self._clock()
            log.warning("scanner_circuit_opened", failures=self._failures, pause_seconds=self._pause_seconds)
            metrics.count("scanner_circuit", state=CircuitState.OPEN.value)

    def succeeded(self) -> None:
        if self._opened_at is not None:
            log.warning("scanner_circuit_closed", failures=self._failures)
            metrics.count("scanner_circuit", state=CircuitState.CLOSED.value)
        self._failures, self._opened_at = 0, None


class GuardedScanner:
    """A scanner behind a circuit."""

    def __init__(self, scanner: Scanner, circuit: Circuit) -> None:
        self._scanner, self._circuit = scanner, circuit

    def scan(self, stream: BinaryIO) -> ScanVerdict:
        """The scanner's verdict; ScannerUnavailable at once while the circuit is open."""
        state = self._circuit.state
        if state is CircuitState.OPEN:
            raise ScannerUnavailable(f"it is not asked for a while after {self._circuit.failures} failures in a row")
        if state is CircuitState.HALF_OPEN:
            self._ask_first()
        try:
            verdict = self._scanner.scan(stream)
        except ScannerUnavailable as failure:
            if not failure.is_about_document:
                self._circuit.failed()
            raise
        except ScanIncomplete:
            self._circuit.succeeded()
            raise
        self._circuit.succeeded()
        return verdict

    def _ask_first(self) -> None:
        status = self._scanner.status()
        if not status.is_up:
            self._circuit.failed()
            raise ScannerUnavailable("it still does not answer as it should")

    def status(self) -> ScannerStatus:
        """What the scanner says now, and how the circuit of this process stands."""
        return replace(self._scanner.status(), circuit=self._circuit.state.value)
