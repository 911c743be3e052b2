"""Every command's output at every width and in every format: whole, and harmless.

One test runs them all, since running them is what takes time; it fails with all that is wrong.
"""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from incentivectl.output.formats import FORMATS, rendered
from incentivectl.output.plain import plain_text, report_lines
from incentivectl.output.report import Report
from tests.cli.every_command import Told, every_command, names_of_commands

WIDTHS = (60, 80, 100, 160)
SILENT = {
    "init",
    "program new",
    "program schema",
    "batch approve",
    "batch confirm",
    "ledger export",
}
LABEL = re.compile(r"[:,;]$")
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067"


def test_every_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = list(every_command(tmp_path, monkeypatch))
    assert {one.command for one in told} == names_of_commands()
    assert {one.command for one in told if one.reports} == names_of_commands() - SILENT
    assert sum(len(one.pages) for one in told) >= 4
    assert [complaint for one in told for complaint in complaints(one)] == []


def complaints(told: Told) -> Iterator[str]:
    """What is cut or does harm in all that a command has to say."""
    for report in told.reports:
        for width in WIDTHS:
            for word in missing(report, width):
                yield f"{told.command}: {word!r} is not whole at {width} columns"
        for form in FORMATS:
            for harm in harms(rendered(report, form), form):
                yield f"{told.command} as {form}: {harm!r}"
    for text in (told.stdout, told.stderr):
        yield from (f"{told.command}: {harm!r} on a stream" for harm in harms(text, "table"))
    for page in told.pages:
        yield from (f"{told.command}: {harm!r} on a page" for harm in harms(page, "html"))


def missing(report: Report, width: int) -> set[str]:
    """The figures, dates and ids of the plain text that a terminal of this width does not have."""
    lines = [line.text for line in report_lines(report, width)]
    drawn = {LABEL.sub("", word) for line in lines for word in line.split()}
    words = {LABEL.sub("", word) for word in plain_text(report).split()}
    return {word for word in words if any(sign.isdigit() for sign in word)} - drawn


def harms(text: str, form: str) -> Iterator[str]:
    """Signs that steer a terminal or turn what stands around them, and live markup or links."""
    steering = [s for s in text if unicodedata.category(s) in ("Cc", "Cs") and s != "\n"]
    turning = [] if form in ("json", "csv") else [sign for sign in text if sign in TURNING]
    yield from {*steering, *turning}
    if form in ("md", "html") and "<img" in text:
        yield "<img"
    if form == "md":
        yield from re.findall(r"(?<!\\)\[link|http://", text)
