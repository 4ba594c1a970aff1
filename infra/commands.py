"""Commands for whoever operates RecruitPro: each mistake is one line, and exit code 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


def run(
    command: click.Command,
    *,
    mistakes: tuple[type[BaseException], ...],
    stopped: str = "stopped",
    told: Callable[[Any], str] = str,
) -> int:
    """The exit code of `command` with the arguments of this process: 1 after a mistake, which is one of click's, one of
    `mistakes` in the words of `told`, or Ctrl-C, where `stopped` says what stays; anything else is a bug and raised."""
    try:
        command(standalone_mode=False)
    except click.Abort:
        mistake = stopped
    except click.ClickException as error:
        mistake = error.format_message()
    except mistakes as error:
        mistake = told(error)
    else:
        return 0
    click.echo(f"error: {' '.join(mistake.split())}", err=True)
    return 1
