"""A fresh process that is one Lambda container: `python -m tests.benchmarks.invoked functions.scan_document EVENT`.

Imports the function, handles the event in the file, and tells as JSON what its handler answered.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path


def main(module: str, event: str) -> None:
    from infra.local.delivery import context
    from infra.local.pump import handler_of

    handler = handler_of(importlib.import_module(module))
    print(json.dumps(handler(json.loads(Path(event).read_text()), context(module))), file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
