"""A payout file that somebody else made, recomputed and explained."""
