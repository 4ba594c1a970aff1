"""A file of published pay is read row by row: each is a figure, or says by its line why it is none."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest

from chalicelib.bulk_imports.reading_errors import ImportUnreadable
from chalicelib.market_research import salary_data
from chalicelib.market_research.errors import SalaryColumnsMissing, SalaryFileTooLong
from chalicelib.market_research.models import PayPeriod
from chalicelib.market_research.salary_data import SalaryFile
from chalicelib.market_research.salary_rows import SalaryRow
from chalicelib.market_research.titles import Seniority

TODAY = date(2026, 6, 1)
HEADER = "title,location,sector,seniority,currency,amount,min,max,period,observed_on\n"


def read(text: str | bytes, header: str = HEADER) -> SalaryFile:
    content = text if isinstance(text, bytes) else (header + text).encode()
    return salary_data.read(io.BytesIO(content), filename="pay.csv", today=TODAY)


def one(text: str, header: str = HEADER) -> SalaryRow:
    file = read(text, header)
    assert file.problems == [], file
    [row] = file.rows
    return row


def codes(text: str, header: str = HEADER) -> list[tuple[str | None, str]]:
    file = read(text, header)
    assert (len(file.rows), file.refused) == (0, 1)
    assert {problem.line for problem in file.problems} == {2}
    return [(problem.field, problem.code) for problem in file.problems]


def test_a_whole_row() -> None:
    row = one('"Senior Engineer, ""Backend""",Berlin,Health,senior,eur,"65,000.50",60000,70000,year,2026-05-31\n')

    assert row == SalaryRow(
        line=2,
        title='Senior Engineer, "Backend"',
        location="Berlin",
        sector="Health",
        seniority=Seniority.SENIOR,
        currency="EUR",
        period=PayPeriod.YEAR,
        amount=Decimal("65000.50"),
        amount_min=Decimal("60000.00"),
        amount_max=Decimal("70000.00"),
        observed_on=date(2026, 5, 31),
    )


def test_a_range_alone_counts_by_its_middle() -> None:
    row = one("Cook,,,,EUR,,2000,2501,month,2026-05\n")

    assert (row.amount, row.period, row.observed_on) == (Decimal("2250.50"), PayPeriod.MONTH, date(2026, 5, 1))


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("65000", "65000"),
        ("65.000", "65000"),
        ("65.000,5", "65000.50"),
        ("65 000", "65000"),
        ("65'000.25", "65000.25"),
        ("1,234,567", "1234567"),
        ("12.5", "12.50"),
    ],
)
def test_amounts_as_people_write_them(written: str, amount: str) -> None:
    assert one(f'Cook,,,,EUR,"{written}",,,year,2026-05-31\n').amount == Decimal(amount)


@pytest.mark.parametrize("written", ["€65000", "65k", "=1+1", "-5", "1e5", "NaN", "Infinity", "6,50,00", "1.2.3", "٣"])
def test_amounts_that_nobody_can_be_sure_of_are_refused(written: str) -> None:
    assert codes(f'Cook,,,,EUR,"{written}",,,year,2026-05-31\n') == [("amount", "amount_unclear")]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("Cook,,,,EUR,0,,,year,2026-05-31", [("amount", "amount_unlikely")]),
        ("Cook,,,,EUR,999999999999,,,year,2026-05-31", [("amount", "amount_unlikely")]),
        ("Cook,,,,EUR,,5,,year,2026-05-31", [("amount", "amount_missing")]),
        ("Cook,,,,EUR,5,9,10,year,2026-05-31", [("amount", "amount_out_of_order")]),
        ("Cook,,,,EUR,,10,9,year,2026-05-31", [("amount", "amount_out_of_order")]),
        ("Cook,,,,Euro,5,,,year,2026-05-31", [("currency", "currency_unclear")]),
        ("Cook,,,,EUR,5,,,hour,2026-05-31", [("period", "period_unclear")]),
        ("Cook,,,,EUR,5,,,,2026-05-31", [("period", "period_unclear")]),
        ("Cook,,,,EUR,5,,,year,2026-06-02", [("observed_on", "date_unlikely")]),
        ("Cook,,,,EUR,5,,,year,2026-02-30", [("observed_on", "date_unclear")]),
        ("Cook,,,,EUR,5,,,year,05/31/2026", [("observed_on", "date_unclear")]),
        ("Cook,,,,EUR,5,,,year,0001-01-01", [("observed_on", "date_unlikely")]),
        ("(m/f/d),,,,EUR,5,,,year,2026-05-31", [("title", "title_missing")]),
        ("Cook,,,wizard,EUR,5,,,year,2026-05-31", [("seniority", "seniority_unknown")]),
        (f"{'x' * 201},,,,EUR,5,,,year,2026-05-31", [("title", "too_long")]),
        ("Co\x00ok,,,,EUR,5,,,year,2026-05-31", [("title", "character_lost")]),
        ("Cook,EUR,5", [(None, "cells_missing")]),
        ("Cook,,,,EUR,5,,,year,2026-05-31,more", [(None, "cells_too_many")]),
        ('Cook,"never closed', [(None, "quote_unclosed")]),
        (
            ",,,,,x,,,week,soon",
            [
                ("title", "title_missing"),
                ("currency", "currency_unclear"),
                ("observed_on", "date_unclear"),
                ("amount", "amount_unclear"),
                ("period", "period_unclear"),
            ],
        ),
    ],
)
def test_every_reason_is_said_at_once(row: str, expected: list[tuple[str | None, str]]) -> None:
    assert codes(row + "\n") == expected


def test_a_bad_row_never_takes_another_with_it() -> None:
    good = "Cook,,,,EUR,5,,,year,2026-05-31\n"

    file = read(f'{good}Cook,"two\nlines",,,EUR,?,,,year,2026-05-31\n\n{good}nonsense\n{good}')

    assert [row.line for row in file.rows] == [2, 6, 8]
    assert [(problem.line, problem.field) for problem in file.problems] == [(3, "amount"), (7, None)]


def test_the_pay_period_may_stand_in_the_name_of_a_column() -> None:
    header = "Job Title;Industry;Currency;Median per year;Monthly salary;Date;Remark\n"

    yearly = one("Cook;Hotels;EUR;30.000;;31.05.2026;x\n", header)
    monthly = one("Cook;Hotels;EUR;;2.500,00;31.05.2026;x\n", header)

    assert (yearly.period, yearly.amount, yearly.sector) == (PayPeriod.YEAR, Decimal(30_000), "Hotels")
    assert (monthly.period, monthly.amount) == (PayPeriod.MONTH, Decimal(2_500))
    assert codes("Cook;Hotels;EUR;30000;2500;31.05.2026;x\n", header) == [("amount", "amount_twice")]
    assert read("", header).columns.unused == ("Remark",)


def test_a_year_in_the_name_and_a_month_in_the_row_do_not_go_together() -> None:
    header = "title,currency,annual salary,period,date\n"

    assert codes("Cook,EUR,5,month,2026-05-31\n", header) == [("period", "period_unclear")]


def test_a_file_that_lacks_a_column_is_refused_as_a_whole() -> None:
    with pytest.raises(SalaryColumnsMissing) as refusal:
        read("Cook,5\n", "title,salary\n")

    assert refusal.value.extra["missing"] == ["currency", "observed_on", "period"]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"%PDF-1.7\n", b"PK\x03\x04 no workbook"])
def test_what_is_no_table_is_refused_as_a_whole(content: bytes) -> None:
    with pytest.raises(ImportUnreadable):
        read(content)


def test_utf_16_and_windows_1252_are_read() -> None:
    row = "Büroleiter,Köln,,,EUR,5,,,year,2026-05-31\n"

    for encoding in ("utf-16", "cp1252"):
        assert [each.location for each in read((HEADER + row).encode(encoding)).rows] == ["Köln"]


def test_a_file_has_only_so_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(salary_data, "ROWS_MAX", 3)
    row = "Cook,,,,EUR,5,,,year,2026-05-31\n"
    assert len(read(row * 3).rows) == 3

    with pytest.raises(SalaryFileTooLong):
        read(row * 3 + "nonsense\n")


def test_only_the_first_problems_are_listed_and_all_are_counted() -> None:
    file = read("nonsense\n" * 1000)

    assert (file.refused, len(file.problems)) == (1000, salary_data.PROBLEMS_SHOWN)
