"""Three months with a void in the middle as finance books them, worked by hand (docs/ledger.md, 101)."""

import itertools
import os
import shlex
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core.inventory import Inventory

from incentivectl.core import money
from incentivectl.ledger.writing import Stamp
from incentivectl.posting.confirming import confirm
from incentivectl.run.loading import load_config
from tests.posting.booked import BOOKS, NO_SALES, REVERSE, add, asked, balances, post, write
from tests.posting.test_payouts import HEADER, in_currency
from tests.posting.test_worked_cases import VOLUME
from tests.small_workspace import as_json, incentivectl, write_workspace

PAYER = '\n[payout.debtor]\nname = "Payer Ltd"\niban = "DE89370400440532013000"\n'
ACCOUNTS = """
[journal]
expense = { default = "6400", volume = "6410" }
accrued = "2900"
payable = { cash = "2300", default = "2390" }
clearing = "1090"
fx = "7800"
"""
FX = "on,currency,rate\n2026-06-01,EUR,1.25\n2026-08-31,EUR,1.20\n2026-09-30,EUR,1.10\n"
DOLLARS = '\n[eligible]\n"sale.currency" = "USD"\n'
PROGRAMS = {"usd": in_currency("USD"), "eur": in_currency("EUR"), "volume": VOLUME + DOLLARS}
SALES = (
    f"{HEADER}S1,1,2026-07-03,P1,A,6000,USD,\nE1,1,2026-07-10,P2,A,1000,EUR,\n"
    "S2,1,2026-08-05,P1,A,4400,USD,\n"
)


def begin(root: Path, journal: str = ACCOUNTS) -> Path:
    return write_workspace(
        root,
        config=BOOKS + PAYER + journal,
        programs=PROGRAMS,
        tables={"fx": FX, "sales": SALES},
    )


def told(root: Path, of: str) -> dict[str, list[dict[str, str]]]:
    """`journal … --format json`."""
    found: dict[str, list[dict[str, str]]] = as_json("journal", of, "-w", root)
    return found


def lines(root: Path, of: str) -> list[str]:
    """Each line as `7-1 paid 2300 Dr 20 EUR = 25`: its worth in the workspace's currency last."""
    return [
        f"{row['entry']} {row['what']} {row['account']} {_side(row, 'debit', 'credit')}"
        f" {row['currency']} = {_side(row, 'home_debit', 'home_credit')}"
        for row in told(root, of)["lines"]
    ]


def _side(row: dict[str, str], debit: str, credit: str) -> str:
    return f"Dr {row[debit]}" if row[debit] else f"Cr {row[credit]}" if row[credit] else "-"


def rolled(root: Path, of: str, what: str) -> list[tuple[str, ...]]:
    return [tuple(map(str, row.values())) for row in told(root, of)[what]]


def answer(root: Path, at: date, *payments: tuple[str, str]) -> None:
    """The bank's answer, recorded on a day."""
    file = root / "answer.csv"
    rows = "".join(f"{name},{status},told so\n" for name, status in payments)
    file.write_text(f"payment_id,status,reason\n{rows}")
    stamp = Stamp(datetime(at.year, at.month, at.day, 9, tzinfo=UTC), "ana", "host")
    confirm(load_config(root), file, stamp, lambda _: None)


def payment(root: Path, batch: str, currency: str) -> str:
    query = "SELECT payment_id FROM payments WHERE batch_id = ? AND currency = ?"
    ((found,),) = asked(root, query, batch, currency)
    return str(found)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """July; August, reversed and posted again with 600 more; September, in which the bank answers.

    2 % of each month's dollars and euro; the quarter's volume accrues 5 % of 6,000, then 8 % of 10,400
    and 11,000. The euro are paid on 10 September, and come back on the 20th.
    """
    root = begin(tmp_path_factory.mktemp("journal") / "w")
    post(root, "2026-07")
    post(root, "2026-08")
    assert incentivectl("batch", "void", "2026-08.1", *REVERSE, "-w", root).exit_code == 0
    add(root, "sales", "S3,1,2026-08-22,P1,A,600,USD,")
    assert post(root, "2026-08") == "2026-08.3"
    for batch in ("2026-07.1", "2026-08.3"):
        assert incentivectl("batch", "export", batch, "-w", root).exit_code == 0
    dollars, euro = (payment(root, "2026-07.1", code) for code in ("USD", "EUR"))
    failed = payment(root, "2026-08.3", "USD")
    answer(root, date(2026, 9, 10), (dollars, "paid"), (euro, "paid"))
    answer(root, date(2026, 9, 20), (euro, "returned"), (failed, "failed"))
    assert post(root, "2026-09", *NO_SALES) == "2026-09.1"
    return root


def test_july_books_and_accrues(root: Path) -> None:
    july = [
        "1-2 entries 6400 Dr 20 EUR = Dr 25",
        "1-2 entries 2300 Cr 20 EUR = Cr 25",
        "1-2 entries 6400 Dr 120 USD = Dr 120",
        "1-2 entries 2300 Cr 120 USD = Cr 120",
        "1-3 accruals 6410 Dr 300 USD = Dr 300",
        "1-3 accruals 2900 Cr 300 USD = Cr 300",
    ]
    assert lines(root, "2026-07.1") == july
    assert lines(root, "2026-07") == july
    assert {row["debtor"] for row in told(root, "2026-07")["lines"]} == {"Payer Ltd"}


def test_august_reverses_what_july_recorded_and_its_void_records_it_again(root: Path) -> None:
    reversal = ["accruals reversed 6410 Cr", "accruals reversed 2900 Dr"]
    assert lines(root, "2026-08.1") == [
        f"2-1 {reversal[0]} 300 USD = Cr 300",
        f"2-1 {reversal[1]} 300 USD = Dr 300",
        "2-2 entries 6400 Dr 88 USD = Dr 88",
        "2-2 entries 2300 Cr 88 USD = Cr 88",
        "2-3 accruals 6410 Dr 832 USD = Dr 832",
        "2-3 accruals 2900 Cr 832 USD = Cr 832",
    ]
    assert lines(root, "2026-08.2") == [
        f"3-1 {reversal[0]} 832 USD = Cr 832",
        f"3-1 {reversal[1]} 832 USD = Dr 832",
        "3-2 entries 6400 Cr 88 USD = Cr 88",
        "3-2 entries 2300 Dr 88 USD = Dr 88",
        "3-3 accruals 6410 Dr 300 USD = Dr 300",
        "3-3 accruals 2900 Cr 300 USD = Cr 300",
    ]
    assert lines(root, "2026-08.3") == [
        f"4-1 {reversal[0]} 300 USD = Cr 300",
        f"4-1 {reversal[1]} 300 USD = Dr 300",
        "4-2 entries 6400 Dr 100 USD = Dr 100",
        "4-2 entries 2300 Cr 100 USD = Cr 100",
        "4-3 accruals 6410 Dr 880 USD = Dr 880",
        "4-3 accruals 2900 Cr 880 USD = Cr 880",
    ]
    assert lines(root, "2026-08") == [
        line for one in (1, 2, 3) for line in lines(root, f"2026-08.{one}")
    ]


def test_september_pays_and_gets_back_at_the_rate_of_the_day(root: Path) -> None:
    """Euro booked at 1.25 are paid at 1.20: 1.00 USD less; what failed before it was paid is no line."""
    assert lines(root, "2026-09") == [
        "7-1 paid 2300 Dr 20 EUR = Dr 25",
        "7-1 paid 1090 Cr 20 EUR = Cr 24",
        "7-1 paid 7800 - EUR = Cr 1",
        "7-1 paid 2300 Dr 120 USD = Dr 120",
        "7-1 paid 1090 Cr 120 USD = Cr 120",
        "8-2 returned 2300 Cr 20 EUR = Cr 24",
        "8-2 returned 1090 Dr 20 EUR = Dr 24",
        "10-1 accruals reversed 6410 Cr 880 USD = Cr 880",
        "10-1 accruals reversed 2900 Dr 880 USD = Dr 880",
        "10-2 entries 6410 Dr 880 USD = Dr 880",
        "10-2 entries 2300 Cr 880 USD = Cr 880",
    ]


def test_what_is_withheld_stands_on_an_account_of_its_own(tmp_path: Path) -> None:
    """30.5 % of 20 EUR and 120 USD: 6.10 and 36.60; at 1.20 the euro are 24, of which 7.32 are kept back."""
    root = begin(tmp_path / "w", f'{ACCOUNTS}withheld = "2400"\n')
    write(root, "payees", "payee_id,withholding\nP1,0.305\nP2,0.305\n")
    post(root, "2026-07")
    assert incentivectl("batch", "export", "2026-07.1", "-w", root).exit_code == 0
    dollars, euro = (payment(root, "2026-07.1", code) for code in ("USD", "EUR"))
    answer(root, date(2026, 9, 10), (dollars, "paid"), (euro, "paid"))
    answer(root, date(2026, 9, 11), (euro, "returned"))
    assert lines(root, "2026-09") == [
        "3-1 paid 2300 Dr 20 EUR = Dr 25",
        "3-1 paid 2400 Cr 6.1 EUR = Cr 7.32",
        "3-1 paid 1090 Cr 13.9 EUR = Cr 16.68",
        "3-1 paid 7800 - EUR = Cr 1",
        "3-1 paid 2300 Dr 120 USD = Dr 120",
        "3-1 paid 2400 Cr 36.6 USD = Cr 36.6",
        "3-1 paid 1090 Cr 83.4 USD = Cr 83.4",
        "4-2 returned 2300 Cr 20 EUR = Cr 24",
        "4-2 returned 2400 Dr 6.1 EUR = Dr 7.32",
        "4-2 returned 1090 Dr 13.9 EUR = Dr 16.68",
    ]


def test_the_roll_forward_of_each_month(root: Path) -> None:
    """Opening, new, used, released, closing; August accrues 532, releases them, and accrues 580."""
    assert rolled(root, "2026-07", "accruals") == [("volume", "USD", "0", "300", "0", "0", "300")]
    assert rolled(root, "2026-08", "accruals") == [
        ("volume", "USD", "300", "1112", "0", "532", "880")
    ]
    assert rolled(root, "2026-09", "accruals") == [("volume", "USD", "880", "0", "880", "0", "0")]
    assert rolled(root, "2026-08", "payables") == [
        ("cash", "EUR", "20", "0", "0", "0", "20"),
        ("cash", "USD", "120", "188", "0", "88", "220"),
    ]
    assert rolled(root, "2026-09", "payables") == [
        ("cash", "EUR", "20", "0", "0", "0", "20"),
        ("cash", "USD", "220", "880", "120", "0", "980"),
    ]
    assert rolled(root, "2026-08", "owed") == [
        ("cash", "EUR", "0", "20", "20"),
        ("cash", "USD", "0", "220", "220"),
    ]
    assert rolled(root, "2026-09", "owed") == [  # all is in the payments of September's batch
        ("cash", "EUR", "0", "20", "20"),
        ("cash", "USD", "0", "980", "980"),
    ]


def test_every_format_has_the_lines(root: Path) -> None:
    said = {
        form: incentivectl("journal", "2026-09", "-w", root, "--format", form).stdout
        for form in ("table", "csv", "md", "json")
    }
    assert said["csv"].splitlines()[:2] == [
        "entry,date,batch,what,account,program,method,debtor,currency,debit,credit,home_debit,home_credit",
        "7-1,2026-09-10,2026-07.1,paid,2300,,cash,Payer Ltd,EUR,20,,25,",
    ]
    for text in (said["table"], said["md"]):
        assert "USD debit" in text
        assert "opening + new - used - released = closing" in text


def sheet(*texts: str) -> dict[tuple[str, str], Decimal]:
    """What Beancount makes of journals: account and currency → balance; no error is left."""
    found, errors, _ = loader.load_string("\n".join(texts))
    assert errors == []
    accounts: defaultdict[str, Inventory] = defaultdict(Inventory)
    for entry in found:
        for posting in getattr(entry, "postings", ()):
            accounts[posting.account].add_position(posting)
    return {
        (name, position.units.currency): position.units.number
        for name, inventory in accounts.items()
        for position in inventory
    }


def test_beancount_shows_the_balances_of_the_ledger(root: Path) -> None:
    months = ("2026-07", "2026-08", "2026-09")
    texts = [
        incentivectl("journal", month, "-w", root, "--format", "beancount").stdout
        for month in months
    ]
    for text in texts:
        sheet(text)  # each is accepted by itself
    found = sheet(*texts)
    assert found["Liabilities:2300", "USD"] == -980
    assert found["Liabilities:2300", "EUR"] == -20
    assert found["Assets:1090", "USD"] == -120
    assert ("Liabilities:2900", "USD") not in found
    assert found["Income:7800", "USD"] == -1
    assert found["Expenses:6410", "USD"] == 880
    assert found["Expenses:6400", "USD"] == 220
    file = root / "september.beancount"
    assert incentivectl("journal", "2026-09", "-w", root, "-o", file).exit_code == 0
    assert file.read_text() == texts[-1]


@pytest.mark.parametrize(
    ("journal", "message"),
    [
        ('expense = { rebate = "6400" }\npayable = { points = "1" }', "payable has no account for `cash`"),
        ('expense = { spif = "6400" }', "expense has no account for `eur` or `rebate`"),
    ],
)  # fmt: skip
def test_an_account_that_is_missing(tmp_path: Path, journal: str, message: str) -> None:
    root = begin(tmp_path / "w", f"\n[journal]\n{journal}\n")
    post(root, "2026-07")
    result = incentivectl("journal", "2026-07", "-w", root)
    assert result.exit_code == 3
    assert f"[journal] {message}" in result.stderr
    assert result.stdout == ""


def test_accounts_by_kind_and_none_at_all(tmp_path: Path) -> None:
    root = begin(tmp_path / "w", '\n[journal]\nexpense = { rebate = "6400", eur = "6401" }\n')
    post(root, "2026-07")
    accounts = [row["account"] for row in told(root, "2026-07")["lines"]]
    assert accounts == [
        "6401", "incentives-payable", "6400", "incentives-payable", "6400", "accrued-incentives",
    ]  # fmt: skip
    (root / "programs/eur.toml").unlink()  # the ledger knows it
    assert [row["account"] for row in told(root, "2026-07")["lines"]] == accounts


def test_what_there_is_no_journal_of(tmp_path: Path) -> None:
    root = begin(tmp_path / "w")
    assert incentivectl("journal", "2026-07", "-w", root).exit_code == 3  # no ledger
    post(root, "2026-07")
    assert "Nothing was booked" in incentivectl("journal", "2026-06", "-w", root).stdout
    for of in ("2026-07.9", "July"):
        assert incentivectl("journal", of, "-w", root).exit_code == 2
    wrong = begin(tmp_path / "v", '\n[journal]\npayable = { cheque = "1" }\n')
    told_so = incentivectl("journal", "2026-07", "-w", wrong)
    assert told_so.exit_code == 3
    assert '"cheque" is not a payout method' in told_so.stderr


@pytest.mark.skipif("SAMPLE_YEAR" not in os.environ, reason="takes minutes; SAMPLE_YEAR=1 runs it")
def test_a_year_of_the_sample(tmp_path: Path) -> None:
    """Posted month by month; on the tenth of the next month the bank pays all but the last payment.

    Beancount shows what the ledger owes: its balances, and the payments that are under way.
    """
    root = tmp_path / "w"
    assert incentivectl("init", root).exit_code == 0
    config = root / "incentivectl.toml"
    config.write_text(
        config.read_text().replace('first_period = "2026-07"', f'first_period = "{YEAR[0]}"')
    )
    for month, following in itertools.pairwise(YEAR):
        assert incentivectl("run", month, "-w", root, "-q").exit_code == 0
        posting = ("batch", "post", month, "-w", root)
        told_first = incentivectl(*posting, "--dry-run").output
        allowed = [
            word
            for line in told_first.splitlines()
            for _, option, words in [line.partition("To post anyway: ")]
            if option
            for word in shlex.split(words)
        ]
        posted = incentivectl(*posting, *allowed)
        assert posted.exit_code == 0, posted.output
        batch = str(asked(root, "SELECT id FROM batches ORDER BY record DESC LIMIT 1")[0][0])
        assert incentivectl("batch", "export", batch, "-w", root).exit_code == 0
        sent = asked(
            root,
            "SELECT s.payment_id FROM payment_states s JOIN payments p USING (payment_id)"
            " WHERE s.state = 'exported' AND p.batch_id = ?",
            batch,
        )
        paid = sorted(str(name) for (name,) in sent)[:-1]
        if paid:
            answer(root, date.fromisoformat(f"{following}-10"), *((name, "paid") for name in paid))
    texts = [
        incentivectl("journal", month, "-w", root, "--format", "beancount").stdout for month in YEAR
    ]
    found = sheet(*texts)
    stated = {
        key: -amount
        for (account, currency), amount in found.items()
        for key in [(ACCOUNT_OF.get(account, ""), currency)]
        if key[0]
    }
    owed: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for (_, currency, method), amount in balances(root).items():
        owed[method, currency] += amount
    way = asked(
        root,
        "SELECT method, currency, sum(amount_minor) FROM payments p WHERE kind = 'transfer' AND"
        " (SELECT state FROM payment_states s WHERE s.payment_id = p.payment_id ORDER BY s.id DESC"
        " LIMIT 1) IN ('reserved', 'exported') GROUP BY 1, 2",
    )
    for method, currency, units in way:
        owed[str(method), str(currency)] += money.from_minor(int(str(units)), str(currency))
    assert {key: amount for key, amount in owed.items() if amount} == stated
    assert len(stated) > 2


YEAR = [*(f"2026-{month:02}" for month in range(1, 13)), "2027-01"]
ACCOUNT_OF = {
    "Liabilities:2310": "cash",
    "Liabilities:2320": "credit_note",
    "Liabilities:2330": "gift_card",
    "Liabilities:2340": "points",
}
