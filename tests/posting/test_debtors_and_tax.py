"""Who pays whom (docs/ledger.md, 106), and what is withheld of it (107)."""

import csv
from pathlib import Path

import pytest

from tests.posting.booked import BOOKS, add, as_user, asked, assert_whole, payments, post, write
from tests.posting.test_payouts import HEADER, program
from tests.prepared import prepared
from tests.small_workspace import as_json, incentivectl, write_workspace

DEBTORS = """
[[payout.debtor]]
name = "Acme GmbH"
iban = "DE89370400440532013000"
when = { "partner.country" = ["DE", "AT"] }

[[payout.debtor]]
name = "Acme Ltd"
iban = "GB29NWBK60161331926819"
when = { "partner.country" = { not = ["FR"] } }
"""
ONE = '\n[payout.debtor]\nname = "Acme"\niban = "DE89370400440532013000"\n'
PARTNERS = (
    "partner_id,name,country,valid_from\n"
    "P1,Alpha,DE,\nP1,Alpha,GB,2026-08-01\nP2,Beta,GB,\nP3,Gamma,FR,\n"
)
SALES = tuple(f"S{n},1,2026-07-0{n},P{n},A,{n}000,," for n in (1, 2, 3))
PAYEES = (
    "payee_id,account_name,iban,valid_from,tax_id,tax_form,withholding\n"
    "P1,Alpha,DE02120300000000202051,,11-1,W-9,\n"
    "P1,Alpha,DE02120300000000202051,2026-09-01,11-1,W-8,0.305\n"
    "P2,Beta,FR1420041010050500013M02606,,,,\n"
    "P3,Gamma,NL91ABNA0417164300,,33-3,W-9,\n"
)
BATCH = "2026-07.1"


def workspace(folder: Path, config: str = "", payees: str = PAYEES, sales: str = "") -> Path:
    """July earns 2 %: P1 20, P2 40, P3 60; posted by ann."""
    return prepared(folder, posted_by_ann, config, payees, sales)


def posted_by_ann(folder: Path, config: str, payees: str, sales: str) -> Path:
    tables = {
        "partners": PARTNERS,
        "payees": payees,
        "sales": sales or HEADER + "".join(f"{line}\n" for line in SALES),
    }
    config = BOOKS + config
    made = write_workspace(folder / "w", config=config, programs={"p": program()}, tables=tables)
    with as_user("ann"):
        assert post(made, "2026-07") == BATCH
    return made


def export(root: Path, *options: str) -> str:
    result = incentivectl("batch", "export", BATCH, "-w", root, *options)
    assert result.exit_code == 0, result.output
    return result.output


def files(root: Path) -> dict[str, list[dict[str, str]]]:
    found = {}
    for path in sorted((root / "payments").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found[path.name] = list(csv.DictReader(file))
    return found


def confirm(root: Path, status: str = "paid") -> None:
    rows = asked(
        root,
        "SELECT payment_id FROM payments WHERE payment_id IN"
        " (SELECT payment_id FROM payment_states WHERE state = 'exported')",
    )
    answer = root / "answer.csv"
    answer.write_text("payment_id,status\n" + "".join(f"{one[0]},{status}\n" for one in rows))
    assert incentivectl("batch", "confirm", answer, "-w", root).exit_code == 0


def tax(root: Path, year: int) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = as_json("tax", str(year), "-w", root)
    return found


def test_the_first_debtor_that_holds_on_the_batchs_date_pays(tmp_path: Path) -> None:
    """P1 moves to Great Britain in August, when its July is paid out; nobody pays France."""
    root = workspace(tmp_path, DEBTORS)
    kept = asked(root, "SELECT payee_id, debtor_name, debtor_iban FROM payments ORDER BY 1")
    assert kept == [
        ("P1", "Acme GmbH", "DE89370400440532013000"),
        ("P2", "Acme Ltd", "GB29NWBK60161331926819"),
        ("P3", None, None),
    ]
    said = export(root)
    assert "no-debtor" in said
    assert [[row["payee_id"] for row in rows] for rows in files(root).values()] == [["P1"], ["P2"]]
    assert [rows[0]["debtor"] for rows in files(root).values()] == ["Acme GmbH", "Acme Ltd"]
    assert payments(root, BATCH) == [
        "P1 20 USD exported", "P2 40 USD exported", "P3 60 USD reserved"
    ]  # fmt: skip
    before = {path: path.read_bytes() for path in (root / "payments").iterdir()}
    for path in before:
        path.unlink()
    export(root)
    assert {path: path.read_bytes() for path in before} == before
    assert_whole(root)


def test_a_bank_gets_one_file_of_each_debtor(tmp_path: Path) -> None:
    root = workspace(tmp_path, DEBTORS)
    export(root, "--format", "pain.001")
    texts = [path.read_text() for path in sorted((root / "payments").glob("*.xml"))]
    assert ["<Nm>Acme GmbH</Nm>" in text for text in texts] == [True, False]
    assert ["<Nm>Acme Ltd</Nm>" in text for text in texts] == [False, True]


def test_the_debtor_of_a_payment_is_kept(tmp_path: Path) -> None:
    root = workspace(tmp_path, DEBTORS)
    config = root / "incentivectl.toml"
    config.write_text(config.read_text().replace('name = "Acme GmbH"', 'name = "Other GmbH"'))
    export(root)
    assert [rows[0]["debtor"] for rows in files(root).values()] == ["Acme GmbH", "Acme Ltd"]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (DEBTORS.replace("partner.country", "rep.name"), "`rep.name` is not allowed here"),
        (DEBTORS.replace("partner.country", "partner.land"), "unknown field `partner.land`"),
        (DEBTORS.replace("Acme GmbH", "Acme Ltd"), "two debtors are named Acme Ltd"),
        (
            DEBTORS.replace('when = { "partner.country" = ["DE", "AT"] }', ""),
            "Acme GmbH pays everybody, so that the debtors after it pay nobody",
        ),
    ],
)
def test_debtors_that_cannot_be(tmp_path: Path, config: str, said: str) -> None:
    root = write_workspace(tmp_path / "w", config=BOOKS + config)
    result = incentivectl("check", "-w", root)
    assert result.exit_code == 3
    assert said in " ".join(result.output.split())
    assert "incentivectl.toml:" in result.output


def test_withholding_of_the_day_of_execution(tmp_path: Path) -> None:
    """30.5 % of 20.00 are 6.10 from September on; the other rates are none."""
    root = workspace(tmp_path, ONE)
    assert "Withheld" in export(root, "--execute-on", "2026-09-01")
    (rows,) = files(root).values()
    assert [(row["payee_id"], row["amount"], row["gross"], row["withheld"]) for row in rows] in (
        [(one, *amounts) for one, amounts in order]
        for order in _orders({"P1": ("13.90", "20.00", "6.10"), "P2": ("40.00", "40.00", "0.00"),
                              "P3": ("60.00", "60.00", "0.00")})
    )  # fmt: skip
    kept = asked(
        root,
        "SELECT r.tax_form, r.withholding, r.gross_minor, r.withheld_minor, r.net_minor"
        " FROM remittances r JOIN payments p USING (payment_id) ORDER BY p.payee_id",
    )
    assert kept == [
        ("W-8", "0.305", 2000, 610, 1390), (None, "0", 4000, 0, 4000), ("W-9", "0", 6000, 0, 6000)
    ]  # fmt: skip
    assert_whole(root)


def _orders(rows: dict[str, tuple[str, ...]]) -> list[list[tuple[str, tuple[str, ...]]]]:
    from itertools import permutations

    return [list(order) for order in permutations(rows.items())]


def test_nothing_is_withheld_before(tmp_path: Path) -> None:
    root = workspace(tmp_path, ONE)
    export(root, "--execute-on", "2026-08-31")
    (rows,) = files(root).values()
    assert "withheld" not in rows[0]


def test_a_transfer_is_of_the_net_amount(tmp_path: Path) -> None:
    root = workspace(tmp_path, ONE)
    export(root, "--format", "pain.001", "--execute-on", "2026-09-01")
    (path,) = (root / "payments").glob("*.xml")
    text = path.read_text()
    assert '<InstdAmt Ccy="USD">13.90</InstdAmt>' in text
    assert "<CtrlSum>113.90</CtrlSum>" in text


def test_half_a_cent_is_withheld_upwards_and_a_cent_of_which_all_is_withheld_stays(
    tmp_path: Path,
) -> None:
    """2 % of 0.50 are 0.01, of which 50 % are 0.005: 0.01 is withheld, and nothing is left to send."""
    payees = PAYEES.splitlines()[0] + "\nP1,Alpha,DE02120300000000202051,,1,W-9,0.5\n"
    sales = HEADER + "S1,1,2026-07-01,P1,A,0.50,,\n"
    root = workspace(tmp_path, ONE, payees, sales)
    assert "all-withheld" in export(root)
    assert payments(root, BATCH) == ["P1 0.01 USD reserved"]


@pytest.mark.parametrize("rate", ["30.5%", "30.5 %", "0.305"])
def test_a_rate_may_be_a_percentage(tmp_path: Path, rate: str) -> None:
    root = workspace(tmp_path, ONE, PAYEES.replace("0.305", rate))
    export(root, "--execute-on", "2026-09-01")
    assert asked(root, "SELECT max(withholding) FROM remittances") == [("0.305",)]


def test_a_rejected_row_holds_its_payee(tmp_path: Path) -> None:
    """A rate that cannot be read must not become none."""
    root = workspace(tmp_path, ONE)
    write(root, "payees", PAYEES.replace("0.305", "a third"))
    assert "payee-rejected" in export(root)
    assert payments(root, BATCH)[0] == "P1 20 USD reserved"


@pytest.mark.parametrize("rate", ["-0.1", "1", "30", "100%", "-1%"])
def test_a_rate_beyond_its_bounds_is_rejected(tmp_path: Path, rate: str) -> None:
    payees = PAYEES.replace("0.305", rate)
    root = write_workspace(tmp_path / "w", config=BOOKS, tables={"payees": payees})
    assert incentivectl("run", "2026-09", "-w", root).exit_code == 0
    (row,) = csv.DictReader((root / "reports/2026-09/rejects/payees.csv").open(encoding="utf-8"))
    assert (row["reject_reason"], row["reject_value"].lstrip("'")) == ("bad-value", rate)


def test_payments_without_a_tax_form_are_held(tmp_path: Path) -> None:
    root = workspace(tmp_path, ONE + "\n[tax]\nform_required = true\n")
    assert "no-tax-form" in export(root)
    assert payments(root, BATCH) == [
        "P1 20 USD exported", "P2 40 USD reserved", "P3 60 USD exported"
    ]  # fmt: skip
    write(root, "payees", PAYEES.replace("M02606,,,,", "M02606,,22-2,W-9,"))
    export(root)
    assert payments(root, BATCH)[1] == "P2 40 USD exported"


def test_a_tax_year(tmp_path: Path) -> None:
    """Of July 20 gross of P1 (6.10 withheld), 40 of P2, 60 of P3, in 2026; of August P1 again in 2027."""
    root = workspace(tmp_path, ONE + "\n[tax]\nthreshold = 40\n")
    export(root, "--execute-on", "2026-12-31")
    assert tax(root, 2026)["payees"] == []  # nothing is paid before the bank says so
    confirm(root)
    add(root, "sales", "S9,1,2026-08-09,P1,A,5000,,")
    assert post(root, "2026-08") == "2026-08.1"
    result = incentivectl("batch", "export", "2026-08.1", "-w", root, "--execute-on", "2027-01-02")
    assert result.exit_code == 0, result.output
    confirm(root)
    names = ("payee_id", "tax_form", "currency", "gross", "withheld", "net", "opening")
    assert [tuple(str(row[name]) for name in names) for row in tax(root, 2026)["payees"]] == [
        ("P1", "W-8", "USD", "20", "6.1", "13.9", "0"),
        ("P2", "None", "USD", "40", "0", "40", "0"),
        ("P3", "W-9", "USD", "60", "0", "60", "0"),
    ]
    assert [row["payee_id"] for row in tax(root, 2026)["over_threshold"]] == ["P3"]
    (only,) = tax(root, 2027)["payees"]
    assert (only["payee_id"], only["gross"], only["withheld"]) == ("P1", "100", "30.5")
    confirm(root, "failed")  # the bank returns everything
    assert tax(root, 2026)["payees"] == []
    assert_whole(root)


def test_opening_amounts_stand_beside(tmp_path: Path) -> None:
    root = write_workspace(
        tmp_path / "w",
        config=BOOKS,
        programs={"p": program()},
        tables={
            "partners": PARTNERS,
            "sales": HEADER + "".join(f"{line}\n" for line in SALES),
            "opening": "program_id,period_start,payee_id,currency,amount\n"
            "loyal,2026-07-01,P2,USD,15\n",
        },
    )
    assert post(root, "2026-07") == BATCH
    export(root)
    confirm(root)
    found = {
        str(row["payee_id"]): row for row in tax(root, 2026)["payees"] + tax(root, 2027)["payees"]
    }
    assert (found["P2"]["gross"], found["P2"]["opening"]) in (("25", "15"), ("0", "15"))
