"""Every command's output at every width and in every format: whole, and harmless."""

import re
import unicodedata
from collections.abc import Iterator

import pytest

from incentivectl.reports.output import rendered
from incentivectl.reports.plain import plain_text, report_lines
from incentivectl.reports.report import Report
from tests.cli.every_command import Told, every_command, names_of_commands

WIDTHS = (60, 80, 100, 160)
LABEL = re.compile(r"[:,;]$")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Told]]:
    with pytest.MonkeyPatch.context() as patch:
        yield list(every_command(tmp_path_factory.mktemp("every"), patch))


def reports(told: list[Told]) -> Iterator[tuple[str, Report]]:
    for one in told:
        for report in one.reports:
            yield one.command, report


def test_no_command_is_missing(told: list[Told]) -> None:
    assert {one.command for one in told} == names_of_commands()
    silent = {"init", "program new", "program schema", "batch approve", "ledger export"}
    assert {name for name, _ in reports(told)} == names_of_commands() - silent - {"batch confirm"}


@pytest.mark.parametrize("width", WIDTHS)
def test_what_a_pipe_shows_stands_whole_on_a_terminal(told: list[Told], width: int) -> None:
    for command, report in reports(told):
        lines = [line.text for line in report_lines(report, width)]
        drawn = {LABEL.sub("", word) for line in lines for word in line.split()}
        figures = {LABEL.sub("", word) for word in plain_text(report).split() if has_digit(word)}
        assert figures <= drawn, (command, figures - drawn)


def has_digit(word: str) -> bool:
    return any(sign.isdigit() for sign in word)


def unsafe(text: str, *, lines: str = "\n") -> list[str]:
    """The signs of a text that steer a terminal, or turn the order of what stands around them."""
    return [
        sign for sign in text
        if (unicodedata.category(sign) in ("Cc", "Cs") and sign not in lines)
        or sign in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067"
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["table", "json", "csv", "md"])
def test_no_format_lets_a_name_do_harm(told: list[Told], form: str) -> None:
    for command, report in reports(told):
        text = rendered(report, form)
        if form in ("json", "csv"):  # data keeps what a terminal does not obey
            text = re.sub("[\u202a-\u202e\u2066-\u2069]", "", text)
        assert not unsafe(text), (command, form)
        if form == "md":
            assert "<img" not in text, command
            assert "[link" not in re.sub(r"\\\[", "", text), command
            assert "http://" not in text, command


def test_no_stream_lets_a_name_do_harm(told: list[Told]) -> None:
    for one in told:
        assert not unsafe(one.stdout), one.command
        assert not unsafe(one.stderr), one.command
