"""What needs attention as the page tells it."""

from incentivectl.reports.pointed import Pointed, pointed

PROGRAMS = [{"id": "volume", "name": "Volume rebate"}, {"id": "learn", "name": "Learn: and earn"}]


def test_programs_are_named_and_figures_linked() -> None:
    told = pointed(
        [
            "volume: the budget of 500.00 USD is used up",
            "sales: 3 of 40 rows were rejected",
            "BROKEN: no program over its budget: volume",
            "2 payees are not active; 30.00 USD is held",
        ],
        PROGRAMS,
    )
    assert told == [
        Pointed("Volume rebate: the budget of 500.00 USD is used up", "#program-volume"),
        Pointed("sales: 3 of 40 rows were rejected", "#data"),
        Pointed("BROKEN: no program over its budget: volume", "#checks"),
        Pointed("2 payees are not active; 30.00 USD is held", ""),
    ]
