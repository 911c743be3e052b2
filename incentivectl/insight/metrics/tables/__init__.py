"""The tables of `metrics` below the figures of each area, for people; lists also for machines."""
