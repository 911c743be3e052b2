"""Each guard refuses, books nothing, and is recorded in the batch where somebody overrules it."""

import re
import shutil
from pathlib import Path

import pytest

from tests.posting.booked import (
    BOOKS,
    REVERSE,
    add,
    asked,
    assert_computed_again,
    assert_nothing_booked,
    assert_whole,
    batch_ids,
    entries,
    post,
    write,
)
from tests.posting.test_payouts import HEADER, program
from tests.prepared import prepared
from tests.small_workspace import CONFIG, incentivectl, write_workspace

PARTNERS = "partner_id,name\nP1,Alpha\nP2,Beta\n"
BEGIN = '\n[settlement]\nfirst_period = "2026-01"\n'
STRICT = CONFIG + BEGIN  # every guard as it is by default, but for the rejected rows
SALES = ("S1,1,2026-07-05,P1,A,5000,,", "S2,1,2026-07-06,P2,A,5000,,")


def workspace(tmp_path: Path, *sales: str, config: str = STRICT) -> Path:
    return write_workspace(
        tmp_path / "w",
        config=config,
        programs={"loyal": program()},
        tables={
            "partners": PARTNERS,
            "sales": HEADER + "".join(f"{sale}\n" for sale in sales or SALES),
        },
    )


def july_booked(folder: Path, config: str = STRICT) -> Path:
    """The workspace with a batch of July: 100 to P1 and 100 to P2."""
    root = workspace(folder, config=config)
    assert post(root, "2026-07") == "2026-07.1"
    return root


def july_run(folder: Path) -> Path:
    """The workspace with a run of July, which nobody has posted yet."""
    root = workspace(folder)
    assert incentivectl("run", "2026-07", "-w", root).exit_code == 0
    return root


def state(root: Path) -> tuple[object, ...]:
    """Everything that posting changes."""
    archive = root / "archive"
    return (
        asked(root, "SELECT * FROM records"),
        asked(root, "SELECT * FROM entries"),
        asked(root, "SELECT * FROM payments"),
        sorted(path.relative_to(archive).as_posix() for path in archive.rglob("*")),
        (archive / "HEAD").read_bytes() if (archive / "HEAD").exists() else None,
    )


def refusing(root: Path, period: str, *options: str, run: bool = True) -> tuple[set[str], str]:
    """The guards that refuse a post and what they say; nothing at all has changed then."""
    if run:
        assert incentivectl("run", period, "-w", root).exit_code == 0
    before = state(root)
    result = incentivectl("batch", "post", period, "-w", root, *options)
    assert result.exit_code == 5, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert state(root) == before
    return guards_of(result.stderr)


def guards_of(said: str) -> tuple[set[str], str]:
    """The guards that a command names, and what it says in one line."""
    text = " ".join(said.split())
    return set(re.findall(r"--allow ([a-z-]+)", text)), text


def refusing_dry(root: Path, period: str) -> set[str]:
    """The guards that refuse a dry run, which changes nothing either."""
    before = state(root)
    result = incentivectl("batch", "post", period, "-w", root, "--dry-run")
    assert result.exit_code == 5
    assert state(root) == before
    return guards_of(result.output)[0]


def overrule(root: Path, period: str, *guards: str) -> str:
    """Posts all the same; the batch names the guards."""
    options = [word for guard in guards for word in ("--allow", guard)]
    result = incentivectl("batch", "post", period, "-w", root, *options)
    assert result.exit_code == 0, result.output
    newest = batch_ids(root)[-1]
    shown = incentivectl("batch", "show", newest, "-w", root)
    assert f"Guards overruled: {', '.join(sorted(guards))}." in shown.stdout
    assert_whole(root)
    return newest


def test_a_months_export_is_gone(tmp_path: Path) -> None:
    """July's file is not there any more: its 200.00 would be reversed."""
    root = workspace(tmp_path, config=STRICT + '[sources.sales]\npath = "sample_data/sales*.csv"\n')
    (root / "sample_data/sales-2.csv").write_text(HEADER + "S3,1,2026-08-05,P1,A,2000,,\n")
    post(root, "2026-08")
    (root / "sample_data/sales.csv").unlink()
    guards, text = refusing(root, "2026-09")
    assert guards == {"missing-lines", "clawbacks"}
    assert refusing_dry(root, "2026-09") == guards
    assert "source sales, 2026-07: no line is left of a booked month" in text
    assert "clawbacks of 200.00 USD are more than 20 % of the 200.00" in text
    newest = overrule(root, "2026-09", "missing-lines", "clawbacks")
    assert_computed_again(root)
    assert entries(root, newest) == ["clawback loyal P1 -100 USD", "clawback loyal P2 -100 USD"]


def test_less_than_half_of_a_booked_month(tmp_path: Path) -> None:
    """Two of four lines may go (half), a third one may not."""
    sales = [f"S{n},1,2026-07-0{n},P1,A,1000,," for n in range(1, 5)]
    root = workspace(tmp_path, *sales, config=BOOKS)
    post(root, "2026-07")
    write(root, "sales", HEADER + "\n".join(sales[:2]) + "\n")
    post(root, "2026-08")
    write(root, "sales", HEADER + "S3,1,2026-07-09,P1,A,1000,,\n")
    post(root, "2026-09")  # one of two is half
    write(root, "sales", HEADER + "\n".join(sales) + "\n")
    post(root, "2026-10")
    write(root, "sales", HEADER + sales[0] + "\n")
    guards, text = refusing(root, "2026-11")
    assert guards == {"missing-lines"}
    assert "source sales, 2026-07: only 1 of 4 lines are left of a booked month" in text
    overrule(root, "2026-11", "missing-lines")


def twelve_sources_booked(folder: Path) -> Path:
    """The batch of August: each of twelve sources has lines in June, July, August and September."""
    sources = "".join(
        f'[[sources.sales]]\nname = "d{n:02}"\npath = "sample_data/d{n:02}*.csv"\n'
        for n in range(1, 13)
    )
    root = workspace(folder, config=STRICT + sources)
    (root / "sample_data/sales.csv").unlink()
    for n in range(1, 13):
        for month in ("06", "07", "08", "09"):
            row = f"S{n}-{month},1,2026-{month}-05,P1,A,1000,,\n"
            (root / f"sample_data/d{n:02}-{month}.csv").write_text(HEADER + row)
    post(root, "2026-08")
    return root


@pytest.mark.parametrize("stays_away", ["no file", "no lines"])
def test_one_source_of_twelve_stays_away(tmp_path: Path, stays_away: str) -> None:
    """Each had lines in June, July and August; one has none in September."""
    root = prepared(tmp_path, twelve_sources_booked)
    late = root / "sample_data/d07-09.csv"
    if stays_away == "no file":
        late.unlink()
    else:
        late.write_text(HEADER)
    guards, text = refusing(root, "2026-09")
    assert guards == {"missing-lines"}
    assert "source d07 has lines in each of the 3 months before, and none in 2026-09" in text
    assert text.count("--allow") == 1
    overrule(root, "2026-09", "missing-lines")


def test_amounts_in_another_unit(tmp_path: Path) -> None:
    """200.00 in July, 200.00 in August; then a thousand times as much."""
    root = workspace(tmp_path, *SALES, "S3,1,2026-08-05,P1,A,10000,,")
    post(root, "2026-07")
    post(root, "2026-08")
    add(root, "sales", "S4,1,2026-09-05,P1,A,10000000,,")
    guards, text = refusing(root, "2026-09")
    assert guards == {"surge"}
    assert "program loyal: 200,000.00 USD are more than 3 times 200.00" in text
    overrule(root, "2026-09", "surge")


def test_three_times_as_much_is_no_surge(tmp_path: Path) -> None:
    root = workspace(tmp_path, *SALES, "S3,1,2026-08-05,P1,A,30000,,")
    post(root, "2026-07")
    assert post(root, "2026-08") == "2026-08.1"  # 600.00: not more than 3 x 200.00


def test_a_payment_beyond_the_maximum(tmp_path: Path) -> None:
    root = workspace(tmp_path, config=STRICT + "[payout]\nmaximum = 99.99\n")
    guards, text = refusing(root, "2026-07")
    assert_nothing_booked(root)
    assert guards == {"maximum"}
    assert "P1: a payment of 100.00 USD exceeds the maximum of 99.99 USD" in text
    overrule(root, "2026-07", "maximum:P1", "maximum:P2")


def test_the_maximum_itself_is_paid(tmp_path: Path) -> None:
    root = workspace(tmp_path, config=STRICT + "[payout]\nmaximum = 100\n")
    assert post(root, "2026-07") == "2026-07.1"


def test_clawbacks_up_to_a_fifth_are_booked(tmp_path: Path) -> None:
    """40.00 of 200.00 are 20 %; a cent more is too much."""
    root = prepared(tmp_path, july_booked)
    add(root, "sales", "R1,1,2026-08-01,P1,A,-2000,,S1")
    assert post(root, "2026-08") == "2026-08.1"

    other = prepared(tmp_path / "other", july_booked)
    add(other, "sales", "R1,1,2026-08-01,P1,A,-2000.50,,S1")
    guards, text = refusing(other, "2026-08")
    assert guards == {"clawbacks"}
    assert "clawbacks of 40.01 USD are more than 20 % of the 200.00" in text
    overrule(other, "2026-08", "clawbacks")


def test_a_program_file_is_archived(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    (root / "programs/other.toml").write_text(program("other", "1%"))
    post(root, "2026-07")
    (root / "old").mkdir()
    (root / "programs/loyal.toml").rename(root / "old/loyal.toml")
    guards, text = refusing(root, "2026-08")
    assert guards == {"gone", "clawbacks"}
    assert "program loyal has booked money but no file" in text
    newest = overrule(root, "2026-08", "gone", "clawbacks")
    assert_computed_again(root)
    assert entries(root, newest) == ["clawback loyal P1 -100 USD", "clawback loyal P2 -100 USD"]


def test_a_partner_is_dropped_from_the_masters(tmp_path: Path) -> None:
    root = prepared(tmp_path, july_booked, config=BOOKS)
    write(root, "partners", PARTNERS.replace("P2,Beta\n", ""))
    guards, text = refusing(root, "2026-08")
    assert guards == {"gone"}
    assert "P2: booked money, but no row in partners" in text
    newest = overrule(root, "2026-08", "gone")
    assert entries(root, newest) == ["clawback loyal P2 -100 USD"]


def test_a_rate_is_edited_for_booked_months(tmp_path: Path) -> None:
    root = prepared(tmp_path, july_booked)
    (root / "programs/loyal.toml").write_text(program(rate="3%"))
    guards, text = refusing(root, "2026-08")
    assert guards == {"changed-rules"}
    assert "program loyal: its rules have changed" in text
    assert "2026-07-01" in text
    newest = overrule(root, "2026-08", "changed-rules")
    assert_computed_again(root)
    assert entries(root, newest) == ["true-up loyal P1 50 USD", "true-up loyal P2 50 USD"]
    assert post(root, "2026-09") is None


def test_other_words_and_the_same_rules(tmp_path: Path) -> None:
    """What cannot change money is no change of the rules."""
    root = prepared(tmp_path, july_booked)
    (root / "programs/loyal.toml").write_text(program(rate="2.00%").replace("each month", "all"))
    add(root, "sales", "S3,1,2026-08-05,P1,A,5000,,")
    assert post(root, "2026-08") == "2026-08.1"


def old_copy_put_back(folder: Path) -> Path:
    """August is booked, exported and run; then July's ledger, which knows nothing of it, comes back."""
    root = workspace(folder, *SALES, "S3,1,2026-08-05,P1,A,5000,,", config=BOOKS)
    post(root, "2026-07")
    old = folder / "old"
    old.mkdir()
    for path in root.glob("ledger.db*"):
        shutil.copy(path, old)
    post(root, "2026-08")
    assert incentivectl("batch", "export", "2026-08.1", "-w", root).exit_code == 0
    assert incentivectl("run", "2026-08", "-w", root).exit_code == 0
    for path in root.glob("ledger.db*"):
        path.unlink()
    for path in old.iterdir():
        shutil.copy(path, root)
    return root


@pytest.mark.parametrize("how", ["HEAD and run", "run only", "HEAD only", "payment file only"])
def test_an_old_copy_of_the_ledger_is_put_back(tmp_path: Path, how: str) -> None:
    """The ledger of July: it knows nothing of August's payments, and would pay them again."""
    root = prepared(tmp_path, old_copy_put_back)
    named = {"archive/HEAD", "reports/2026-08/manifest.toml", "payments/2026-08.1-1.csv"}
    kept = {
        "run only": {"reports/2026-08/manifest.toml"},
        "HEAD only": {"archive/HEAD"},
        "payment file only": {"payments/2026-08.1-1.csv"},
    }.get(how, named)
    for name in named - kept:
        (root / name).unlink()
    guards, text = refusing(root, "2026-08", run=False)
    assert guards == {"lost-batches"}
    assert refusing_dry(root, "2026-08") == guards
    assert all(name in text for name in kept)
    exported = incentivectl("batch", "export", "2026-07.1", "-w", root)
    assert exported.exit_code == 5
    assert not list((root / "payments").glob("2026-07*"))
    voided = incentivectl("batch", "void", "2026-07.1", *REVERSE, "-w", root)
    assert voided.exit_code == 5
    assert batch_ids(root) == ["2026-07.1"]
    verdict = incentivectl("ledger", "verify", "-w", root)
    assert verdict.exit_code == 1, verdict.output
    assert incentivectl("run", "2026-08", "-w", root).exit_code == 0
    if how == "run only":  # that run took the place of the one that knew better
        return
    result = incentivectl(
        "batch",
        "post",
        "2026-08",
        "-w",
        root,
        "--allow",
        "lost-batches",
        "--allow",
        "changed-inputs",
    )
    assert result.exit_code == 0, result.output
    shown = incentivectl("batch", "show", "2026-08.1", "-w", root).stdout
    assert "lost-batches" in shown


@pytest.mark.parametrize("ledger", ["missing", "empty"])
def test_a_ledger_that_is_gone_altogether(tmp_path: Path, ledger: str) -> None:
    root = prepared(tmp_path, july_booked)
    for path in root.glob("ledger.db*"):
        path.unlink()
    if ledger == "empty":
        (root / "ledger.db").touch()
    result = incentivectl("batch", "post", "2026-07", "-w", root)
    assert result.exit_code == 5
    assert "--allow lost-batches" in " ".join(result.stderr.split())
    assert asked(root, "SELECT * FROM batches") == []


def test_rejects_by_amount(tmp_path: Path) -> None:
    """One of eleven rows is rejected (9.1 %), and with it 1,000 of 2,000 (50 %)."""
    rows = [f"S{n},1,2026-07-05,P1,A,100,," for n in range(10)]
    config = STRICT.replace("100%", "10%")
    root = workspace(tmp_path, *rows, "S10,1,2026-07-05,P9,A,-1000,,", config=config)
    guards, text = refusing(root, "2026-07")
    assert_nothing_booked(root)
    assert guards == {"rejects"}
    assert "1,000.00 of 2,000.00 in amount (50.0 %) are rejected" in text
    overrule(root, "2026-07", "rejects")
    assert_computed_again(root)


def test_rejects_by_rows_of_any_table(tmp_path: Path) -> None:
    """A run tolerates one bad row (`min_rejects`); posting does not."""
    root = workspace(tmp_path, config=STRICT.replace("100%", "10%"))
    write(root, "products", "product_id,list_price\nA,1\nB,x\n")
    guards, text = refusing(root, "2026-07")
    assert_nothing_booked(root)
    assert guards == {"rejects"}
    assert "source products: 1 of 2 rows (50.0 %) are rejected" in text
    overrule(root, "2026-07", "rejects")


def test_rejected_rows_whose_amount_cannot_be_read(tmp_path: Path) -> None:
    """They weigh nothing by amount; two of twelve rows are 16.7 %, whatever they were worth."""
    rows = [f"S{n},1,2026-07-05,P1,A,100,," for n in range(10)]
    bad = [f"B{n},1,2026-07-05,P1,A,5O00,," for n in range(2)]
    root = workspace(tmp_path, *rows, *bad, config=STRICT.replace("100%", "10%"))
    guards, text = refusing(root, "2026-07")
    assert_nothing_booked(root)
    assert guards == {"rejects"}
    assert "source sales: 2 of 12 rows (16.7 %) are rejected" in text
    overrule(root, "2026-07", "rejects")


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ("sales,2026-07,3,", "control_totals states 3 lines, but 2 count"),
        ("sales,2026-07,1,", "control_totals states 1 line, but 2 count"),
        ("sales,2026-07,2,10000.01", "states an amount of 10,000.01, but 10,000.00 count"),
        ("sales,2026-07,,9999.99", "states an amount of 9,999.99, but 10,000.00 count"),
        ("sales,2026-7,2,", "control_totals: invalid month `2026-7`"),
        ("sells,2026-07,1,", "control_totals names source sells, which does not exist"),
    ],
)
def test_control_totals_of_the_sender(tmp_path: Path, stated: str, said: str) -> None:
    root = workspace(tmp_path)
    write(root, "control_totals", f"source,month,lines,amount\n{stated}\n")
    guards, text = refusing(root, "2026-07")
    assert_nothing_booked(root)
    assert guards == {"rejects"}
    assert said in text
    overrule(root, "2026-07", "rejects")


def test_control_totals_that_agree(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    write(
        root,
        "control_totals",
        "source,month,lines,amount\nsales,2026-07,2,10000\nsales,2026-08,9,1\n",
    )
    assert post(root, "2026-07") == "2026-07.1"


def test_nobody_has_looked_at_a_run(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    guards, text = refusing(root, "2026-07", run=False)
    assert_nothing_booked(root)
    assert guards == {"changed-inputs"}
    assert "2026-07 has not been run yet" in text
    assert refusing_dry(root, "2026-07") == guards
    overrule(root, "2026-07", "changed-inputs")


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("sales", "sample_data/sales.csv has changed"),
        ("table", "sample_data/fx.csv is new"),
        ("program", "program loyal has changed"),
        ("config", "incentivectl.toml has changed"),
        ("results", "computed differently"),
    ],
)
def test_something_changed_between_run_and_post(tmp_path: Path, what: str, said: str) -> None:
    root = prepared(tmp_path, july_run)
    if what == "sales":
        add(root, "sales", "S3,1,2026-07-07,P1,A,1,,")
    elif what == "table":
        write(root, "fx", "on,currency,rate\n")
    elif what == "program":
        (root / "programs/loyal.toml").write_text(program(rate="2.1%"))
    elif what == "config":
        (root / "incentivectl.toml").write_text(STRICT + "[payout]\nminimum = 1\n")
    else:
        manifest = root / "reports/2026-07/manifest.toml"
        text = manifest.read_text()
        digest = re.search(r'"earnings.csv" = "([0-9a-f]+)"', text)
        assert digest is not None
        manifest.write_text(text.replace(digest[1], "0" * 64))
    guards, text = refusing(root, "2026-07", run=False)
    assert_nothing_booked(root)
    assert guards == {"changed-inputs"}
    assert said in text
    overrule(root, "2026-07", "changed-inputs")


def test_july_after_september(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    post(root, "2026-09")
    assert incentivectl("run", "2026-07", "-w", root).exit_code == 0
    before = state(root)
    result = incentivectl("batch", "post", "2026-07", "-w", root)
    assert result.exit_code == 5
    assert "2026-07 ends before 2026-09-30, the date of batch 2026-09.1" in result.stderr
    assert state(root) == before
    assert incentivectl("batch", "void", "2026-09.1", *REVERSE, "-w", root).exit_code == 0
    assert post(root, "2026-07") == "2026-07.1"


def test_a_guard_that_is_none(tmp_path: Path) -> None:
    result = incentivectl("batch", "post", "2026-07", "-w", workspace(tmp_path), "--allow", "all")
    assert result.exit_code == 2
    assert "missing-lines" in result.stderr
