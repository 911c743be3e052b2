"""The kinds of programs and the model of each. A new kind is one module and one line here."""

from incentivectl.programs.kinds.activity import ActivityProgram
from incentivectl.programs.kinds.contest import ContestProgram
from incentivectl.programs.kinds.deal_registration import DealRegistrationProgram
from incentivectl.programs.kinds.discount import DiscountProgram
from incentivectl.programs.kinds.mdf import MdfProgram
from incentivectl.programs.kinds.rebate import RebateProgram
from incentivectl.programs.kinds.spif import SpifProgram
from incentivectl.programs.model import Program

KINDS: dict[str, type[Program]] = {
    "rebate": RebateProgram,
    "spif": SpifProgram,
    "discount": DiscountProgram,
    "deal_registration": DealRegistrationProgram,
    "activity": ActivityProgram,
    "contest": ContestProgram,
    "mdf": MdfProgram,
}
