"""What needs attention as the page tells it."""

from incentivectl.reports.attention_links import Linked, linked

PROGRAMS = [{"id": "volume", "name": "Volume rebate"}, {"id": "wide", "name": "Wide"}]


def test_programs_are_named_and_figures_linked() -> None:
    told = linked(
        [
            "volume: the budget of 500.00 USD is used up",
            "wide: 20.00 USD over its budget of 500.00 USD (over_budget = warn)",
            "3 rows of sales rejected (3 bad-date): rejects/sales.csv",
            "BROKEN: no program over its budget: volume",
            "2 inactive payees; earnings on hold until active again: P1, R7",
            "the pulse P asks 12 questions, more than 10; keep a pulse short",
        ],
        PROGRAMS,
        {"P1": "Alpha"},
    )
    assert told == [
        Linked("Volume rebate: the budget of 500.00 USD is used up", "#program-volume"),
        Linked("Wide: 20.00 USD over its budget of 500.00 USD: nothing is cut", "#program-wide"),
        Linked(
            "3 rows of sales rejected (3 bad-date): rejects/sales.csv", "#data", about_data=True
        ),
        Linked("BROKEN: no program over its budget: volume", "#checks"),
        Linked("2 inactive payees; earnings on hold until active again: Alpha, R7", "#cost"),
        Linked(
            "the pulse P asks 12 questions, more than 10; keep a pulse short", "", about_data=True
        ),
    ]
