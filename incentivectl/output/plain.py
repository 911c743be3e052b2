"""A report as lines of text: for a terminal of some width, or aligned as wide as it takes."""

from incentivectl.core.safe_text import legible
from incentivectl.output.lines import Line
from incentivectl.output.report import Report, Section, shown
from incentivectl.output.tables import INDENT, table_lines
from incentivectl.output.wrapping import wrapped

PROSE_WIDTH = 100  # where sentences are wrapped in plain text


def plain_text(report: Report) -> str:
    """The report without any styles, its tables as wide as they are."""
    return "\n".join(line.text for line in report_lines(report)) + "\n"


def report_lines(report: Report, width: int | None = None) -> list[Line]:
    """The report as it is read: title, sections, closing; nothing is cut at any width."""
    lines = [Line(text, "title") for text in wrapped(legible(report.title), width)]
    for section in report.for_people:
        lines += [Line(""), *_section_lines(section, width)]
    closing = [Line(text) for one in report.closing for text in wrapped(legible(one), width)]
    return [*lines, *([Line("")] if closing else []), *closing]


def _section_lines(section: Section, width: int | None) -> list[Line]:
    title, note = legible(section.title), legible(section.note)
    tone = section.tone if section.rows else ""
    lines = [Line(text, "title", tone) for text in wrapped(title, width)] if title else []
    if section.prose or len(section.columns) == 1:
        limit = PROSE_WIDTH if width is None and section.prose else width
        lines += [
            Line(text, tone=tone)
            for (sentence,) in section.rows
            for text in wrapped(INDENT + shown(sentence), limit, rest=INDENT)
        ]
    elif section.rows:
        lines += table_lines(section, width)
    return lines + [Line(text, "note") for text in wrapped(INDENT + note, width) if note]
