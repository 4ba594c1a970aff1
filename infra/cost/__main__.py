"""`make cost`: what a month on AWS costs at three sizes, from infra/cost/prices.toml and sizes.toml."""

from __future__ import annotations

from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from infra.cost import reckoning
from infra.cost.reckoning import Line, Size

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cost.md"
BEGIN, END = "<!-- reckoned: python -m infra.cost --write-doc -->", "<!-- end -->"
SMALLEST_SHOWN_USD = 0.5


@click.command()
@click.option("--size", "names", multiple=True, help="only this size; may be given more than once")
@click.option("--write-doc", is_flag=True, help="put the figures into docs/cost.md")
def main(names: tuple[str, ...], *, write_doc: bool) -> None:
    """Print the bill of each size; exit 1 for a size that infra/cost/sizes.toml does not name."""
    prices, assumed = reckoning.read_prices(), reckoning.read_assumptions()
    known = [size.name for size in assumed.sizes]
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise click.ClickException(f"there is no size {unknown[0]!r} in infra/cost/sizes.toml: {', '.join(known)}")
    bills = {size: reckoning.bill(size, prices, assumed) for size in assumed.sizes if not names or size.name in names}
    if write_doc:
        PAGE.write_text(with_figures(PAGE.read_text(), bills))
    for size, lines in bills.items():
        show(size, lines)


def show(size: Size, lines: list[Line]) -> None:
    """A table of one size, with a bar for each part."""
    whole = reckoning.total(lines)
    table = Table(title=f"{size.title}: {whole:,.0f} USD a month", box=box.SIMPLE, title_justify="left")
    table.add_column("part")
    table.add_column("USD", justify="right")
    table.add_column("share")
    table.add_column("of what")
    for line in lines:
        table.add_row(line.part, f"{line.usd:,.2f}", "█" * round(30 * line.usd / whole), line.why)
    Console().print(table)


def with_figures(page: str, bills: dict[Size, list[Line]]) -> str:
    """`page` with the figures between its marks replaced; the smallest lines in one."""
    before, rest = page.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    parts = {line.part: None for lines in bills.values() for line in lines}
    rows = [["part", *(size.title for size in bills)], ["---"] + ["---:"] * len(bills)]
    for part in parts:
        found = [next((line.usd for line in lines if line.part == part), 0.0) for lines in bills.values()]
        if max(found) >= SMALLEST_SHOWN_USD:
            rows.append([part, *(f"{usd:,.0f}" for usd in found)])
    rows.append(["**all, USD a month**", *(f"**{reckoning.total(lines):,.0f}**" for lines in bills.values())])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


if __name__ == "__main__":
    main()
