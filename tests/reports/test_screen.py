"""What people see on screens of any width: nothing cut, nothing dropped, nothing taken for markup."""

import io
import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from incentivectl.output.plain import report_lines
from incentivectl.output.report import Amount, Cell, Report, Section, shown
from incentivectl.output.terminal import styled

CONFLICT = (
    "apac-security-rebate",
    date(2026, 7, 2),
    Amount(Decimal("1234567.5"), 2),
    "the partner's region is APAC, and that of the other is EMEA",
)


def report(columns: tuple[str, ...], rows: list[tuple[Cell, ...]], **more: object) -> Report:
    return Report("T", (Section("t", "", columns, rows, **more),), "t")  # type: ignore[arg-type]


def drawn(one: Report, width: int) -> list[str]:
    return [line.text for line in report_lines(one, width)][2:]


COLUMNS = ("program", "from", "this batch", "why")


def test_what_fits_is_a_table() -> None:
    assert drawn(report(COLUMNS, [CONFLICT]), 120) == [
        "  program               from          this batch  why",
        "  apac-security-rebate  2026-07-02  1,234,567.50"
        "  the partner's region is APAC, and that of the other is EMEA",
    ]


def test_sentences_take_more_lines() -> None:
    assert drawn(report(COLUMNS, [CONFLICT]), 80) == [
        "  program               from          this batch  why",
        "  apac-security-rebate  2026-07-02  1,234,567.50  the partner's region is APAC,",
        "                                                  and that of the other is EMEA",
    ]


def test_what_all_rows_share_is_said_once() -> None:
    rows = [CONFLICT[:3], ("apac-security-rebate", date(2026, 8, 2), Amount(Decimal(5), 2))]
    assert drawn(report(COLUMNS[:3], rows), 40) == [
        "  in all rows: program",
        "  apac-security-rebate",
        "  from          this batch",
        "  2026-07-02  1,234,567.50",
        "  2026-08-02          5.00",
    ]


def test_the_first_column_on_lines_of_its_own() -> None:
    rows = [CONFLICT[:3], ("emea", date(2026, 8, 2), None), ("emea", date(2026, 9, 2), None)]
    totals = [("total", None, Amount(Decimal("1234567.5"), 2))]
    assert drawn(report(COLUMNS[:3], rows, totals=totals), 40) == [
        "  program",
        "    from          this batch",
        "  apac-security-rebate",
        "    2026-07-02  1,234,567.50",
        "  emea",
        "    2026-08-02",
        "    2026-09-02",
        "    ----------  ------------",
        "  total",
        "                1,234,567.50",
    ]


def test_at_last_a_record_for_each_row() -> None:
    rows = [CONFLICT, ("emea", date(2026, 8, 2), Amount(Decimal(5), 2), None)]
    assert drawn(report(COLUMNS, rows), 50) == [
        "  program: apac-security-rebate",
        "    from: 2026-07-02   this batch: 1,234,567.50",
        "    why: the partner's region is APAC, and that of",
        "      the other is EMEA",
        "  program: emea",
        "    from: 2026-08-02   this batch:         5.00",
    ]


def test_an_amount_keeps_its_currency_and_percent_sign() -> None:
    text = "3 payees get 1,250.00 USD, which is 12.5 % of the budget"
    lines = drawn(report(("what",), [(text,)]), 24)
    assert lines == [
        "  3 payees get",
        "    1,250.00 USD, which",
        "    is 12.5 % of the",
        "    budget",
    ]


CELLS = st.one_of(
    st.none(),
    st.integers(-(10**9), 10**9),
    st.dates(),
    st.decimals(-(10**12), 10**12, places=3),
    st.text("abcé日-_ ", min_size=1, max_size=40).map(str.strip),
)


@settings(deadline=None)
@given(st.data(), st.integers(1, 6), st.integers(20, 120))
def test_no_word_is_lost_or_broken_at_any_width(data: st.DataObject, many: int, width: int) -> None:
    rows = data.draw(st.lists(st.tuples(*[CELLS] * many), min_size=1, max_size=4))
    one = report(tuple(f"c{at}" for at in range(many)), rows)
    lines = drawn(one, width)
    words = {word.strip(",") for line in lines for word in line.split()}
    cells = [shown(cell) for row in rows for cell in row]
    assert {word for cell in cells for word in cell.split()} <= words
    longest = max(map(cell_len, cells))
    assert all(cell_len(line) <= max(width, longest + len("    c0: ,")) for line in lines)


class Terminal(io.StringIO):
    """A stream that says that it is a terminal with colours."""

    def isatty(self) -> bool:
        return True


def on_a_terminal(one: Report, width: int) -> str:
    return styled(report_lines(one, width), Terminal())


ATTENTION = report(("what",), [("3 rows rejected",)], tone="warning")


def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[33m  3 rows rejected" in on_a_terminal(ATTENTION, 80)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[33m" not in on_a_terminal(ATTENTION, 80)


@pytest.mark.parametrize(
    "name", ["[red]x[/red]", "[/nope]", "[link=http://evil]x[/link]", ":smile:"]
)
def test_markup_is_shown_as_it_stands(name: str) -> None:
    rows = [(name, name)]
    one = Report(name, (Section("t", name, (name, "b"), rows, note=name),), "t", closing=(name,))
    shown = re.sub(r"\x1b\[[\d;]*m", "", on_a_terminal(one, 80))
    assert shown.count(name) == 7
    assert "\x1b" not in shown
