"""A run that stops says why: the root cause first, then each reason with its rows and what to do (3.29)."""

from pathlib import Path

import pytest

from tests.small_workspace import REBATE, incentivectl, settle, write_workspace

CONFIG = """\
[workspace]
currency = "USD"

[sources.sales]
path = "sales/*.csv"
"""
HEADER = "sale_id,line_id,sold_on,partner_id,amount\n"


def _workspace(
    root: Path, rows: list[str], *, partners: str = "", config: str = CONFIG, files: int = 1
) -> Path:
    """A workspace whose sales stand in `files` files, so many rows in each."""
    tables = {"partners": partners or "partner_id,name\nP1,Alpha\n"}
    write_workspace(root, config=config, tables=tables)
    (root / "sales").mkdir()
    share = len(rows) // files
    for n in range(files):
        some = "\n".join(rows[n * share : (n + 1) * share])
        (root / f"sales/{n}.csv").write_bytes((HEADER + some + "\n").encode("cp1252"))
    return root


def _stopped(root: Path, *command: str) -> str:
    result = incentivectl(*(command or ("run", "2026-09")), "-w", root)
    assert result.exit_code == 4, result.output
    return " ".join(result.stderr.split())


def _lines(count: int, partner: str = "P1", day: str = "2026-07-03") -> list[str]:
    return [f"S{n},1,{day},{partner},10" for n in range(count)]


@pytest.mark.parametrize("command", [("run", "2026-09"), ("check",)])
def test_rejected_partners_are_told_before_the_lines_that_name_them(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    partners = "partner_id,name,kind\n" + "".join(f"P{n},N{n},Dealer\n" for n in range(19))
    said = _stopped(_workspace(tmp_path / "w", _lines(8), partners=partners), *command)
    cause = said.index(
        "source partners: all 19 rows rejected (bad-value in `kind`):"
        " `Dealer` (sample_data/partners.csv:2), `Dealer` (sample_data/partners.csv:3),"
        " `Dealer` (sample_data/partners.csv:4), …"
    )
    words = said.index("accepted are distributor, reseller, retailer, broker, agent")
    over = said.index("source sales: 8 of 8 rows (100.0 %) are rejected")
    why = said.index("source sales: all 8 rows rejected (unknown-partner): `P1` (sales/0.csv:2)")
    assert cause < words < over < why


def test_the_cause_names_its_place_in_the_config(tmp_path: Path) -> None:
    config = CONFIG + '\n[sources.partners]\npath = "sample_data/partners.csv"\n'
    partners = "partner_id,name,kind\nP1,Alpha,Dealer\n"
    said = _stopped(_workspace(tmp_path / "w", _lines(8), partners=partners, config=config))
    assert "source partners (incentivectl.toml:7): 1 row rejected (bad-value in `kind`)" in said


def test_the_line_of_the_config_stands_beside_it(tmp_path: Path) -> None:
    said = _stopped(_workspace(tmp_path / "w", _lines(8, partner="P9")))
    assert "incentivectl.toml:4: error: source sales: 8 of 8 rows" in said


def test_enumerated_words_may_be_written_in_any_case(tmp_path: Path) -> None:
    partners = (
        "partner_id,name,kind,status\nP1,Alpha,Distributor,ACTIVE\nP2,Beta,reseller,Suspended\n"
    )
    root = write_workspace(tmp_path / "w", tables={"partners": partners})
    earned = {row["payee_id"]: row["status"] for row in settle(root)}
    assert earned == {"P1": "due", "P2": "held"}


def test_the_status_of_a_rep_is_a_word_in_any_case(tmp_path: Path) -> None:
    """`Active` is active; any word that is not ours holds what the rep earns, and rejects nothing."""
    words = ["active", "Active", "ACTIVE", "", "Suspended", "On leave"]
    reps = "".join(f"R{n},Rep {n},{word}\n" for n, word in enumerate(words))
    sales = "".join(f"S{n},2026-07-0{n + 1},P1,R{n},100\n" for n in range(len(words)))
    spif = REBATE.replace('"rebate"', '"spif"').replace("[reward]", 'payee = "rep"\n[reward]')
    root = write_workspace(
        tmp_path / "w",
        programs={"spif": spif},
        tables={
            "reps": "rep_id,name,status\n" + reps,
            "sales": "sale_id,sold_on,partner_id,rep_id,amount\n" + sales,
        },
    )
    earned = {row["payee_id"]: row["status"] for row in settle(root)}
    held = {"R4": "held", "R5": "held"}
    assert earned == dict.fromkeys(["R0", "R1", "R2", "R3"], "due") | held


def test_conditions_see_the_status_of_a_rep_in_lower_case(tmp_path: Path) -> None:
    """100 each at 5 %: `Suspended` meets `suspended`, `On leave` stays as it is written."""
    spif = REBATE.replace('"rebate"', '"spif"').replace(
        "[reward]", 'payee = "rep"\n[eligible]\n"rep.status" = ["suspended", "On leave"]\n[reward]'
    )
    root = write_workspace(
        tmp_path / "w",
        programs={"spif": spif},
        tables={
            "reps": "rep_id,name,status\nR1,Ann,Suspended\nR2,Bob,On leave\nR3,Cid,Active\n",
            "sales": "sale_id,sold_on,partner_id,rep_id,amount\n"
            + "".join(f"S{n},2026-07-03,P1,R{n},100\n" for n in (1, 2, 3)),
        },
    )
    earned = {row["payee_id"]: row["entitlement"] for row in settle(root)}
    assert earned == {"R1": "5", "R2": "5"}


def test_the_same_mistake_in_ten_files_is_one_problem(tmp_path: Path) -> None:
    said = _stopped(_workspace(tmp_path / "w", _lines(20, day="03.07.2026"), files=10))
    assert said.count("bad-date") == 1
    assert "source sales: all 20 rows in 10 files rejected (bad-date in `sold_on`)" in said
    assert '"%d.%m.%Y" would read this one' in said


def test_the_file_with_the_wrong_dates_is_shown_first(tmp_path: Path) -> None:
    """Thirty lines of one file month first; two others of another file are no reason to say day first."""
    root = _workspace(tmp_path / "w", [*_lines(2, day="31/07/2026"), *_lines(1, day="oops")])
    days = [f"S{n},1,09/{n:02}/2026,P1,10" for n in range(1, 31)]
    (root / "sales/9.csv").write_text(HEADER + "\n".join([*days, "S99,1,2026-09-01,P77,10"]) + "\n")
    said = _stopped(root)
    dates = said.index(
        "source sales: 33 rows in 2 files, 30 of them in sales/9.csv, rejected (bad-date in `sold_on`):"
        " `09/01/2026` (sales/9.csv:2), `09/02/2026` (sales/9.csv:3), `09/03/2026` (sales/9.csv:4), …"
    )
    assert '"%m/%d/%Y" would read these: set it in the source; or if only sales/9.csv uses' in said
    assert "%d/%m/%Y" not in said
    assert dates < said.index("source sales: 1 row rejected (unknown-partner)")


def test_a_missing_value_is_asked_for_in_the_exports_own_column(tmp_path: Path) -> None:
    config = CONFIG + '[sources.sales.columns]\npartner_id = "CustomerID"\n'
    root = _workspace(tmp_path / "w", _lines(8, partner=""), config=config)
    file = root / "sales/0.csv"
    file.write_text(file.read_text().replace("partner_id", "CustomerID"))
    assert "hint: fill in `CustomerID`" in _stopped(root)


def test_ids_that_lost_their_digits_say_what_to_do(tmp_path: Path) -> None:
    rows = [f"2.02607E+11,1,2026-07-{n:02},P1,10" for n in range(1, 9)]
    said = _stopped(_workspace(tmp_path / "w", rows))
    assert "a spreadsheet has cut the digits of these ids: format the column as text" in said


def test_words_beside_numbers_are_no_decimal_comma(tmp_path: Path) -> None:
    said = _stopped(_workspace(tmp_path / "w", [f"S{n},1,2026-07-03,P1,2 pcs" for n in range(8)]))
    assert 'numbers are read with decimal = "."; if pcs behind a number means a minus' in said
    assert 'is it ","?' not in said


def test_another_currency_beside_a_number_says_which_is_wanted(tmp_path: Path) -> None:
    said = _stopped(_workspace(tmp_path / "w", [f"S{n},1,2026-07-03,P1,GBP 5" for n in range(8)]))
    assert "a currency beside a number must be that of the row: its `currency`, else USD" in said


def test_an_encoding_that_fits_is_named(tmp_path: Path) -> None:
    rows = [f"Sö{n},1,2026-07-03,P1,10" for n in range(8)]
    said = _stopped(_workspace(tmp_path / "w", rows))
    assert "bad-encoding" in said
    assert 'it is read with encoding = "utf-8"; encoding = "cp1252" reads it as Sö0' in said


def test_utf_16_without_a_mark_is_named(tmp_path: Path) -> None:
    root = _workspace(tmp_path / "w", _lines(8))
    for encoding in ("utf-16-le", "utf-16-be"):
        (root / "sales/0.csv").write_bytes((HEADER + "S1,1,2026-07-03,P1,10\n").encode(encoding))
        assert f'name that in `encoding`: "{encoding}" would fit' in _stopped(root)


def test_a_decimal_comma_is_suggested(tmp_path: Path) -> None:
    rows = [f'S{n},1,2026-07-03,P1,"1,5"' for n in range(8)]
    said = _stopped(_workspace(tmp_path / "w", rows))
    assert 'numbers are read with decimal = "."; is it ","?' in said


def test_the_same_broken_header_in_ten_files_is_one_problem(tmp_path: Path) -> None:
    root = _workspace(tmp_path / "w", _lines(10), files=10)
    for file in (root / "sales").iterdir():
        file.write_text(file.read_text().replace("sold_on", "when"))
    said = _stopped(root)
    assert said.count('it has no column "sold_on"') == 1
    assert "(also 1.csv, 2.csv" in said
    assert "correct `columns` of source sales (incentivectl.toml:4)" in said


def test_check_names_no_file_that_it_does_not_write(tmp_path: Path) -> None:
    root = _workspace(tmp_path / "w", [*_lines(8), "X,1,2026-07-03,P9,1"])
    result = incentivectl("check", "-w", root)
    assert result.exit_code == 0
    assert "1 row of sales rejected (1 unknown-partner)" in result.stdout
    assert "rejects/" not in result.output
    assert "unknown.csv" not in result.output
    assert not (root / "reports").exists()


def test_a_stopped_run_says_where_the_rejected_rows_are(tmp_path: Path) -> None:
    root = _workspace(tmp_path / "w", _lines(8, partner="P9"))
    said = _stopped(root)
    assert "reports/2026-09/rejects" in said
    assert (root / "reports/2026-09/rejects/sales.csv").exists()
    assert (root / "reports/2026-09/unknown.csv").exists()


def test_the_cache_says_the_same(tmp_path: Path) -> None:
    root = _workspace(tmp_path / "w", _lines(8, partner="P9"))
    assert _stopped(root) == _stopped(root)
