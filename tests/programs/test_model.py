"""What program files hold: values, defaults, and every key that cannot be."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from incentivectl.programs.gate import Baseline, Gate
from incentivectl.programs.payout_rules import Limits, PayoutRules
from incentivectl.programs.reward import Reward, Tier
from tests.programs.writing import HEAD, line_of, read, rebate, sound, told


def test_defaults() -> None:
    program = sound(rebate())
    assert (program.id, program.name, program.kind) == ("q3", "Q3", "rebate")
    assert (program.starts, program.ends) == (date(2026, 7, 1), date(2026, 9, 30))
    assert (program.period, program.payee, program.settle) == ("program", "partner", "end")
    assert (program.currency, program.exclusive_group, program.priority) == (None, None, 0)
    assert (program.eligible, program.gate, program.baseline, program.boost) == ((), (), None, ())
    assert program.limits == Limits(per_payee=None, budget=None, over_budget="prorate")
    assert program.payout == PayoutRules(methods=("cash",), points_per_unit=Decimal(1), hold_days=0)
    assert program.reward == (Reward(rate=Decimal("0.02")),)
    (reward,) = program.reward
    assert (reward.tiers_by, reward.tier_mode, reward.pays_on) == (
        "revenue", "retroactive", "revenue",
    )  # fmt: skip
    assert program.file == Path("/ws/programs/q3.toml")


def test_a_spif_pays_reps() -> None:
    program = sound(rebate(head=HEAD.replace("rebate", "spif")))
    assert program.payee == "rep"
    assert (
        sound(rebate('payee = "partner"', head=HEAD.replace("rebate", "spif"))).payee == "partner"
    )


def test_the_program_of_the_contract() -> None:
    program = sound(
        HEAD
        + """\
objective = "Lift sell-through"
period = "quarter"
currency = "USD"
exclusive_group = "hardware"
priority = 10
[eligible]
"partner.tier" = ["gold", "silver"]
"partner.tenure_years" = { min = 1 }
[gate]
metric = "activity.certification"
at_least = 10
[baseline]
from = "previous_year"
[reward]
tiers = [
  { from = 0,       rate = "1%" },
  { from = 250_000, rate = 0.02 },
  { from = 500_000, rate = "3.5%", bonus = 5_000 },
]
[[boost]]
when = { "partner.tenure_years" = { min = 3 } }
factor = 1.1
[limits]
per_payee = 60_000
budget = 1_000_000
[payout]
methods = ["cash", "gift_card"]
points_per_unit = 100
hold_days = 30
[[example]]
name = "reaches the second tier"
sales = [{ amount = 300_000, "partner.tier" = "gold" }]
expect = { A = 6_000, B = 0 }
"""
    )
    assert program.gate == (Gate(metric="activity.certification", at_least=Decimal(10)),)
    assert program.baseline == Baseline(from_="previous_year", if_missing="exclude")
    assert program.reward[0].tiers == (
        Tier(from_=Decimal(0), rate=Decimal("0.01")),
        Tier(from_=Decimal(250000), rate=Decimal("0.02")),
        Tier(from_=Decimal(500000), rate=Decimal("0.035"), bonus=Decimal(5000)),
    )
    assert program.boost[0].factor == Decimal("1.1")
    (example,) = program.example
    assert example.sales == ({"amount": Decimal(300000), "partner.tier": "gold"},)
    assert example.expect == {"A": Decimal(6000), "B": Decimal(0)}


def test_growth_without_a_baseline_is_over_the_previous_year() -> None:
    program = sound(rebate(reward='[reward]\npays_on = "increment"\nrate = 0.1\n'))
    assert program.baseline == Baseline(from_="previous_year", if_missing="exclude")


def test_prices_by_product(tmp_path: Path) -> None:
    text = rebate(reward='[reward]\nper_product = { "SKU-1" = 50, "SKU-2" = 7.5 }\n')
    prices = {"SKU-1": Decimal(50), "SKU-2": Decimal("7.5")}
    assert sound(text).reward[0].per_product == prices
    (tmp_path / "prices.csv").write_text("name,product_id,per_unit\nOne,SKU-1,50\nTwo,SKU-2,7.5\n")
    text = rebate(reward='[reward]\nper_product = "prices.csv"\n')
    assert sound(text, tmp_path).reward[0].per_product == prices


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        ("sku,price\nA,1\n", "list-without-column", "no column product_id and no column per_unit"),
        ("product_id,per_unit\n", "empty-list", "is empty"),
        ("product_id,per_unit\nA,x\n", "bad-list-row", 'prices.csv:2: invalid number "x"'),
        ("product_id,per_unit\nA,-1\n", "bad-list-row", "prices.csv:2: -1 is below 0"),
        ("product_id,per_unit\nA,1\nA,2\n", "bad-list-row", "prices.csv:3: product_id A"),
    ],
)
def test_files_of_prices_that_cannot_be_read(
    tmp_path: Path, content: str, code: str, says: str
) -> None:
    (tmp_path / "prices.csv").write_text(content)
    text = rebate(reward='[reward]\nper_product = "prices.csv"\n')
    problem = told(read(text, tmp_path)[1], code)
    assert says in problem.message
    assert problem.line == line_of(text, "per_product")


@pytest.mark.parametrize(
    ("line", "code", "says", "hint"),
    [
        ("teirs = 3", "unknown-key", "unknown key `teirs`", ""),
        ("budget = 3", "unknown-key", "unknown key `budget`", "belongs in [limits]"),
        ("starts_on = 2026-01-01", "unknown-key", "`starts_on`", "did you mean `starts`?"),
        ('period = "quartely"', "unknown-choice", '"quartely" is not a period', "`quarter`"),
        ("period = 3", "wrong-type", "`period`: expected text, not the number 3", "quotes"),
        ('payee = "reps"', "unknown-choice", "is not a payee", "`rep`"),
        ('currency = "usd"', "not-a-currency", 'invalid currency code "usd"', "USD"),
        ("priority = 1.5", "wrong-type", "expected a whole number", ""),
        ("priority = true", "wrong-type", "expected a whole number, not true", ""),
        ('exclusive_group = " "', "empty-text", "must not be empty", ""),
        ('gate = "x"', "wrong-type", "expected a table", ""),
        ('gate = { metric = "quantty", at_least = 1 }', "unknown-metric", "quantty", "`quantity`"),
        ('gate = { metric = "activity.", at_least = 1 }', "unknown-metric", "activity.", ""),
        ('gate = { metric = "lines" }', "missing-key", "`at_least` is missing in [gate]", ""),
        ('baseline.from = "last"', "unknown-choice", '"last" is not a baseline', ""),
        ("limits.per_payee = -1", "negative", "`per_payee` in [limits]: must not be negative", ""),
        ("limits.budget = inf", "not-finite", "expected a finite number", ""),
        ("limits.budget = nan", "not-finite", "expected a finite number", ""),
        ("limits.budget = true", "wrong-type", "expected a number, not true", ""),
        ('limits.budget = "1000"', "wrong-type", 'the text "1000"', "without quotes"),
        ("limits.budget = 1_000_000_000_000", "too-large", "more than 12 digits", ""),
        ("limits.budget = 0.0000001", "too-precise", "more than 6 decimals", ""),
        ('limits.over_budget = "stop"', "unknown-choice", '"stop" is not a way', ""),
        ('payout.methods = ["giftcard"]', "unknown-choice", "not a payout method", "`gift_card`"),
        ('payout.methods = ["cash", "cash"]', "named-twice", "is listed twice", ""),
        ("payout.methods = []", "empty-list", "the list is empty", "choose from cash"),
        ("payout.points_per_unit = 0", "not-positive", "must be above 0", ""),
        ("payout.hold_days = -1", "negative", "must not be negative", ""),
        ("boost = { factor = 1 }", "wrong-type", "expected a list, not a table", "[[…]]"),
        ("boost = [{ factor = 1 }]", "missing-key", "`when` is missing in [[boost]]", ""),
        ("eligible = 3", "wrong-type", "expected a table of conditions", ""),
        ('example = [{ name = "x" }]', "missing-key", "`expect` is missing in [[example]]", ""),
        (
            'example = [{ name = "x", expect = "y" }]',
            "wrong-type",
            "`expect` in [[example]]: expected a number",
            "",
        ),
        (
            'example = [{ name = "x", expect = 0, sales = [{ amount = [1] }] }]',
            "wrong-type",
            "`amount` in [[example.sales]]: expected a single value",
            "",
        ),
    ],
)
def test_keys_that_cannot_be(line: str, code: str, says: str, hint: str) -> None:
    problem = told(read(rebate(line))[1], code)
    assert says in problem.message
    assert hint in problem.hint
    assert (problem.line, problem.severity) == (6, "error")
    assert problem.excerpt == line


@pytest.mark.parametrize(
    ("line", "code", "says", "hint"),
    [
        ("teirs = []", "unknown-key", "unknown key `teirs` in [reward]", "did you mean `tiers`?"),
        ("rate = 2.5", "rate-over-100-percent", "250 %", 'write "2.5%"'),
        ('rate = "250%"', "rate-over-100-percent", "250 %", ""),
        ('rate = "2,5%"', "wrong-type", "expected a rate", '"2.5%"'),
        ("rate = -0.1", "negative", "must not be negative", ""),
        ("rate = 0.0000001", "too-precise", "more than 6 decimals", ""),
        ('rate = "0.00001%"', "too-precise", "more than 6 decimals", ""),
        ("rate = true", "wrong-type", "expected a number, not true", ""),
        ("tiers_by = 'revenu'", "unknown-choice", "is not a metric", "`revenue`"),
        ("tier_mode = 'flat'", "unknown-choice", "is not a tier mode", ""),
        ("pays_on = 'margin'", "unknown-choice", "is not what a rate pays on", ""),
        ("tiers = [{ rate = 0.1 }]", "missing-key", "`from` is missing in [[reward.tiers]]", ""),
        ("tiers = [{ from_ = 1, from = 1 }]", "unknown-key", "`from_`", "`from`"),
        ("tiers = [3]", "wrong-type", "expected a table, not the number 3", ""),
        ("per_unit = -3", "negative", "must not be negative", ""),
        ("per_product = { A = 'x' }", "wrong-type", "`A` in [reward.per_product]", ""),
        ("per_product = 3", "wrong-type", "expected a table, not the number 3", ""),
    ],
)
def test_rewards_that_cannot_be(line: str, code: str, says: str, hint: str) -> None:
    problem = told(read(rebate(reward=f"[reward]\n{line}\n"))[1], code)
    assert says in problem.message
    assert hint in problem.hint
    assert problem.line == 7


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.025", "0.025"), ('"2.5%"', "0.025"), ('" 100 % "', "1"), ("0", "0"), ('"0%"', "0")],
)
def test_rates(text: str, value: str) -> None:
    assert sound(rebate(reward=f"[reward]\nrate = {text}\n")).reward[0].rate == Decimal(value)


def test_a_percentage_as_a_threshold() -> None:
    text = '[reward]\ntiers_by = "growth"\ntiers = [{ from = "-5%", rate = 0.01 }]\n'
    assert sound(rebate(reward=text)).reward[0].tiers[0].from_ == Decimal("-0.05")


@pytest.mark.parametrize("key", ["id", "name", "starts", "ends"])
def test_required_keys(key: str) -> None:
    lines = [line for line in HEAD.splitlines() if not line.startswith(f"{key} ")]
    problem = told(read(rebate(head="\n".join(lines)))[1], "missing-key")
    assert problem.message == f"`{key}` is missing"
    assert problem.line == 1


def test_a_program_without_a_reward() -> None:
    assert told(read(HEAD)[1], "missing-key").message == "`reward` is missing"
    assert "empty" in told(read(HEAD + "reward = []")[1], "empty-list").message


@pytest.mark.parametrize("text", ['"Q3 Rebate!"', '""', '"q3_x"', "7"])
def test_ids(text: str) -> None:
    _, problems = read(rebate(head=HEAD.replace('"q3"', text)))
    (problem,) = problems
    assert problem.code in ("bad-id", "wrong-type")
    assert problem.line == 1


def test_an_id_is_suggested() -> None:
    problem = told(read(rebate(head=HEAD.replace('"q3"', '"Q3 Rebate!"')))[1], "bad-id")
    assert problem.hint == 'such as "q3-rebate"'
