"""Statements as HTML: one self-contained page a payee, and an index for who sends them."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from incentivectl.core.output_files import write_file
from incentivectl.insight.statement.statement import Statement
from incentivectl.insight.statement.view import View, view_of
from incentivectl.output.report import Worded
from incentivectl.output.templates import template
from incentivectl.output.tongue import tongue_of

if TYPE_CHECKING:
    from jinja2 import Template

_ODD = re.compile(r"[^A-Za-z0-9_-]+")
MOST_OF_A_NAME = 60


@dataclass(frozen=True)
class IndexRow:
    """One payee in the index."""

    kind: str
    payee_id: str
    name: str
    locale: str
    payable: tuple[Worded, ...]
    href: str


def write_pages(
    statements: Sequence[Statement], folder: Path, progress: Callable[[str], None]
) -> Path:
    """Writes a page for each statement and `index.html` into `folder`; returns the index."""
    names = file_names(statements)
    rows = []
    for number, (one, name) in enumerate(zip(statements, names, strict=True), 1):
        if number % 50 == 1:
            progress(f"writing page {number:,} of {len(statements):,}")
        view = view_of(one, tongue_of(one.payee.locale))
        write_file(folder / name, page(view))
        payee = one.payee
        rows.append(
            IndexRow(
                kind=payee.kind,
                payee_id=payee.payee_id,
                name=payee.name,
                locale=view.tongue.name,
                payable=tuple(amount for amount, _ in view.payable),
                href=quote(name),
            )
        )
    index = folder / "index.html"
    write_file(index, _index(statements, rows))
    return index


def page(view: View) -> str:
    """One payee's page."""
    return _statement_template().render(
        view=view,
        payee=view.statement.payee,
        lang=view.tongue.text_language,
        say=view.tongue.say,
    )


@cache
def _statement_template() -> "Template":
    return template("statement.html")


def _index(statements: Sequence[Statement], rows: Iterable[IndexRow]) -> str:
    first = statements[0] if statements else None
    return template("statements_index.html").render(
        workspace=first.workspace if first else "",
        period=first.period if first else "",
        is_draft=any(one.posted != "yes" for one in statements),
        rows=list(rows),
    )


def file_names(statements: Sequence[Statement]) -> list[str]:
    """A file name for each statement: `partner-P01.html`.

    A hash is added where the id has other signs than letters and digits, is very long, or differs
    from another only in upper and lower case, which some file systems do not tell apart.
    """
    plain = [f"{one.payee.kind}-{one.payee.payee_id}" for one in statements]
    safe = [_ODD.sub("_", name)[:MOST_OF_A_NAME] for name in plain]
    seen = Counter(name.casefold() for name in safe)
    return [
        f"{short}.html"
        if short == name and seen[short.casefold()] == 1
        else f"{short}-{hashlib.sha256(name.encode()).hexdigest()[:10]}.html"
        for short, name in zip(safe, plain, strict=True)
    ]
