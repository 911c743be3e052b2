"""A report on a terminal: as wide as it, with styles that nothing depends on.

NO_COLOR and terminals without colours are respected; texts are never taken for markup.
"""

from incentivectl.reports.plain import report_lines
from incentivectl.reports.report import Report

_STYLES = {"": "", "title": "bold", "head": "bold", "total": "bold", "note": "dim"}
_TONES = {"": "", "warning": "yellow", "error": "red"}


def print_report(report: Report, *, gap: bool = False) -> None:
    """Prints the report; `gap` sets it off from one before."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False)
    if gap:
        console.print("\n")
    for line in report_lines(report, console.width):
        console.print(Text(line.text, f"{_STYLES[line.kind]} {_TONES[line.tone]}"), soft_wrap=True)
