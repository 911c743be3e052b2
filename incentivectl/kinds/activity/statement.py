"""What a statement says of rewarded activities."""

from decimal import Decimal

from incentivectl.output.language import Language
from incentivectl.programs.words.statements import EarningRow


def sentence(earned: EarningRow, language: Language) -> str:
    """How many activities were rewarded."""
    done = earned.metric_value or Decimal(0)
    return language.count("{n} activity was rewarded.", "{n} activities were rewarded.", done)
