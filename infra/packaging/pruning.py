"""What Lambda never needs of the libraries in the package. Each rule says why; our own code is never pruned."""

from __future__ import annotations

from pathlib import PurePosixPath

OURS = ("app.py", "chalicelib", "functions")

# boto3 describes some 400 services, 21 MB; a client can only be made of the ones named here. The last four are for
# mail, alarms and the language model.
SERVICES = ("s3", "sqs", "sts", "rds", "secretsmanager", "ses", "sesv2", "cloudwatch", "bedrock-runtime")

# Folders that only a library's own developers run.
TEST_FOLDERS = ("test", "tests", "testing")
# Sources that a compiler, a type checker or a reader wants, and no interpreter.
UNUSED_SUFFIXES = (".pyi", ".pyx", ".pxd", ".pxi", ".h", ".c", ".cpp", ".a", ".pyc", ".pyo")
# A library may ask for its own version or for plug-ins at run time (pydantic, pg8000, uuid6 and libpass do ask), so
# these two stay for all of them: 400 KB. Records, licences' copies and wheel facts go.
KEPT_METADATA = ("METADATA", "entry_points.txt")
# Whole parts of libraries that nothing of ours imports; the package test imports every module of ours without them.
UNUSED_PARTS = (
    "boto3/examples",
    "phonenumbers/carrierdata",  # which mobile network sold a number
    "phonenumbers/geodata",  # which town a number belongs to: 19 MB
    "phonenumbers/tzdata",  # which time zone a number belongs to
    "pycparser",  # cffi uses it to compile, and everything arrives compiled
    "pypdfium2_cli",
)


def is_needed(path: str) -> bool:
    """Whether the file at `path` in the package is of use on Lambda."""
    parts = PurePosixPath(path).parts
    if "__pycache__" in parts:
        return False  # it is compiled again, for this very runtime
    if parts[0] in OURS:
        return True
    if parts[0].endswith((".dist-info", ".data")):
        return parts[-1] in KEPT_METADATA
    if any(part in TEST_FOLDERS for part in parts[:-1]) or path.endswith(UNUSED_SUFFIXES):
        return False
    if any(path.startswith(f"{part}/") for part in UNUSED_PARTS):
        return False
    return _is_needed_data(parts)


def _is_needed_data(parts: tuple[str, ...]) -> bool:
    """botocore's and boto3's descriptions of services: those we call, and what belongs to no service."""
    if parts[:2] not in {("botocore", "data"), ("boto3", "data")} or len(parts) == 3:
        return True
    return parts[2] in SERVICES and not parts[-1].startswith("examples-")
