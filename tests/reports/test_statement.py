"""`statement` as its payees read it; every figure is worked by hand."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.small_workspace import CONFIG, REBATE, as_json, incentivectl, write_workspace

PARTNERS = """\
partner_id,name,tier,status,joined_on,locale
P1,Alpha Ltd,gold,active,2020-01-01,en_US
P2,Beta AB,silver,active,2024-02-29,sv_SE
P3,Gamma SA,silver,suspended,2024-01-01,fr_FR
P4,Delta Inc,silver,active,2024-01-01,
P5,Epsilon SARL,silver,active,2024-01-01,fr_FR
"""
UNITS = """
id = "units"
name = "Units rebate"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"

[reward]
tiers_by = "quantity"
tiers = [{ from = 0, rate = "1%" }, { from = 100, rate = "3%" }]
"""
MONTHS = """
id = "months"
name = "Monthly rebate"
kind = "rebate"
starts = 2026-08-01
ends = 2026-08-31
period = "month"

[reward]
rate = "2.5%"

[[boost]]
when = { "partner.tier" = "gold" }
factor = 1.5

[limits]
per_payee = 300
"""
SALES = """\
sale_id,line_id,sold_on,partner_id,product_id,customer_id,quantity,amount
S1,1,2026-07-03,P1,SKU-1,C1,40,100000.00
S1,2,2026-08-03,P1,SKU-2,C1,46,20400.00
S2,1,2026-08-11,P2,SKU-1,C2,3,900.50
S3,1,2026-08-30,P3,SKU-1,C3,1,100.00
S5,1,2026-08-30,P5,SKU-1,C3,2,1234.56
"""
ASK = """
[statement]
contact = "rewards@small.example"
dispute_within_days = 30
"""
ADJUSTMENTS = """\
adjustment_id,program_id,payee_id,on,amount,reason
ADJ-1,,P1,2026-08-14,-10.00,a demo unit
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workspace(
        tmp_path_factory.mktemp("statements") / "w",
        config=CONFIG + "[payout]\nminimum = 25\n" + ASK,
        programs={"units": UNITS, "months": MONTHS, "volume": REBATE},
        tables={"partners": PARTNERS, "sales": SALES, "adjustments": ADJUSTMENTS},
    )


def told(root: Path, *payees: str, period: str = "2026-08") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = as_json("statement", period, *payees, "-w", root)
    return found


def text(root: Path, payee: str, period: str = "2026-08") -> str:
    """The plain text, with its wrapped sentences and no-break spaces made plain."""
    result = incentivectl("statement", period, payee, "-w", root)
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def test_sell_so_many_more_units(root: Path) -> None:
    """P1 sold 86 units for 120,400: 1 % is 1,204; 100 units at that price are 140,000: 3 % is 4,200."""
    (p1,) = told(root, "P1")
    step = next(row for row in p1["next"] if row["program"] == "units")
    assert (step["have"], step["goal"]) == ("86", "100")
    assert step["what_to_do"] == (
        "Sell 14 more units by September 30, 2026 to earn 3% on all of them, about $2,996 more."
    )
    assert step["progress"].endswith(" 86%")


def test_money_that_is_missing_to_a_tier(root: Path) -> None:
    """P2 sold 900.50 and needs 10,000: 8 % of that are 800, less the 45.03 earned now."""
    (p2,) = told(root, "P2")
    step = next(row for row in p2["next"] if row["program"] == "volume")
    assert (step["have"], step["goal"]) == ("900.5", "10000")
    assert " ".join(step["what_to_do"].split()) == (
        "Sell $9,099.50 more by September 30, 2026 to earn 8% on everything, about $755 more."
    )


def test_nothing_to_do_at_the_top_or_after_the_end(root: Path) -> None:
    (p1,) = told(root, "P1")
    assert [row["program"] for row in p1["next"]] == ["units"]
    (later,) = told(root, "P1", period="2026-09")
    assert later["next"] == []


def test_earned_with_the_reason(root: Path) -> None:
    """20,400 x 2.5 % = 510, x 1.5 = 765, capped at 300; less 10 they are paid."""
    (p1,) = told(root, "P1")
    (earned,) = p1["earned"]
    assert (earned["program"], earned["entitlement"], earned["this_batch"]) == (
        "months", "300", "300",
    )  # fmt: skip
    assert earned["why"] == (
        "You sold $20,400.00, which pays 2.5% on all of it. Multiplied by 1.5 (gold)."
        " The most that one payee can earn is $300: $465.00 less."
    )
    (adjustment,) = p1["adjustments"]
    assert adjustment == {
        "adjustment_id": "ADJ-1",
        "on": "2026-08-14",
        "amount": "-10",
        "reason": "a demo unit",
        "unit": "USD",
    }
    (paid,) = p1["payouts"]
    assert (paid["this_batch"], paid["payable"], paid["carried_forward"]) == ("290", "290", "0")
    assert p1["lead"][0]["text"] == "You would be paid $290.00."


@pytest.mark.parametrize(
    ("locale", "whose"),
    [
        ("en_US", "Multiplied by 1.1 (with us for at least 10 years)."),
        ("de_DE", "(seit mindestens 10 Jahren bei uns)."),
        ("fr_FR", "(avec nous depuis au moins 10 ans)."),
        ("es_ES", "(con nosotros desde hace al menos 10 años)."),
    ],
)
def test_a_boost_has_its_reason_in_every_language(tmp_path: Path, locale: str, whose: str) -> None:
    tenure = MONTHS.replace('"partner.tier" = "gold"', '"partner.tenure_years" = { min = 10 }')
    root = write_workspace(
        tmp_path / "w",
        programs={"months": tenure.replace("factor = 1.5", "factor = 1.1")},
        tables={
            "partners": f"partner_id,name,joined_on,locale\nP1,Alpha,2014-01-01,{locale}\n",
            "sales": SALES,
        },
    )
    assert whose in text(root, "P1")


def test_what_still_goes_on_is_not_paid(root: Path) -> None:
    (p1,) = told(root, "P1")
    assert {row["program"]: row["entitlement"] for row in p1["accruing"]} == {
        "units": "1204",
        "volume": "9632",
    }


def test_less_than_the_minimum_is_carried_forward(root: Path) -> None:
    """2.5 % of 900.50 are 22.5125."""
    (p2,) = told(root, "P2")
    (paid,) = p2["payouts"]
    assert (paid["payable"], paid["carried_forward"]) == ("0", "22.51")
    assert p2["lead"][0]["text"] == "Nothing is paid this time; the balance is carried forward."


def test_held_while_the_account_is_not_active(root: Path) -> None:
    (p3,) = told(root, "P3")
    (held,) = p3["held"]
    assert p3["lead"][0]["text"].startswith("Vos gains sont retenus")
    assert held["entitlement"] == "2.5"
    assert held["status"] == "retenu : votre compte n’est pas actif".replace(" :", "\u00a0:")


def test_french(root: Path) -> None:
    """1,234.56 x 2.5 % = 30.864; the quarter's 5 % are 61.73, and 8 % of 10,000 are 738.27 more."""
    found = text(root, "P5")
    assert "Epsilon SARL (P5) – relevé, août 2026" in found
    assert "30,86 $US vous seraient versés. Projet : pas encore comptabilisé." in found
    assert "Vous avez vendu pour 1 234,56 $US, ce qui rapporte 2,5 % sur la totalité." in found
    assert (
        "Vendez pour 8 765,44 $US de plus d’ici le 30 septembre 2026"
        " pour gagner 8 % sur la totalité, soit environ 738 $US de plus."
    ) in found
    assert "Ce que vous avez gagné" in found
    assert "Vendez encore 98 unités d’ici le 30 septembre 2026" in found


def test_a_language_without_a_catalogue_gets_english_numbers_and_dates(root: Path) -> None:
    """P2's locale is sv_SE, and there are no Swedish texts."""
    found = text(root, "P2")
    assert "statement for August 2026" in found
    assert "You sold $900.50, which pays 2.5% on all of it." in found
    assert "$22.51" in found
    assert "by September 30, 2026" in found


@pytest.mark.parametrize(
    ("locale", "sentences"),
    [
        ("de_DE", (
            "Epsilon SARL (P5): Abrechnung für August 2026",
            "Sie würden 30,86 $ erhalten. Entwurf: noch nicht gebucht.",
            "Sie haben 1.234,56 $ verkauft; dafür erhalten Sie 2,5 % auf alles.",
            "Verkaufen Sie für weitere 8.765,44 $ bis zum 30. September 2026,"
            " um 8 % auf alles zu erhalten: etwa 738 $ mehr.",
        )),
        ("es_ES", (
            "Epsilon SARL (P5): extracto de agosto de 2026",
            "Se le pagarían 30,86 US$. Borrador: aún sin contabilizar.",
            "Ha vendido 1.234,56 US$, lo que paga 2,5 % sobre el total.",
            "Venda 8.765,44 US$ más hasta el 30 de septiembre de 2026"
            " para ganar 8 % sobre el total, unos 738 US$ más.",
        )),
    ],
)  # fmt: skip
def test_german_and_spanish(
    root: Path, tmp_path: Path, locale: str, sentences: tuple[str, ...]
) -> None:
    """The figures of the French statement, in the language and the form of another locale."""
    copy = shutil.copytree(root, tmp_path / "w")
    of_p5 = PARTNERS.replace("Epsilon SARL,silver,active,2024-01-01,fr_FR",
                             f"Epsilon SARL,silver,active,2024-01-01,{locale}")  # fmt: skip
    (copy / "sample_data/partners.csv").write_text(of_p5, encoding="utf-8")
    found = text(copy, "P5")
    for sentence in sentences:
        assert sentence in found


def test_whom_to_ask_and_until_when(root: Path) -> None:
    """Thirty days after August 31 is September 30."""
    (p5,) = told(root, "P5")
    assert p5["questions"] == [
        {"text": "rewards@small.example"},
        {"text": "Les contestations sont reçues jusqu’au 30 septembre 2026."},
    ]
    found = text(root, "P1")
    assert "rewards@small.example" in found
    assert "Objections are accepted until September 30, 2026." in found


def test_without_a_contact_nobody_is_named(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    (p1,) = told(root, "P1", period="2026-09")
    assert p1["questions"] == []


def test_what_is_taken_back_is_said_at_the_head(root: Path) -> None:
    """P1's adjustment of -10; P2 has none."""
    taken = "$10.00 is taken back in this statement; the reasons are below."
    (p1,) = told(root, "P1")
    assert taken in [row["text"] for row in p1["lead"]]
    (p2,) = told(root, "P2")
    assert not [row for row in p2["lead"] if "taken back" in row["text"]]


def test_a_debt_is_named_with_its_amount(tmp_path: Path) -> None:
    """5 % of 900.50 is 45.03; 200 more are taken back: -154.97."""
    root = write_workspace(
        tmp_path / "w",
        tables={"adjustments": "adjustment_id,program_id,payee_id,on,amount,reason\n"
                               "A-1,,P2,2026-09-14,-200.00,paid twice\n"},
    )  # fmt: skip
    found = text(root, "P2", "2026-09")
    owed = "Nothing is paid this time: $154.97 is set off against what you earn next."
    assert owed in found


ACTIVITIES = """\
activity_id,activity,partner_id,done_on
A-1,lead,P1,2026-07-02
A-2,product_training,P1,2026-07-09
A-3,lead,P1,2026-08-20
"""
LEARN = """
id = "learn"
name = "Learn"
kind = "activity"
payee = "partner"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"

[[reward]]
activity = "lead"
amount = 10
once_per = "none"

[[reward]]
activity = "product_training"
amount = 50
"""


def test_rewarded_activities_are_named_with_their_days(tmp_path: Path) -> None:
    root = write_workspace(
        tmp_path / "few", programs={"learn": LEARN}, tables={"activities": ACTIVITIES}
    )
    (p1,) = told(root, "P1", period="2026-09")
    assert p1["earned"][0]["why"] == (
        "3 activities were rewarded: lead (Jul 2, 2026; Aug 20, 2026), product training (Jul 9, 2026)."
    )
    more = ACTIVITIES + "".join(f"B-{n},lead,P1,2026-09-0{n}\n" for n in range(1, 5))
    root = write_workspace(
        tmp_path / "many", programs={"learn": LEARN}, tables={"activities": more}
    )
    (p1,) = told(root, "P1", period="2026-09")
    assert p1["earned"][0]["why"] == ("7 activities were rewarded: 6 × lead, 1 × product training.")


def test_reimbursed_claims_are_named_with_their_amounts(tmp_path: Path) -> None:
    """Half of 300 is reimbursed out of the 500 that a gold partner has."""
    fund = """
id = "fund"
name = "Fund"
kind = "mdf"
starts = 2026-07-01
ends = 2026-12-31
period = "quarter"

[fund]
allocate = { gold = 500 }

[claims]
reimburse = "50%"
within_days = 60
"""
    root = write_workspace(
        tmp_path / "w",
        programs={"fund": fund},
        tables={
            "mdf_requests": "request_id,program_id,partner_id,activity,requested_on,approved_on,amount,"
            "status,ends_on\nQ-1,fund,P1,webinar,2026-07-05,2026-07-06,400,approved,2026-07-20\n",
            "mdf_claims": "claim_id,request_id,claimed_on,amount,proof\n"
            "C-1,Q-1,2026-08-01,300,yes\n",
        },
    )
    (p1,) = told(root, "P1", period="2026-09")
    assert p1["earned"][0]["why"] == (
        "Claims on your marketing fund were reimbursed: C-1 ($150.00)."
    )


def test_a_payee_without_any_sale_and_one_that_nobody_knows(root: Path) -> None:
    (p4,) = told(root, "P4")
    assert (p4["earned"], p4["payouts"]) == ([], [])
    assert p4["lead"][0]["text"] == "Nothing is paid this time."
    refused = incentivectl("statement", "2026-08", "P1", "P11", "Q", "-w", root)
    assert refused.exit_code == 2
    assert "Unknown payee `P11`" in refused.stderr
    assert "did you mean `P1` (" in refused.stderr
    assert "Unknown payee `Q`" in refused.stderr


def test_several_payees_in_each_format(root: Path) -> None:
    csv = incentivectl("statement", "2026-08", "P1", "P2", "-w", root, "--format", "csv").stdout
    assert csv.splitlines()[0].startswith("payee,program,period_start,entitlement,booked_before,")
    assert [line.split(",")[0] for line in csv.splitlines()[1:]] == ["P1", "P2"]
    md = incentivectl("statement", "2026-08", "P1", "P2", "-w", root, "--format", "md").stdout
    assert md.count("\n# ") + md.startswith("# ") == 2


def test_a_list_of_one_and_of_nobody(tmp_path: Path) -> None:
    """One is a statement, and where there is none nothing is said of pages."""
    head = SALES.splitlines(keepends=True)[0]
    none = write_workspace(tmp_path / "none", tables={"sales": head})
    printed = incentivectl("statement", "2026-08", "-w", none).stdout
    assert "0 statements for 2026-08" in printed
    assert "All as pages" not in printed
    only = head + "S1,1,2026-08-03,P1,SKU-1,C1,46,20400.00\n"
    single = write_workspace(tmp_path / "single", tables={"sales": only})
    assert "1 statement for 2026-08" in incentivectl("statement", "2026-08", "-w", single).stdout


def test_without_payees_a_list_of_all(root: Path) -> None:
    result = incentivectl("statement", "2026-08", "-w", root, "--format", "json")
    body = json.loads(result.stdout)
    assert body["statements"] == 4
    assert [(row["payee"], row["payable"]) for row in body["payees"]] == [
        ("P1", "290"), ("P2", "0"), ("P3", "0"), ("P5", "30.86"),
    ]  # fmt: skip
    assert [row["payee"] for row in body["near"]] == ["P1"]
