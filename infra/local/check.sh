#!/bin/sh
# Format, lint, types, then the tests, whose summary comes last; all of them run, and one failure is enough to fail.
set -u
cd "$(dirname "$0")/../.." || exit 1
BIN=.venv/bin
PATH=$PATH:/usr/sbin
failed=""
TYPES=$(mktemp)
trap 'rm -f "$TYPES"' EXIT

check() { # name, command...
    name=$1
    shift
    echo "== $name"
    "$@" || failed="$failed $name"
}

if ! command -v clamd >/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "== installing clamav-daemon with apt-get, for the tests on a real clamd"
        mkdir -p build
        { apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends clamav-daemon; } \
            >build/clamav.log 2>&1 && rm -f build/clamav.log || echo "apt-get could not: the tests on clamd are skipped (log: build/clamav.log)"
    else
        echo "== clamd is not installed: its tests are skipped (Debian: apt-get install clamav-daemon; macOS: brew install clamav)"
    fi
fi

# Types take the longest by far and one core; what it says comes in its turn.
$BIN/mypy >"$TYPES" 2>&1 &
types=$!
told_types() {
    wait "$types"
    code=$?
    cat "$TYPES"
    return $code
}

check format $BIN/ruff format --check .
check lint $BIN/ruff check .
check bandit $BIN/bandit --quiet --configfile pyproject.toml --recursive app.py chalicelib functions infra
check semgrep infra/local/semgrep.sh
check types told_types
check tests $BIN/pytest -q -n "${TEST_PROCESSES:-2}"
[ -z "$failed" ] || { echo "failed:$failed"; exit 1; }
