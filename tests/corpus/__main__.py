"""`python -m tests.corpus`: every file of the corpus through the gate and a real clamd; 1 when one got past them."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from chalicelib.documents.scanner import ClamdScanner
from chalicelib.settings import read
from infra.local import clamav
from tests.corpus import clean, evasion, looks, report

CLEAN, SEED = 1_000, 2026


@click.command()
@click.option("--clean", "clean_count", default=CLEAN, show_default=True, help="honest files")
@click.option("--seed", default=SEED, show_default=True, help="varies the honest files")
@click.option("--keep", type=click.Path(path_type=Path), help="write every file into this folder as well")
def main(clean_count: int, seed: int, keep: Path | None) -> None:
    """Show what becomes of files made to evade the scanner, and of honest ones."""
    console = Console()
    if clamav.find_clamd() is None:
        raise click.ClickException("clamd is not installed (Debian: apt-get install clamav-daemon)")
    console.print(f"building the corpus, seed {seed}", highlight=False)
    samples = evasion.samples() + clean.samples(clean_count, seed)
    if keep is not None:
        _keep(keep, [sample.content for sample in samples])
    settings = read({})
    with tempfile.TemporaryDirectory() as folder:
        clamd = clamav.start(Path(folder))
        try:
            scanner = ClamdScanner(port=clamd.port)
            watched = track(samples, "scanning", console=console, transient=True)
            outcomes = [looks.look(sample, scanner, settings) for sample in watched]
        finally:
            clamd.stop()
    sys.exit(0 if report.show(console, outcomes, seed=seed) else 1)


def _keep(folder: Path, contents: list[bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(contents):
        (folder / f"{number:04}.bin").write_bytes(content)


if __name__ == "__main__":
    main()
