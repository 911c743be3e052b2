"""Statements as HTML: one self-contained page a payee, and an index for whoever sends them."""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from incentivectl.core.csv_output import csv_of_frame, csv_of_rows
from incentivectl.core.nouns import counted
from incentivectl.core.output_files import write_file, write_named_file
from incentivectl.insight.statement.annex import annexes
from incentivectl.insight.statement.balance_view import payable
from incentivectl.insight.statement.by_payee import WHO
from incentivectl.insight.statement.statements import Statements
from incentivectl.insight.statement.view import View, view_of
from incentivectl.output.language import Language, language_of
from incentivectl.output.report import Worded
from incentivectl.output.templates import template

if TYPE_CHECKING:
    from jinja2 import Template

_ODD = re.compile(r"[^A-Za-z0-9_-]+")
MOST_OF_A_NAME = 60
INDEX = "index.html"
MAIL_MERGE = (
    "number", "payee_kind", "payee_id", "name", "email", "language", "page", "annex",
)  # fmt: skip


@dataclass(frozen=True)
class IndexRow:
    """One payee in the index, with the names of its files; `annex` is empty without one."""

    number: str
    kind: str
    payee_id: str
    name: str
    email: str
    language: str
    locale: str
    payable: tuple[Worded, ...]
    page: str
    annex: str

    @property
    def href(self) -> str:
        """The page as a link."""
        return quote(self.page)

    @property
    def annex_href(self) -> str:
        """The annex as a link."""
        return quote(self.annex)


def write_pages(
    statements: Statements, folder: Path, progress: Callable[[str], None], *, lines: bool = False
) -> list[IndexRow]:
    """Writes a page for each statement and `index.html` into `folder`; returns what the index lists.

    With `lines` an annex lies beside each page. All of them reach the disk together, before the index does.
    """
    names = file_names(statements.payees.select(WHO).iter_rows())
    emails = statements.payees["email"].fill_null("")
    beside = annexes(statements) if lines else repeat(None)
    sender = language_of(None)
    rows = []
    told = zip(statements, names, emails, strict=True)
    for number, ((one, name, email), annex) in enumerate(zip(told, beside, strict=False), 1):
        if number % 50 == 1:
            progress(f"writing page {number:,} of {len(statements):,}")
        view = view_of(one, language_of(one.payee.locale))
        write_file(folder / name, page(view), sync=False)
        lines_name = "" if annex is None else f"{name.removesuffix('.html')}.csv"
        if annex is not None:
            write_file(folder / lines_name, csv_of_frame(annex), sync=False)
        payee = one.payee
        rows.append(
            IndexRow(
                number=one.number,
                kind=payee.kind,
                payee_id=payee.payee_id,
                name=payee.name,
                email=email,
                language=view.language.told_in(sender),
                locale=view.language.name,
                payable=tuple(
                    Worded(amount, sender.amount(amount, unit))
                    for unit, amount in payable(one.payouts).items()
                ),
                page=name,
                annex=lines_name,
            )
        )
    os.sync()
    write_file(folder / INDEX, _index(statements, rows, sender))
    return rows


def write_mail_merge(rows: Sequence[IndexRow], folder: Path, file: Path) -> None:
    """Lists the pages in `folder` for a mail merge; their names are relative to the list."""
    at = os.path.relpath(folder, file.parent)

    def beside(name: str) -> str:
        return (Path(at) / name).as_posix() if name else ""

    listed = [
        (
            one.number, one.kind, one.payee_id, one.name, one.email, one.locale,
            beside(one.page), beside(one.annex),
        )
        for one in rows
    ]  # fmt: skip
    write_named_file(file, csv_of_rows([MAIL_MERGE, *listed]))


def page(view: View) -> str:
    """One payee's page."""
    return _statement_template().render(
        view=view,
        payee=view.statement.payee,
        lang=view.language.text_language,
        say=view.language.say,
    )


@cache
def _statement_template() -> "Template":
    return template("statement.html")


def _index(statements: Statements, rows: Sequence[IndexRow], sender: Language) -> str:
    period, batch = statements.run.period, statements.batch
    return template("statements_index.html").render(
        workspace=statements.run.loaded.workspace.name,
        lang=sender.text_language,
        period=sender.days(period.first, period.last),
        as_of=sender.day(period.last),
        batch=batch,
        is_draft=statements.drafts > 0,
        counted=counted,
        rows=rows,
    )


def file_names(payees: Iterable[tuple[str, str]]) -> list[str]:
    """A file name for each payee, given by kind and id: `partner-P01.html`.

    A hash is added where the id has other signs than letters and digits, is very long, or differs
    from another only in upper and lower case, which some file systems do not tell apart.
    """
    plain = [f"{kind}-{payee_id}" for kind, payee_id in payees]
    safe = [_ODD.sub("_", name)[:MOST_OF_A_NAME] for name in plain]
    seen = Counter(name.casefold() for name in safe)
    return [
        f"{short}.html"
        if short == name and seen[short.casefold()] == 1
        else f"{short}-{hashlib.sha256(name.encode()).hexdigest()[:10]}.html"
        for short, name in zip(safe, plain, strict=True)
    ]
