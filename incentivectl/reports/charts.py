"""Charts as inline SVG: Altair draws them twice, for wide and narrow screens, in the page's colours.

What is drawn are positions, for which floats are precise enough; every figure stands as text in the
table behind its chart. The colours are placeholders that become the page's CSS variables, so that one
drawing is right in light and dark and in print.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from incentivectl.core.safe_text import legible

WIDE, NARROW = 820, 312
FONT = "DejaVu Sans, Segoe UI, Helvetica, Arial, sans-serif"
# A placeholder for each CSS variable of page.css: colours that nobody would choose.
_PLACEHOLDERS = {
    "#010a01": "var(--c1)", "#010a02": "var(--c2)", "#010a03": "var(--c3)", "#010a04": "var(--c4)",
    "#010a05": "var(--plain)", "#010b01": "var(--ink)", "#010b02": "var(--soft)",
    "#010b03": "var(--line)", "#010b04": "var(--track)", "#010b05": "var(--card)",
    "#010c00": "var(--t0)", "#010c01": "var(--t1)", "#010c02": "var(--t2)", "#010c03": "var(--t3)",
    "#010c04": "var(--t4)",
}  # fmt: skip
INK, SOFT, LINE, TRACK = "#010b01", "#010b02", "#010b03", "#010b04"
# One colour has one meaning on a page: what became of money, how high a tier is, or neither.
MONEY_COLOURS = ("#010a01", "#010a02", "#010a03", "#010a04")
TIER_COLOURS = ("#010c00", "#010c01", "#010c02", "#010c03", "#010c04")
PLAIN = "#010a05"
BAR, GAP = 20, 10


@dataclass(frozen=True)
class Picture:
    """One chart in two widths, as SVG text."""

    wide: str
    narrow: str


@dataclass(frozen=True)
class Bar:
    """A horizontal bar: its parts by name, the text at its end, and perhaps a mark."""

    label: str
    parts: Mapping[str, Decimal | int]
    text: str
    mark: Decimal | None = None


def bars(rows: Sequence[Bar], parts: Sequence[str], colours: Sequence[str] = (PLAIN,)) -> Picture:
    """Stacked horizontal bars with their total as text; marks are short upright lines."""
    return _both(lambda width: _bars(rows, parts, colours, width))


def columns(rows: Sequence[tuple[str, Decimal, bool]], unit: str) -> Picture:
    """Upright columns (label, value, highlighted) along time."""
    return _both(lambda width: _columns(rows, unit, width))


def _both(spec: Any) -> Picture:  # noqa: ANN401
    return Picture(_svg(spec(WIDE)), _svg(spec(NARROW)))


def _bars(
    rows: Sequence[Bar], parts: Sequence[str], colours: Sequence[str], width: int
) -> dict[str, Any]:
    import altair as alt

    narrow = width == NARROW
    label_width = 0 if narrow else 220
    space = 118 if narrow else 130
    order = [str(index) for index in range(len(rows))]
    data = [
        {"row": str(index), "part": part, "order": at, "value": max(float(value), 0.0)}
        for index, row in enumerate(rows)
        for at, part in enumerate(parts)
        if (value := row.parts.get(part, 0)) > 0
    ]
    lengths = [sum(max(float(value), 0.0) for value in row.parts.values()) for row in rows]
    most = max([1e-9, *lengths])
    ends = [
        {
            "row": str(index),
            "label": legible(row.label),  # a control sign makes the drawing fail
            "text": legible(row.text),
            "mark": _mark(row, most),
            "end": _end(length, _mark(row, most), most * (0.6 if narrow else 0.25)),
        }
        for index, (row, length) in enumerate(zip(rows, lengths, strict=True))
    ]
    step = BAR + GAP + (18 if narrow else 0)
    x_scale = alt.Scale(domain=[0, most], clamp=True)
    y = alt.Y("row:N", sort=order, axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0))
    offset = 9 if narrow else 0
    drawn = (
        alt.Chart(alt.Data(values=data))
        .mark_bar(height=BAR, yOffset=offset)
        .encode(
            x=alt.X("value:Q", stack="zero", axis=None, scale=x_scale),
            y=y,
            color=alt.Color(
                "part:N",
                sort=list(parts),
                scale=alt.Scale(domain=list(parts), range=list(colours[: len(parts)])),
                legend=None,
            ),
            order=alt.Order("order:Q"),
        )
    )
    base = alt.Chart(alt.Data(values=ends)).encode(y=y)
    text = base.mark_text(align="left", dx=6, dy=offset, color=INK, fontSize=12).encode(
        x=alt.X("end:Q", axis=None, scale=x_scale), text="text:N"
    )
    if narrow:
        label = base.mark_text(align="left", dy=-10, color=INK, fontSize=12, limit=width).encode(
            x=alt.value(0), text="label:N"
        )
    else:
        label = base.mark_text(
            align="right", dx=-8, color=INK, fontSize=12, limit=label_width - 12
        ).encode(x=alt.value(0), text="label:N")
    layers = [drawn, text, label]
    if any(row.mark is not None for row in rows):
        layers.append(
            base.transform_filter("isValid(datum.mark)")
            .mark_tick(height=BAR + 8, thickness=2.5, yOffset=offset, color=INK)
            .encode(x=alt.X("mark:Q", axis=None, scale=x_scale))
        )
    chart = alt.layer(*layers).properties(
        width=width - label_width - space, height=alt.Step(step), background="transparent",
        padding={"left": 0 if narrow else label_width, "right": space, "top": 0, "bottom": 0},
    )  # fmt: skip
    found: dict[str, Any] = _styled(chart)
    found["autosize"] = {"type": "none"}
    return found


def _mark(row: Bar, most: float) -> float | None:
    """Where the mark is drawn; one beyond all bars is only mentioned in the text."""
    return None if row.mark is None or float(row.mark) > most else float(row.mark)


def _end(length: float, mark: float | None, room: float) -> float:
    """Where the text begins: after the bar, or after a mark that would stand in it."""
    return mark if mark is not None and length <= mark < length + room else length


def _columns(rows: Sequence[tuple[str, Decimal, bool]], unit: str, width: int) -> dict[str, Any]:
    import altair as alt

    narrow = width == NARROW
    data = [
        {"label": legible(label), "value": float(value), "now": "now" if now else "before"}
        for label, value, now in rows
    ]
    labels = [legible(label) for label, _, _ in rows]
    shown = labels[:: max(1, -(-len(labels) // (4 if narrow else 9)))]
    chart = (
        alt.Chart(alt.Data(values=data))
        .mark_bar()
        .encode(
            x=alt.X(
                "label:O",
                sort=labels,
                axis=alt.Axis(
                    title=None, labelAngle=0, values=shown, ticks=False, domainColor=LINE
                ),
            ),
            y=alt.Y(
                "value:Q",
                axis=alt.Axis(
                    title=legible(unit), format="~s", tickCount=4, domain=False, ticks=False
                ),
            ),
            color=alt.Color(
                "now:N",
                scale=alt.Scale(domain=["before", "now"], range=[LINE, PLAIN]),
                legend=None,
            ),
        )
        .properties(width=width - 70, height=180 if narrow else 220, background="transparent")
    )
    return _styled(chart)


def _styled(chart: Any) -> dict[str, Any]:  # noqa: ANN401
    styled: dict[str, Any] = (
        chart.configure(font=FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=SOFT,
            titleColor=SOFT,
            gridColor=LINE,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
        )
        .to_dict()
    )
    return styled


def _svg(spec: dict[str, Any]) -> str:
    """The drawing without an outline of its own size: CSS gives it its width."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(spec)
    for placeholder, variable in _PLACEHOLDERS.items():
        svg = svg.replace(placeholder, variable)
    svg = re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", svg)  # the table behind it is what is read
    return svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
