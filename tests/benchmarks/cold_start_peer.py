"""What cold starts are measured beside: FastAPI and Mangum with the SQLAlchemy, pydantic and driver of the package."""

from __future__ import annotations

import re
import shutil
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from infra.packaging.archive import add_bytecode

# create_engine loads the dialect, so it belongs to what every start pays.
DATABASE = "import sqlalchemy.orm, pg8000, sqlalchemy.dialects.postgresql.pg8000"
STACK = f"import fastapi, mangum, jwt; {DATABASE}"
IMPORTS = {"FastAPI + Mangum + SQLAlchemy": STACK}
# They are in the package, in the version of its Python.
PACKAGED = {"pydantic", "pydantic-core", "typing-extensions", "typing-inspection", "annotated-types"}
NAME = re.compile(r"[A-Za-z0-9._-]+")


def make(folder: Path, python: Path) -> None:
    """FastAPI and Mangum with what they need and the package does not hold, compiled as the package is; all of it is
    Python alone, and so the development environment's own files serve for any Python."""
    wanted, copied = ["fastapi", "mangum"], set[str]()
    while wanted:
        name = wanted.pop().lower()
        if name not in copied | PACKAGED:
            copied.add(name)
            wanted += _copy(name, folder)
    add_bytecode(folder, python)


def _copy(name: str, folder: Path) -> list[str]:
    """Copy the modules of `name`; the names of what it cannot do without."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return []  # for another Python than this one
    for file in found.files or ():
        if ".." not in file.parts and (file.suffix == ".py" or file.name in {"METADATA", "entry_points.txt"}):
            target = folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(str(file.locate()), target)
    needed = [line for line in found.requires or () if "extra ==" not in line]
    return [match[0] for line in needed if (match := NAME.match(line))]
