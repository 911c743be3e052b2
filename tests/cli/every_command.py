"""Every command once, over a workspace whose names and ids do harm wherever they are printed without care.

Each command's reports are caught before they are drawn, so that a test can draw them in any format.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from incentivectl.cli.app import app
from incentivectl.cli.voice import Voice
from incentivectl.output.report import Report
from tests.posting.booked import as_user
from tests.small_workspace import incentivectl, write_workspace

EVIL = "\x1b[31m[/x][link=http://evil]y[/link]<img src=x>|`\x9b\u202e\udcff"
WRITTEN = EVIL.replace("\udcff", "")  # what a UTF-8 file can hold
TOML = WRITTEN.replace("\x1b", "\\u001b").replace("\x9b", "\\u009b")
LONG_ID = "DISTRIBUTOR-EMEA-0000000017"

CONFIG = f"""
[workspace]
name = "W {TOML}"
currency = "USD"

[data]
max_reject_rate = "100%"

[settlement]
first_period = "2026-07"

[payout]
approvals = 1
clawback_guard = "100%"
surge_guard = 1_000
"""
REBATE = f"""
id = "asia-pacific-security-volume-rebate"
name = "Rebate {TOML}"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30
period = "month"

[reward]
tiers = [{{ from = 0, rate = "5%" }}, {{ from = 10_000, rate = "8%" }}]

[limits]
budget = 50_000
"""
SPIF = f"""
id = "launch-spif-for-everybody"
name = "SPIF {TOML}"
kind = "spif"
starts = 2026-07-01
ends = 2026-09-30
period = "month"
payee = "rep"

[reward]
per_unit = 12
"""
FUND = f"""
id = "fund"
name = "Fund {TOML}"
kind = "mdf"
starts = 2026-01-01
ends = 2026-12-31
period = "quarter"

[fund]
allocate = 1_234_567
expires_after_months = 6

[claims]
reimburse = "50%"
activities = ["event"]
within_days = 60
"""
DEAL = f"""
id = "projects"
name = "Projects {TOML}"
kind = "deal_registration"
starts = 2026-07-01
ends = 2026-12-31
period = "month"

[registration]
protection_days = 30

[reward]
rate = "5%"
"""
PROGRAMS = {"rebate": REBATE, "spif": SPIF, "fund": FUND, "deal": DEAL}
TABLES = {
    "partners": f"""\
partner_id,name,tier,status,joined_on,region
{LONG_ID},"A {WRITTEN}",gold,active,2020-01-01,"{WRITTEN}"
P2,"B {WRITTEN}",silver,active,2024-02-29,EMEA
P3,C,silver,suspended,2024-01-01,APAC
""",
    "reps": f'rep_id,partner_id,name,status\nR1,{LONG_ID},"R {WRITTEN}",active\n',
    "products": f'product_id,name,category\nSKU-1,"{WRITTEN}",switch\n',
    "deals": f"""\
deal_id,partner_id,customer_id,amount,registered_on,status,approved_on,expires_on
D-1,{LONG_ID},"C {WRITTEN}",1234567.89,2026-07-01,approved,2026-07-02,2026-10-15
D-2,P2,"C {WRITTEN}",2000,2026-07-03,approved,2026-07-04,2026-10-15
""",
    "mdf_requests": f"""\
request_id,program_id,partner_id,activity,requested_on,amount,approved_on,ends_on,status
Q-1,fund,{LONG_ID},event,2026-02-01,6000,2026-02-05,2026-09-01,approved
""",
    "mdf_claims": """\
claim_id,request_id,claimed_on,amount,proof,final
K-1,Q-1,2026-08-20,5200,I,false
""",
    "adjustments": f"""\
adjustment_id,payee_id,payee_kind,program_id,on,amount,currency,reason
A-1,P2,partner,fund,2026-07-01,17.50,USD,"{WRITTEN}"
""",
    "disputes": f"""\
dispute_id,payee_id,opened_on,amount,reason,status
"D {WRITTEN}",{LONG_ID},2026-07-04,17.50,"{WRITTEN}",open
""",
    "sales": f"""\
sale_id,line_id,sold_on,partner_id,rep_id,product_id,customer_id,quantity,amount
"S {WRITTEN}",1,2026-07-20,{LONG_ID},R1,SKU-1,"C {WRITTEN}",6,1234567.89
S-2,1,2026-08-01,P2,,SKU-1,C1,1,250
S-3,1,2026-08-02,"{WRITTEN}",,SKU-1,C1,1,250
S-4,1,2026-08-02,P3,,SKU-1,C1,1,"{WRITTEN}"
""",
}
FILE = 'payee_id,amount,program_id\nP2,99.99,fund\n"X {0}",5.00,fund\n'


@dataclass(frozen=True)
class Told:
    """What a command had to say: its reports, and its other words and pages."""

    command: str
    exit_code: int
    reports: tuple[Report, ...]
    stdout: str
    stderr: str
    pages: tuple[str, ...] = ()


def commands(root: Path, scratch: Path) -> list[tuple[str, Sequence[str | Path], int]]:
    """Each command with its arguments and exit code, in an order in which they can be given."""
    here = ("-w", root)
    audited = scratch / "payouts.csv"
    audited.write_text(FILE.format(WRITTEN), encoding="utf-8")
    strange = scratch / "strange.csv"
    cell = WRITTEN.replace("\u202e", "")
    strange.write_text(f"Invoice,Date,{cell},Amount\n1,2026-07-03,{cell},10.50\n", encoding="utf-8")
    answer = scratch / "answer.csv"
    other = scratch / "programs"
    other.mkdir()
    for name in ("rebate", "spif", "fund", "deal"):
        text = (root / "programs" / f"{name}.toml").read_text(encoding="utf-8")
        (other / f"{name}.toml").write_text(text.replace('"8%"', '"9%"'), encoding="utf-8")
    return [
        ("init", (scratch / "made",), 0),
        ("init", (scratch / "made of exports", "--from", strange), 0),
        ("program new", ("rebate",), 0),
        ("program schema", (), 0),
        ("program list", here, 0),
        ("program show", ("asia-pacific-security-volume-rebate", *here), 0),
        ("program show", ("asia-pacific-security-volume-rebate", "--payee", LONG_ID, *here), 0),
        ("sources guess", (strange, *here), 0),
        ("sources guess", (strange, "--format", "json", *here), 0),
        ("check", here, 0),
        ("run", ("2026-07", *here), 0),
        ("report", ("2026-07", *here), 0),
        ("explain", ("2026-07", LONG_ID, "--lines", *here), 0),
        ("explain", ("2026-07", "--line", f"S {WRITTEN}", *here), 0),
        ("whatif", ("2026-07", "--set", "launch-spif-for-everybody.reward.per_unit=13", *here), 0),
        ("whatif", ("2026-08", "--over", "2026-07", *here), 0),
        ("diff", (root / "programs", other, "--period", "2026-07", *here), 0),
        ("attainment", ("2026-07", "asia-pacific-security-volume-rebate", *here), 0),
        ("forecast", ("2026-08", "--payees", *here), 0),
        ("audit", (audited, "--period", "2026-07", *here), 0),
        ("statement", ("2026-07", *here), 0),
        ("statement", ("2026-07", LONG_ID, "R1", *here), 0),
        (
            "statement",
            (
                "2026-07",
                "--html",
                scratch / "pages",
                "--lines",
                "--mail-merge",
                scratch / "mail.csv",
                *here,
            ),
            0,
        ),
        ("leaderboard", ("2026-07", "--group-by", "partner.region", *here), 0),
        ("leaderboard", ("2026-07", "--program", "launch-spif-for-everybody", *here), 0),
        ("leaderboard", ("2026-07", "--html", scratch / "board.html", *here), 0),
        ("metrics", ("2026-07", "--explain", *here), 0),
        ("deals", ("2026-07", *here), 0),
        ("mdf", ("2026-07", *here), 0),
        ("todo", ("2026-07", "--exit-code", *here), 10),
        ("batch post", ("2026-07", "--dry-run", *here), 0),
        ("batch post", ("2026-07", *here), 0),
        ("batch list", here, 0),
        ("batch show", ("2026-07.1", *here), 0),
        ("batch explain", ("2026-07.1", *here), 0),
        ("statement", ("--batch", "2026-07.1", *here), 0),
        ("statement", ("--batch", "2026-07.1", LONG_ID, "R1", *here), 0),
        ("run", ("2026-07", *here), 0),
        ("journal", ("2026-07.1", *here), 0),
        ("journal", ("2026-07", "--format", "beancount", *here), 0),
        ("batch approve", ("2026-07.1", "--by", f"Ada {WRITTEN}", *here), 0),
        ("batch release", ("2026-07.1", *here), 0),
        ("batch export", ("2026-07.1", *here), 0),
        ("batch confirm", (answer, *here), 4),
        ("tax", ("2026", *here), 0),
        ("batch void", ("2026-07.1", "--keep-payments", "--reason", WRITTEN, "--yes", *here), 0),
        ("statement", ("--batch", "2026-07.2", LONG_ID, "R1", *here), 0),
        ("statement", ("--batch", "2026-07.2", "--html", scratch / "pages", *here), 0),
        ("ledger verify", here, 0),
        ("ledger balance", here, 0),
        ("ledger balance", (LONG_ID, *here), 0),
        ("ledger export", here, 0),
        ("run", (EVIL, *here), 2),
        ("statement", ("2026-07", EVIL, *here), 2),
    ]


def every_command(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    """Runs them all; what does not end as it should fails at once."""
    root = write_workspace(scratch / "w", config=CONFIG, programs=PROGRAMS, tables=TABLES)
    caught: list[Report] = []
    put = Voice._put

    def catching(voice: Voice, reports: Sequence[Report], text: Callable[[str], str]) -> None:
        caught.extend(reports)
        put(voice, reports, text)

    monkeypatch.setattr(Voice, "_put", catching)
    for name, arguments, code in commands(root, scratch):
        caught.clear()
        with as_user("bob" if name == "batch approve" else "ann"):
            result = incentivectl(*name.split(), *arguments)
        assert result.exit_code == code, (name, result.output)
        pages = [path.read_text(encoding="utf-8") for path in scratch.rglob("*.html")]
        yield Told(
            name, result.exit_code, tuple(caught), result.stdout, result.stderr, tuple(pages)
        )
        for path in scratch.rglob("*.html"):
            path.unlink()


def names_of_commands() -> set[str]:
    """Every command that there is, as it is typed."""
    found = {one.name or one.callback.__name__ for one in app.registered_commands if one.callback}
    for group in app.registered_groups:
        assert group.typer_instance is not None
        name = group.typer_instance.info.name
        for one in group.typer_instance.registered_commands:
            assert one.callback is not None
            found.add(f"{name} {one.name or one.callback.__name__}")
    return found
