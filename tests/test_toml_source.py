"""Every key and value of a TOML text has its line and column."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from incentivectl.core import limits
from incentivectl.toml import source
from incentivectl.toml.positions import KeyPath, Place
from incentivectl.toml.source import TomlSource, parse_toml, read_toml

FILE = Path("/ws/a.toml")


def parsed(text: str) -> TomlSource:
    source, problems = parse_toml(text, FILE)
    assert problems == []
    assert source is not None
    return source


def test_keys_and_values_of_a_table() -> None:
    source = parsed('a = 1\n[b.c]\n  d  =  "x"\n')
    assert source.keys[("a",)] == Place(1, 1)
    assert source.values[("a",)] == Place(1, 5)
    assert source.keys[("b",)] == source.keys[("b", "c")] == Place(2, 1)
    assert source.keys[("b", "c", "d")] == Place(3, 3)
    assert source.values[("b", "c", "d")] == Place(3, 9)


def test_arrays_of_tables_and_tables_below_them() -> None:
    source = parsed("[[a]]\nx = 1\n[a.b]\ny = 1\n[[a]]\n[[a.c]]\nz = 1\n[[a.c]]\nz = 2\n")
    assert source.keys[("a", 0, "x")] == Place(2, 1)
    assert source.keys[("a", 0, "b", "y")] == Place(4, 1)
    assert source.keys[("a", 1)] == Place(5, 1)
    assert source.keys[("a", 1, "c", 1, "z")] == Place(9, 1)


def test_lists_over_lines_with_comments_and_inline_tables() -> None:
    text = 'tiers = [ # [no]\n  { from = 0, rate = "]}#" },\n\n  { from = 5 }, # last\n]\nz = 1\n'
    source = parsed(text)
    assert source.values[("tiers", 0)] == Place(2, 3)
    assert source.keys[("tiers", 0, "rate")] == Place(2, 15)
    assert source.values[("tiers", 1, "from")] == Place(4, 12)
    assert source.keys[("z",)] == Place(6, 1)


@pytest.mark.parametrize(
    "value",
    [
        '"""a\nb = 1"""',
        '"""two quotes at the end"""""',
        "'''c:\\x\n[y]'''",
        '"a \\" b # ["',
        "'it \" is'",
        "2026-07-01 12:00:00 # when",
        "[ [ ], [ 1, [ 2 ] ] ]",
        "{ }",
        "1_000.50e3",
    ],
)
def test_whatever_a_value_is_the_next_key_is_found(value: str) -> None:
    text = f"first = {value}\nnext = true\n"
    assert parsed(text).keys[("next",)].line == text.count("\n")


def test_quoted_and_dotted_keys() -> None:
    source = parsed('"partner.tier" = 1\nsale . "a\\u0062" . \'c\' = 2\n')
    assert source.keys[("partner.tier",)] == Place(1, 1)
    assert source.keys[("sale", "ab", "c")] == Place(2, 20)
    assert source.known_path(("sale", "ab")) == ("sale", "ab")


def test_the_nearest_known_place_is_named() -> None:
    source = parsed("[eligible]\nsale.amount = 3\n[reward]\nrate = 1\n")
    assert source.problem(("eligible", "sale.amount"), "x", "m").line == 2
    assert source.problem(("reward", 0, "rate"), "x", "m").line == 4
    assert source.problem(("reward", 0, "tiers", 3), "x", "m").line == 3
    nowhere = source.problem(("gate",), "x", "m")
    assert (nowhere.line, nowhere.column, nowhere.excerpt) == (1, None, "")


def test_windows_line_ends() -> None:
    assert parsed("a = 1\r\n\r\nb = 2\r\n").keys[("b",)] == Place(3, 1)


def test_numbers_are_exact_decimals() -> None:
    data = parsed("a = 0.1\nb = 1e400\nc = inf\nd = 1e99999999999999999999\n").data
    assert data["a"] == Decimal("0.1")
    assert data["b"] == Decimal("1e400")
    assert not data["c"].is_finite()
    assert not data["d"].is_finite()


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a = 1\nb = \n", 2, 5),
        ("a = 1\na = 2\n", 2, 6),
        ("x = [1,\n", 1, 8),
        ("a = 99-99-99\n", 1, 7),
    ],
)
def test_a_syntax_error_names_its_place(text: str, line: int, column: int) -> None:
    source, problems = parse_toml(text, FILE)
    assert source is None
    (problem,) = problems
    assert problem.code == "toml-syntax"
    assert problem.message.startswith("not valid TOML: ")
    assert "(at " not in problem.message
    assert (problem.line, problem.column) == (line, column)
    assert problem.excerpt == text.split("\n")[line - 1]


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a = " + "9" * 5000])
def test_what_the_parser_cannot_bear_is_a_problem(text: str) -> None:
    source, problems = parse_toml(text, FILE)
    assert source is None
    assert [problem.code for problem in problems] == ["toml-syntax"]


def test_unreadable_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def code_of(file: Path) -> str:
        source, problems = read_toml(file)
        assert source is None
        (problem,) = problems
        assert problem.file == file
        return problem.code

    file = tmp_path / "a.toml"
    assert code_of(file) == "no-such-file"
    assert code_of(tmp_path) == "not-a-file"
    file.write_bytes(b"\x7fELF\x00\x01")
    assert code_of(file) == "binary-file"
    file.write_bytes("a = 1".encode("utf-16"))
    assert code_of(file) == "not-utf8"
    file.write_bytes(b"#" * 5_000_001)
    assert code_of(file) == "file-too-large"

    def refuse(path: Path, most_bytes: int) -> bytes:
        raise PermissionError(13, "Permission denied")

    file.write_text("a = 1")
    monkeypatch.setattr(source, "content", refuse)
    assert code_of(file) == "unreadable-file"


def test_bytes_that_are_not_utf8_have_a_line(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes('a = 1\nb = "Müller"\n'.encode("cp1252"))
    (problem,) = read_toml(file)[1]
    assert (problem.code, problem.line, problem.hint) == ("not-utf8", 2, "save it as UTF-8")
    assert "0xFC" in problem.message


def test_a_byte_order_mark_is_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(b"\xef\xbb\xbfa = 1\n")
    source, (problem,) = read_toml(file)
    assert source is not None
    assert source.data == {"a": 1}
    assert (problem.code, problem.severity, problem.line) == ("byte-order-mark", "warning", 1)


names = st.text("abcX_- .\"'#[]é", min_size=1, max_size=6)
leaves = st.one_of(
    st.integers(-(10**9), 10**9),
    st.booleans(),
    st.text("ab\"\\\n\t#[]{}=,'é", max_size=12),
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
)
values: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=12,
)


def paths(value: Any, path: KeyPath = ()) -> list[tuple[KeyPath, Any]]:  # noqa: ANN401
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    found = [((*path, key), inner) for key, inner in items]
    return found + [deep for place, inner in found for deep in paths(inner, place)]


@given(st.dictionaries(names, values, max_size=5), st.booleans())
def test_every_key_of_any_file_is_found(data: dict[str, Any], multiline: bool) -> None:
    source = parsed(tomli_w.dumps(data, multiline_strings=multiline))
    expected = paths(source.data)
    assert set(source.keys) == {path for path, _ in expected}
    for path, value in expected:
        place = source.values[path]
        text = source.lines[place.line - 1][place.column - 1 :]
        if isinstance(value, bool):
            assert text.startswith(str(value).lower())
        elif isinstance(value, int):
            assert text.startswith(str(value))
        elif isinstance(value, date):
            assert text.startswith(value.isoformat())
        else:
            assert text.startswith('"' if isinstance(value, str) else ("[", "{"))


GIANTS = {
    "key of 100,000 parts": ("a" + ".a" * 100_000 + " = 1", "the key has more than 32 parts"),
    "header of 40 parts": ("x = 1\n[" + "a . " * 39 + "a]", "the key has more than 32 parts"),
    "quoted parts": ("x = 1\n" + '"b c".' * 39 + "a = 1", "the key has more than 32 parts"),
    "nested lists": ("a = " + "[" * 40 + "]" * 40, "lists and tables are nested too deeply"),
    "nested tables": ("a = " + "{a = " * 40 + "1" + "}" * 40, "lists and tables are nested too deeply"),
    "100,000 lists": ("a = " + "[" * 100_000, "lists and tables are nested too deeply"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), GIANTS.values(), ids=GIANTS.keys())
def test_deep_keys_are_refused(text: str, message: str) -> None:
    source, (problem,) = parse_toml(text, Path("a.toml"))
    assert source is None
    assert problem.code in ("beyond-limit", "toml-syntax")  # the parser itself may give up
    assert problem.message == message
    if text.startswith("x"):
        assert problem.line == 2
    assert problem.hint


@pytest.mark.parametrize("text", ["a" + ".a" * 31 + " = 1", "a = " + "[" * 31 + "]" * 31])
def test_keys_within_the_limit(text: str) -> None:
    source, problems = parse_toml(text, Path("a.toml"))
    assert source is not None
    assert not problems


def test_dots_in_texts_are_no_keys() -> None:
    text = f'a = "{"w." * 20} {"w." * 20}"  # {"x." * 31}\n'
    assert parse_toml(text, Path("a.toml"))[0] is not None


def test_too_many_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TOML_KEYS", 100)
    text = "".join(f"k{n} = {n}\n" for n in range(101))
    _, (problem,) = parse_toml(text, Path("a.toml"))
    assert (problem.message, problem.line) == ("more than 100 keys and values", 101)
    assert parse_toml(text.replace("k100 = 100\n", ""), Path("a.toml"))[0] is not None


def test_a_megabyte_without_a_key_is_looked_at_once() -> None:
    for text in ("a" * 1_000_000, "a." * 20 + "b" * 1_000_000, '"' * 1_000_001, "a. " * 31 + "=\n"):
        source, problems = parse_toml(text * 2, Path("a.toml"))
        assert source is None
        assert problems


def test_a_number_of_too_many_digits() -> None:
    parsed, (problem,) = source.parse_toml("x = " + "9" * 5_000, Path("a.toml"))
    assert parsed is None
    assert problem.message == "not valid TOML: a number has more than 4,300 digits"
