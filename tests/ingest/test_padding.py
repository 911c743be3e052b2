"""White space at the edge of cells: what the text of a file tells about it, and that it is cut off."""

from pathlib import Path

import pytest

from incentivectl.ingest.files import text as text_of_file
from incentivectl.ingest.files.text import Text, plain_text


def is_padded(tmp_path: Path, content: str, delimiter: str = ",") -> bool:
    path = tmp_path / "some.csv"
    path.write_bytes(content.encode())
    text = plain_text(path, "utf-8", tmp_path, delimiter=delimiter)
    assert isinstance(text, Text)
    return text.traits.padded


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1 ,2\n",
        "a,b\n1, 2\n",
        "a,b\n1,2 \n",
        "a,b\n1,2 \r\n",
        "a,b\n 1,2\n",
        'a,b\n" 1",2\n',
        'a,b\n"1 ",2\n',
        "a,b\n1\t,2\n",
        "a,b\n1,\u00a02\n",
        "a,b\n1,2\u3000\n",
        "a,b\n1,2 ",
        " a,b\n1,2",
    ],
)
def test_blanks_at_an_edge(tmp_path: Path, content: str) -> None:
    assert is_padded(tmp_path, content)


@pytest.mark.parametrize(
    "content", ["a,b\n1,2\n", "a,b\none word,2\n", "a,b\r\nMöbel und mehr,2\r\n"]
)
def test_none_at_an_edge(tmp_path: Path, content: str) -> None:
    assert not is_padded(tmp_path, content)


def test_a_tab_that_parts_cells(tmp_path: Path) -> None:
    assert not is_padded(tmp_path, "a\tb\n1\t2\n", "\t")


def test_a_blank_cut_off_by_the_end_of_a_chunk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_of_file, "CHUNK", 8)
    assert is_padded(tmp_path, "a,b\n1234 ,2\n")
    assert is_padded(tmp_path, "a,b\n123, 2\n")
