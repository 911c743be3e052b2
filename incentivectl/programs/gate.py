"""What payees must reach before they earn, and what growth is measured against."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from incentivectl.programs.conditions import Conditions
from incentivectl.programs.reward import BUNDLES, METRICS
from incentivectl.toml.types import Threshold, TomlTable, one_of
from incentivectl.toml.wrong import described, nearest_hint, wrong

ACTIVITY = "activity."  # before the name of an activity, where a gate counts some


def _gate_metric(raw: object) -> str:
    name = raw if isinstance(raw, str) else ""
    if name in (*METRICS, BUNDLES) or (name.startswith(ACTIVITY) and name != ACTIVITY):
        return name
    known = f"{', '.join(METRICS)} or activity.NAME"
    text = f"expected a metric, not {described(raw)}"
    raise wrong("unknown-metric", text, nearest_hint(name, METRICS) or f"choose from {known}")


class Gate(TomlTable):
    """Earns nothing until `metric` has reached `at_least` in the same measurement period.

    With `share_of`, what is compared is the share that lines with these conditions have in the metric.
    """

    # A share is one of revenue where it names no metric.
    model_config = ConfigDict(json_schema_extra=lambda schema: schema["required"].remove("metric"))

    metric: Annotated[str, BeforeValidator(_gate_metric)]
    at_least: Threshold
    share_of: Conditions = ()

    @model_validator(mode="before")
    @classmethod
    def _shares_are_of_revenue(cls, raw: object) -> object:
        """A metric is required; a share is one of revenue unless it says otherwise."""
        if isinstance(raw, Mapping) and "metric" not in raw and "share_of" in raw:
            return {**raw, "metric": "revenue"}
        return raw

    @property
    def activity(self) -> str:
        """The activity that is counted; empty for a metric of sales."""
        return self.metric.removeprefix(ACTIVITY) if self.metric.startswith(ACTIVITY) else ""


class Baseline(TomlTable):
    """What growth is measured against (docs/rules.md, "Baselines")."""

    from_: Annotated[
        Literal["previous_year", "previous_period"],
        one_of(("previous_year", "previous_period"), "a baseline"),
    ] = Field(default="previous_year", validation_alias="from", serialization_alias="from")
    if_missing: Annotated[
        Literal["exclude", "full"], one_of(("exclude", "full"), "a way to treat a missing baseline")
    ] = "exclude"
