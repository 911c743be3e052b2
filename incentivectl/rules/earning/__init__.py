"""From what was measured to what is earned: tiers, gates, limits, budgets."""
