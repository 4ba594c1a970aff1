"""A page with the last hour of a running stack, as operators see it in CloudWatch. Ctrl-C ends it; the hour is kept.

The metrics token comes from RECRUITPRO_METRICS_TOKEN, or from the local stack of this checkout.
"""

from __future__ import annotations

import errno
import os
import signal
import threading
from pathlib import Path

import click

from infra.dashboard.history import History
from infra.dashboard.page import page
from infra.dashboard.panels import panels
from infra.dashboard.scraper import Scraper
from infra.dashboard.series import Window
from infra.dashboard.serve import Server
from infra.local import environment
from infra.local.processes import HOST
from infra.local.stack import FOLDER

TOKEN = "RECRUITPRO_METRICS_TOKEN"  # noqa: S105 - the name of the variable that holds it
EVERY_SECONDS = 5.0
SLOTS = 120


@click.command(help=__doc__)
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="the server that is looked at")
@click.option("--minutes", type=click.IntRange(1, 24 * 60), default=60, show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8090, show_default=True, help="where the page is served")
@click.option("--folder", type=click.Path(path_type=Path), default=FOLDER, help="where the hour is kept")
def main(url: str, minutes: int, port: int, folder: Path) -> None:
    token = os.environ.get(TOKEN) or environment.read_file(folder / "environment", TOKEN)
    seconds = minutes * 60.0
    most = int(seconds / EVERY_SECONDS) + 1
    history = History(folder / "dashboard.jsonl", seconds=seconds, most=most)
    scraper = Scraper(url, token, history, every_seconds=EVERY_SECONDS)

    def page_at(now: float) -> str:
        window = Window(now, seconds, SLOTS, longest_gap_seconds=3 * EVERY_SECONDS)
        return page(panels(history.samples(now), window), url=url, minutes=minutes, trouble=scraper.trouble)

    try:
        server = Server(port, page_at)
    except OSError as refusal:
        if refusal.errno != errno.EADDRINUSE:
            raise
        raise click.ClickException(f"port {port} is in use: choose another one by --port") from None
    looking = threading.Thread(target=scraper.run, daemon=True)
    looking.start()
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    click.echo(f"The dashboard of {url} is at http://{HOST}:{port}. Ctrl-C ends it.")
    try:
        server.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        pass
    finally:
        scraper.stop()


if __name__ == "__main__":
    main(prog_name="python -m infra.dashboard")
