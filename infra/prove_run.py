"""Proves the commands as a newcomer types them: `make run` serves, `make demo` plays the story against it, `make smoke`
passes, the lines it printed work when pasted, and Ctrl-C leaves no process behind. Exits 1 with a line that says what
did not."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import psutil

from infra.local.processes import free_port

ROOT = Path(__file__).parents[1]
SERVING_WITHIN_SECONDS = 300  # the first run installs everything
STOPS_WITHIN_SECONDS = 45
DEMO_WITHIN_SECONDS = 240
CURL_LINE = re.compile(r"^\s*((?:TOKEN=\$\()?curl .*)$")


class Broken(SystemExit):
    """One of the promises does not hold."""


def main() -> None:
    """Run the proof on a free port."""
    port = free_port()
    log = ROOT / "build" / "make-run.log"
    log.parent.mkdir(exist_ok=True)
    environment = {**os.environ, "PORT": str(port)}
    with log.open("wb") as output:
        started = time.monotonic()
        make = subprocess.Popen(
            ["make", "run"], cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        family: set[psutil.Process] = set()
        try:
            _wait_until_serving(make, log, family)
            print(f"make run: serving after {time.monotonic() - started:.1f} s")
            _demo(environment)
            _smoke(environment, port)
            _paste_curl_lines(log)
            family |= _descendants(make.pid)
            _interrupt(make, family)
        finally:
            _kill(family | _descendants(make.pid))
    print(f"Ctrl-C: all {len(family)} processes ended")


def _descendants(pid: int) -> set[psutil.Process]:
    try:
        return {psutil.Process(pid), *psutil.Process(pid).children(recursive=True)}
    except psutil.NoSuchProcess:
        return set()


def _wait_until_serving(make: subprocess.Popen[bytes], log: Path, family: set[psutil.Process]) -> None:
    deadline = time.monotonic() + SERVING_WITHIN_SECONDS
    while "Ctrl-C" not in log.read_text(errors="replace"):
        family |= _descendants(make.pid)
        if make.poll() is not None:
            raise Broken(f"make run ended with exit code {make.returncode}:\n{log.read_text(errors='replace')}")
        if time.monotonic() > deadline:
            raise Broken(f"make run was not serving in time:\n{log.read_text(errors='replace')}")
        time.sleep(0.2)


def _demo(environment: dict[str, str]) -> None:
    for number in ("first", "second"):
        started = time.monotonic()
        done = subprocess.run(
            ["make", "demo"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=DEMO_WITHIN_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise Broken(f"make demo failed:\n{done.stdout}")
        print(
            done.stdout if number == "first" else f"make demo once more: {time.monotonic() - started:.1f} s, no error"
        )


def _smoke(environment: dict[str, str], port: int) -> None:
    """Run the smoke test of a deployment against the local one, as the demo's user."""
    login = json.loads((ROOT / ".local" / "demo.json").read_text())
    account = {"SMOKE_EMAIL": login["email"], "SMOKE_PASSWORD": login["password"]}
    done = subprocess.run(
        ["make", "smoke", f"URL=http://127.0.0.1:{port}"],
        cwd=ROOT,
        env={**environment, **account},
        capture_output=True,
        text=True,
        timeout=DEMO_WITHIN_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise Broken(f"make smoke failed:\n{done.stdout}{done.stderr}")
    print(f"make smoke: {done.stdout.splitlines()[-1]}")


def _paste_curl_lines(log: Path) -> None:
    """Run the curl lines that `make run` printed, in one shell, as somebody would who pastes them."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", log.read_text(errors="replace"))
    lines = [match[1] for line in plain.splitlines() if (match := CURL_LINE.match(line))]
    if len(lines) != 3:
        raise Broken(f"make run printed {len(lines)} curl lines, not 3:\n{plain}")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(lines)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0 or '"items"' not in done.stdout:
        raise Broken(f"the curl lines do not work:\n{done.stdout}\n{done.stderr}")
    print("the three curl lines work")


def _interrupt(make: subprocess.Popen[bytes], family: set[psutil.Process]) -> None:
    # A terminal sends Ctrl-C to the whole foreground group.
    os.killpg(make.pid, signal.SIGINT)
    _, alive = psutil.wait_procs(family, timeout=STOPS_WITHIN_SECONDS)
    make.wait(timeout=5)
    if alive:
        raise Broken("still running after Ctrl-C: " + "; ".join(f"{each.pid} {each.name()}" for each in alive))


def _kill(family: set[psutil.Process]) -> None:
    for process in family:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


if __name__ == "__main__":
    main()
