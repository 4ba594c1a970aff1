"""The template as `infra.package` makes it, and as SAM translates it."""

from __future__ import annotations

import pytest

from tests.infra import packaged
from tests.infra.packaged import Template


@pytest.fixture(scope="session")
def template() -> Template:
    return packaged.build("dev", with_zip=False).template


@pytest.fixture(scope="session")
def translated(template: Template) -> Template:
    return packaged.translate(template)
