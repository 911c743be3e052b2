"""What `batch release`, `export` and `confirm` print."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from incentivectl.core import money
from incentivectl.core.nouns import counted
from incentivectl.ledger.records import BookedPayment
from incentivectl.output.report import Amount, Cell, Report, Section
from incentivectl.posting.confirming import Confirmed
from incentivectl.posting.exporting import Exported
from incentivectl.posting.holds import NO_DEBTOR, NO_TAX_FORM, NOT_APPROVED
from incentivectl.reports.summary import near

PAYMENTS = ("payment", "payee", "currency", "method", "amount")


def exported_report(exported: Exported) -> Report:
    """What went out, in which files, and what is held and why."""
    batch = exported.batch
    files: list[tuple[Cell, ...]] = []
    for path, file in exported.files:
        sums = _sums((one.currency, one.amount_minor) for one in file.payments)
        for currency, count, amount in sums:
            files.append(
                (near(path), currency, count, amount, file.execute_on, file.debtor or None)
            )
    held: list[tuple[Cell, ...]] = [
        (*_row(one.payment)[:2], one.name, *_row(one.payment)[2:], one.why) for one in exported.held
    ]
    columns: tuple[str, ...] = ("file", "currency", "payments", "amount", "execute on", "debtor")
    if not any(row[-1] for row in files):
        columns, files = columns[:-1], [row[:-1] for row in files]
    return Report(
        _title(exported, written_again=bool(files)),
        (
            Section("files", "Files", columns, files),
            _withheld(exported),
            Section("held", "Held", (*PAYMENTS[:2], "name", *PAYMENTS[2:], "why"), held),
        ),
        "files",
        {"batch": batch.id, "form": exported.form, "new": exported.new},
        tuple(_what_next(exported)),
    )


def _title(exported: Exported, *, written_again: bool) -> str:
    batch = exported.batch
    if exported.new:
        return f"batch {batch.id}: {counted(exported.new, 'payment')} to pay out ({exported.form})"
    if written_again:
        return f"batch {batch.id}: nothing new to pay; its {exported.form} files were written again"
    return f"batch {batch.id}: nothing to pay out as {exported.form}"


def _what_next(exported: Exported) -> Iterator[str]:
    """What to do about the files, and about the payments that are not in them."""
    held_for = {one.why for one in exported.held}
    if exported.files:
        yield "Next: record the bank's answer with `batch confirm FILE`."
    if exported.elsewhere:
        yield (
            f"Not included: {counted(exported.elsewhere, 'payment')} that went out before, or that need"
            " a CSV (--format csv)."
        )
    if "bank-changed" in held_for:
        yield (
            "Bank details changed: confirm them with the payee, then run"
            f" `batch release {exported.batch.id}` and export again."
        )
    if NOT_APPROVED in held_for:
        yield (
            "Accounts have changed since the approval: another user has to check them and run"
            f" `batch approve {exported.batch.id}`; then export again."
        )
    if NO_DEBTOR in held_for:
        yield (
            "Nobody is named to pay some payees: add a [[payout.debtor]] whose `when` holds for them,"
            f" then `batch void {exported.batch.id}` and post it again."
        )
    if NO_TAX_FORM in held_for:
        yield "No tax form: fill in `tax_form` in payees, then export again."


def _withheld(exported: Exported) -> Section:
    """What is withheld of the cash in the files, by currency: gross = withheld + net."""
    sums: dict[str, list[int]] = {}
    for _, file in exported.files:
        for one in file.payments:
            if one.withheld_minor:
                gross, held = sums.setdefault(one.currency, [0, 0])
                sums[one.currency] = [
                    gross + one.amount_minor + one.withheld_minor, held + one.withheld_minor
                ]  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (currency, *(Amount(_amount(units, currency), money.minor_digits(currency))
                     for units in (gross, held, gross - held)))
        for currency, (gross, held) in sorted(sums.items())
    ]  # fmt: skip
    return Section("withheld", "Withheld", ("currency", "gross", "withheld", "net"), rows)


def confirmed_report(confirmed: Confirmed, name: str) -> Report:
    """What a bank's answer changed."""
    paid: list[tuple[Cell, ...]] = list(
        _sums((one.currency, one.amount_minor) for one in confirmed.paid)
    )
    failed: list[tuple[Cell, ...]] = [(*_row(one), reason) for one, reason in confirmed.failed]
    known = counted(confirmed.known_before, "response")
    closing = [f"{known} already recorded."] * bool(confirmed.known_before)
    closing += [problem.message for problem in confirmed.warnings]
    if failed:
        closing.append("Failed payments return to the balance and go out with the next batch.")
    return Report(
        f"{name}: {counted(len(confirmed.paid), 'payment')} paid, {len(failed)} failed",
        (
            Section("paid", "Paid", ("currency", "payments", "amount"), paid),
            Section("failed", "Failed", (*PAYMENTS, "reason"), failed),
        ),
        "failed",
        {"paid_payments": len(confirmed.paid), "failed_payments": len(failed)},
        tuple(closing),
    )


def released_report(batch_id: str, released: Sequence[BookedPayment]) -> Report:
    """Which payments may go to their new accounts."""
    rows: list[tuple[Cell, ...]] = [_row(one) for one in released]
    note = "" if rows else "No payment is held for changed bank details."
    section = Section("released", "", PAYMENTS, rows, note)
    closing = (f"`batch export {batch_id}` sends them.",) if rows else ()
    title = f"batch {batch_id}: {counted(len(rows), 'payment')} released"
    return Report(title, (section,), "released", {"batch": batch_id}, closing)


def _row(one: BookedPayment) -> tuple[Cell, ...]:
    amount = Amount(one.amount, money.minor_digits(one.currency))
    return (one.payment_id, one.payee_id, one.currency, one.method, amount)


def _sums(units: Iterable[tuple[str, int]]) -> list[tuple[str, int, Amount]]:
    """Number and sum by currency."""
    by_currency: dict[str, list[int]] = {}
    for currency, amount in units:
        by_currency.setdefault(currency, []).append(amount)
    return [
        (currency, len(all_), Amount(_amount(sum(all_), currency), money.minor_digits(currency)))
        for currency, all_ in sorted(by_currency.items())
    ]


def _amount(units: int, currency: str) -> Decimal:
    return money.from_minor(units, currency)
