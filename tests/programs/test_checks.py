"""Static checks: what is said before any data, with its line."""

from pathlib import Path

import pytest

from incentivectl.programs.checks.checks import check_programs, complexity
from tests.programs.writing import HEAD, checked, line_of, rebate, sound, told


def reward(text: str) -> str:
    return rebate(reward=f"[reward]\n{text}\n")


@pytest.mark.parametrize(
    ("lines", "code", "says", "at", "severity"),
    [
        ("priority = 3", "priority-without-group", "no effect", "priority", "warning"),
        (
            'settle = "monthly"\npayout.hold_days = 3',
            "monthly-with-hold-days",
            "settled monthly cannot be held",
            "payout",
            "error",
        ),
        ("payout.points_per_unit = 3", "points-not-paid", "no effect", "payout", "warning"),
        ('baseline.from = "previous_year"', "unused-baseline", "no effect", "baseline", "warning"),
        ('limits.over_budget = "warn"', "no-budget", "without a `budget`", "limits", "warning"),
        (
            'gate = { metric = "growth", at_least = "5%" }',
            "growth-without-baseline",
            "previous year",
            "gate",
            "warning",
        ),
    ],
)
def test_terms(lines: str, code: str, says: str, at: str, severity: str) -> None:
    text = rebate(lines)
    problem = told(checked(text), code)
    assert says in problem.message
    assert problem.line == line_of(text, at)
    assert problem.severity == severity


def test_ends_before_starts() -> None:
    text = rebate(head=HEAD.replace("2026-09-30", "2026-06-30"))
    problem = told(checked(text), "ends-before-starts")
    assert "2026-06-30" in problem.message
    assert "2026-07-01" in problem.message
    assert (problem.line, problem.column, problem.severity) == (5, 8, "error")


def test_one_day_is_a_program() -> None:
    assert checked(rebate(head=HEAD.replace("2026-09-30", "2026-07-01"))) == []


@pytest.mark.parametrize(
    ("lines", "code", "says", "at", "severity"),
    [
        (
            "rate = 0.1\ntiers = [{ from = 0, rate = 0 }]",
            "flat-beside-tiers",
            "`rate`",
            "rate",
            "error",
        ),
        ("tiers = []", "pays-nothing", "pays nothing", "[reward]", "error"),
        ('rate = 0.1\ntiers_by = "quantity"', "no-tiers", "without `tiers`", "tiers_by", "warning"),
        (
            'rate = 0.1\ntier_mode = "marginal"',
            "no-tiers",
            "without `tiers`",
            "tier_mode",
            "warning",
        ),
        (
            "per_unit = 1\nper_product = { A = 2 }",
            "two-prices",
            "two prices",
            "per_unit",
            "error",
        ),
        (
            'per_unit = 1\npays_on = "list"',
            "pays-on-without-rate",
            "there is no rate",
            "pays_on",
            "warning",
        ),
        ("tiers = [\n{ from = 3 },\n]", "empty-tier", "from 3 pays nothing", "{ from", "error"),
        (
            "tiers = [\n{ from = 9, rate = 0 },\n{ from = 5, rate = 0 }]",
            "tiers-out-of-order",
            "from 5 comes after the tier from 9",
            "{ from = 5",
            "error",
        ),
        (
            "tiers = [\n{ from = 5, rate = 0 },\n{ from = 5, rate = 0 }]",
            "unreachable-tier",
            "two tiers begin at 5",
            "{ from = 5",
            "error",
        ),
        (
            'tiers_by = "sales"\ntiers = [\n{ from = 1.2, bonus = 1 },\n{ from = 1.5, bonus = 2 }]',
            "unreachable-tier",
            "no number of sales lies between 1.2 and 1.5",
            "{ from = 1.2",
            "error",
        ),
        (
            "tiers = [\n{ from = -1, rate = 0 }]",
            "negative-tier",
            "cannot start at -1",
            "{ from",
            "error",
        ),
        (
            'tiers_by = "attainment"\ntiers = [\n{ from = 80, rate = 0.1 }]',
            "looks-like-percent",
            "80 is 8000 % attainment",
            "{ from",
            "warning",
        ),
        (
            'tier_mode = "marginal"\ntiers_by = "quantity"\ntiers = [{ from = 0, rate = 0.1 }]',
            "marginal-combination",
            "must measure what they pay on",
            "tier_mode",
            "error",
        ),
        (
            'tier_mode = "marginal"\npays_on = "list"\ntiers = [{ from = 0, rate = 0.1 }]',
            "marginal-combination",
            "must measure what they pay on",
            "tier_mode",
            "error",
        ),
        (
            'tier_mode = "marginal"\ntiers = [{ from = 0, per_unit = 1 }]',
            "marginal-combination",
            "must measure what they pay on",
            "tier_mode",
            "error",
        ),
    ],
)
def test_rewards(lines: str, code: str, says: str, at: str, severity: str) -> None:
    text = reward(lines)
    problem = told(checked(text), code)
    assert says in problem.message
    assert problem.line == line_of(text, at)
    assert problem.severity == severity


@pytest.mark.parametrize(
    "lines",
    [
        'tier_mode = "marginal"\ntiers = [{ from = 0, rate = 0, bonus = 3 }]',
        'tier_mode = "marginal"\ntiers_by = "quantity"\ntiers = [{ from = 0, per_unit = 2 }]',
        'tiers_by = "sales"\ntiers = [{ from = 1, bonus = 1 }]',
        "rate = 0.1\nbonus = 3\nper_product = { A = 2 }",
        "tiers = [{ from = 0, rate = 0 }]",
    ],
)
def test_sound_rewards(lines: str) -> None:
    assert checked(reward(lines)) == []


def test_a_reward_after_one_for_everybody_is_never_taken() -> None:
    text = rebate(reward="[[reward]]\nrate = 0.1\n[[reward]]\nrate = 0.2\n")
    problem = told(checked(text), "unreachable-reward")
    assert problem.line == 8
    first = '[[reward]]\nrate = 0.2\nwhen = { "partner.tier" = "gold" }\n'
    assert checked(rebate(reward=first + "[[reward]]\nrate = 0.1\n")) == []


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ('tier_mode = "marginal"\ntiers = [{ from = 0, rate = 0.1 }]', "marginal"),
        ("rate = 0.1\nbonus = 5", "bonus"),
        ("tiers = [{ from = 0, rate = 0.1, bonus = 5 }]", "bonus"),
        ('rate = 0.1\npays_on = "increment"', "increment"),
        ("every = 5\npays = 1", "step"),
        ("tiers = [{ from = 0, every = 5, pays = 1 }]", "step"),
        ("per_bundle = 5", "bundle"),
        ("tiers = [{ from = 0, per_bundle = 5 }]", "bundle"),
        ("curve = [{ at = 0, pays = 1 }, { at = 9, pays = 2 }]", "curve"),
    ],
)
def test_first_come_needs_single_lines(lines: str, why: str) -> None:
    bundle = '[bundle]\nneeds = [{ when = { "product.category" = "a" }, quantity = 1 }]'
    text = rebate(
        bundle if why == "bundle" else "",
        '[baseline]\nfrom = "previous_year"' if why == "increment" else "",
        '[limits]\nbudget = 100\nover_budget = "first_come"',
        reward=f"[reward]\n{lines}\n",
    )
    problem = told(checked(text), "first-come-without-lines")
    assert why in problem.message
    assert problem.line == line_of(text, "over_budget")


@pytest.mark.parametrize(
    ("value", "cell"),
    [("bonus", "5"), ("per_payee", "5"), ("every,pays", "5,1"), ("per_bundle", "5")],
)
def test_first_come_takes_no_terms_that_pay_on_totals(
    value: str, cell: str, tmp_path: Path
) -> None:
    (tmp_path / "terms.csv").write_text(f"partner.partner_id,rate,{value}\nP1,1%,{cell}\n")
    bundle = '[bundle]\nneeds = [{ when = { "product.category" = "a" }, quantity = 1 }]'
    text = rebate(
        bundle if value == "per_bundle" else "",
        '[limits]\nbudget = 100\nover_budget = "first_come"',
        reward='[reward]\nterms = "terms.csv"\n',
    )
    found = check_programs([sound(text, tmp_path)], currency="USD", attributes={})
    problem = told(found, "first-come-without-lines")
    assert f"`{value.partition(',')[0]}` of a term is not tied to a line" in problem.message


@pytest.mark.parametrize(
    "lines",
    [
        'curve = [{ at = 0, rate = "1%" }, { at = 9, rate = "2%" }]',
        "rate = 0.1",
        "per_unit = 5",
        "per_product = { A = 1 }",
        "tiers = [{ from = 0, rate = 0.1 }]",
    ],
)
def test_first_come_with_single_lines(lines: str) -> None:
    limits = '[limits]\nbudget = 100\nover_budget = "first_come"'
    assert checked(rebate(limits, reward=f"[reward]\n{lines}\n")) == []


def test_ids_are_unique() -> None:
    (problem,) = [p for p in checked(rebate(), rebate()) if p.code == "duplicate-id"]
    assert 'the id "q3" is already used by q3.toml' in problem.message
    assert problem.line == 1


def test_priorities_in_a_group_differ() -> None:
    def member(name: str, priority: str) -> str:
        return rebate('exclusive_group = "hw"', priority, head=HEAD.replace("q3", name))

    problem = told(
        checked(member("a", "priority = 1"), member("b", "priority = 1")), "equal-priority"
    )
    assert '"a"' in problem.message
    assert '"hw"' in problem.message
    assert (problem.line, problem.severity) == (7, "error")
    assert told(checked(member("a", ""), member("b", "")), "equal-priority").line == 6
    assert checked(member("a", "priority = 1"), member("b", "priority = 2")) == []


def test_attainment_needs_targets() -> None:
    text = reward('tiers_by = "attainment"\ntiers = [{ from = 1, rate = 0.1 }]')
    assert checked(text) == checked(text, tables=["sales", "targets"]) == []
    assert told(checked(text, tables=["sales"]), "no-targets").line == 7


def test_complexity_counts_what_a_partner_must_understand() -> None:
    text = rebate(
        '[eligible]\n"partner.tier" = ["a", "b", "c"]\n"sale.amount" = { min = 1, max = 9 }',
        '[gate]\nmetric = "lines"\nat_least = 1',
        "[limits]\nbudget = 9\nper_payee = 1",
        '[[boost]]\nwhen = { "partner.tier" = "a", "partner.region" = "b" }\nfactor = 2',
        reward="[reward]\ntiers = [{ from = 0, rate = 0 }, { from = 9, rate = 0.1 }]\n",
    )
    # 2 + 2 conditions, 1 gate, 2 limits, 1 boost, 2 tiers, 1 reward
    assert complexity(sound(text)) == 11
    assert "too-complex" not in {problem.code for problem in checked(text)}


def test_above_twelve_is_too_complex() -> None:
    tiers = ", ".join(f"{{ from = {n}, rate = 0.1 }}" for n in range(12))
    problem = told(checked(reward(f"tiers = [{tiers}]")), "too-complex")
    assert "13" in problem.message
    assert (problem.line, problem.severity) == (1, "warning")


@pytest.mark.parametrize(
    ("lines", "code", "says", "at"),
    [
        ("sales = [{ amout = 3 }]", "unknown-field", "`amout`", "sales"),
        ('sales = [{ "partner.teir" = "x" }]', "unknown-field", "`partner.teir`", "sales"),
        ('sales = [{ sold_on = "x" }]', "wrong-type", "`sold_on` is a date", "sales"),
        ('sales = [{ "partner.kind" = "x" }]', "unknown-choice", 'never "x"', "sales"),
        ("baseline = 3", "unused-in-example", "no effect", "baseline"),
        ("target = 3", "unused-in-example", "no effect", "target"),
    ],
)
def test_examples(lines: str, code: str, says: str, at: str) -> None:
    text = rebate(f'[[example]]\nname = "x"\nexpect = 0\n{lines}')
    problem = told(checked(text), code)
    assert says in problem.message
    assert problem.line == line_of(text, at)


def test_an_example_may_name_any_column_and_field() -> None:
    row = (
        '{ payee = "B", amount = 3, quantity = 2, sold_on = 2026-07-01, product_id = "P", '
        '"product.category" = "x", partner.tenure_years = 3, "sale.new_customer" = true, '
        'channel = "web", "sale.channel" = "web" }'
    )
    text = rebate(f'[[example]]\nname = "x"\nexpect = 0\nsales = [{row}]')
    assert checked(text, attributes={"sales": ["channel"]}) == []


def test_an_example_of_attainment_needs_a_target() -> None:
    text = rebate(
        '[[example]]\nname = "x"\nexpect = 5',
        reward='[reward]\ntiers_by = "attainment"\ntiers = [{ from = 1, rate = 0.1 }]\n',
    )
    problem = told(checked(text), "example-without-target")
    assert (problem.severity, problem.line) == ("warning", 6)


def test_two_examples_of_one_name() -> None:
    text = rebate('[[example]]\nname = "x"\nexpect = 0\n[[example]]\nname = "x"\nexpect = 0')
    assert told(checked(text), "named-twice").line == 10
