"""What a statement says of rewarded activities."""

from decimal import Decimal

from incentivectl.output.tongue import Tongue
from incentivectl.programs.words.statements import EarningRow


def sentence(earned: EarningRow, tongue: Tongue) -> str:
    """How many activities were rewarded."""
    done = earned.metric_value or Decimal(0)
    return tongue.count("{n} activity was rewarded.", "{n} activities were rewarded.", done)
