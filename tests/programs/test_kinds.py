"""The models of the kinds: their own keys, their defaults, and the keys that mean nothing there."""

from decimal import Decimal

import pytest

from incentivectl.core.errors import Problem
from incentivectl.kinds.activity.model import ActivityProgram
from incentivectl.kinds.catalogue import KINDS
from incentivectl.kinds.contest.model import ContestProgram
from incentivectl.kinds.deal_registration.model import DealRegistrationProgram
from incentivectl.kinds.discount.model import DiscountProgram
from incentivectl.kinds.mdf.model import MdfProgram
from tests.programs.writing import HEAD, checked, line_of, read, sound, told

DISCOUNT = '[reward]\ntiers = [{ from = 0, rate = "1%" }]\n'
DEAL = '[reward]\nrate = "5%"\n'
ACTIVITY = '[[reward]]\nactivity = "training"\namount = 50\n'
CONTEST = "[reward]\nprizes = [5_000, 2_500]\n"
LEVEL = '[level]\nmetric = "revenue"\nlevels = [{ name = "gold", at_least = 1 }]\n'
MDF = '[fund]\naccrue = "1.5%"\n'
SMALLEST = {
    "rebate": DEAL,
    "spif": DEAL,
    "discount": DISCOUNT,
    "deal_registration": DEAL,
    "activity": ACTIVITY,
    "contest": CONTEST,
    "mdf": MDF,
    "level": LEVEL,
}


def program_text(kind: str, body: str, *head: str) -> str:
    return "\n".join([HEAD.rstrip("\n").replace("rebate", kind), *head, body])


def test_every_kind_has_a_smallest_program() -> None:
    assert set(KINDS) == set(SMALLEST)
    for kind, body in SMALLEST.items():
        text = program_text(kind, body)
        assert type(sound(text)) is KINDS[kind].model
        assert checked(text) == []


def test_payees_by_default() -> None:
    payees = {kind: sound(program_text(kind, body)).payee for kind, body in SMALLEST.items()}
    assert {kind for kind, payee in payees.items() if payee == "rep"} == {"spif", "activity"}
    assert set(payees.values()) == {"partner", "rep"}


def test_a_discount() -> None:
    program = sound(program_text("discount", DISCOUNT))
    assert isinstance(program, DiscountProgram)
    assert program.reward[0].tier_scope == "line"
    assert program.reward[0].net_price is None
    program = sound(program_text("discount", "[reward]\nnet_price = 18.5\n"))
    assert isinstance(program, DiscountProgram)
    assert program.reward[0].net_price == Decimal("18.5")


def test_in_a_discount_when_may_name_anything() -> None:
    body = '[reward]\nrate = 0.1\nwhen = { "customer.segment" = "public", "rep.name" = "x" }\n'
    assert checked(program_text("discount", body)) == []


def test_a_deal_registration() -> None:
    program = sound(program_text("deal_registration", DEAL))
    assert isinstance(program, DealRegistrationProgram)
    rules = program.registration
    assert (rules.protection_days, rules.loser_share, rules.cap) == (90, Decimal(0), None)
    body = '[registration]\nprotection_days = 80\nloser_share = "33.3%"\ncap = "registered"\n'
    program = sound(program_text("deal_registration", body + DEAL + "bonus = 75\n"))
    assert isinstance(program, DealRegistrationProgram)
    rules = program.registration
    assert (rules.protection_days, rules.cap) == (80, "registered")
    assert rules.loser_share == Decimal("0.333")


def test_activities() -> None:
    body = ACTIVITY + 'min_score = 80\nonce_per = "subject"\n' + ACTIVITY
    program = sound(program_text("activity", body))
    assert isinstance(program, ActivityProgram)
    first, second = program.reward
    assert (first.activity, first.amount) == ("training", Decimal(50))
    assert (first.min_score, first.once_per) == (Decimal(80), "subject")
    assert (second.min_score, second.once_per) == (None, "none")


def test_a_contest() -> None:
    program = sound(program_text("contest", CONTEST))
    assert isinstance(program, ContestProgram)
    (reward,) = program.reward
    assert (reward.rank_by, reward.minimum) == ("revenue", None)
    assert reward.prizes == (Decimal(5000), Decimal(2500))


def test_a_fund() -> None:
    program = sound(program_text("mdf", MDF))
    assert isinstance(program, MdfProgram)
    assert (program.fund.accrue, program.fund.allocate) == (Decimal("0.015"), None)
    assert (program.fund.expires_after_months, program.fund.unit) == (None, "money")
    claims = program.claims
    assert (claims.reimburse, claims.activities) == (Decimal(1), None)
    assert (claims.within_days, claims.proof_required) == (None, False)
    body = """\
[fund]
allocate = { gold = 10_000, silver = 5_000.5 }
expires_after_months = 6
unit = "hours"
[claims]
reimburse = "50%"
activities = ["event", "digital"]
within_days = 60
proof_required = true
"""
    program = sound(program_text("mdf", body))
    assert isinstance(program, MdfProgram)
    assert program.fund.allocate == {"gold": Decimal(10000), "silver": Decimal("5000.5")}
    assert program.fund.expires_after_months == 6
    assert (program.claims.reimburse, program.claims.within_days) == (Decimal("0.5"), 60)
    assert program.claims.activities == ("event", "digital")
    assert program.claims.proof_required


@pytest.mark.parametrize(
    ("kind", "body", "code", "says", "at"),
    [
        ("rebate", DEAL + "prizes = [1]\n", "key-without-meaning", "belongs to contest", "prizes"),
        ("rebate", DEAL + "net_price = 1\n", "key-without-meaning", "to discount", "net_price"),
        ("rebate", "[registration]\n" + DEAL, "key-without-meaning", "deal_registration", "[regi"),
        ("spif", MDF + DEAL, "key-without-meaning", "belongs to mdf", "[fund]"),
        ("deal_registration", DISCOUNT, "key-without-meaning", "`rate`, `per_unit`", "tiers"),
        ("activity", ACTIVITY + "rate = 0.1\n", "key-without-meaning", "its `amount`", "rate"),
        (
            "activity",
            "priority = 3\n" + ACTIVITY,
            "key-without-meaning",
            "not sale lines",
            "priority",
        ),
        ("contest", CONTEST + "rate = 0.1\n", "key-without-meaning", "`prizes`", "rate"),
        ("mdf", MDF + DEAL, "key-without-meaning", "a fund pays claims", "[reward]"),
        (
            "mdf",
            'gate = { metric = "lines", at_least = 1 }\n' + MDF,
            "key-without-meaning",
            "a fund pays",
            "gate",
        ),
        (
            "activity",
            'payee = "distributor"\n' + ACTIVITY,
            "unknown-choice",
            "partner, rep",
            "payee",
        ),
        ("mdf", 'payee = "rep"\n' + MDF, "unknown-choice", "who has a fund", "payee"),
        (
            "discount",
            DISCOUNT + 'tier_scope = "month"\n',
            "unknown-choice",
            "judged on",
            "tier_scope",
        ),
        ("discount", "[reward]\nnet_price = -1\n", "negative", "must not be negative", "net_price"),
        (
            "deal_registration",
            'registration.cap = "x"\n' + DEAL,
            "unknown-choice",
            "a cap",
            "registration.",
        ),
        (
            "deal_registration",
            "registration.loser_share = 2\n" + DEAL,
            "rate-over-100-percent",
            "200 %",
            "registration.",
        ),
        (
            "activity",
            '[[reward]]\nactivity = "x"\n',
            "missing-key",
            "`amount` is missing",
            "[[reward]]",
        ),
        ("activity", ACTIVITY + 'once_per = "week"\n', "unknown-choice", "how often", "once_per"),
        ("activity", ACTIVITY + 'min_score = "80%"\n', "wrong-type", "a number", "min_score"),
        (
            "contest",
            '[reward]\nrank_by = "revenue"\n',
            "missing-key",
            "`prizes` is missing",
            "[reward]",
        ),
        ("contest", "[reward]\nprizes = []\n", "empty-list", "the list is empty", "prizes"),
        ("contest", "[reward]\nprizes = 500\n", "wrong-type", "a list of prizes", "prizes"),
        ("contest", "[reward]\nprizes = [-1]\n", "negative", "must not be negative", "prizes"),
        ("mdf", "[claims]\n", "missing-key", "`fund` is missing", "id ="),
        ("mdf", MDF + "expires_after_months = 0\n", "not-positive", "at least 1", "expires"),
        ("mdf", MDF + 'unit = "days"\n', "unknown-choice", "a unit of funds", "unit"),
        ("mdf", MDF + "allocate = { gold = -1 }\n", "negative", "`gold`", "allocate"),
        ("mdf", MDF + "[claims]\nactivities = []\n", "empty-list", "is empty", "activities"),
    ],
)
def test_keys_that_cannot_be(kind: str, body: str, code: str, says: str, at: str) -> None:
    text = program_text(kind, body)
    problem = told(read(text)[1], code)
    assert says in problem.message
    assert problem.line == line_of(text, at)
    assert problem.severity == "error"


@pytest.mark.parametrize(
    ("kind", "body", "code", "says", "at", "severity"),
    [
        (
            "discount",
            '[reward]\nrate = 0.1\ntier_scope = "sale"\n',
            "no-tiers",
            "no effect",
            "tier_scope",
            "warning",
        ),
        (
            "discount",
            DISCOUNT + 'tiers_by = "customers"\n',
            "metric-without-scope",
            "a single line has no customers",
            "tiers_by",
            "error",
        ),
        (
            "discount",
            DISCOUNT + 'tier_scope = "sale"\ntiers_by = "growth"\n',
            "metric-without-scope",
            "a single sale has no growth",
            "tiers_by",
            "error",
        ),
        (
            "discount",
            DISCOUNT + 'pays_on = "increment"\n',
            "metric-without-scope",
            "no increment",
            "pays_on",
            "error",
        ),
        (
            "discount",
            "[reward]\nnet_price = 1\nrate = 0.1\n",
            "beside-net-price",
            "`rate`",
            "rate",
            "error",
        ),
        ("discount", "[reward]\n", "pays-nothing", "pays nothing", "[reward]", "error"),
        (
            "activity",
            'gate = { metric = "lines", at_least = 1 }\n' + ACTIVITY,
            "gate-without-lines",
            "lines is measured",
            "gate",
            "error",
        ),
        (
            "activity",
            '[eligible]\n"sale.amount" = 1\n' + ACTIVITY,
            "condition-out-of-place",
            "partner.* and rep.*",
            '"sale.amount"',
            "error",
        ),
        ("contest", "[reward]\nprizes = [1, 2]\n", "prizes-grow", "2 after 1", "prizes", "warning"),
        (
            "contest",
            CONTEST + 'rank_by = "growth"\n',
            "growth-without-baseline",
            "previous year",
            "rank_by",
            "warning",
        ),
        (
            "contest",
            CONTEST + '[limits]\nbudget = 5\nover_budget = "first_come"\n',
            "first-come-without-lines",
            "a rank",
            "over_budget",
            "error",
        ),
        (
            "mdf",
            MDF + '[limits]\nbudget = 5\nover_budget = "first_come"\n',
            "first-come-without-lines",
            "not sale lines",
            "over_budget",
            "error",
        ),
        (
            "deal_registration",
            DEAL + 'bonus = 5\n[limits]\nbudget = 5\nover_budget = "first_come"\n',
            "first-come-without-lines",
            "bonus",
            "over_budget",
            "error",
        ),
        (
            "mdf",
            "[fund]\nexpires_after_months = 1\n",
            "empty-fund",
            "nothing is ever credited",
            "[fund]",
            "error",
        ),
        ("mdf", MDF + 'unit = "hours"\n', "accrue-in-hours", "in hours", "accrue", "error"),
        (
            "mdf",
            '[eligible]\n"sale.amount" = 1\n[fund]\nallocate = 5\n',
            "unused-condition",
            "do not depend on lines",
            '"sale.amount"',
            "warning",
        ),
    ],
)
def test_checks(kind: str, body: str, code: str, says: str, at: str, severity: str) -> None:
    text = program_text(kind, body)
    problem = told(checked(text), code)
    assert says in problem.message
    assert problem.line == line_of(text, at)
    assert problem.severity == severity


def first_come(kind: str, body: str) -> list[Problem]:
    return checked(program_text(kind, body + '[limits]\nbudget = 5\nover_budget = "first_come"\n'))


def test_first_come_where_rewards_belong_to_lines_or_activities() -> None:
    marginal = '[reward]\ntier_mode = "marginal"\ntiers = [{ from = 0, rate = 0.1 }]\n'
    assert first_come("activity", ACTIVITY) == []
    assert first_come("deal_registration", DEAL) == []
    assert first_come("discount", "[reward]\nnet_price = 5\n") == []
    assert first_come("discount", marginal) == []
    told(first_come("discount", marginal + 'tier_scope = "sale"\n'), "first-come-without-lines")


def test_entries_that_no_activity_reaches() -> None:
    text = program_text("activity", ACTIVITY + "min_score = 80\n" + ACTIVITY)
    assert checked(text) == []
    text = program_text("activity", ACTIVITY + ACTIVITY + "min_score = 80\n")
    assert told(checked(text), "unreachable-reward").line == 9
    other = ACTIVITY.replace("training", "lead")
    assert checked(program_text("activity", ACTIVITY + other)) == []


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("deal_registration", 'deals = [{ deal_id = "D", approved_on = 2026-07-01, amount = 5 }]'),
        ("activity", 'activities = [{ activity = "training", score = 80, passed = true }]'),
        ("mdf", "requests = [{ amount = 5 }]\nclaims = [{ amount = 5, final = true }]"),
        ("contest", "sales = [{ amount = 3 }]"),
    ],
)
def test_examples(kind: str, rows: str) -> None:
    example = f'[[example]]\nname = "x"\nexpect = 0\n{rows}\n'
    assert checked(program_text(kind, SMALLEST[kind] + example)) == []
    if kind != "contest":
        problems = checked(program_text("spif", DEAL + example))
        assert {problem.code for problem in problems} == {"key-without-meaning"}


def test_an_example_of_a_gate_on_activities() -> None:
    body = (
        '[gate]\nmetric = "activity.training"\nat_least = 1\n[[example]]\nname = "x"\nexpect = 0\n'
        'activities = [{ payee = "A", activity = "training", scor = 3 }]\n'
    )
    problem = told(checked(program_text("rebate", DEAL + body)), "unknown-field")
    assert "`scor` is neither a column of activities" in problem.message
    assert "score" in problem.hint


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_schemas_name_only_keys_that_mean_something(kind: str) -> None:
    schema = KINDS[kind].model.model_json_schema(by_alias=True)
    assert {"id", "name", "kind", "starts", "ends"} <= set(schema["properties"])
    assert ("reward" in schema["properties"]) == (kind not in ("mdf", "level"))
    assert ("priority" in schema["properties"]) == (kind not in ("activity", "level"))
    assert ("registration" in schema["properties"]) == (kind == "deal_registration")
    rewards = [part for name, part in schema["$defs"].items() if name.endswith("Reward")]
    assert all(
        ("tiers" in r["properties"]) == (kind in ("rebate", "spif", "discount")) for r in rewards
    )


def test_rules_of_different_kinds_have_different_hashes() -> None:
    hashes = {sound(program_text(kind, body)).rule_hash for kind, body in SMALLEST.items()}
    assert len(hashes) == len(KINDS)
    text = program_text("contest", CONTEST)
    assert sound(text).rule_hash != sound(text.replace("2_500", "2_501")).rule_hash
    assert sound(text).rule_hash == sound(text + 'rank_by = "revenue"\n').rule_hash
