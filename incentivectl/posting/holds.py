"""Why a payment cannot go out yet (docs/ledger.md, 57.3, 57.7, 106 and 107)."""

import sqlite3
from dataclasses import dataclass
from functools import cached_property

from incentivectl.banking.payments import CASH
from incentivectl.ledger.records import Approval, Batch, BookedPayment
from incentivectl.posting.accounts import Directory, why_held
from incentivectl.posting.approving import account_hash, latest_approvals
from incentivectl.posting.signatures import Signature, lacking
from incentivectl.posting.withholding import remittance_of
from incentivectl.workspace.workspace import Workspace

NOT_APPROVED = "account-not-approved"
REJECTED = "payee-rejected"
NO_DEBTOR = "no-debtor"
NO_TAX_FORM = "no-tax-form"
ALL_WITHHELD = "all-withheld"


@dataclass(frozen=True)
class Holds:
    """What holds payments of a batch: `known` is what the tables say of payees on the day of execution.

    A `transfer` needs a sound account; in a CSV whoever pays may know another way. `needed` are the
    approvals that the batch needs.
    """

    connection: sqlite3.Connection
    workspace: Workspace
    batch: Batch
    known: Directory
    needed: tuple[Signature, ...]
    transfer: bool

    def why(self, payment: BookedPayment) -> str | None:
        """The reason that holds a payment; None where it can go out, once the batch is approved."""
        account = self.known.account(payment)
        if payment.payee_id in self.known.rejected:
            return REJECTED
        if why := why_held(self.connection, payment, account, transfer=self.transfer):
            return why
        if payment.debtor is None and any(one.when for one in self.workspace.payout.debtor):
            return NO_DEBTOR
        if self.workspace.tax.form_required and self.known.tax(payment).form is None:
            return NO_TAX_FORM
        if payment.method == CASH and not remittance_of(payment, self.known).net_minor:
            return ALL_WITHHELD
        return None if self._is_approved(payment) else NOT_APPROVED

    def _is_approved(self, payment: BookedPayment) -> bool:
        """Whether the approvals that name the account it goes to now are all that are needed.

        A batch that lacks approvals holds no single payment for that.
        """
        own = account_hash(self.known.account(payment))
        covering = [
            user
            for user, one in self._approvals.items()
            if one.accounts.get(payment.payment_id) == own
        ]
        return not lacking(self.needed, covering) or self._lacks_approvals

    @cached_property
    def _approvals(self) -> dict[str, Approval]:
        """Read once: each lists the accounts of all payments."""
        return latest_approvals(self.connection, self.batch)

    @cached_property
    def _lacks_approvals(self) -> bool:
        return bool(lacking(self.needed, self._approvals))
