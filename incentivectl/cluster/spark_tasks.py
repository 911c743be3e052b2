"""What Spark's tasks do: a look around their machine, then the function that they carry.

Functions travel as values, so that a machine can say what it lacks; what they name is imported there.
"""

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from incentivectl.cluster.engine import Gather
from incentivectl.cluster.shared import Shared
from incentivectl.cluster.spark_errors import DIFFERS, REFUSED, UNSHARED
from incentivectl.cluster.versions import versions

if TYPE_CHECKING:
    import pyarrow as pa

Rows = Iterator["pa.RecordBatch"]
GROUPED = "number int, content binary"


def checking(function: Callable[..., Any], shared: Shared) -> Callable[..., Any]:
    """The function, which refuses where the machine has other versions or does not see `shared`."""
    return looking_first(function, versions(), shared, (DIFFERS, UNSHARED, REFUSED))


def looking_first(
    function: Callable[..., Any],
    wanted: Mapping[str, str],
    shared: Shared,
    words: tuple[str, str, str],
) -> Callable[..., Any]:
    """See `checking`; `wanted` are the driver's versions, and each problem begins with one of `words`."""
    # As the machine may lack what they name:
    packed, place = pickle.dumps(function), pickle.dumps(shared)
    differs, unshared, refused = words

    def call(*given: Any) -> Any:  # noqa: ANN401
        import base64
        import pickle
        import platform

        try:
            from incentivectl.cluster.versions import versions
        except ImportError as missing:
            raise RuntimeError(f"{differs}{platform.node()}: {missing}") from None
        found = versions()
        if found != wanted:
            told = ", ".join(f"{k} {found.get(k)}" for k in wanted if found.get(k) != wanted[k])
            raise RuntimeError(f"{differs}{platform.node()} has {told}")
        from incentivectl.cluster.spark_tasks import unpacked
        from incentivectl.core.errors import Refused
        from incentivectl.core.object_store import ObjectError

        seen = pickle.loads(place)
        try:
            why = "" if seen.is_seen() else "it is not there"
        except ObjectError as error:
            why = error.message
        if why:
            raise RuntimeError(f"{unshared}{platform.node()} does not see {seen}: {why}")
        try:
            return unpacked(packed)(*given)
        except Refused as no:
            raise RuntimeError(refused + base64.b64encode(pickle.dumps(no)).decode()) from None

    return call


@lru_cache(maxsize=8)
def unpacked(function: bytes) -> Callable[..., Any]:
    """A function by its pickle. What it imports stays for good: Spark collects garbage after each task."""
    import gc

    found: Callable[..., Any] = pickle.loads(function)
    gc.freeze()
    return found


def of_pieces(
    cut: Callable[[bytes], Iterator[tuple[int, bytes]]], tasks: Sequence[bytes]
) -> Callable[[Rows], Rows]:
    """Rows of `GROUPED` that `cut` gives for the tasks whose numbers come in."""

    def rows(batches: Rows) -> Rows:
        import pyarrow as pa

        names = ["number", "content"]
        for batch in batches:
            for number in batch.column(0).to_pylist():
                for group, piece in cut(tasks[number]):
                    columns = [pa.array([group], pa.int32()), pa.array([piece], pa.binary())]
                    yield pa.RecordBatch.from_arrays(columns, names)

    return rows


def of_group(gather: Gather) -> Callable[[Rows], Rows]:
    """The row that `gather` gives for the pieces of one group."""

    def rows(batches: Rows) -> Rows:
        import itertools

        import pyarrow as pa

        first = next(batches, None)
        if first is None:
            return
        while not first.num_rows:
            first = next(batches)
        group = first.column(0)[0].as_py()
        pieces = (
            piece
            for batch in itertools.chain([first], batches)
            for piece in batch.column(1).to_pylist()
        )
        columns = [pa.array([group], pa.int32()), pa.array([gather(group, pieces)], pa.binary())]
        yield pa.RecordBatch.from_arrays(columns, ["number", "content"])

    return rows


def of_tasks(work: Callable[[bytes], bytes], tasks: Sequence[bytes]) -> Callable[[Rows], Rows]:
    """The results of `work` for the tasks whose numbers come in."""

    def rows(batches: Rows) -> Rows:
        import pyarrow as pa

        for batch in batches:
            results = [work(tasks[number]) for number in batch.column(0).to_pylist()]
            columns = [batch.column(0).cast(pa.int32()), pa.array(results, pa.binary())]
            yield pa.RecordBatch.from_arrays(columns, ["number", "content"])

    return rows
