"""Texts in the characters that every bank carries (docs/ledger.md, 50.8)."""

import re

_REPLACED = str.maketrans(
    {
        "&": "+",
        "_": "-",
        "[": "(",
        "]": ")",
        "{": "(",
        "}": ")",
        ";": ",",
        '"': "'",
        "`": "'",
    }
)
_NOT_CARRIED = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]+")
_SPACES = re.compile(r" +")


def bank_text(text: str, most: int) -> str:
    """`text` in the SEPA Latin set, at most `most` characters; empty where nothing remains.

    Other letters are transliterated; a sign without a counterpart becomes a space. A text does not
    begin with a sign that older payment systems read as a field's end.
    """
    from anyascii import anyascii

    carried = _NOT_CARRIED.sub(" ", anyascii(text).translate(_REPLACED))
    return _SPACES.sub(" ", carried).lstrip("/-: ")[:most].rstrip()
