"""The ten figures that a manager asks for first, over all areas."""

from incentivectl.insight.metrics.brand import INDEX
from incentivectl.insight.metrics.engagement import ACHIEVING, PARTICIPATING
from incentivectl.insight.metrics.figures import Area, Definition
from incentivectl.insight.metrics.growth import NEW_REVENUE, REVENUE
from incentivectl.insight.metrics.objectives import ON_TRACK
from incentivectl.insight.metrics.roi import COST, ROI
from incentivectl.insight.metrics.satisfaction import NPS
from incentivectl.insight.metrics.timeliness import MEDIAN

TEN: tuple[Definition, ...] = (
    REVENUE, NEW_REVENUE, PARTICIPATING, ACHIEVING, COST, ROI, ON_TRACK, NPS, INDEX, MEDIAN,
)  # fmt: skip


def areas_of_ten(areas: tuple[Area, ...]) -> tuple[Area, ...]:
    """Those of `areas` that one of the ten belongs to."""
    keys = {one.area for one in TEN}
    return tuple(area for area in areas if area.key in keys)
