"""What programs may use beyond the basics, and what of it the engine can already.

A feature is switched on by adding it to `ENGINE_HAS`: then its worked cases run against the engine
(`test_worked_numbers`), and generated workspaces use it (`program_files.Features`). With `ALL_FEATURES=1`
in the environment everything is on.
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
ENGINE_HAS = frozenset({"bundles", "curves", "gates", "prices", "steps"})


def switched_on() -> frozenset[str]:
    """The features that tests of the engine may use."""
    return ALL if os.environ.get("ALL_FEATURES") else ENGINE_HAS
