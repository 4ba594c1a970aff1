#!/bin/sh
# Makes .venv and installs the pinned requirements into it, when that has not been done for these very files.
# Each way it can fail ends in one line that says what to do, and exit code 1.
set -u
cd "$(dirname "$0")/../.." || exit 1
PYTHON=${PYTHON:-python3}
VENV=.venv
LOG=$VENV/install.log
STAMP=$VENV/.installed

fail() {
    echo "error: $*" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

make_environment() {
    command -v "$PYTHON" >/dev/null || fail "there is no $PYTHON: install Python 3.11 or newer, or name one: make run PYTHON=/path/to/python3.12"
    is_new_enough "$PYTHON" || fail "Python 3.11 or newer is needed and $PYTHON is $("$PYTHON" -c 'import platform; print(platform.python_version())' 2>/dev/null || echo broken): name another one, as in make run PYTHON=python3.12"
    "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || fail "$PYTHON comes without venv: install it (Debian, Ubuntu: apt-get install python3-venv)"
    echo "Creating $VENV with $PYTHON"
    rm -rf "$VENV"
    made=$("$PYTHON" -m venv "$VENV" 2>&1) || { rm -rf "$VENV"; fail "$VENV could not be created: $(echo "$made" | tail -1)"; }
}

show_progress() { # pid of pip
    seconds=0
    while kill -0 "$1" 2>/dev/null; do
        sleep 1
        seconds=$((seconds + 1))
        collected=$(grep -c '^Collecting' "$LOG" 2>/dev/null)
        if [ -t 1 ]; then
            printf '\r  %s packages found, %s s ' "${collected:-0}" "$seconds"
        elif [ $((seconds % 15)) = 0 ]; then
            echo "  ${collected:-0} packages found, $seconds s"
        fi
    done
    [ -t 1 ] && printf '\r\033[K'
}

explain_failure() {
    if grep -qiE "error: command '?[^ ]*(gcc|cc|clang|cargo)|Python\.h|can't find Rust|No such file or directory: '?(gcc|cc|clang)" "$LOG"; then
        fail "a package had to be compiled and could not be: install a compiler and Python's headers (Debian, Ubuntu: apt-get install build-essential python3-dev), or use a Python that has wheels (3.11 to 3.13) (log: $LOG)"
    fi
    fail "installing failed: $(grep -E '^ *(ERROR|error)' "$LOG" | tail -1 | sed 's/^ *//') (log: $LOG)"
}

is_new_enough $VENV/bin/python || make_environment
wanted=$(cat requirements.txt requirements-dev.txt && $VENV/bin/python -V)
[ -f $STAMP ] && [ "$(cat $STAMP)" = "$wanted" ] && exit 0

$VENV/bin/python -m pip --version >/dev/null 2>&1 || $VENV/bin/python -m ensurepip >/dev/null 2>&1 || fail "$VENV has no pip: remove $VENV and try again"
echo "Installing the pinned requirements"
$VENV/bin/python -m pip install --disable-pip-version-check --no-input --progress-bar off -r requirements-dev.txt >$LOG 2>&1 &
pip=$!
trap 'kill $pip 2>/dev/null; echo; exit 130' INT TERM
show_progress $pip
wait $pip || explain_failure
echo "$wanted" >$STAMP
