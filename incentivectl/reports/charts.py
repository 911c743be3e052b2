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
    """The picture of what `spec` gives for each width.

    Altair checks its own objects against a schema, which takes longer than drawing; what is made of them
    here does not depend on data, and tests check it.
    """
    from altair.utils.schemapi import debug_mode

    with debug_mode(False):
        specs = [spec(width) for width in (WIDE, NARROW)]
    return Picture(*map(_svg, specs))


def _bars(
    rows: Sequence[Bar], parts: Sequence[str], colours: Sequence[str], width: int
) -> dict[str, Any]:
    import altair as alt

    narrow = width == NARROW
    label_width = 0 if narrow else 220
    space = 118 if narrow else 130
    step = BAR + GAP + (18 if narrow else 0)
    most = max([1e-9, *map(_length, rows)])
    place = alt.Y(
        "row:N",
        sort=[str(index) for index in range(len(rows))],
        axis=None,
        scale=alt.Scale(paddingInner=0, paddingOuter=0),
    )
    scale = alt.Scale(domain=[0, most], clamp=True)
    texts = alt.Chart(alt.Data(values=_texts(rows, most, narrow=narrow))).encode(y=place)
    layers = [
        _segments(rows, parts, colours, scale, narrow=narrow).encode(y=place),
        texts.mark_text(align="left", dx=6, dy=9 if narrow else 0, color=INK, fontSize=12).encode(
            x=alt.X("end:Q", axis=None, scale=scale), text="text:N"
        ),
        _labels(texts, width if narrow else label_width - 12, narrow=narrow),
    ]
    if any(row.mark is not None for row in rows):
        layers.append(
            texts.transform_filter("isValid(datum.mark)")
            .mark_tick(height=BAR + 8, thickness=2.5, yOffset=9 if narrow else 0, color=INK)
            .encode(x=alt.X("mark:Q", axis=None, scale=scale))
        )
    chart = alt.layer(*layers).properties(
        width=width - label_width - space, height=alt.Step(step), background="transparent",
        padding={"left": 0 if narrow else label_width, "right": space, "top": 0, "bottom": 0},
    )  # fmt: skip
    found: dict[str, Any] = _styled(chart)
    found["autosize"] = {"type": "none"}
    return found


def _segments(
    rows: Sequence[Bar],
    parts: Sequence[str],
    colours: Sequence[str],
    scale: Any,  # noqa: ANN401
    *,
    narrow: bool,
) -> Any:  # noqa: ANN401
    """The parts of each bar, one behind the other."""
    import altair as alt

    data = [
        {"row": str(index), "part": part, "order": at, "value": max(float(value), 0.0)}
        for index, row in enumerate(rows)
        for at, part in enumerate(parts)
        if (value := row.parts.get(part, 0)) > 0
    ]
    colour = alt.Color(
        "part:N",
        sort=list(parts),
        scale=alt.Scale(domain=list(parts), range=list(colours[: len(parts)])),
        legend=None,
    )
    return (
        alt.Chart(alt.Data(values=data))
        .mark_bar(height=BAR, yOffset=9 if narrow else 0)
        .encode(
            x=alt.X("value:Q", stack="zero", axis=None, scale=scale),
            color=colour,
            order=alt.Order("order:Q"),
        )
    )


def _labels(texts: Any, limit: int, *, narrow: bool) -> Any:  # noqa: ANN401
    """What each bar is called: above it where the page is narrow, else on its left."""
    import altair as alt

    where = {"align": "left", "dy": -10} if narrow else {"align": "right", "dx": -8}
    marks = texts.mark_text(**where, color=INK, fontSize=12, limit=limit)
    return marks.encode(x=alt.value(0), text="label:N")


def _texts(rows: Sequence[Bar], most: float, *, narrow: bool) -> list[dict[str, Any]]:
    """The label of each bar, the text at its end, and its mark."""
    return [
        {
            "row": str(index),
            "label": legible(row.label),  # a control sign makes the drawing fail
            "text": legible(row.text),
            "mark": _mark(row, most),
            "end": _end(_length(row), _mark(row, most), most * (0.6 if narrow else 0.25)),
        }
        for index, row in enumerate(rows)
    ]


def _length(row: Bar) -> float:
    return sum(max(float(value), 0.0) for value in row.parts.values())


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
        .to_dict(validate=False)
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
