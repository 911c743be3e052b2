"""Workbooks that cannot be read, or should not be: each is a problem, and none takes all memory."""

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from incentivectl.core import limits
from incentivectl.core.bounds import BeyondLimitError
from incentivectl.core.workbooks import xlsx
from incentivectl.core.workbooks.archives import Parts
from incentivectl.core.workbooks.cells import WorkbookError
from incentivectl.core.workbooks.workbook import Workbook
from tests.ingest.conftest import Shop, errors
from tests.workbook_files import WRITERS, by_odfpy, by_openpyxl, by_pyxlsbwriter, by_xlsxwriter

ROWS = [("sale_id", "amount"), ("S1", 5)]
Change = Callable[[bytes], bytes]


def changed(path: Path, part: str, change: Change) -> Path:
    """A workbook with one of its parts changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def protected(path: Path) -> Path:
    """How a workbook with a password begins: a container that names what is encrypted."""
    path.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le")
    )
    return path


def cut(path: Path) -> Path:
    by_openpyxl(path, ROWS)
    path.write_bytes(path.read_bytes()[:-200])
    return path


def web_page(path: Path) -> Path:
    path.write_text("<html><table><tr><td>sale_id</td></tr></table></html>")
    return path


def text(path: Path) -> Path:
    path.write_text("sale_id\tamount\nS1\t5\n")
    return path


def other_kind(path: Path) -> Path:
    return by_odfpy(path, ROWS)


def bad_xml(path: Path) -> Path:
    by_openpyxl(path, ROWS)
    return changed(path, "xl/worksheets/sheet1.xml", lambda xml: xml[:-40])


def without_sheet(path: Path) -> Path:
    by_openpyxl(path, ROWS)
    return changed(path, "xl/_rels/workbook.xml.rels", lambda xml: xml.replace(b"sheet1", b"other"))


def no_calamine(path: Path) -> Path:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000))
    return path


@pytest.mark.parametrize(
    ("make", "name", "code", "message"),
    [
        (protected, "s.xlsx", "protected-workbook", "the workbook is protected by a password"),
        (cut, "s.xlsx", "broken-workbook", "the workbook is damaged"),
        (bad_xml, "s.xlsx", "broken-workbook", "the workbook is damaged"),
        (without_sheet, "s.xlsx", "broken-workbook", "the workbook is damaged"),
        (no_calamine, "s.xls", "broken-workbook", "the workbook is damaged"),
        (web_page, "s.xls", "not-a-workbook", "it is a web page or XML and not a workbook"),
        (text, "s.xls", "not-a-workbook", "it is not a workbook"),
        (other_kind, "s.xlsx", "wrong-ending", "it is an .ods workbook, though its name ends in"),
    ],
)
def test_what_is_no_readable_workbook(
    shop: Shop, make: Callable[[Path], Path], name: str, code: str, message: str
) -> None:
    path = make(shop.root / name)
    shop.config = f'[sources.sales]\npath = "{name}"\n'
    (problem,) = errors(shop.read())
    assert (problem.file, problem.code) == (path, code)
    assert problem.message.startswith(message)
    assert problem.hint


def test_a_workbook_under_the_name_of_a_text(shop: Shop) -> None:
    by_openpyxl(shop.root / "sample_data.xlsx", ROWS)
    shop.write("sample_data/sales.csv", (shop.root / "sample_data.xlsx").read_bytes())
    (problem,) = errors(shop.read())
    assert problem.message == "this is not a text file"
    assert "let its name end in .xlsx" in problem.hint


def sparse(path: Path) -> Path:
    from openpyxl import Workbook as Book

    book = Book()
    book.active["A1"] = "x"
    book.active["XFD1048576"] = "y"
    book.save(path)
    return path


def far_away_in_ods(path: Path) -> Path:
    by_odfpy(path, [("x",)])
    repeated = b'<table:table-row table:number-rows-repeated="1000000">'
    wide = b'<table:table-cell table:number-columns-repeated="16000"'
    return changed(
        path,
        "content.xml",
        lambda xml: xml.replace(b"<table:table-row>", repeated).replace(b"<table:table-cell", wide),
    )


def far_away_in_xlsb(path: Path) -> Path:
    by_pyxlsbwriter(path, [("x",), ("y",)])
    row_2 = struct.pack("<I", 1)
    far, wide = struct.pack("<I", 1_000_000), struct.pack("<I", 16_000)

    def move(sheet: bytes) -> bytes:
        at = sheet.index(b"\x00\x19" + row_2)  # the record of a row, its length, its number
        sheet = sheet[: at + 2] + far + sheet[at + 6 :]
        at = sheet.index(b"\x07\x0c", at)  # a cell with a shared text: its length, its column
        return sheet[: at + 2] + wide + sheet[at + 6 :]

    return changed(path, "xl/worksheets/sheet1.bin", move)


@pytest.mark.parametrize(
    ("make", "ending"),
    [(sparse, ".xlsx"), (far_away_in_ods, ".ods"), (far_away_in_xlsb, ".xlsb")],
)
def test_two_cells_far_apart(tmp_path: Path, make: Callable[[Path], Path], ending: str) -> None:
    """The reader would hold all the cells between them, and abort the process."""
    path = make(tmp_path / f"s{ending}")
    with pytest.raises(BeyondLimitError, match="columns, more than 67,108,864 cells"):  # noqa: SIM117
        with Workbook(path) as book:
            [*book.rows(book.chosen(None))]


def test_what_unpacks_to_too_much(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WORKBOOK_BYTES", 1_000_000)
    path = by_openpyxl(shop.root / "s.xlsx", ROWS)
    changed(path, "docProps/app.xml", lambda xml: xml + b" " * 1_000_000)
    shop.config = '[sources.sales]\npath = "s.xlsx"\n'
    (problem,) = errors(shop.read())
    assert (problem.file, problem.code) == (path, "beyond-limit")
    assert problem.message == "it unpacks to more than 1 MB"


def test_a_part_that_says_it_is_small(tmp_path: Path) -> None:
    path = by_xlsxwriter(tmp_path / "s.xlsx", ROWS)
    changed(path, "xl/sharedStrings.xml", lambda xml: xml + b" " * 1_000_000)
    with zipfile.ZipFile(path) as archive:
        size = struct.pack("<I", archive.getinfo("xl/sharedStrings.xml").file_size)
    path.write_bytes(path.read_bytes().replace(size, struct.pack("<I", 100)))
    with pytest.raises(WorkbookError, match=r"not as large as it says|Bad CRC"):
        Workbook(path)


def test_shared_texts_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SHARED_TEXT_BYTES", 3000)
    path = by_xlsxwriter(tmp_path / "s.xlsx", [[f"text {at}" for at in range(200)]])
    with pytest.raises(BeyondLimitError, match=r"sharedStrings.xml is larger than 3 KB"):
        Workbook(path)


def test_xml_that_grows_while_it_is_read(tmp_path: Path) -> None:
    path = by_openpyxl(tmp_path / "s.xlsx", ROWS)
    laugh = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaa">]><workbook'
    changed(path, "xl/workbook.xml", lambda xml: xml.replace(b"<workbook", laugh, 1))
    with pytest.raises(WorkbookError, match="declares a document type"):  # noqa: SIM117
        with Workbook(path) as book:
            [*book.rows(book.chosen(None))]


CELLS = [("a", 1, "#N/A"), (None, "#REF!", 2.5), (), ("x", None, "#DIV/0!")]


def with_errors(path: Path) -> Path:
    from openpyxl import Workbook as Book

    book = Book()
    for row in CELLS:
        book.active.append(list(row))
    for row in book.active.iter_rows():
        for cell in row:
            if str(cell.value).startswith("#"):
                cell.data_type = "e"
    book.save(path)
    return path


def prefixed(xml: bytes) -> bytes:
    """The same sheet with a prefix before its elements, and cells that do not say where they stand."""
    import re

    named = re.sub(rb"<(/?)(\w)", rb"<\1x:\2", xml).replace(b"xmlns=", b"xmlns:x=")
    return named.replace(b"<?x:xml", b"<?xml")


@pytest.mark.parametrize("change", [bytes, prefixed, lambda xml: xml.replace(b't="e"', b"t='e'")])
def test_error_values_however_the_sheet_is_written(tmp_path: Path, change: Change) -> None:
    path = changed(with_errors(tmp_path / "s.xlsx"), "xl/worksheets/sheet1.xml", change)
    with zipfile.ZipFile(path) as archive:
        found = xlsx.scan(Parts(archive, path), "Sheet")
    assert found == {0: {2: "#N/A"}, 1: {1: "#REF!"}, 3: {2: "#DIV/0!"}}


def test_chunks_cut_no_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from incentivectl.core.workbooks import archives

    path = with_errors(tmp_path / "s.xlsx")
    for size in range(1, 60, 7):
        monkeypatch.setattr(archives, "CHUNK", size)
        with zipfile.ZipFile(path) as archive:
            found = xlsx.scan(Parts(archive, path), "Sheet")
        assert found == {0: {2: "#N/A"}, 1: {1: "#REF!"}, 3: {2: "#DIV/0!"}}


@pytest.mark.parametrize("library", WRITERS)
def test_bytes_at_random_places(tmp_path: Path, library: str) -> None:
    """Whatever is changed in a workbook, it is read or refused."""
    import random

    ending, write = WRITERS[library]
    good = write(tmp_path / f"good{ending}", ROWS).read_bytes()
    dice = random.Random(7)
    for _ in range(60):
        bad = bytearray(good)
        for _ in range(dice.randint(1, 20)):
            bad[dice.randrange(len(bad))] = dice.randrange(256)
        path = tmp_path / f"bad{ending}"
        path.write_bytes(bytes(bad))
        try:
            with Workbook(path) as book:
                [*book.rows(book.chosen(None))]
        except (WorkbookError, BeyondLimitError):
            pass
