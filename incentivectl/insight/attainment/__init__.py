"""Who reaches which tier, and what a share of the payees would reach."""
