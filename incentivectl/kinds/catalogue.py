"""The kinds of programs, by name. A new kind is one folder beside this file and one line here."""

from incentivectl.kinds.activity import ACTIVITY
from incentivectl.kinds.contest import CONTEST
from incentivectl.kinds.deal_registration import DEAL_REGISTRATION
from incentivectl.kinds.discount import DISCOUNT
from incentivectl.kinds.kind import Kind
from incentivectl.kinds.level import LEVEL
from incentivectl.kinds.mdf import MDF
from incentivectl.kinds.rebate import REBATE
from incentivectl.kinds.spif import SPIF

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (REBATE, SPIF, DISCOUNT, DEAL_REGISTRATION, ACTIVITY, CONTEST, MDF, LEVEL)
}
