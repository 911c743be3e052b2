"""What rules ask of all lines, asked of every bucket, and merged by the driver.

A question is a function of a module with what it is given. What it is given may name the channel, and what
is looked up of it: in a bucket these are the bucket's own. Where a question needs to know what another one
finds in all lines, it comes back unanswered, that one is asked first, and its answer goes along.
"""

import io
import pickle
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from incentivectl.cluster.buckets import lines_in
from incentivectl.cluster.engine import Engine
from incentivectl.cluster.how_far import Show
from incentivectl.cluster.shared import Kept
from incentivectl.core.input_frames import scan_parquet
from incentivectl.core.nouns import counted
from incentivectl.core.scratch import scratch_folder
from incentivectl.ingest.sale_lines.line_rules import LineRules
from incentivectl.programs.model import Program
from incentivectl.rules.case import Case, Judged, Measured
from incentivectl.rules.lookups import Lookups, lookups_of, with_levels_of
from incentivectl.sales.channel import Channel
from incentivectl.sales.facts import Facts
from incentivectl.sales.in_memory import read_once
from incentivectl.sales.line_source import FoundReading, found_of

Question = Callable[..., Any]
Merge = Callable[[Sequence[Any]], Any]
Key = tuple[str, ...]
Programs = tuple[str, ...]  # their ids
Rivals = tuple[tuple[Program, str], ...]
_CHANNEL, _FACTS, _CASE = "channel", "facts", "case"


@dataclass(frozen=True)
class _Needed:
    """A question that must be answered of all lines first, and what one bucket answers."""

    key: Key
    question: bytes
    merge: bytes
    part: Any


class _UnansweredError(Exception):
    """A question asks something of all lines that is not known yet."""

    def __init__(self, key: Key, question: Question, merge: Merge, given: Sequence[Any]) -> None:
        super().__init__(key[0])
        self.key = key
        self.question = question
        self.merge = merge
        self.given = given


@dataclass(frozen=True)
class _Ask:
    """One bucket is asked: where it is kept, and where what it must know is."""

    bucket: Kept
    rules: Kept
    question: Kept
    channel: Kept | None = None  # None: its lines alone are asked
    programs: int = 0


@dataclass(frozen=True)
class _Known:
    """The parts of a channel as a bucket sees them: what was found in all of them."""

    answers: Mapping[Key, Any]

    def ask(self, channel: Channel, question: Question, merge: Merge, given: Sequence[Any]) -> Any:  # noqa: ANN401
        """See `sales.channel.Parts`."""
        key = _key(channel, question, given)
        if key in self.answers:
            return self.answers[key]
        raise _UnansweredError(key, question, merge, given)


@dataclass
class BucketParts:
    """The parts that buckets are (`ingest.sale_lines.counting_lines.LinesInParts`)."""

    engine: Engine
    buckets: tuple[Kept, ...]
    rules: Kept
    scratch: Path
    progress: Show = lambda _: None
    pace: Show | None = None
    _answers: dict[Key, Any] = field(default_factory=dict)
    _needed: set[Key] = field(default_factory=set)
    _channels: dict[object, Kept] = field(default_factory=dict)
    _rounds: int = 0

    def ask(self, channel: Channel, question: Question, merge: Merge, given: Sequence[Any]) -> Any:  # noqa: ANN401
        """See `sales.channel.Parts`."""
        packed, programs = _dumps((question, given))
        return self._asked(channel, _key(channel, question, given), packed, merge, programs, {})

    def ask_lines(self, question: Question, merge: Merge, given: Sequence[Any]) -> Any:  # noqa: ANN401
        """See `LinesInParts`."""
        found = self._round(self.buckets, question=pickle.dumps((question, given)))
        return merge([part for (part,) in found])

    def scanned(self) -> pl.LazyFrame:
        """See `LinesInParts`; they are copied one bucket after the other, and lie on this disk then."""
        rules: LineRules = self.rules.value()
        copies = []
        for number, bucket in enumerate(self.buckets):
            copies.append(self.scratch / f"lines-{number:05}.parquet")
            with scratch_folder() as scratch:  # of a bucket in object storage
                lines, _ = lines_in(bucket.folder(Path(scratch)), rules)
                lines.sink_parquet(copies[-1], compression="lz4")
        return scan_parquet(copies)

    def _asked(
        self,
        channel: Channel,
        key: Key,
        question: bytes,
        merge: Merge,
        programs: Programs,
        found: dict[Kept, Any],
    ) -> Any:  # noqa: ANN401
        """The answer to a question of which some buckets have `found` their part."""
        if key in self._answers:
            return self._answers[key]
        while len(found) < len(self.buckets):
            left = [bucket for bucket in self.buckets if bucket not in found]
            common = self._channel(channel)
            needs: dict[Key, tuple[_Needed, dict[Kept, Any]]] = {}
            for bucket, answer in zip(
                left, self._round(left, question, common, programs), strict=True
            ):
                if isinstance(answer, _Needed):
                    parts = needs.setdefault(answer.key, (answer, {}))[1]
                    parts[bucket] = answer.part
                else:
                    found[bucket] = answer[0]
            for need, parts in needs.values():
                self._needed.add(need.key)
                of_need = pickle.loads(need.merge)
                self._asked(channel, need.key, need.question, of_need, programs, parts)
        answer = merge([found[bucket] for bucket in self.buckets])
        self._answers[key] = answer
        return answer

    def _round(
        self,
        buckets: Sequence[Kept],
        question: bytes,
        channel: Kept | None = None,
        programs: Programs = (),
    ) -> list[Any]:
        self._rounds += 1
        begin = f"round {self._rounds}: asking"
        about = _about(programs)
        self.progress(f"{begin} {counted(len(buckets), 'bucket')}{about}")

        def told(done: int, of: int) -> None:
            if self.pace is not None:
                self.pace(f"{begin} {done:,} of {counted(of, 'bucket')}{about}")

        answers = {key: self._answers[key] for key in self._needed if key in self._answers}
        asked = self.engine.shared.put("question", (question, answers))
        tasks = [
            pickle.dumps(_Ask(bucket, self.rules, asked, channel, len(programs)))
            for bucket in buckets
        ]
        found = [pickle.loads(packed) for packed in self.engine.each(answer, tasks, told)]
        asked.remove()
        return found

    def _channel(self, channel: Channel) -> Kept:
        """Where everything of the channel is kept but its lines."""
        if channel.as_of not in self._channels:
            found = found_of(channel)
            days = None if found is None else found.days
            bare = replace(
                channel, lines=pl.LazyFrame(), found_reading=None, level_rows={}, parts=None
            )
            name = f"channel-{channel.as_of}"
            self._channels[channel.as_of] = self.engine.shared.put(name, (bare, days))
        return self._channels[channel.as_of]


def _about(programs: Programs) -> str:
    names = set(programs)
    if not names:
        return ""
    return f" about {counted(len(names), 'program') if len(names) > 1 else names.pop()}"


def answer(task: bytes) -> bytes:
    """What one bucket answers: a pickle of a tuple with it, or of what it needs to know."""
    one: _Ask = pickle.loads(task)
    question, answers = one.question.value()
    with scratch_folder() as scratch:
        if one.channel is None:
            asked, given = pickle.loads(question)
            lines, _ = _lines_of(one, Path(scratch))
            return pickle.dumps((asked(lines, *given),))
        channel = _bucket(one, one.channel, _Known(answers), Path(scratch))
        return pickle.dumps(_answered(channel, *_loads(question, channel)))


def _answered(channel: Channel, question: Question, given: Sequence[Any]) -> tuple[Any] | _Needed:
    """A tuple with the answer; or what must be known of all lines first, with what is found of that."""
    try:
        return (question(channel, *given),)
    except _UnansweredError as needed:
        found = _answered(channel, needed.question, needed.given)
        if isinstance(found, _Needed):
            return found
        packed = _dumps((needed.question, needed.given))[0]
        return _Needed(needed.key, packed, pickle.dumps(needed.merge), found[0])


def _lines_of(one: _Ask, scratch: Path) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    rules: LineRules = _unpickled(one.rules)
    return lines_in(one.bucket.folder(scratch), rules)


def _bucket(one: _Ask, common: Kept, known: _Known, scratch: Path) -> Channel:
    bare, days = _unpickled(common)
    is_known = pl.col("counted_on") <= bare.as_of
    lines, returns = (found.filter(is_known) for found in _lines_of(one, scratch))
    count = int(lines.select(pl.len()).collect(engine="streaming").item())
    found = FoundReading(lines, returns, days, count)
    return read_once(
        replace(bare, lines=lines, found_reading=found, parts=known), count, one.programs
    )


@lru_cache(maxsize=4)
def _unpickled(kept: Kept) -> Any:  # noqa: ANN401
    return kept.value()


def _key(channel: Channel, question: Question, given: Sequence[Any]) -> Key:
    """What tells questions apart: the function, the last day, and what it is given."""
    return (question.__qualname__, str(channel.as_of), *map(_word, given))


def _word(given: object) -> str:
    if isinstance(given, Case):
        return f"{given.program.id} {given.program.own_hash}"
    if isinstance(given, Judged):
        return f"{given.place} {_word(given.case)}"
    if isinstance(given, Facts):
        return _FACTS
    if isinstance(given, pl.DataFrame | pl.Series | Measured):
        return secrets.token_hex(8)  # never asked twice
    if isinstance(given, list | tuple) and any(isinstance(x, Judged | Measured) for x in given):
        return " ".join(map(_word, given))
    return str(getattr(given, "__qualname__", None) or repr(given))


class _Pickler(pickle.Pickler):
    """Names the channel, what is looked up of it, and cases of it, instead of taking them along."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.programs: list[str] = []

    def persistent_id(self, value: object) -> object:
        if isinstance(value, Channel):
            return (_CHANNEL, dict(value.level_rows))
        if isinstance(value, Facts):
            return (_FACTS,)
        if isinstance(value, Case):
            self.programs.append(value.program.id)
            return (_CASE, value.program, value.currency, value.channel, value.rivals)
        return None

    def reducer_override(self, value: object) -> Any:  # noqa: ANN401
        if isinstance(value, Judged):
            return Judged, (value.place, value.case, value.judge)
        if isinstance(value, Measured):
            return Measured, (value.one, value.earned, value.count, value.contribute)
        return NotImplemented


def _dumps(value: object) -> tuple[bytes, Programs]:
    """A pickle of a question with what it is given, and the programs that it is about."""
    packed = io.BytesIO()
    pickler = _Pickler(packed)
    pickler.dump(value)
    return packed.getvalue(), tuple(dict.fromkeys(pickler.programs))


class _Unpickler(pickle.Unpickler):
    """Finds the channel of a bucket under the names that `_Pickler` gives."""

    def __init__(self, file: io.BytesIO, channel: Channel) -> None:
        super().__init__(file)
        self._plain = (channel, lookups_of(channel))
        self._levelled: dict[tuple[str, ...], tuple[Channel, Lookups]] = {(): self._plain}

    def persistent_load(self, name: Any) -> object:  # noqa: ANN401
        what, *given = name
        if what == _FACTS:
            return self._plain[1].facts
        return self._case(*given) if what == _CASE else self._channel(*given)

    def _channel(self, rows: Mapping[str, pl.DataFrame]) -> Channel:
        channel, lookups = self._plain
        levels = tuple(sorted(rows))
        if levels not in self._levelled:
            levelled = channel.with_levels(rows)
            self._levelled[levels] = (levelled, with_levels_of(lookups, levelled))
        return self._levelled[levels][0]

    def _case(self, program: Program, currency: str, channel: Channel, rivals: Rivals) -> Case:
        lookups = self._levelled[tuple(sorted(channel.level_rows))][1]
        return Case(program, currency, channel, lookups, rivals)


def _loads(packed: bytes, channel: Channel) -> tuple[Question, Sequence[Any]]:
    found: tuple[Question, Sequence[Any]] = _Unpickler(io.BytesIO(packed), channel).load()
    return found
