#!/bin/sh
# Runs semgrep with our own rules (infra/semgrep) over the product, or only installs it (--install). Its pins conflict with
# ours, so that it lives in an environment of its own, made when it is missing; it sends nothing anywhere.
set -u
cd "$(dirname "$0")/../.." || exit 1
VERSION=1.182.0
VENV=build/semgrep
STAMP=$VENV/.installed

if [ "$(cat $STAMP 2>/dev/null)" != "$VERSION" ]; then
    mkdir -p build
    rm -rf $VENV
    if ! { .venv/bin/python -m venv $VENV && $VENV/bin/python -m pip install --disable-pip-version-check --no-input -q "semgrep==$VERSION"; } \
        >build/semgrep.log 2>&1; then
        rm -rf $VENV
        echo "semgrep $VERSION could not be installed here, its rules are not checked (log: build/semgrep.log)"
        [ "${CI:-}" != true ]
        exit
    fi
    echo "$VERSION" >$STAMP
fi

[ "${1:-}" = --install ] && exit
exec $VENV/bin/semgrep scan --config infra/semgrep --metrics=off --disable-version-check --quiet --error \
    --no-git-ignore --jobs 2 app.py chalicelib functions infra
