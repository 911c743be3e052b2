"""How many tasks of what Spark works on are done."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from incentivectl.cluster.engine import Told
from incentivectl.cluster.spark_session import is_connect

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SECONDS = 1.0  # between two looks


@contextmanager
def watched(session: "SparkSession", told: Told) -> Iterator[None]:
    """Tells how many tasks are done while they are worked on."""
    with _heard(session, told) if is_connect(session) else _looked_at(session, told):
        yield


@contextmanager
def _heard(session: "SparkSession", told: Told) -> Iterator[None]:
    """A server of Connect tells by itself."""

    def hear(stages: Iterable[Any] | None, **_: object) -> None:
        known = list(stages or ())
        if known:
            told(sum(one.num_completed_tasks for one in known), sum(one.num_tasks for one in known))

    handler: Any = hear
    session.registerProgressHandler(handler)
    try:
        yield
    finally:
        session.removeProgressHandler(handler)


@contextmanager
def _looked_at(session: "SparkSession", told: Told) -> Iterator[None]:
    tracker, done = session.sparkContext.statusTracker(), threading.Event()

    def watch() -> None:
        while not done.wait(_SECONDS):
            stages = [tracker.getStageInfo(one) for one in tracker.getActiveStageIds()]
            known = [one for one in stages if one is not None]
            if known:
                told(
                    sum(one.numCompletedTasks for one in known), sum(one.numTasks for one in known)
                )

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()
