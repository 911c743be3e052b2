"""Sentences that users read are idiomatic: phrases that are not stay out of every text of the package."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "incentivectl"
BANNED = {
    r"(?<!there )\bis no (?!longer\b|more\b)": 'write "is not a …", "invalid …" or "unknown …"',
    r"\bnone (where|if) none\b|\bnone where\b": 'write "empty where …"',
    r"\brefuses what\b|\bwould refuse\b": 'write "rejects …" or "blocks …"',
    r"\bstands (there|twice)\b": 'write "is listed twice"',
    r"(?<!not )\ball the same\b": 'write "still"',
    r"\b(is|are) expected, not\b": 'write "expected …, not …"',
    r"\bknown are\b": 'write "choose from …"',
    r"\bhas no meaning here\b": 'write "is not allowed here"',
    r"\{\} (lines|rows|payees)\b": "count with nouns.counted",
    r"\btakes? it back\b": 'write "reverses it"',
}


def texts(source: str) -> Iterator[str]:
    """Every text of a module but its docstrings; what an f-string inserts is `…`."""
    tree = ast.parse(source)
    inner: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inner.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            parts = [one.value if isinstance(one, ast.Constant) else "…" for one in node.values]
            inner.update(id(one) for one in node.values)
            yield "".join(str(part) for part in parts)
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner
        ):
            yield node.value


def files() -> list[Path]:
    found = [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.pot")]
    assert len(found) > 100
    return found


@pytest.mark.parametrize("pattern", BANNED)
def test_no_text_has_a_phrase_that_is_not_english(pattern: str) -> None:
    found = []
    for file in files():
        written = file.read_text(encoding="utf-8")
        for text in texts(written) if file.suffix == ".py" else [written]:
            found += [
                f"{file.relative_to(PACKAGE)}: {text[max(0, at.start() - 40) : at.end() + 40]!r}"
                for at in re.finditer(pattern, text)
            ]
    assert not found, f"{BANNED[pattern]}:\n" + "\n".join(found)


def test_docstrings_are_left_out() -> None:
    module = (
        '"""`x` is no docstring."""\n\n\ndef f(x):\n    """Nor this."""\n    return f"a{x}b", "c"\n'
    )
    assert sorted(texts(module)) == ["a…b", "c"]
