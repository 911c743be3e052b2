"""What was measured, as a table and as a chart."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from benchmarks.measuring import Measured

GIGABYTE = 10**9
BAR, LABEL, ROW = 380, 210, 26


def table(measured: Sequence[Measured]) -> str:
    """A table in Markdown; the ratio is to the first of `measured`, on the clock."""
    first = measured[0].seconds
    lines = [
        "| contender | median s | min s | max s | CPU s | peak GB | ratio |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for one in measured:
        clock = [run.seconds for run in one.runs]
        lines.append(
            f"| {one.name} | {one.seconds:.1f} | {min(clock):.1f} | {max(clock):.1f}"
            f" | {one.cpu_seconds:.1f} | {one.peak / GIGABYTE:.2f} | {one.seconds / first:.2f} |"
        )
    return "\n".join(lines)


def chart(measured: Sequence[Measured], title: str) -> str:
    """Bars of the medians, with a line from the quickest to the slowest run, as SVG."""
    longest = max(run.seconds for one in measured for run in one.runs)
    scale = BAR / longest
    height = ROW * len(measured) + 44
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LABEL + BAR + 70}" height="{height}"'
        ' font-family="sans-serif" font-size="13">',
        f'<rect width="100%" height="100%" fill="white"/>'
        f'<text x="8" y="20" font-weight="bold">{escape(title)}</text>',
    ]
    for at, one in enumerate(measured):
        top = 36 + at * ROW
        middle = top + ROW // 2 - 3
        clock = [run.seconds for run in one.runs]
        colour = "#999999" if one.is_floor else "#c98a3a" if one.is_script else "#2f6f9f"
        parts += [
            f'<text x="{LABEL - 8}" y="{middle + 5}" text-anchor="end">{escape(one.name)}</text>',
            f'<rect x="{LABEL}" y="{top}" width="{one.seconds * scale:.1f}" height="{ROW - 8}"'
            f' fill="{colour}"/>',
            f'<line x1="{LABEL + min(clock) * scale:.1f}" x2="{LABEL + max(clock) * scale:.1f}"'
            f' y1="{middle}" y2="{middle}" stroke="black"/>',
            f'<text x="{LABEL + max(clock) * scale + 6:.1f}" y="{middle + 5}">'
            f"{one.seconds:.1f} s</text>",
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def write_section(file: Path, title: str, text: str) -> None:
    """Puts `text` under the heading `title` of the results, in place of what stood there."""
    begin, end = f"<!-- {title} -->", f"<!-- end of {title} -->"
    block = f"{begin}\n### {title}\n\n{text}\n{end}\n"
    before = file.read_text(encoding="utf-8") if file.exists() else "# Results\n"
    if begin in before:
        head, rest = before.split(begin, 1)
        block = head + block + rest.split(f"{end}\n", 1)[1]
    else:
        block = f"{before.rstrip()}\n\n{block}"
    file.write_text(block, encoding="utf-8")
