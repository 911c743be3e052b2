"""Each way in which a program might pay wrongly breaks a check of the run, for every kind."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from unittest import mock

import polars as pl
import pytest

from incentivectl.engine import samples
from incentivectl.engine.engine import Settled, settle
from incentivectl.ingest.inputs import Inputs
from incentivectl.kinds.activity import rules as activity
from incentivectl.kinds.catalogue import KINDS
from incentivectl.kinds.contest import rules as contest
from incentivectl.kinds.deal_registration import rules as deal_registration
from incentivectl.kinds.discount import recomputed
from incentivectl.kinds.discount import rules as discount
from incentivectl.kinds.mdf import rules as mdf
from incentivectl.kinds.rebate import rules as rebate
from incentivectl.rules.case import Asked, Case, Earned
from incentivectl.run.known import channel_of
from incentivectl.run.loading import Loaded, load, period_of, read_inputs
from tests.small_workspace import write_workspace

HEAD = """
id = "{id}"
name = "{id}"
kind = "{kind}"
starts = 2026-07-01
ends = 2026-09-30
period = "month"
"""
BY_LINE = 'tiers = [{ from = 0, rate = "2%" }, { from = 500, rate = "3.3333%", bonus = 7 }]'
BODIES = {
    "rebate": f"[reward]\n{BY_LINE}",
    "marginal": f'[reward]\ntier_mode = "marginal"\n{BY_LINE}',
    "spif": 'payee = "rep"\n[reward]\nper_unit = 2',
    "discount": f"[reward]\n{BY_LINE}",
    "by-sale": f'[reward]\ntier_scope = "sale"\ntier_mode = "marginal"\n{BY_LINE}',
    "by-period": f'[reward]\ntier_scope = "period"\n{BY_LINE}',
    "of-reps": f'payee = "rep"\n[reward]\ntier_mode = "marginal"\n{BY_LINE}',
    "net-price": "[reward]\nnet_price = 80",
    "deals": '[registration]\nloser_share = "33.3333%"\n[reward]\nrate = "5%"\nbonus = 11',
    "contest": "[reward]\nprizes = [100, 50.05, 25]",
    "activity": '[[reward]]\nactivity = "training"\namount = 12.5\n[[reward]]\nactivity = "lead"\namount = 3',
    "mdf": '[fund]\nallocate = 100\n[claims]\nreimburse = "50%"',
}
KIND_OF = {
    "marginal": "rebate",
    "by-sale": "discount",
    "by-period": "discount",
    "of-reps": "discount",
    "net-price": "discount",
    "deals": "deal_registration",
}
TABLES = {
    "partners": "partner_id,name\nP1,Alpha\nP2,Beta\nP3,Gamma\n",
    "reps": "rep_id,name,partner_id\nR1,Ann,P1\nR2,Bob,P1\n",
    "products": "product_id,list_price\nA,100\nB,50\n",
    "sales": """\
sale_id,line_id,sold_on,partner_id,rep_id,product_id,customer_id,quantity,amount,return_of
S1,1,2026-07-03,P1,R1,A,C1,3,600.10,
S1,2,2026-07-03,P1,R1,B,C1,1,100,
S2,1,2026-07-04,P1,R2,A,C1,2,450,
S3,1,2026-07-05,P2,R1,A,C2,1,450,
S4,1,2026-07-06,P3,R2,A,C2,1,450,
R1,1,2026-08-20,P1,R1,A,C1,-1,-50.05,S1
S5,1,2026-08-09,P1,R1,A,C1,1,70,
""",
    "credits": "sale_id,rep_id,share\nS1,R1,0.333334\nS1,R2,0.666666\n",
    "deals": """\
deal_id,partner_id,customer_id,registered_on,status,approved_on,expires_on
D1,P1,C1,2026-07-01,approved,2026-07-01,2026-09-30
D2,P2,C2,2026-07-01,approved,2026-07-01,2026-09-30
D3,P3,C2,2026-07-02,approved,2026-07-02,2026-09-30
""",
    "activities": """\
activity_id,activity,partner_id,rep_id,done_on
T1,training,P1,R1,2026-07-03
T2,training,P1,R1,2026-07-04
T3,lead,P1,R1,2026-07-05
T4,lead,P2,R2,2026-08-05
""",
    "mdf_requests": """\
request_id,program_id,partner_id,activity,requested_on,amount,approved_on,ends_on,status
Q1,mdf,P1,event,2026-07-01,300,2026-07-02,2026-07-20,approved
Q2,mdf,P2,event,2026-07-01,40,2026-07-02,2026-07-20,approved
""",
    "mdf_claims": """\
claim_id,request_id,claimed_on,amount,final
K1,Q1,2026-07-10,60,false
K2,Q1,2026-07-11,600,true
K3,Q2,2026-08-01,30.05,true
""",
}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Loaded, Inputs]:
    root: Path = tmp_path_factory.mktemp("faults")
    programs = {
        name: HEAD.format(id=name, kind=KIND_OF.get(name, name)) + body
        for name, body in BODIES.items()
    }
    write_workspace(root, programs=programs, tables=TABLES)
    loaded = load(root)
    return loaded, read_inputs(loaded, root / "scratch", lambda _: None, cached=False)


def settled(inputs: tuple[Loaded, Inputs], program_id: str) -> Settled:
    loaded, found = inputs
    period = period_of("2026-09", loaded.workspace, date(2026, 11, 24))
    channel = channel_of(loaded.workspace, found, period)
    (one,) = settle(loaded.programs, channel, only=[program_id])
    return one


def broken(one: Settled) -> list[str]:
    return [check.name for check in one.checks if not check.held]


def published(
    change: Callable[[pl.LazyFrame], pl.LazyFrame], kind: str
) -> AbstractContextManager[object]:
    """What `kind` publishes as contributions, changed; its rewards are as they are."""
    rules = KINDS[kind].rules
    contributions = rules.contributions

    def wrong(case: Case, counted: Asked, of_program: Earned) -> pl.LazyFrame:
        return change(contributions(case, counted, of_program))

    return mock.patch.object(rules, "contributions", wrong)


def doubled(contributions: pl.LazyFrame) -> pl.LazyFrame:
    return pl.concat([contributions, contributions])


def without_one(contributions: pl.LazyFrame) -> pl.LazyFrame:
    """Without the first that pays something."""
    pays = pl.col("contribution") != 0
    return contributions.filter(~(pays & (pays.cum_sum() == 1)))


def paid_to_others(contributions: pl.LazyFrame) -> pl.LazyFrame:
    """Each payee's contributions go to the next payee."""
    others = {"P1": "P2", "P2": "P3", "P3": "P1", "R1": "R2", "R2": "R1"}
    return contributions.with_columns(pl.col("payee_id").replace_strict(others))


@pytest.mark.parametrize("program_id", BODIES)
def test_without_a_fault_everything_holds(inputs: tuple[Loaded, Inputs], program_id: str) -> None:
    one = settled(inputs, program_id)
    assert broken(one) == []
    assert (one.earnings["entitlement"] != 0).any()


@pytest.mark.parametrize("fault", [doubled, without_one, paid_to_others])
@pytest.mark.parametrize("program_id", BODIES)
def test_published_contributions_that_are_wrong_are_found(
    inputs: tuple[Loaded, Inputs],
    program_id: str,
    fault: Callable[[pl.LazyFrame], pl.LazyFrame],
) -> None:
    with published(fault, KIND_OF.get(program_id, program_id)):
        assert "contributions add up to the reward" in broken(settled(inputs, program_id))


@pytest.mark.parametrize("limit", ["MOST_LINES", "MOST_IN_ALL"])
def test_of_many_lines_some_payees_are_added_up_and_the_check_says_so(
    inputs: tuple[Loaded, Inputs], limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven lines, of which one may be added up: every eighth payee is, which is the first of three."""
    monkeypatch.setattr(samples, limit, 1)
    details = {check.name: check.detail for check in settled(inputs, "rebate").checks}
    said = "rebate: 1 of 3 payees checked"
    assert details["contributions add up to the reward"] == said
    with published(doubled, "rebate"):
        assert broken(settled(inputs, "rebate")) == ["contributions add up to the reward"]


def test_of_many_discount_lines_some_are_worked_out_with_their_sales(
    inputs: tuple[Loaded, Inputs], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every fourth of seven rows, from 0: S1's first line and S4's; with S1 its other lines and return."""
    monkeypatch.setattr(recomputed, "MOST_LINES", 2)
    details = {check.name: check.detail for check in settled(inputs, "by-sale").checks}
    name = "discounts, recomputed line by line, match what was paid"
    assert details[name] == "by-sale: 4 of 7 lines recomputed"


def tripled(frame: pl.LazyFrame, column: str, value: str) -> pl.LazyFrame:
    """The rows with this value three times."""
    wanted = frame.filter(pl.col(column) == value)
    return pl.concat([frame, wanted, wanted])


# Where lines, activities and claims come from, so that rewards and contributions are wrong alike.
SHARED = {
    "rebate": (rebate, "with_payees"),
    "marginal": (rebate, "with_payees"),
    "spif": (rebate, "with_payees"),
    "discount": (discount, "with_payees"),
    "by-sale": (discount, "with_payees"),
    "of-reps": (discount, "with_payees"),
    "net-price": (discount, "with_payees"),
    "deals": (deal_registration, "with_payees"),
    "contest": (contest, "with_payees"),
    "mdf": (mdf, "with_payees"),
}


@pytest.mark.parametrize("program_id", SHARED)
def test_a_line_that_is_shared_out_three_times_is_found(
    inputs: tuple[Loaded, Inputs], program_id: str
) -> None:
    module, name = SHARED[program_id]
    with_payees = getattr(module, name)

    def wrong(case: Case, counted: pl.LazyFrame, *shared: object) -> pl.LazyFrame:
        return tripled(with_payees(case, counted, *shared), "sale_id", "S2")

    with mock.patch.object(module, name, wrong):
        assert broken(settled(inputs, program_id)) != []


@pytest.mark.parametrize("program_id", [*SHARED, "by-period"])
def test_a_line_that_counts_three_times_is_found(
    inputs: tuple[Loaded, Inputs], program_id: str
) -> None:
    """Three times its amount, once it is judged."""
    module = SHARED.get(program_id, (discount, ""))[0]
    judged = module.judged

    def wrong(case: Case, windows: object, **more: object) -> pl.LazyFrame:
        return tripled(judged(case, windows, **more), "sale_id", "S2")

    with mock.patch.object(module, "judged", wrong):
        assert broken(settled(inputs, program_id)) != []


@pytest.mark.parametrize("program_id", ["discount", "by-sale", "of-reps", "net-price"])
def test_a_discount_line_that_is_paid_three_times_is_found(
    inputs: tuple[Loaded, Inputs], program_id: str
) -> None:
    """Its reward is wrong as well: it is the sum of what its lines are paid."""
    shared = discount._shared
    three = pl.lit(3, dtype=pl.Decimal(38, 0))

    def wrong(case: Case, lines: pl.LazyFrame, pay: str, source: str) -> pl.LazyFrame:
        paid = pl.col("contribution")
        return shared(case, lines, pay, source).with_columns(
            pl.when(pl.col("sale_id") == "S2").then(paid * three).otherwise(paid)
        )

    with mock.patch.object(discount, "_shared", wrong):
        assert broken(settled(inputs, program_id)) == [
            "discounts, recomputed line by line, match what was paid"
        ]


def test_an_activity_that_is_paid_three_times_is_found(inputs: tuple[Loaded, Inputs]) -> None:
    paid = activity._paid

    def three_rows(*arguments: object) -> pl.DataFrame:
        return tripled(paid(*arguments).lazy(), "activity_id", "T2").collect()

    def three_amounts(*arguments: object) -> pl.DataFrame:
        amount = pl.col("amount")
        is_it = pl.col("activity_id") == "T2"
        return paid(*arguments).with_columns(pl.when(is_it).then(amount * 3).otherwise(amount))

    for wrong in (three_rows, three_amounts):
        with mock.patch.object(activity, "_paid", wrong):
            assert broken(settled(inputs, "activity")) != []


def test_a_claim_that_is_paid_three_times_is_found(inputs: tuple[Loaded, Inputs]) -> None:
    run_fund = mdf.run_fund

    def wrong(*arguments: object) -> object:
        fund = run_fund(*arguments)
        fund.movements += [m for m in fund.movements if m.item_id == "K1"] * 2
        return fund

    with mock.patch.object(mdf, "run_fund", wrong):
        assert broken(settled(inputs, "mdf")) == [
            "contributions add up to the reward",
            "no bonus, activity or claim is paid twice",
        ]


def test_a_prize_that_is_won_three_times_is_found(inputs: tuple[Loaded, Inputs]) -> None:
    shared_prizes = contest.shared_prizes

    def wrong(*arguments: object) -> list[tuple[str, object]]:
        return [(payee, prize * 3) for payee, prize in shared_prizes(*arguments)]

    with mock.patch.object(contest, "shared_prizes", wrong):
        assert broken(settled(inputs, "contest")) == ["contributions add up to the reward"]
