"""`init DIR --from FILE…` makes a workspace of exports that gives the right money after a few edits."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from xlsxwriter import Workbook

from tests.small_workspace import incentivectl, read_csv, settle

MOST_EDITS = 3

ENGLISH = """\
Acme Distribution Inc.
Point of sale report
July 2026
Invoice No,Invoice Date (MM/DD/YYYY),Dealer,SKU,Qty,Ext Price $
1001,07/03/2026,D-100,A,2,"1,212.50"
1002,07/14/2026,D-200,B,1,99.50
1003,07/20/2026,D-200,B,-1,(99.50)
TOTAL,,,,2,"1,212.50"
"""
GERMAN = """\
Belegnr;Belegdatum;Händler;Artikelnr;Menge;Betrag;Währung
R1;03.07.2026;Beta GmbH;A;2;1.000,00;EUR
R2;14.07.2026;gamma sa;B;1;200,50;EUR
"""
CRM = """\
Account Number,Account Name,Account Type,Billing Country,Partner Level,Customer Since,Account Status
D-100,Alpha Ltd,Dealer,US,Gold,01/15/2020,Active
D-200,Beta GmbH,Dealer,DE,Silver,02/28/2021,Active
D-300,Gamma SA,Retail,FR,Silver,11/30/2022,On Hold
"""
FRENCH = """\
N° facture;Date facture;Revendeur;Référence;Qté;Montant HT (€)
F1;03/07/2026;R1;A;2;1\u202f250,00
F2;14/07/2026;R2;B;1;99,90
Total général;;;;3;1\u202f349,90
"""
PARTENAIRES = """\
Code revendeur;Raison sociale;Niveau;Statut;Partenaire depuis
R1;Société Lumière;Or;Actif;31/01/2020
R2;Électro Sud;Argent;Actif;15/02/2021
"""


def workbook(path: Path) -> None:
    """Sales on one sheet, under a title; articles on the other."""
    book = Workbook(path, {"default_date_format": "dd/mm/yyyy"})
    sales = book.add_worksheet("July")
    sales.write(0, 0, "West Ltd, sell-out")
    sales.write_row(2, 0, ["Order", "Order Date", "Dealer Code", "Item", "Units", "Net Amount"])
    sales.write_row(3, 0, [7001, date(2026, 7, 9), "D-200", "A", 3, 300.5])
    sales.write_row(4, 0, [7002, date(2026, 7, 30), "D-300", "B", 60, 60000])
    items = book.add_worksheet("Items")
    items.write_row(0, 0, ["Item No", "Description", "Product Group"])
    items.write_row(1, 0, ["A", "Switch", "switches"])
    items.write_row(2, 0, ["B", "Router", "routers"])
    book.close()


def made(folder: Path, **files: str | bytes) -> tuple[Path, str]:
    """The workspace of some files, and what the command says."""
    paths = []
    for name, content in files.items():
        path = folder / f"{name}.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        paths.append(path)
    paths += sorted(folder.glob("*.xlsx"))
    result = incentivectl("init", folder / "shop", "--from", *paths)
    assert result.exit_code == 0, result.output
    return folder / "shop", result.stderr


def edits_in(root: Path) -> list[str]:
    text = (root / "incentivectl.toml").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.startswith("# EDIT: ")]


def sources_of(root: Path) -> dict[str, Any]:
    config = tomllib.loads((root / "incentivectl.toml").read_text(encoding="utf-8"))
    return dict(config["sources"])


def earned(root: Path) -> dict[str, str]:
    """Payee → what it is entitled to for the third quarter."""
    return {
        row["payee_id"]: f"{Decimal(row['entitlement']):.2f} {row['currency']}"
        for row in settle(root, "2026-Q3")
    }


def test_four_exports_give_the_right_money_after_one_edit(tmp_path: Path) -> None:
    """1 % up to 50,000 and 2 % above. D-100: 1,212.50. D-200: 99.50 − 99.50 + 1,000 × 1.10 + 300.50.

    D-300: 200.50 × 1.10 + 60,000 = 60,220.55, which is 500 + 10,220.55 × 2 %.
    """
    workbook(tmp_path / "west.xlsx")
    root, said = made(tmp_path, acme=ENGLISH, haendler=GERMAN.encode("cp1252"), crm=CRM)
    (edit,) = edits_in(root)
    assert "put the rates of EUR into data/fx.csv" in edit
    assert edit.removeprefix("# EDIT: ") in " ".join(said.split())
    assert len(edits_in(root)) <= MOST_EDITS

    rates = root / "data/fx.csv"
    assert rates.read_text() == "on,currency,rate\n2026-07-03,EUR,\n"
    rates.write_text("on,currency,rate\n2026-07-03,EUR,1.10\n")

    checked = incentivectl("check", "-w", root)
    assert (checked.exit_code, checked.stderr) == (0, "")
    assert earned(root) == {"D-100": "12.13 USD", "D-200": "14.01 USD", "D-300": "704.41 USD"}
    aliases = read_csv(root / "data/aliases.csv")
    assert [(row["alias"], row["id"]) for row in aliases] == [
        ("Beta GmbH", "D-200"),
        ("gamma sa", "D-300"),
    ]


def test_french_exports_need_no_edit(tmp_path: Path) -> None:
    """1 % of 1,250.00 and of 99.90, in euros."""
    root, said = made(tmp_path, ventes=FRENCH, partenaires=PARTENAIRES.encode("cp1252"))
    assert edits_in(root) == []
    assert "next: " in said
    assert incentivectl("check", "-w", root).exit_code == 0
    assert earned(root) == {"R1": "12.50 EUR", "R2": "1.00 EUR"}
    (partners,) = sources_of(root)["partners"]
    assert partners["date_format"] == "%d/%m/%Y"


def test_partners_are_made_of_the_sales_if_no_file_lists_them(tmp_path: Path) -> None:
    root, _ = made(tmp_path, acme=ENGLISH)
    assert [row["partner_id"] for row in read_csv(root / "data/partners.csv")] == ["D-100", "D-200"]
    assert incentivectl("check", "-w", root).exit_code == 0
    assert earned(root) == {"D-100": "12.13 USD", "D-200": "0.00 USD"}


def test_whose_file_it_is_is_asked_for(tmp_path: Path) -> None:
    till = "Receipt,Date,Item,Total\n1,2026-07-14,A,10.50\n"
    root, said = made(tmp_path, till=till, crm=CRM)
    (edit,) = edits_in(root)
    assert "no column states partner_id" in edit
    assert "1 edit needed" in said
    config = root / "incentivectl.toml"
    config.write_text(config.read_text().replace("NOT-STATED", "D-100"))
    assert incentivectl("check", "-w", root).exit_code == 0


@pytest.mark.parametrize("name", ["nothing.csv", "."])
def test_nothing_is_made_of_a_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    result = incentivectl("init", tmp_path / "shop", "--from", tmp_path / name)
    assert result.exit_code == 4
    assert not (tmp_path / "shop").exists()


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    export = tmp_path / "export.csv"
    export.write_text(ENGLISH)
    result = incentivectl("init", tmp_path, "--from", export)
    assert (result.exit_code, "is not an empty folder" in result.stderr) == (2, True)
    result = incentivectl("init", tmp_path / "shop", export)
    assert (result.exit_code, "put --from before files" in result.stderr) == (2, True)


def test_sales_without_a_currency_are_shown_in_that_of_the_others(tmp_path: Path) -> None:
    head, row = "Invoice,Date,Dealer,Qty,{}\n", ",2026-07-14,D1,1,12.50\n"
    stated, silent = tmp_path / "acme.csv", tmp_path / "west.csv"
    stated.write_text(f"{head.format('Net EUR')}1{row}")
    silent.write_text(f"{head.format('Net')}2{row}")
    result = incentivectl("init", tmp_path / "w", "--from", stated, silent)
    assert result.exit_code == 0
    config = (tmp_path / "w" / "incentivectl.toml").read_text(encoding="utf-8")
    assert 'currency = "EUR"' in config
    assert "amounts are read as EUR" in config
    assert 'write set = { currency = "USD" }' in config
    assert [line.split()[-1] for line in config.splitlines() if " D1 " in line] == ["EUR", "EUR"]
