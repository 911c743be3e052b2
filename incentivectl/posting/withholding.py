"""What is withheld of a payment in cash (docs/ledger.md, "Tax")."""

from incentivectl.core import money
from incentivectl.ledger.records import BookedPayment
from incentivectl.ledger.writing import Remittance
from incentivectl.posting.accounts import Directory


def remittance_of(payment: BookedPayment, known: Directory) -> Remittance:
    """Gross = withheld + net: the rate in force on the day of execution x gross, rounded half up."""
    tax = known.tax(payment)
    digits = money.minor_digits(payment.currency)
    withheld = money.round_decimal(money.product(payment.amount, tax.withholding), digits)
    withheld_minor = money.minor_units(withheld, digits)
    return Remittance(
        payment_id=payment.payment_id,
        execute_on=known.day,
        tax_form=tax.form,
        withholding=tax.withholding,
        gross_minor=payment.amount_minor,
        withheld_minor=withheld_minor,
        net_minor=payment.amount_minor - withheld_minor,
    )
