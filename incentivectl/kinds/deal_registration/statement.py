"""What a statement says of registered deals."""

from incentivectl.output.tongue import Tongue
from incentivectl.programs.words.statements import EarningRow, pay_parts, revenue, with_pay


def sentence(earned: EarningRow, tongue: Tongue) -> str:
    """What was sold into deals and what that pays, with the bonus of each deal."""
    reward = earned.reward_block
    done = tongue.say(
        "You sold {amount} into your registered deals", amount=revenue(earned, tongue)
    )
    if reward is None or not reward.bonus:
        return with_pay(earned, tongue, done)
    bonus = tongue.say(
        "a bonus of {amount} for each deal", amount=tongue.bound(reward.bonus, earned.currency)
    )
    without = reward.model_copy(update={"bonus": None})
    pays = tongue.listed([*pay_parts(without, without, earned.currency, tongue), bonus])
    return tongue.say("{achieved}, which pays {pays}.", achieved=done, pays=pays)
