"""A report as Markdown: foreign texts are shown as they stand, in headings, cells and notes alike."""

from incentivectl.core.safe_text import in_markdown
from incentivectl.output.report import Report, Section, is_number, shown


def markdown_text(report: Report) -> str:
    """The report, ending in a line feed."""
    lines = [f"# {in_markdown(report.title)}"]
    for section in report.for_people:
        lines += ["", *([f"## {in_markdown(section.title)}", ""] if section.title else [])]
        if section.prose:
            lines += [
                f"- {in_markdown(shown(cell).removeprefix('- '))}" for (cell,) in section.rows
            ]
        elif section.rows:
            lines += _table(section)
        if section.note:
            lines += ["", in_markdown(section.note)]
    closing = ["", *(f"- {in_markdown(line)}" for line in report.closing)] if report.closing else []
    return "\n".join([*lines, *closing]) + "\n"


def _table(section: Section) -> list[str]:
    right = [is_number(section.rows, at) for at in range(len(section.columns))]
    rows = [[shown(cell) for cell in row] for row in (*section.rows, *section.totals)]
    head, *others = [
        f"| {' | '.join(in_markdown(cell) for cell in cells)} |"
        for cells in (section.columns, *rows)
    ]
    return [head, "|" + "|".join("---:" if flush else "---" for flush in right) + "|", *others]
