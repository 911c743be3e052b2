"""How a report is drawn: totals below a rule, for people only."""

import csv
import io
import json
from decimal import Decimal

from incentivectl.output.formats import rendered
from incentivectl.output.report import Amount, Report, Section

PROGRAMS = Report(
    "Small",
    (
        Section(
            "programs",
            "Programs",
            ("program", "due"),
            [("volume", Amount(Decimal("550"), 2)), ("spif", Amount(Decimal("1000"), 2))],
            totals=[("total", Amount(Decimal("1550"), 2))],
        ),
    ),
    "programs",
)


def test_totals_stand_below_a_rule() -> None:
    assert rendered(PROGRAMS, "table") == (
        "Small\n"
        "\n"
        "Programs\n"
        "  program       due\n"
        "  volume     550.00\n"
        "  spif     1,000.00\n"
        "  -------  --------\n"
        "  total    1,550.00\n"
    )
    assert rendered(PROGRAMS, "md").endswith("| total | 1,550.00 |\n")


def test_files_have_only_the_rows_that_are_added_up() -> None:
    rows = list(csv.DictReader(io.StringIO(rendered(PROGRAMS, "csv"))))
    assert [row["program"] for row in rows] == ["volume", "spif"]
    assert len(json.loads(rendered(PROGRAMS, "json"))["programs"]) == 2
