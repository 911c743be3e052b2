"""The workspace: found like git finds its own, typed, and every problem told with its line."""

from decimal import Decimal
from pathlib import Path

import pytest

from incentivectl.banking.payments import Account
from incentivectl.core.errors import Problem
from incentivectl.core.tables import TABLES
from incentivectl.workspace.cell_tests import CellTest
from incentivectl.workspace.load import load_workspace
from incentivectl.workspace.source import Source
from incentivectl.workspace.workspace import Workspace, find_workspace

HEAD = '[workspace]\ncurrency = "USD"\n'


def load(root: Path, text: str) -> tuple[Workspace | None, list[Problem]]:
    (root / "incentivectl.toml").write_text(text)
    return load_workspace(root)


def sound(root: Path, text: str) -> Workspace:
    workspace, problems = load(root, text)
    assert problems == []
    assert workspace is not None
    return workspace


def source(root: Path, text: str, table: str = "sales") -> Source:
    (found,) = sound(root, HEAD + text).sources_of(table)
    return found


def test_found_from_any_folder_below(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert find_workspace(deep) is None
    (tmp_path / "incentivectl.toml").touch()
    assert find_workspace(deep) == find_workspace(tmp_path) == tmp_path


def test_defaults(tmp_path: Path) -> None:
    workspace = sound(tmp_path, HEAD)
    assert (workspace.root, workspace.name) == (tmp_path, tmp_path.name)
    assert workspace.config_file == tmp_path / "incentivectl.toml"
    assert (workspace.currency, workspace.calendar.fiscal_year_starts) == ("USD", 1)
    assert workspace.programs_dir == tmp_path / "programs"
    assert workspace.ledger == tmp_path / "ledger.db"
    assert workspace.reports == tmp_path / "reports"
    assert workspace.data.max_reject_rate == Decimal("0.01")
    assert (workspace.data.unknown_partner, workspace.data.unknown_product) == ("reject", "keep")
    assert workspace.data.max_rate_age_days is None
    assert workspace.payout.minimum == 0
    assert (workspace.payout.clawback_guard, workspace.payout.surge_guard) == (
        Decimal("0.2"),
        Decimal(3),
    )
    assert (workspace.payout.maximum, workspace.payout.approvals) == (None, 0)
    assert workspace.payout.debtor == ()
    assert workspace.settlement.first_period is None
    assert workspace.settlement.correct_for_months is None
    assert workspace.metrics.margin is None


def test_the_config_of_the_contract(tmp_path: Path) -> None:
    workspace = sound(
        tmp_path,
        """\
[workspace]
name = "Acme channel"
currency = "USD"
fiscal_year_starts = 4
programs = "rules"
[data]
max_reject_rate = "2%"
unknown_partner = "keep"
max_rate_age_days = 10
[payout]
minimum = { USD = 25, EUR = 20.5 }
maximum = 100_000
approvals = 1
[settlement]
first_period = "2026-07"
correct_for_months = 24
[metrics]
margin = "30%"
[statement]
contact = "channel@acme.example"
dispute_within_days = 30
""",
    )
    assert (workspace.name, workspace.calendar.fiscal_year_starts) == ("Acme channel", 4)
    assert workspace.programs_dir == tmp_path / "rules"
    assert workspace.data.max_reject_rate == Decimal("0.02")
    assert workspace.payout.minimum == {"USD": Decimal(25), "EUR": Decimal("20.5")}
    assert workspace.settlement.first_period == "2026-07"
    assert workspace.metrics.margin == Decimal("0.3")
    assert workspace.statement.contact == "channel@acme.example"
    assert workspace.statement.dispute_within_days == 30


def test_the_account_that_pays(tmp_path: Path) -> None:
    debtor = """
[payout.debtor]
name = "Acme Europe"
iban = "be68 5390 0754 7034"
bic = "kredbebb"
"""
    (found,) = sound(tmp_path, HEAD + debtor).payout.debtor
    assert found.account == Account("Acme Europe", "BE68539007547034", "KREDBEBB")
    (without,) = sound(tmp_path, HEAD + debtor.replace('bic = "kredbebb"', "")).payout.debtor
    assert without.account.bic == ""


def test_every_table_has_a_source(tmp_path: Path) -> None:
    workspace = sound(tmp_path, HEAD + '[sources.reps]\npath = "people/*.csv"\n')
    assert {found.table for found in workspace.sources} == set(TABLES)
    (reps,) = workspace.sources_of("reps")
    assert (reps.paths, reps.declared, reps.name) == (("people/*.csv",), True, "reps")
    (fx,) = workspace.sources_of("fx")
    assert fx == Source("fx", "fx", ("sample_data/fx.csv",), declared=False)


def test_all_keys_of_a_source(tmp_path: Path) -> None:
    found = source(
        tmp_path,
        r"""
[[sources.sales]]
name = "alpha"
path = ["a/*.csv", "b.csv.gz"]
encoding = "cp1252"
delimiter = ";"
decimal = ","
date_format = "%d.%m.%Y %H:%M"
skip_rows = 3
order = 2
attributes = ["channel"]
optional = ["amount", "Line Type"]
set = { currency = "EUR", distributor_id = "D-ALPHA", received_on = 2026-07-01, quantity = 1.50 }
from_path = { received_on = '(\d{4}-\d{2}-\d{2})' }
values = { channel = { web = ["Online", "Shop"], store = "Store" } }
negate_when = { "Doc Type" = ["RET", "CRN"] }
skip_when = { "Line Type" = "FREIGHT" }
[sources.sales.columns]
sold_on = "Invoice Date"
amount = ["Net", "Amount"]
""",
    )
    assert found == Source(
        table="sales",
        name="alpha",
        paths=("a/*.csv", "b.csv.gz"),
        declared=True,
        encoding="cp1252",
        delimiter=";",
        decimal=",",
        date_format="%d.%m.%Y %H:%M",
        skip_rows=3,
        order=2,
        attributes=("channel",),
        columns={"sold_on": ("Invoice Date",), "amount": ("Net", "Amount")},
        set={
            "currency": "EUR",
            "distributor_id": "D-ALPHA",
            "received_on": "2026-07-01",
            "quantity": "1.50",
        },
        from_path={"received_on": r"(\d{4}-\d{2}-\d{2})"},
        values={"channel": {"Online": "web", "Shop": "web", "Store": "store"}},
        negate_when={"Doc Type": ("RET", "CRN")},
        skip_when={"Line Type": CellTest(("FREIGHT",))},
        needed=("sold_on", "channel"),
        optional=("amount", "Line Type"),
    )


def test_a_file_without_a_header(tmp_path: Path) -> None:
    text = '[sources.reps]\nheader = false\ncolumns = ["rep_id", "", "name"]\n'
    found = source(tmp_path, text, "reps")
    assert (found.header, found.positions, found.columns) == (False, ("rep_id", "", "name"), {})
    assert found.paths == ("sample_data/reps.csv",)


def test_defaults_fill_what_a_source_leaves_out(tmp_path: Path) -> None:
    text = """
[sources.defaults]
delimiter = ";"
decimal = ","
order = 7
columns = { sold_on = "Date", amount = "Net", tier = "Level" }
set = { currency = "EUR" }
skip_when = { Type = "TOTAL" }
[[sources.sales]]
name = "a"
[[sources.sales]]
name = "b"
delimiter = "|"
order = 0
columns = { sold_on = "Day" }
[sources.partners]
"""
    a, b = sound(tmp_path, HEAD + text).sources_of("sales")
    assert (a.delimiter, a.decimal, a.order) == (";", ",", 7)
    assert a.columns == {"sold_on": ("Date",), "amount": ("Net",)}
    assert (b.delimiter, b.decimal, b.order) == ("|", ",", 0)
    assert b.columns == {"sold_on": ("Day",), "amount": ("Net",)}
    assert a.set == b.set == {"currency": "EUR"}
    assert a.skip_when == {"Type": CellTest(("TOTAL",))}
    partners = source(tmp_path, text, "partners")
    assert partners.columns == {"tier": ("Level",)}
    assert partners.set == {}


def test_a_table_without_a_source_takes_the_dialect_of_the_defaults(tmp_path: Path) -> None:
    text = '[sources.defaults]\ndelimiter = ";"\ncolumns = { rate = "Kurs" }\n'
    fx = source(tmp_path, text, "fx")
    assert (fx.declared, fx.delimiter, fx.columns) == (False, ";", {})


def test_attributes_of_all_sources_of_a_table(tmp_path: Path) -> None:
    workspace = sound(
        tmp_path,
        HEAD
        + '[[sources.sales]]\nname = "a"\nattributes = ["x"]\n'
        + '[[sources.sales]]\nname = "b"\nattributes = ["x", "y"]\n',
    )
    assert workspace.attributes["sales"] == {"x": "text", "y": "text"}
    assert workspace.attributes["reps"] == {}


@pytest.mark.parametrize(
    ("lines", "code", "says", "hint"),
    [
        ("[dta]", "unknown-key", "unknown key `dta`", "did you mean `data`?"),
        (
            "data.max_rejects_rate = 3",
            "unknown-key",
            "`max_rejects_rate` in [data]",
            "max_reject_rate",
        ),
        ("data.max_reject_rate = 2", "rate-over-100-percent", "200 %", '"2%"'),
        ('data.unknown_partner = "drop"', "unknown-choice", '"drop"', ""),
        ("data.max_rate_age_days = 1.5", "wrong-type", "a whole number", ""),
        ('payout.minimum = "25"', "wrong-type", 'not the text "25"', "without quotes"),
        ("payout.minimum = { usd = 1 }", "not-a-currency", '"usd"', "USD"),
        ("payout.minimum = { USD = -1 }", "negative", "`USD` in [payout.minimum]", ""),
        ("payout.clawback_guard = 20", "rate-over-100-percent", "2000 %", '"20%"'),
        ("payout.debtor = { iban = 'BE68539007547034' }", "missing-key", "`name` is missing", ""),
        ("payout.debtor = 'BE68'", "wrong-type", "`debtor` in [payout]: expected a table", ""),
        ("payout.debtor = { name = ' ', iban = 'BE68539007547034' }", "empty-text", "`name`", ""),
        ("payout.debtor = { name = 'A', iban = 'BE69539007547034' }", "bad-iban", "digits", ""),
        (
            "payout.debtor = { name = 'A', iban = 'BE68539007547034', bic = 'KRED' }",
            "bad-bic",
            '`bic` in [payout.debtor]: invalid BIC "KRED": 4 characters',
            "",
        ),
        ('settlement.first_period = "2026-13"', "bad-month", "expected a month", "2026-07"),
        ("settlement.first_period = 2026-07-01", "bad-month", "expected a month", "2026-07"),
        ("settlement.correct_for_months = -1", "negative", "must not be negative", ""),
        ("metrics.margin = true", "wrong-type", "not true", ""),
        ("payout = 3", "wrong-type", "`payout`: expected a table", ""),
        ("sources = 3", "wrong-type", "`sources`: expected a table", ""),
        ("sources.slaes = {}", "unknown-table", "[sources.slaes]", "did you mean `sales`?"),
        ("sources.sales = 3", "wrong-type", "expected a table, not the number 3", ""),
        ("sources.defaults.path = 'x'", "key-without-meaning", "every source has its own", ""),
        ("sources.defaults.colums = {}", "unknown-key", "`colums`", "did you mean `columns`?"),
        ("sources.defaults.set = { x = 1 }", "unknown-column", "not a column of any table", ""),
        ("sources.defaults.columns = ['sale_id']", "columns-by-position", "one source", ""),
    ],
)
def test_keys_that_cannot_be(tmp_path: Path, lines: str, code: str, says: str, hint: str) -> None:
    workspace, problems = load(tmp_path, f"{lines}\n{HEAD}")
    (problem,) = problems
    assert workspace is None
    assert problem.code == code
    assert says in problem.message
    assert hint in problem.hint
    assert (problem.line, problem.severity) == (1, "error")


@pytest.mark.parametrize(
    ("lines", "code", "says", "hint"),
    [
        ("pth = 'x'", "unknown-key", "unknown key `pth` in [sources.sales]", "`path`"),
        ("path = []", "empty-list", "the list is empty", ""),
        ("path = 3", "wrong-type", "expected text", "quotes"),
        ("name = 'a/b'", "bad-source-name", '"a/b" cannot be part', ""),
        ("name = 'Partners'", "source-name-used-twice", "the table partners", ""),
        ("encoding = 'utf9'", "unknown-encoding", '"utf9" is not a text encoding', "`utf-8`"),
        ("encoding = 'base64'", "unknown-encoding", '"base64"', ""),
        ("encoding = 3", "wrong-type", "expected text", ""),
        ("delimiter = ';;'", "bad-delimiter", "one character", "such as"),
        ("delimiter = ''", "bad-delimiter", "one character", "such as"),
        ("delimiter = '\"'", "bad-delimiter", "cannot separate columns", ""),
        ("delimiter = '§'", "bad-delimiter", "cannot separate columns", ""),
        ("delimiter = '.'", "delimiter-is-decimal", '"." cannot separate both', "decimal"),
        ("decimal = ','", "delimiter-is-decimal", '"," cannot separate both', "delimiter"),
        ("decimal = ';'", "unknown-choice", "is not a decimal sign", ""),
        ("date_format = 'DD.MM.YYYY'", "bad-date-format", "day, month or year", "%d.%m.%Y"),
        ("date_format = '%d.%m'", "bad-date-format", "day, month or year", "%d.%m.%Y"),
        ("date_format = '%z %d.%m.%Y'", "bad-date-format", "can only stand at the end", "%z"),
        ("time_zone = 'Europe/Berln'", "unknown-time-zone", '"Europe/Berln"', "`Europe/Berlin`"),
        ("time_zone = 2", "wrong-type", "expected text", ""),
        ("grouping = 'lakh'", "unknown-choice", "of digits: thousands, indian", ""),
        ("minus = ['CR', ' DR']", "bad-minus", "' DR'", "CR"),
        ("minus = ['-']", "bad-minus", "cannot stand for a minus", "are known"),
        ("minus = 3", "wrong-type", "expected text", ""),
        ("header = 'no'", "wrong-type", "expected true or false", "without quotes"),
        ("header = false", "columns-by-position", "must list column names", "columns = ["),
        ("columns = ['sale_id']", "columns-by-position", "have a header", "header = false"),
        ("columns = ['', '']", "empty-list", "names no column", ""),
        ("columns = { sold_at = 'x' }", "unknown-column", "`sold_at` in `columns`", "`sold_on`"),
        ("columns = { sold_on = [] }", "empty-list", "`sold_on` in [sources.sales.columns]", ""),
        ("skip_rows = -1", "negative", "must not be negative", ""),
        ("order = 1.5", "wrong-type", "a whole number", ""),
        ("attributes = ['amount']", "attribute-is-column", "`amount` is a column of sales", ""),
        ("attributes = ['a', 'a']", "named-twice", "`a` is listed twice", ""),
        ("set = { curency = 'EUR' }", "unknown-column", "`curency` in `set`", "`currency`"),
        ("set = { currency = 'Euro' }", "not-a-currency", '"Euro"', "USD"),
        ("set = { sold_on = '2026-07-01' }", "wrong-type", "a date without quotes", ""),
        ("set = { quantity = 'x' }", "wrong-type", "expected a number", ""),
        ("set = { partner_id = 7 }", "wrong-type", "expected text", "quotes"),
        ("set = { partner_id = [7] }", "wrong-type", "a single value", ""),
        ("from_path = { sold_on = '(' }", "bad-pattern", "invalid regular expression", "quotes"),
        ("from_path = { sold_on = 'x' }", "bad-pattern", "expected one group, not 0", ""),
        ("from_path = { sold_on = '(a)(b)' }", "bad-pattern", "not 2", ""),
        ("from_path = { day = '(a)' }", "unknown-column", "`day` in `from_path`", ""),
        ("values = { status = { a = 'b' } }", "unknown-column", "`status` in `values`", ""),
        ("values = { rep_id = 3 }", "wrong-type", "`rep_id` in [sources.sales.values]", ""),
        (
            "values = { rep_id = { a = 'x', b = 'x' } }",
            "value-used-twice",
            '"x" maps to both "a" and "b"',
            "",
        ),
        ("negate_when = 3", "wrong-type", "expected a table", ""),
        ("skip_when = { Type = [] }", "empty-list", "`Type`", ""),
    ],
)
def test_sources_that_cannot_be(
    tmp_path: Path, lines: str, code: str, says: str, hint: str
) -> None:
    workspace, problems = load(tmp_path, f"{HEAD}[sources.sales]\n{lines}\n")
    assert workspace is None
    (problem,) = problems
    assert problem.code == code
    assert says in problem.message
    assert hint in problem.hint
    assert problem.line == (3 if code == "delimiter-is-decimal" and "decimal" in lines else 4)


@pytest.mark.parametrize(
    ("table", "lines", "code", "says"),
    [
        (
            "partners",
            "values = { status = { gone = 'x' } }",
            "unknown-choice",
            'invalid status "gone"',
        ),
        ("deals", "set = { status = 'open' }", "unknown-choice", 'invalid status "open"'),
        ("activities", "set = { passed = 'yes' }", "wrong-type", "expected true or false"),
        ("reps", "negate_when = { Type = 'x' }", "key-without-meaning", "nothing"),
        (
            "reps",
            "header = false\ncolumns = ['rep_id']",
            "column-not-fed",
            "gives no position for `name`",
        ),
        (
            "reps",
            "header = false\ncolumns = ['rep_id', 'name', 'name']",
            "named-twice",
            "`name` is listed at two positions",
        ),
        (
            "reps",
            "header = false\ncolumns = ['rep_id', 'name']\nskip_when = { Type = 'x' }",
            "unknown-column",
            "only the positions",
        ),
        (
            "reps",
            "header = false\ncolumns = ['rep_id', 'nam']\nset = { name = 'x' }",
            "unknown-column",
            "`nam` in `columns`",
        ),
    ],
)
def test_sources_that_do_not_fit_their_table(
    tmp_path: Path, table: str, lines: str, code: str, says: str
) -> None:
    _, problems = load(tmp_path, f"{HEAD}[sources.{table}]\n{lines}\n")
    (problem,) = problems
    assert problem.code == code
    assert says.replace("nothing", "no quantity and no amount") in problem.message
    assert problem.line == 4 + lines.count("\n") - ("set = " in lines and "\n" in lines)


def test_two_sources_of_one_name(tmp_path: Path) -> None:
    _, problems = load(tmp_path, HEAD + "[[sources.sales]]\n[[sources.sales]]\norder = 1\n")
    (problem,) = problems
    assert (problem.code, problem.line) == ("source-name-used-twice", 4)
    assert '"sales"' in problem.message
    assert "name" in problem.hint


def test_no_workspace_table(tmp_path: Path) -> None:
    _, (problem,) = load(tmp_path, "")
    assert (problem.code, problem.message) == ("missing-key", "`workspace` is missing")
    _, (problem,) = load(tmp_path, "[workspace]\nname = 'x'\n")
    assert (problem.code, problem.message, problem.line) == (
        "missing-key",
        "`currency` is missing in [workspace]",
        1,
    )


@pytest.mark.parametrize("month", ["0", "13", "1.0", "true", '"1"'])
def test_a_fiscal_year_starts_in_a_month(tmp_path: Path, month: str) -> None:
    _, (problem,) = load(tmp_path, f"{HEAD}fiscal_year_starts = {month}\n")
    assert problem.code in ("bad-month", "wrong-type")
    assert problem.line == 3


def test_all_problems_of_a_config_at_once(tmp_path: Path) -> None:
    text = HEAD + "[payout]\nminimum = -1\n[sources.sale]\n[sources.reps]\norder = true\n[dat]\n"
    _, problems = load(tmp_path, text)
    assert sorted((problem.line, problem.code) for problem in problems) == [
        (4, "negative"),
        (5, "unknown-table"),
        (7, "wrong-type"),
        (8, "unknown-key"),
    ]


def test_a_folder_in_place_of_the_config(tmp_path: Path) -> None:
    (tmp_path / "incentivectl.toml").mkdir()
    workspace, (problem,) = load_workspace(tmp_path)
    assert workspace is None
    assert problem.code == "not-a-file"


def test_no_config(tmp_path: Path) -> None:
    assert [problem.code for problem in load_workspace(tmp_path)[1]] == ["no-such-file"]
