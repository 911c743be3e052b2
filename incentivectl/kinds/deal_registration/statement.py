"""What a statement says of registered deals."""

from incentivectl.output.language import Language
from incentivectl.programs.words.statements import EarningRow, pay_parts, revenue, with_pay


def sentence(earned: EarningRow, language: Language) -> str:
    """What was sold into deals and what that pays, with the bonus of each deal."""
    reward = earned.reward_block
    done = language.say(
        "You sold {amount} into your registered deals", amount=revenue(earned, language)
    )
    if reward is None or not reward.bonus:
        return with_pay(earned, language, done)
    bonus = language.say(
        "a bonus of {amount} for each deal", amount=language.bound(reward.bonus, earned.currency)
    )
    without = reward.model_copy(update={"bonus": None})
    pays = language.listed([*pay_parts(without, without, earned.currency, language), bonus])
    return language.say("{achieved}, which pays {pays}.", achieved=done, pays=pays)
