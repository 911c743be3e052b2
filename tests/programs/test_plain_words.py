"""Every number of a sample's file occurs in its plain words, and what is odd is said."""

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from incentivectl.core.calendar import ORDINARY
from incentivectl.engine.examples import check_examples
from incentivectl.kinds.catalogue import KINDS
from incentivectl.program_files.loading import parse_program
from incentivectl.program_files.plain_words import plain_words
from incentivectl.program_files.starter import id_from, starter
from incentivectl.programs.checks.checks import check_programs
from incentivectl.programs.lists import Lists
from incentivectl.programs.words.phrases import day, either, number, percent
from incentivectl.programs.words.terms import Part
from incentivectl.toml.source import parse_toml
from tests.programs.writing import rebate

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "programs").glob("*.toml"))
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def words_of(text: str, file: Path = Path("p.toml"), currency: str = "USD") -> list[Part]:
    source, problems = parse_toml(text, file)
    assert source is not None, problems
    program, problems = parse_program(source, Lists((ROOT,)))
    assert program is not None, problems
    return plain_words(program, currency)


def as_text(parts: list[Part]) -> str:
    cells = (cell for part in parts for row in part.rows for cell in row)
    sentences = (one for part in parts for one in part.sentences)
    titles = [part.title for part in parts]
    return "\n".join([*titles, *sentences, *(str(cell) for cell in cells if cell is not None)])


def numbers_in(text: str) -> set[Decimal]:
    return {Decimal(found.replace(",", "")) for found in re.findall(r"\d[\d,]*(?:\.\d+)?", text)}


def values(data: object, key: str = "") -> Iterator[tuple[str, object]]:
    """Each value of a file with the last key that leads to it."""
    if isinstance(data, dict):
        for name, inner in data.items():
            yield from values(inner, name)
    elif isinstance(data, list):
        for inner in data:
            yield from values(inner, key)
    else:
        yield key, data


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_every_number_of_a_sample_is_told(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    data = tomllib.loads(text, parse_float=Decimal)
    data["example"] = data["example"][:1]
    told = as_text(words_of(text, file))
    known = numbers_in(told)
    for key, value in values(data):
        if key == "priority" and not data.get("exclusive_group"):
            continue
        if key == "sale.month":
            assert MONTHS[int(str(value)) - 1] in told
        elif isinstance(value, bool):
            continue
        elif isinstance(value, date):
            assert value.isoformat() in told or f"{value.day} {MONTHS[value.month - 1]}" in told
        elif isinstance(value, str) and value.endswith("%"):
            assert f"{value.removesuffix('%')} %" in told
        elif isinstance(value, int | Decimal):
            number_told = Decimal(value) in known or Decimal(value) * 100 in known
            nothing = value == 0 and "nothing" in told
            assert number_told or nothing, (key, value, told)


def test_numbers_dates_and_lists_in_words() -> None:
    assert number(Decimal("1234567.50")) == "1,234,567.5"
    assert number(Decimal("-0.05")) == "-0.05"
    assert number(Decimal("-1234.5")) == "-1,234.5"
    assert percent(Decimal("0.0025")) == "0.25 %"
    assert percent(Decimal(1)) == "100 %"
    assert day(date(2026, 7, 1)) == "1 July 2026"
    assert either(["a"]) == "a"
    assert either(["a", "b", "c"]) == "a, b or c"


@pytest.mark.parametrize(
    ("condition", "clause"),
    [
        ('"partner.tier" = ["gold", "silver"]', "the partner's tier is gold or silver"),
        ('"product.category" = { not = "cable" }', "the product's category is not cable"),
        (
            '"product.category" = { not = ["cable", "licence"] }',
            "the product's category is none of cable or licence",
        ),
        ('"product.product_id" = "SW-1"', "the product is SW-1"),
        ('"sale.amount" = { min = 1000 }', "the amount of the line is 1,000 USD or more"),
        ('"sale.quantity" = { min = 2, max = 9 }', "the quantity of the line is from 2 to 9"),
        ('"sale.month" = [1, 12]', "the month of the sale is January or December"),
        ('"sale.new_customer" = true', "the customer has never bought before"),
        ('"partner.tenure_years" = { min = 1 }', "at least 1 completed year."),
        (
            '"product.launched_on" = { after = 2018-12-31 }',
            "the launch of the product is after 31 December 2018",
        ),
    ],
)
def test_conditions_as_clauses(condition: str, clause: str) -> None:
    assert clause in as_text(words_of(rebate(f"[eligible]\n{condition}")))


@pytest.mark.parametrize(
    "keys",
    [
        "[reward]\nevery = 10_000\npays = 100",
        '[reward]\ncurve = [{ at = 0, rate = "1%" }, { at = 100_000, rate = "3%" }]',
        '[bundle]\nneeds = [{ when = { "product.category" = "switch" }, quantity = 2 }]\n'
        "[reward]\nper_bundle = 40",
        '[[gate]]\nshare_of = { "product.category" = "security" }\nat_least = "20%"\n'
        "[reward]\nrate = 0.01",
    ],
)
def test_what_the_starter_of_a_rebate_names_in_comments_loads(keys: str) -> None:
    starts = starter("rebate", program_id="x", year=2027)
    for line in keys.splitlines():
        assert line.startswith(("[reward]", "rate", "per_bundle =")) or line in starts
    assert words_of(rebate(reward=keys))


def test_what_a_tier_pays_where_it_begins() -> None:
    """Marginal: 10,000 at 2 % are 200, 20,000 more at 4 % are 800 more. Retroactive: 4 % of 30,000."""
    tiers = '[{ from = 0, rate = "2%" }, { from = 10_000, rate = "4%" }, { from = 30_000, rate = "6%" }]'
    for mode, expected in (("marginal", [0, 200, 1000]), ("retroactive", [0, 400, 1800])):
        reward = f'[reward]\ntier_mode = "{mode}"\ntiers = {tiers}\n'
        table = next(p for p in words_of(rebate(reward=reward)) if p.key == "tiers_1")
        assert [row[-1] for row in table.rows] == expected


def test_tiers_that_follow_from_no_single_number_have_no_total() -> None:
    reward = '[reward]\ntiers_by = "customers"\ntiers = [{ from = 3, rate = "2%" }]\n'
    table = next(p for p in words_of(rebate(reward=reward)) if p.key == "tiers_1")
    assert table.columns == ("from different customers", "rate")
    assert table.rows == ((Decimal(3), "2 %"),)


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        (
            "[reward]\nevery = 10_000\npays = 100\n",
            "It pays 100 USD for every whole 10,000 USD of revenue.",
        ),
        (
            '[reward]\ncurve = [{ at = 5_000, rate = "1%" }, { at = 9_000, rate = "3%" }]\n',
            "At 9,000 USD of revenue it pays 3 % of revenue.",
        ),
        (
            "[reward]\ntiers_months = 12\ntiers = [{ from = 0, rate = 0.01 }, { from = 9, rate = 0.02 }]\n",
            "The tier is found by what counts in the 12 months up to the end of the quarter;"
            " it pays on the quarter alone.",
        ),
        (
            '[bundle]\nper = "sale"\nneeds = ['
            '{ when = { "product.category" = "switch" }, quantity = 2 }]\n'
            "[reward]\nper_bundle = 40\n",
            "A bundle is made of the lines of one sale, and takes all of this:"
            " - 2 units where the product's category is switch",
        ),
        (
            '[gate]\nat_least = "20%"\nshare_of = { "product.category" = "switch" }\n'
            "[reward]\nrate = 0.01\n",
            "Nobody earns in a quarter without 20 % of the revenue from lines where the product's"
            " category is switch.",
        ),
    ],
)
def test_steps_curves_windows_bundles_and_shares(rules: str, sentence: str) -> None:
    told = " ".join(as_text(words_of(rebate('period = "quarter"', reward=rules))).split())
    assert sentence in told


def test_a_curve_has_a_table() -> None:
    reward = "[reward]\ncurve = [{ at = 5_000, pays = 10 }, { at = 9_000, pays = 30 }]\n"
    table = next(p for p in words_of(rebate(reward=reward)) if p.key == "curve_1")
    assert (table.columns, table.rows) == (("at revenue", "pays"), ((5000, 10), (9000, 30)))


def test_amounts_bear_the_programs_currency() -> None:
    limits = 'currency = "JPY"\n[limits]\nper_payee = 60_000\n'
    text = as_text(words_of(rebate(limits)))
    assert "Nobody earns more than 60,000 JPY" in text
    assert "USD" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_a_starter_of_every_kind_is_clean(kind: str) -> None:
    text = starter(kind, program_id=id_from(f"My {kind} No. 1"), year=2027)
    assert text.startswith("#:schema ./program.schema.json\n")
    source, problems = parse_toml(text, Path(f"{kind}.toml"))
    assert source is not None
    program, found = parse_program(source, Lists(()))
    assert program is not None
    assert (program.kind, program.starts, program.ends) == (
        kind,
        date(2027, 1, 1),
        date(2027, 12, 31),
    )
    assert program.id == f"my-{kind.replace('_', '-')}-no-1"
    assert len(program.example) == 1
    assert program.example[0].expect != 0
    problems = [*problems, *found, *check_programs([program], currency="USD", attributes={})]
    assert [*problems, *check_examples([program], "USD", ORDINARY)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_starter_leaves_out_by_a_comment_loads_too(kind: str) -> None:
    """Every commented `key = value` of a starter is known to the kind."""
    model = KINDS[kind].model
    text = starter(kind, program_id="x", year=2027)
    for key in re.findall(r"^# \[\[?(\w+)\]?\]", text, flags=re.MULTILINE):
        assert key in model.model_fields
