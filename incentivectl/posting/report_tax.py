"""What `tax YEAR` prints."""

from decimal import Decimal

from incentivectl.core import money
from incentivectl.core.nouns import counted
from incentivectl.output.report import Amount, Cell, Report, Section
from incentivectl.posting.tax import Paid, Payee, TaxYear
from incentivectl.workspace.workspace import Workspace

_COLUMNS = (
    "payee", "name", "tax id", "form", "currency", "gross", "withheld", "net", "in kind",
    "before the ledger", "kind",
)  # fmt: skip
_KEYS = (
    "payee_id", "payee_name", "tax_id", "tax_form", "currency", "gross", "withheld", "net",
    "in_kind", "opening", "payee_kind",
)  # fmt: skip


def tax_report(found: TaxYear, workspace: Workspace) -> Report:
    """Each payee and currency, and who exceeds the threshold."""
    rows: list[tuple[Cell, ...]] = [
        _row(found, payee, currency, sums) for (payee, currency), sums in found.paid.items()
    ]
    note = "" if rows else f"No payment that was executed in {found.year} is paid."
    return Report(
        title=f"{workspace.name}: paid in {found.year}",
        sections=(
            Section("payees", "", _COLUMNS, rows, note, keys=_KEYS, for_machines=1),
            _over(found, workspace),
        ),
        main="payees",
        facts={"workspace": workspace.name, "year": found.year, "currency": workspace.currency},
        closing=(
            "Gross = withheld + net; in kind is the part of gross that was not cash. Opening amounts were"
            " paid before the ledger, on days that it does not know, and are not part of gross.",
        )
        if rows
        else (),
    )


def _row(found: TaxYear, payee: Payee, currency: str, sums: Paid) -> tuple[Cell, ...]:
    status = found.status[payee]
    kind, payee_id = payee
    amounts = (sums.gross, sums.withheld, sums.net, sums.in_kind, sums.opening)
    return (
        payee_id,
        found.names[payee],
        status.tax_id,
        status.form,
        currency,
        *(Amount(amount, money.minor_digits(currency)) for amount in amounts),
        kind,
    )


def _over(found: TaxYear, workspace: Workspace) -> Section:
    """Who was paid more than the threshold; without one the section is left out."""
    currency = workspace.currency
    digits = money.minor_digits(currency)
    columns = ("payee", "name", f"gross ({currency})", "tax id", "form", "kind")
    keys = ("payee_id", "payee_name", "gross", "tax_id", "tax_form", "payee_kind")
    if found.threshold is None:
        return Section("over_threshold", "", columns, [], keys=keys, for_machines=1)
    rows: list[tuple[Cell, ...]] = [
        (
            payee[1],
            found.names[payee],
            None if worth is None else Amount(worth, digits),
            found.status[payee].tax_id,
            found.status[payee].form,
            payee[0],
        )
        for payee, worth in sorted(found.worth.items(), key=_dearest)
        if payee in found.over
    ]
    limit = money.money_text(found.threshold, currency)
    unknown = sum(found.worth[payee] is None for payee in found.over)
    note = "" if rows else "Nobody."
    if unknown:
        note = f"Of {counted(unknown, 'payee')} a rate is missing, so that the sum is not known."
    title = f"Paid more than {limit}"
    return Section("over_threshold", title, columns, rows, note, keys=keys, for_machines=1)


def _dearest(one: tuple[Payee, Decimal | None]) -> tuple[bool, Decimal, Payee]:
    payee, worth = one
    return worth is not None, -(worth or Decimal(0)), payee
