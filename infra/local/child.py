"""The last step before a program of the local stack runs: tie it to its parent's life, and give up root if asked.

Run as a file (`python -S child.py --parent 123 -- program arguments`): it replaces itself by the program, so the
process id that the parent knows is the program's own. On Linux the kernel then signals the program when its parent
dies, however it dies; elsewhere the next start finds what was left behind.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import struct
import sys

# From linux/prctl.h and linux/capability.h.
PR_SET_PDEATHSIG, PR_SET_SECUREBITS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 28, 47, 2
NO_SETUID_FIXUP = 1 << 2
CAPABILITY_VERSION_3, CAP_DAC_OVERRIDE = 0x20080522, 1


def die_with_parent(parent: int, signal_number: int) -> None:
    """Have this process signalled when process `parent` ends; leave at once if it already has."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit(1)


def become(uid: int, gid: int) -> None:
    """Continue as another user that can still reach every folder: the checkout may lie below a closed /root."""
    libc = ctypes.CDLL(None)
    linux = sys.platform == "linux"
    if linux:
        # Keeps capabilities over setuid, and has access(2) honour them: PostgreSQL looks for its own programs by it.
        libc.prctl(PR_SET_SECUREBITS, NO_SETUID_FIXUP, 0, 0, 0)
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if linux:
        bit = 1 << CAP_DAC_OVERRIDE
        header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
        if libc.capset(header, struct.pack("6I", bit, bit, bit, 0, 0, 0)) == 0:
            libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--signal", default="SIGTERM")
    parser.add_argument("--uid", type=int)
    parser.add_argument("--gid", type=int)
    parser.add_argument("command", nargs="+")
    wish = parser.parse_args()
    if wish.uid is not None:
        become(wish.uid, wish.gid)
    # After giving up root, because the kernel forgets the signal when the user changes.
    die_with_parent(wish.parent, signal.Signals[wish.signal])
    os.execvp(wish.command[0], wish.command)  # noqa: S606 - replacing itself is all it is for # nosec B606


if __name__ == "__main__":
    main()
