"""The harmless file that every virus scanner reports, and a scanner that knows nothing else.

The signature exists at run time only: a source file or bytecode that held it would itself be reported.
"""

from __future__ import annotations

# Joined by a call, because Python joins literals with + already when it compiles.
EICAR = b"".join((rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD", rb"-ANTIVIRUS-TEST-FILE!$H+H*"))
