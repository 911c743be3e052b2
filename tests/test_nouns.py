"""Numbers agree with their nouns: "1 line", "2 lines", wherever a count is told."""

import ast
import re
from decimal import Decimal
from pathlib import Path

import incentivectl
from incentivectl.core.nouns import agreeing, counted

PACKAGE = Path(incentivectl.__file__).parent
NOUNS = (
    "accounts|activities|answers|approvals|balances|batches|cells|claims|columns|contracts|customers|days|deals|"
    "entries|errors|examples|exports|files|invoices|lines|months|pages|partners|payees|payments|periods|"
    "points|problems|products|programs|questions|records|reps|responses|rows|sales|sources|tables|units|"
    "warnings|years"
)
COUNT = re.compile(rf" (?:more )?(?:{NOUNS})\b")
# What is no count of its own, or never 1: limits, and parts of a whole.
HARMLESS = re.compile(r"\b(of|at most|than) $")
NEVER_ONE = {
    "core/errors.py: {len(problems)} problems",
    "ingest/files/layout.py: {counts[name]} columns",
    "ingest/account/tolerance.py: {files} files",
    "ingest/account/warnings.py: {questions} questions",
    "insight/payee.py: {len(matches)} payees",
    "insight/compare/sweep.py: {count} points",
    "posting/exporting.py: {len(files)} files",
    "posting/guards/lines.py: {MONTHS_BEFORE} months",
    "posting/guards/lines.py: {self.before} months",
    "posting/guards/surge.py: {len(before)} batches",
    "program_files/loading.py: {len(files)} programs",
    "insight/deals/report.py: {EXPIRING_DAYS} days",
    "insight/explain/report_entry.py: {LINES_SHOWN} lines",
    "insight/funds/report.py: {EFFECT_DAYS} days",
    "insight/funds/report.py: {EXPIRING_DAYS} days",
    "insight/metrics/customers.py: {TOP} customers",
    "insight/metrics/loyalty.py: {LONG} years",
    "insight/metrics/meetings.py: {NOT_MET_DAYS} days",
    "insight/metrics/tables/contacts.py: {ENDS_SOON_DAYS} days",
    "insight/metrics/tables/contacts.py: {NOT_MET_DAYS} days",
    "posting/report_payments.py: {exported.form} files",
    "programs/reward.py: {LONGEST_WINDOW} months",
    "toml/numbers.py: {CENTURY} years",
}


def test_counted() -> None:
    assert [counted(n, "entry", "entries") for n in (0, 1, 2)] == [
        "0 entries",
        "1 entry",
        "2 entries",
    ]
    assert counted(12_345, "line") == "12,345 lines"
    assert [agreeing(n, "day") for n in (1, Decimal("1.0"), Decimal("30.5"))] == [
        "day",
        "day",
        "days",
    ]


def test_no_plural_is_made_by_hand() -> None:
    """A number in a text that is followed by a noun comes from `counted`."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.JoinedStr):
                found += [f"{name}: {part}" for part in by_hand(node)]
    assert [one for one in found if one not in NEVER_ONE] == []


def by_hand(text: ast.JoinedStr) -> list[str]:
    found = []
    before = ""
    for part, after in zip(text.values, [*text.values[1:], None], strict=True):
        follows = after.value if isinstance(after, ast.Constant) else ""
        noun = COUNT.match(str(follows)) if isinstance(part, ast.FormattedValue) else None
        if noun and isinstance(part, ast.FormattedValue) and not HARMLESS.search(before):
            found.append(f"{{{ast.unparse(part.value)}}}{noun.group()}")
        before = str(part.value) if isinstance(part, ast.Constant) else ""
    return found
