"""What programs may use beyond the basics, and what of it the engine can already.

A feature is switched on by adding it to `ENGINE_HAS`: then its worked cases run against the engine
(`test_worked_numbers`), and generated workspaces use it (`extensions`). `FEATURES=terms,windows` in the
environment, or `FEATURES=all`, switches others on for a try.
"""

import os

ALL = frozenset(
    {
        "bundles",
        "calendar",
        "curves",
        "gates",
        "levels",
        "managers",
        "parents",
        "prices",
        "steps",
        "terms",
        "together",
        "windows",
    }
)
ENGINE_HAS = ALL


def switched_on() -> frozenset[str]:
    """The features that tests of the engine may use."""
    asked = os.environ.get("FEATURES", "")
    return ALL if asked == "all" else ENGINE_HAS | frozenset(asked.split(",")) & ALL
