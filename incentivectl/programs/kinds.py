"""The kinds of programs and the model of each. A new kind is one module and one line here."""

from incentivectl.programs.activity import ActivityProgram
from incentivectl.programs.contest import ContestProgram
from incentivectl.programs.deal_registration import DealRegistrationProgram
from incentivectl.programs.discount import DiscountProgram
from incentivectl.programs.mdf import MdfProgram
from incentivectl.programs.model import Program
from incentivectl.programs.rebate import RebateProgram
from incentivectl.programs.spif import SpifProgram

KINDS: dict[str, type[Program]] = {
    "rebate": RebateProgram,
    "spif": SpifProgram,
    "discount": DiscountProgram,
    "deal_registration": DealRegistrationProgram,
    "activity": ActivityProgram,
    "contest": ContestProgram,
    "mdf": MdfProgram,
}
