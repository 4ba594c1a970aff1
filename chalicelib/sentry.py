"""The client of Sentry, and what it lets out of this house. Imported by `reporting` alone, and only with a DSN."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import HttpTransport
from sentry_sdk.types import Event, Hint

from chalicelib.logs import log
from chalicelib.redaction import redacted
from chalicelib.settings import VERSION, Settings

# Longest that anybody waits for Sentry to take what happened, and pause before that is tried again.
PATIENCE_SECONDS = 2.0
PAUSE_SECONDS = 60.0
# Longest that a test report is waited for, which nobody else waits for.
TRY_SECONDS = 8.0
SILENCE_SECONDS = 600.0
# What tells where a fault is; of whom it happened to, nothing.
REPORTED = frozenset(
    {"event_id", "timestamp", "level", "platform", "release", "environment", "sdk", "exception", "tags", "fingerprint"}
    | {"transaction", "contexts"}
)
TRACED = frozenset(
    {"type", "event_id", "timestamp", "start_timestamp", "platform", "release", "environment", "sdk", "tags"}
    | {"spans", "transaction", "transaction_info", "contexts"}
)
OF_SPANS = frozenset(
    {"trace_id", "span_id", "parent_span_id", "op", "description", "status", "start_timestamp", "timestamp", "origin"}
)
# Asked every few seconds by load balancers and Prometheus: they would be all that traces tell of.
NOT_TRACED = frozenset({"GET /api/health", "GET /api/health/live", "GET /metrics"})
OURS = ("chalicelib", "functions")


# Dropped though Sentry can be reached.
REACHED = frozenset({"status_413", "status_429", "self_rate_limits", "full_queue"})


class SentryTried(Exception):
    """Nothing is wrong: somebody looks whether reports reach Sentry."""


class Delivery(HttpTransport):
    """Sends in a thread of its own and tries once. What cannot be sent is dropped, and for a minute whatever follows,
    so that a Sentry that nobody reaches is asked once a minute. The log says so once in ten minutes and not for each
    report."""

    TIMEOUT = 5
    taken = 0
    _paused_until = 0.0
    _silent_until = 0.0

    @property
    def is_paused(self) -> bool:
        return time.monotonic() < self._paused_until

    def resume(self) -> None:
        """Send the next report, whatever became of the last."""
        self._paused_until = 0.0

    def _send_envelope(self, envelope: Envelope) -> None:
        if not self.is_paused:
            super()._send_envelope(envelope)

    def _request(self, method: str, endpoint_type: Any, body: Any, headers: Mapping[str, str]) -> Any:
        # urllib3's own retries write a warning each, and keep the queue waiting.
        answer = self._pool.request(
            method, self._auth.get_api_url(endpoint_type), body=body, headers=headers, retries=False
        )
        self.taken += answer.status < 300
        return answer

    def on_dropped_event(self, reason: str) -> None:
        if reason not in REACHED:
            self._paused_until = time.monotonic() + PAUSE_SECONDS
        if time.monotonic() >= self._silent_until:
            self._silent_until = time.monotonic() + SILENCE_SECONDS
            log.warning("sentry_unreachable", reason=reason)


class Reporter:
    """Sends faults and traces to the Sentry of `config.sentry_dsn`."""

    def __init__(self, config: Settings) -> None:
        assert config.sentry_dsn is not None
        self._has_unsent_faults = False
        self._paused_until = 0.0
        self._share = config.sentry_traces_share
        sentry_sdk.init(
            dsn=config.sentry_dsn.get_secret_value(),
            release=VERSION,
            environment=config.environment.value,
            transport=Delivery,
            default_integrations=False,
            auto_enabling_integrations=False,
            # A host name, and variables, bodies and breadcrumbs that hold passwords, links and people.
            server_name="",
            include_local_variables=False,
            max_breadcrumbs=0,
            max_request_body_size="never",
            before_send=scrub,
            before_send_transaction=scrub_trace,
            traces_sampler=self._sample,
            # Both would cost threads and calls, to tell Sentry of what was not sent.
            enable_backpressure_handling=False,
            send_client_reports=False,
        )
        transport = sentry_sdk.get_client().transport
        assert isinstance(transport, Delivery)
        self._delivery = transport

    def _sample(self, context: dict[str, Any]) -> float:
        return 0.0 if context["transaction_context"]["name"] in NOT_TRACED else self._share

    def report(self, error: BaseException, tags: Mapping[str, str]) -> None:
        """Hand `error` over to be sent."""
        self._has_unsent_faults = True
        sentry_sdk.capture_exception(error, tags=dict(tags), fingerprint=fingerprint(error, tags))

    @contextmanager
    def traced(self, name: str, op: str) -> Iterator[Any]:
        """Follow what happens meanwhile, for a tenth of all times."""
        with sentry_sdk.isolation_scope(), sentry_sdk.start_transaction(name=name, op=op, source="route") as trace:
            yield trace

    @contextmanager
    def part(self, name: str, op: str) -> Iterator[None]:
        """Follow a part of what is traced."""
        with sentry_sdk.start_span(op=op, name=name):
            yield

    def send(self, *, only_faults: bool) -> None:
        """Wait until what was handed over is sent, for two seconds at most. Once that was in vain, or nothing could be
        sent, nobody waits for a minute. With `only_faults` traces are not waited for."""
        is_paused = self._delivery.is_paused or time.monotonic() < self._paused_until
        if (only_faults and not self._has_unsent_faults) or is_paused:
            return
        self._has_unsent_faults = False
        started = time.monotonic()
        sentry_sdk.get_client().flush(timeout=PATIENCE_SECONDS)
        if time.monotonic() - started >= PATIENCE_SECONDS:
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            log.warning("sentry_not_waited_for", seconds=PATIENCE_SECONDS)

    def try_out(self) -> bool:
        """Whether Sentry takes a report now: one of SentryTried is sent, and waited for by eight seconds at most."""
        self._delivery.resume()
        taken = self._delivery.taken
        sentry_sdk.capture_exception(SentryTried("a test of the way to Sentry"), fingerprint=[SentryTried.__name__])
        sentry_sdk.get_client().flush(timeout=TRY_SECONDS)
        return self._delivery.taken > taken


def fingerprint(error: BaseException, tags: Mapping[str, str]) -> list[str]:
    """What makes two reports one issue: the kind of the error, the innermost function of ours, and what was done. Each
    attempt of a job has the same; line numbers, which every release moves, are left out."""
    place, trace = "", error.__traceback__
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] in OURS:
            place = f"{module}.{trace.tb_frame.f_code.co_qualname}"
        trace = trace.tb_next
    done = tags.get("kind") or tags.get("route") or tags.get("function") or ""
    return [type(error).__qualname__, place, done]


def scrub(event: Event, _hint: Hint) -> Event:
    """What of a report leaves this house: where it broke and with what words, those taken out that tell of people."""
    return _kept(event, REPORTED)


def scrub_trace(event: Event, _hint: Hint) -> Event:
    """What of a trace leaves this house: what was done, by route and job kind, and how long each part took."""
    kept = _kept(event, TRACED)
    spans: Any = kept.get("spans", [])
    kept["spans"] = [{name: span[name] for name in OF_SPANS & set(span)} for span in spans]
    return kept


def _kept(event: Event, names: frozenset[str]) -> Event:
    kept: Event = _redacted({name: value for name, value in event.items() if name in names})
    trace = dict(kept.get("contexts", {}).get("trace", {}))
    kept["contexts"] = {"trace": {name: trace[name] for name in OF_SPANS & set(trace)}}
    return kept


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {name: _redacted(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_redacted(each) for each in value]
    return value
