"""What the dramatiq command imports: the broker and the actors, on the queue that BENCH_QUEUE names."""

from __future__ import annotations

import os

from tests.benchmarks.jobs_peers import dramatiq_on

broker, actors = dramatiq_on(os.environ["BENCH_QUEUE"])
