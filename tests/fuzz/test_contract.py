"""The application is what its OpenAPI document says, in a bounded search that is the same each time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import Tenant
from tests.fuzz.contract import hold_to_contract, served, shares
from tests.house import Cloud

SHARES = 4
SAME_EACH_TIME = ("--generation-deterministic", "--no-shrink")


@pytest.fixture
def url(cloud: Cloud, configure: Callable[..., None]) -> Iterator[str]:
    configure(rate_limit_enabled="false")
    with served() as url:
        yield url


@pytest.mark.timeout(300)
@pytest.mark.parametrize("share", range(SHARES))
def test_signed_in_every_call_does_what_is_published(share: int, url: str, tenant: Tenant) -> None:
    options = ["--phases", "examples,coverage,fuzzing", "--max-examples", "3", *SAME_EACH_TIME]

    finding = hold_to_contract(url, options, email=tenant.email, paths=shares(SHARES)[share])

    assert finding.is_clean, finding.report


@pytest.mark.timeout(300)
def test_what_one_call_made_the_next_can_take(url: str, tenant: Tenant) -> None:
    options = ["--phases", "stateful", "--max-examples", "15", *SAME_EACH_TIME]

    finding = hold_to_contract(url, options, email=tenant.email)

    assert finding.is_clean, finding.report


@pytest.mark.timeout(300)
def test_without_a_token_every_call_refuses_as_published(url: str) -> None:
    options = ["--phases", "fuzzing", "--max-examples", "2", *SAME_EACH_TIME]

    finding = hold_to_contract(url, options, email=None)

    assert finding.is_clean, finding.report
