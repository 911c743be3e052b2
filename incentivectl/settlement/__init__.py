"""From entitlements to payouts: what is booked, paid, carried forward or held.

A batch books, per program, measurement period and payee, the entitlement less what the ledger
already booked; what was booked comes in as frames, so that nothing here knows the ledger
(docs/rules.md, "Settlement").
"""

from incentivectl.settlement.past import Past
from incentivectl.settlement.settling import Settlement, Terms, entries_alone, settle_up

__all__ = ["Past", "Settlement", "Terms", "entries_alone", "settle_up"]
