"""The scenarios: who does what, how many of them, how long, and how long they think in between."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scenario:
    """So many virtual users of each class of users.py. `think` are the shortest and longest pause in seconds. The first
    `warm_up_seconds`, in which users arrive, count for errors alone. `organizations` are ranks by size, 1 the largest;
    none means all. `import_rows` are those of each file that an Importer sends."""

    name: str
    title: str
    users: dict[str, int]
    seconds: int = 20
    think: tuple[float, float] = (1.0, 5.0)
    warm_up_seconds: int = 5
    organizations: tuple[int, ...] = ()
    importer_organization: int = 1
    import_rows: int = 1000

    @property
    def count(self) -> int:
        return sum(self.users.values())


SMALL = (15, 16, 17, 18, 19, 20)
# So that half a minute has five hundred requests to take a percentile of.
BRISK = (0.5, 1.5)
# Uncounted: every container has loaded what it serves, and has its connections. Cold starts are measured elsewhere.
WARM_UP = Scenario("warm-up", "everything once", {"Recruiter": 16, "Screener": 8}, 8, (0.1, 0.3))
SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("browse", "100 users browsing", {"Browser": 100}),
        Scenario("search", "50 users searching", {"Searcher": 50}),
        Scenario("screen", "10 users screening", {"Screener": 10}, think=(1.0, 3.0)),
        Scenario("import", "bulk imports of 1,000 candidates", {"Importer": 1}, think=(0.5, 1.0), warm_up_seconds=0),
        Scenario("write", "100 users writing at once", {"Writer": 100}, think=(0.0, 0.0)),
        Scenario("alone", "20 users of small organizations, alone", {"Browser": 20}, 30, BRISK, organizations=SMALL),
        Scenario(
            "beside",
            "20 users of small organizations while the largest imports",
            {"Browser": 20, "Importer": 1},
            30,
            BRISK,
            organizations=SMALL,
            import_rows=10_000,
        ),
        Scenario("mixed", "500 users, everything mixed", {"Recruiter": 500}, seconds=240, warm_up_seconds=20),
    )
}
# Until p95 passes a second, or something fails.
RAMP_FROM, RAMP_SECONDS, RAMP_P95_MS, RAMP_MOST = 250, 25, 1000.0, 4000


def ramp_step(users: int) -> Scenario:
    """One step of the search for where it breaks."""
    return Scenario(
        f"ramp-{users}", f"{users:,} users mixed", {"Recruiter": users}, seconds=RAMP_SECONDS, warm_up_seconds=10
    )
