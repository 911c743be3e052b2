"""The texts of statements as they stand in the code and in the templates."""

from collections.abc import Iterator
from pathlib import Path

import incentivectl

ROOT = Path(incentivectl.__file__).parent
# Where sentences of statements stand.
SENTENCES = (
    "insight/statement/*.py",
    "kinds/*/statement.py",
    "output/language.py",
    "programs/words/statements.py",
)
KEYWORDS = {"say": None, "count": (1, 2)}
Message = str | tuple[str, ...]


def messages() -> Iterator[Message]:
    """Each message once; a pair where it has a singular and a plural."""
    from babel.messages.extract import extract_from_file
    from jinja2.ext import babel_extract

    found: dict[Message, None] = {}
    for path in sorted(file for pattern in SENTENCES for file in ROOT.glob(pattern)):
        for _, message, _, _ in extract_from_file("python", str(path), keywords=KEYWORDS):
            found[message] = None
    with (ROOT / "output" / "templates" / "statement.html").open("rb") as file:
        for _, _, message, _ in babel_extract(file, list(KEYWORDS), (), {"encoding": "utf-8"}):
            text = message if isinstance(message, str) else next(m for m in message if m)
            found[text] = None
    yield from found


def write_template(path: Path) -> None:
    """Writes the template that catalogues are made and updated from."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    catalogue = Catalog(
        project="incentivectl", header_comment="# Texts of statements.", fuzzy=False
    )
    for message in messages():
        catalogue.add(message)
    with path.open("wb") as file:
        write_po(file, catalogue, width=100, omit_header=True)


if __name__ == "__main__":
    write_template(ROOT / "locale" / "incentivectl.pot")
