"""Whoever follows the tutorial, the runbook or the recipes sees what they say."""

from pathlib import Path

import pytest

from tests.pages import Reader

DOCS = Path(__file__).parent.parent / "docs"


@pytest.mark.parametrize(
    ("page", "least"), [("tutorial.md", 40), ("month-end.md", 25), ("recipes.md", 14)]
)
def test_a_page_says_what_happens(page: str, least: int, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    reader.follow(DOCS / page)
    assert reader.complaints == []
    assert reader.shown >= least


def test_what_a_page_says_wrongly_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "```sh\necho 'one two'\nincentivectl check\n```\n\n```text\none  two\nthree\n```\n"
    )
    reader = Reader(tmp_path)
    reader.follow(page)
    assert [text.splitlines()[0] for text in reader.complaints] == [
        "incentivectl check: ends with 2",
        "not printed: three",
    ]
