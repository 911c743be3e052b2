"""Encodings of files, told from the other codecs that Python has."""

from pathlib import Path

import pytest

from incentivectl.core.encodings import is_text_encoding
from tests.small_workspace import CONFIG, incentivectl, write_workspace

TEXT = (
    "utf-8",
    "UTF_16",
    "utf-8-sig",
    "cp1252",
    "latin-1",
    "shift_jis",
    "gb18030",
    "cp037",
    "ascii",
)
OTHERS = (
    "punycode", "idna", "undefined", "unicode_escape", "raw_unicode_escape", "hex", "base64", "zip",
    "rot13", "klingon", "", "a\0b",
)  # fmt: skip


@pytest.mark.parametrize("name", TEXT)
def test_text_encodings(name: str) -> None:
    assert is_text_encoding(name)


@pytest.mark.parametrize("name", OTHERS)
def test_other_codecs(name: str) -> None:
    assert not is_text_encoding(name)


@pytest.mark.parametrize("name", ["punycode", "unicode_escape", "rot13"])
def test_a_source_names_no_text_encoding(tmp_path: Path, name: str) -> None:
    config = CONFIG + f'[sources.sales]\nencoding = "{name}"\n'
    result = incentivectl("check", "-w", write_workspace(tmp_path / "shop", config=config))
    assert result.exit_code == 3
    assert f'"{name}" is not a text encoding' in result.output


PAYOUTS = "payee_id,amount\nP1,12.00\n"


def audit(tmp_path: Path, content: bytes, *options: str) -> tuple[int, str]:
    root = write_workspace(tmp_path / "shop")
    (tmp_path / "payouts.csv").write_bytes(content)
    result = incentivectl(
        "audit", tmp_path / "payouts.csv", "--period", "2026-09", "-w", root, *options
    )
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (PAYOUTS.encode(), ["--encoding", "utf-16"], "the file is not in utf-16"),
        (PAYOUTS.encode(), ["--encoding", "punycode"], "`punycode` is not a text encoding"),
        (PAYOUTS.encode(), ["--encoding", "klingon"], "`klingon` is not a text encoding"),
        ((PAYOUTS + "Ä,1\n").encode("cp1252"), [], "the file is not in utf-8"),
        ((PAYOUTS + "x" * 200_000 + ",1\n").encode(), [], "field larger than field limit"),
    ],
)
def test_a_payout_file_that_cannot_be_read(
    tmp_path: Path, content: bytes, options: list[str], message: str
) -> None:
    code, output = audit(tmp_path, content, *options)
    assert code == 4, output
    assert message in output


def test_a_delimiter_that_is_none(tmp_path: Path) -> None:
    for sign in ("\n", '"'):
        code, output = audit(tmp_path / str(ord(sign)), PAYOUTS.encode(), "--delimiter", sign)
        assert code == 2, output
