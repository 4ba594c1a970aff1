"""Why no package is made."""

from __future__ import annotations


class PackageRefused(Exception):
    """The package cannot be made, or is not fit to be deployed; the text is one line that says why."""
