"""Numbers and dates of a locale, and the catalogues of texts."""

import ast
import string
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from incentivectl.output.language import CATALOGUES, language_of
from tests.reports.messages import ROOT, SENTENCES, messages, write_template

LANGUAGES = sorted(path.name for path in CATALOGUES.iterdir() if path.is_dir())


@pytest.mark.parametrize(
    ("locale", "amount", "share", "day"),
    [
        ("en_US", "-$1,234,567.50", "2.5%", "September 30, 2026"),
        ("sv_SE", "-$1,234,567.50", "2.5%", "September 30, 2026"),
        ("de_DE", "-1.234.567,50 $", "2,5 %", "30. September 2026"),
        ("es-ES", "-1.234.567,50 US$", "2,5 %", "30 de septiembre de 2026"),
        ("fr-FR", "-1 234 567,50 $US", "2,5 %", "30 septembre 2026"),
        ("en_IN", "-$12,34,567.50", "2.5%", "30 September 2026"),
        ("no such", "-$1,234,567.50", "2.5%", "September 30, 2026"),
        (None, "-$1,234,567.50", "2.5%", "September 30, 2026"),
    ],
)
def test_formats_of_a_locale(locale: str | None, amount: str, share: str, day: str) -> None:
    language = language_of(locale)
    assert plain(language.money(Decimal("-1234567.5"), "USD")) == amount
    assert plain(language.percent(Decimal("0.025000"))) == share
    assert language.day(date(2026, 9, 30)) == day


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def test_decimals_are_those_of_the_currency_and_halves_go_up() -> None:
    language = language_of("en_US")
    assert language.money(Decimal("0.125"), "USD") == "$0.13"
    assert language.money(Decimal("2.5"), "JPY") == "¥3"
    assert plain(language.money(Decimal("1.2345"), "KWD")) == "KWD 1.235"
    assert language.money(Decimal("123456789012.12"), "USD") == "$123,456,789,012.12"


def test_periods() -> None:
    language = language_of("en_US")
    assert language.days(date(2026, 9, 1), date(2026, 9, 30)) == "September 2026"
    assert language.days(date(2026, 1, 1), date(2026, 12, 31)) == "2026"
    assert language.days(date(2026, 7, 1), date(2026, 9, 30)) == "Jul 1, 2026 – Sep 30, 2026"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_every_text_with_its_values(language: str) -> None:
    from babel.messages.pofile import read_po

    with (CATALOGUES / language / "LC_MESSAGES" / "incentivectl.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    wanted = {message if isinstance(message, str) else message[0] for message in messages()}
    have = {message.id if isinstance(message.id, str) else message.id[0]: message
            for message in catalogue if message.id}  # fmt: skip
    assert set(have) == wanted
    for key, message in have.items():
        texts = [message.string] if isinstance(message.string, str) else list(message.string)
        for text in texts:
            assert text, f"no text for {key}"
            assert fields(text) == fields(key), key


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_up_to_date(language: str) -> None:
    """Otherwise: .venv/bin/pybabel compile -D incentivectl -d incentivectl/locale."""
    from babel.messages.mofile import read_mo
    from babel.messages.pofile import read_po

    folder = CATALOGUES / language / "LC_MESSAGES"
    with (
        (folder / "incentivectl.po").open("rb") as po,
        (folder / "incentivectl.mo").open("rb") as mo,
    ):
        written, compiled = (
            {
                tuple(m.id) if not isinstance(m.id, str) else m.id: list(m.string)
                for m in catalogue
                if m.id
            }
            for catalogue in (read_po(po, locale=language), read_mo(mo))
        )
    assert compiled == written


def test_the_template_of_catalogues_is_up_to_date(tmp_path: Path) -> None:
    """Otherwise: .venv/bin/python -m tests.reports.messages."""
    write_template(tmp_path / "incentivectl.pot")
    assert (tmp_path / "incentivectl.pot").read_bytes() == (
        CATALOGUES / "incentivectl.pot"
    ).read_bytes()


def test_every_text_is_written_where_it_is_said() -> None:
    """A text in a variable reaches no catalogue, and a German statement would hold an English sentence."""
    for path in sorted(file for pattern in SENTENCES for file in ROOT.glob(pattern)):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            texts = {"say": 1, "count": 2}.get(node.func.attr, 0)
            if not texts or len(node.args) < texts:
                continue
            for text in node.args[:texts]:
                assert isinstance(text, ast.Constant), f"{path.name}:{node.lineno}"


def test_catalogues_lie_in_the_package() -> None:
    """So that they are part of the wheel."""
    import incentivectl

    assert CATALOGUES.is_relative_to(Path(incentivectl.__file__).parent)
    assert LANGUAGES == ["de", "es", "fr"]
