"""`mdf` as its user sees it: funds, commitments and claims worked by hand."""

from pathlib import Path
from typing import Any

from tests.small_workspace import PARTNERS, as_json, incentivectl, write_workspace

PROGRAM = """
id = "fund"
name = "Fund"
kind = "mdf"
starts = 2026-01-01
ends = 2026-12-31
period = "quarter"

[fund]
allocate = 10_000
expires_after_months = 6

[claims]
reimburse = "50%"
activities = ["event", "digital"]
within_days = 60
proof_required = true
"""
# Q-1 commits 3,000, Q-2 1,500; Q-4 waits for its approval; Q-5 commits 400, of another partner.
REQUESTS = """\
request_id,program_id,partner_id,activity,requested_on,amount,approved_on,ends_on,status
Q-1,fund,P1,event,2026-02-01,6000,2026-02-05,2026-03-01,approved
Q-2,fund,P1,digital,2026-04-20,3000,2026-05-01,2026-06-30,approved
Q-4,fund,P1,event,2026-06-01,500,,2026-07-01,requested
Q-5,fund,P2,event,2026-01-05,800,2026-01-10,2026-02-01,approved
"""
CLAIMS = """\
claim_id,request_id,claimed_on,amount,proof,final
K-1,Q-1,2026-03-20,5200,INV-1,true
K-2,Q-2,2026-06-15,1000,,false
K-3,Q-2,2026-06-20,1000,INV-3,false
K-4,Q-4,2026-06-21,300,INV-4,false
K-5,Q-5,2026-04-03,800,INV-5,true
K-6,Q-1,2026-04-01,100,INV-6,false
K-9,Q-9,2026-06-25,70,INV-9,false
K-10,Q-2,2026-07-02,10,INV-10,false
"""


def workspace(root: Path, program: str = PROGRAM, **tables: str) -> Path:
    given = {"mdf_requests": REQUESTS, "mdf_claims": CLAIMS, **tables}
    return write_workspace(root / "w", programs={"fund": program}, tables=given)


def told(root: Path, period: str = "2026-06", *partner: str) -> dict[str, Any]:
    report: dict[str, Any] = as_json("mdf", period, *partner, "-w", root)
    return report


def statement(root: Path, period: str) -> list[list[str]]:
    columns = ("opening", "credited", "paid", "expired", "closing", "committed", "available")
    return [[row[name] for name in columns] for row in told(root, period, "P1")["statement"]]


def test_the_statement_of_two_quarters(tmp_path: Path) -> None:
    """K-1 pays half of 5,200; K-3 pays half of 1,000, so that 1,000 of Q-2's 1,500 stay committed."""
    assert statement(workspace(tmp_path), "2026-06") == [
        ["0", "10000", "2600", "0", "7400", "0", "7400"],
        ["7400", "10000", "500", "0", "16900", "1000", "15900"],
    ]


def test_what_nobody_used_expires(tmp_path: Path) -> None:
    """On 1 July January's lot expires, all but 1,000 committed; on 29 August these are released, too late.

    K-10 of 2 July pays 5 of them before.
    """
    root = workspace(tmp_path)
    assert statement(root, "2026-07")[2] == ["16900", "10000", "5", "5900", "20995", "995", "20000"]
    assert statement(root, "2026-08")[2] == ["16900", "10000", "5", "6895", "20000", "0", "20000"]


def test_what_funds_come_to(tmp_path: Path) -> None:
    """Three partners have 20,000 each; P1 was paid 2,600 + 500, and K-5 of P2 came a day late."""
    (row,) = told(workspace(tmp_path))["totals"]
    assert (row["partners"], row["credited"], row["paid"]) == (3, "60000", "3100")
    assert row["used"] == "0.051666666667"
    (of_one,) = told(workspace(tmp_path / "x"), "2026-06", "P1")["totals"]
    assert (of_one["credited"], of_one["paid"], of_one["used"]) == ("20000", "3100", "0.155")


def test_what_waits_for_a_decision(tmp_path: Path) -> None:
    """Q-4 was asked for on 1 June; on 30 April Q-2, too, was not approved yet."""
    root = workspace(tmp_path)
    assert [(row["request"], row["days_waiting"]) for row in told(root)["waiting"]] == [("Q-4", 29)]
    april = told(root, "2026-04")["waiting"]
    assert [(row["request"], row["days_waiting"]) for row in april] == [("Q-2", 10)]


def test_what_activities_brought(tmp_path: Path) -> None:
    """Q-1 ended on 1 March, 90 days before 30 May; Q-5 on 1 February; Q-2 on the last day itself."""
    sales = (
        "sale_id,sold_on,partner_id,quantity,amount\n"
        "A,2025-12-01,P1,1,100\nB,2026-02-28,P1,1,50\nC,2026-03-01,P1,1,7\nD,2026-03-02,P1,1,200\n"
        "E,2026-05-30,P1,1,30\nF,2026-05-31,P1,1,1000\nG,2026-04-01,P1,-1,-20\nH,2026-04-01,P2,1,9\n"
    )
    activities = (
        "activity_id,activity,partner_id,rep_id,done_on,passed\n"
        "1,lead,P1,,2026-02-28,true\n2,lead,P1,,2026-03-01,true\n3,lead,,R1,2026-05-30,true\n"
        "4,lead,P1,,2026-05-31,true\n5,lead,P1,,2026-04-01,false\n6,demo,P1,,2026-04-01,true\n"
    )
    reps = "rep_id,name,partner_id\nR1,Rosa,P1\n"
    root = workspace(tmp_path, sales=sales, activities=activities, reps=reps)
    rows = {row["request"]: row for row in told(root)["brought"]}
    assert list(rows) == ["Q-1", "Q-5"]
    assert (rows["Q-1"]["sales_before"], rows["Q-1"]["sales_after"]) == ("150", "210")
    assert (rows["Q-1"]["leads"], rows["Q-1"]["paid"], rows["Q-1"]["days_since"]) == (2, "2600", 90)
    assert rows["Q-1"]["change"] == "0.4"
    assert rows["Q-5"]["sales_before"] == "before the exports"
    march = told(root, "2026-03")["brought"][0]
    assert (march["days_since"], march["sales_before"], march["sales_after"]) == (30, "50", "200")


def test_open_commitments(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    assert told(root)["commitments"] == [
        {
            "program": "fund",
            "partner": "P1",
            "unit": "USD",
            "request": "Q-2",
            "activity": "digital",
            "approved_on": "2026-05-01",
            "ends_on": "2026-06-30",
            "claim_by": "2026-08-29",
            "committed": "1500",
            "paid": "500",
            "left": "1000",
        }
    ]
    assert told(root, "2026-08")["commitments"] == []


def test_claims_and_why_they_were_refused(tmp_path: Path) -> None:
    """K-5 comes on the 61st day after Q-5's end; K-6 after the final claim; K-10 after PERIOD."""
    found = told(workspace(tmp_path))["claims"]
    assert [(row["claim"], row["partner"], row["paid"], row["refused"]) for row in found] == [
        ("K-1", "P1", "2600", None),
        ("K-6", "P1", "0", "no-balance"),
        ("K-2", "P1", "0", "no-proof"),
        ("K-3", "P1", "500", None),
        ("K-4", "P1", "0", "not-approved"),
        ("K-5", "P2", "0", "late"),
        ("K-9", None, "0", "no-request"),
    ]
    assert {row["refused"]: row["why"] for row in found}["late"] == "claimed after the deadline"


def test_what_expires_in_the_next_ninety_days(tmp_path: Path) -> None:
    """January: 10,000 less 2,600 paid and 1,500 for Q-2. April lasts until 1 October, 93 days on."""
    root = workspace(tmp_path)
    expected = {"credited_on": "2026-01-01", "usable_through": "2026-07-01", "days_left": 1}
    (found,) = told(root, "2026-06", "P1")["expiries"]
    assert found == {
        "program": "fund", "partner": "P1", "unit": "USD", **expected, "available": "5900"
    }  # fmt: skip
    (later,) = told(root, "2026-07", "P1")["expiries"]
    assert (later["usable_through"], later["days_left"]) == ("2026-10-01", 62)


def test_one_partner(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    report = told(root, "2026-06", "P2")
    for section in ("statement", "claims", "expiries"):
        assert {row["partner"] for row in report[section]} == {"P2"}
    assert report["partner"] == "P2"
    refused = incentivectl("mdf", "2026-06", "P9", "-w", root)
    assert refused.exit_code == 2
    assert "Unknown partner `P9`" in refused.stderr


def test_people_see_cents_and_machines_everything(tmp_path: Path) -> None:
    """Half of 1.11 is 0.555."""
    claims = "claim_id,request_id,claimed_on,amount,proof\nK-1,Q-2,2026-06-20,1.11,INV\n"
    root = workspace(tmp_path, mdf_claims=claims)
    assert told(root)["claims"][0]["paid"] == "0.555"
    plain = incentivectl("mdf", "2026-06", "P1", "-w", root).stdout
    assert "0.56" in plain
    assert "0.555" not in plain
    assert incentivectl("mdf", "2026-06", "-w", root, "--format", "csv").stdout.startswith(
        "program,partner,unit,from,to,opening,credited,paid,expired,closing,committed,available\n"
    )


def test_hours_and_a_workspace_without_requests(tmp_path: Path) -> None:
    hours = PROGRAM.replace("[claims]", 'unit = "hours"\n\n[claims]').replace("10_000", "40")
    root = write_workspace(tmp_path / "w", programs={"fund": hours})
    report = told(root, "2026-03")
    assert {(row["unit"], row["available"]) for row in report["statement"]} == {("hours", "40")}
    plain = incentivectl("mdf", "2026-03", "-w", root).stdout
    assert "The table `mdf_requests` is missing." in plain
    assert "The table `mdf_claims` is missing." in plain
    assert not (root / "reports").exists()


def test_without_a_fund_it_says_so(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "rebates")
    result = incentivectl("mdf", "-w", root)
    assert result.exit_code == 3
    assert "no program of kind `mdf`" in result.stderr
    early = incentivectl("mdf", "2025-12", "-w", workspace(tmp_path))
    assert early.exit_code == 3
    assert "no fund has begun by 2025-12-31" in early.stderr
    assert "fund begins on 2026-01-01" in early.stderr


def test_the_rest_is_refused_like_everywhere(tmp_path: Path) -> None:
    root = workspace(tmp_path, partners=PARTNERS)
    assert incentivectl("mdf", "P1", "-w", root).exit_code == 2
    assert incentivectl("mdf", "2026-06", "-w", root, "-o", "fund.pdf").exit_code == 2
    assert incentivectl("mdf", "2026-06", "P1", "-w", root, "-q").stdout == ""
