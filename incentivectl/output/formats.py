"""One report in four formats: for people on a terminal or in a pipe, as JSON, CSV or Markdown.

Of a very long table people are shown the first rows; JSON and CSV have all of them.
"""

from collections.abc import Sequence
from pathlib import Path

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.output.data_text import csv_text, json_body, json_text
from incentivectl.output.markdown import markdown_text
from incentivectl.output.plain import plain_text
from incentivectl.output.problems import problem_body
from incentivectl.output.report import Report

FORMATS = ("table", "json", "csv", "md")
_ENDINGS = {".json": "json", ".csv": "csv", ".md": "md", ".txt": "table"}


def format_for(named: str | None, output: Path | None) -> str:
    """The format to write: the one named, else by the file's ending, else a table."""
    if named is not None:
        if named not in FORMATS:
            hint = f"choose one of {', '.join(FORMATS)}"
            raise Refused(
                [Problem("bad-format", f"unknown format `{named}`", hint)], ExitCode.USAGE
            )
        return named
    if output is None:
        return "table"
    if output.suffix not in _ENDINGS:
        problem = Problem(
            "bad-format",
            f"unknown file extension in {output}",
            hint=f"use one of {' '.join(_ENDINGS)}, or name the format with --format",
        )
        raise Refused([problem], ExitCode.USAGE)
    return _ENDINGS[output.suffix]


def rendered(report: Report, form: str, problems: Sequence[Problem] | None = None) -> str:
    """The report as text in `form`, ending in a line feed; JSON has `problems` where they are given."""
    if form == "json":
        found = {} if problems is None else {"problems": [problem_body(one) for one in problems]}
        return json_text(json_body(report) | found)
    if form == "csv":
        return csv_text([report])
    return markdown_text(report) if form == "md" else plain_text(report)


def rendered_all(reports: Sequence[Report], form: str) -> str:
    """Several reports of one kind as one text: a JSON list, or one CSV that begins with `payee`."""
    if form == "json":
        return json_text([json_body(one) for one in reports])
    if form == "csv":
        return csv_text(reports, ("payee",))
    between = "\n---\n\n" if form == "md" else "\n\n"
    return between.join(rendered(one, form) for one in reports)
