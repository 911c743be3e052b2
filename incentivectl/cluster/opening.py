"""Which engine a run is spread with, by the options, else the config; and the engine while it is needed."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from incentivectl.cluster.how_far import Show
from incentivectl.cluster.processes import processes
from incentivectl.cluster.reading import SpreadReading
from incentivectl.cluster.shared import shared_place
from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.scratch import scratch_folder
from incentivectl.workspace.engine_rules import ENGINES, EngineRules
from incentivectl.workspace.workspace import Workspace

NONE = "none"  # overrules the config: one machine
_LOCAL = "local"  # masters of Spark that start with it are this machine


@dataclass(frozen=True)
class Named:
    """What the options name; None where they say nothing."""

    engine: str | None = None
    master: str | None = None
    shared: str | None = None


def chosen(workspace: Workspace, named: Named) -> EngineRules | None:
    """The engine that options name, else the config's; None for this machine alone.

    What belongs to an engine is not taken over to another one. Refuses (usage) what does not go together.
    """
    stated = workspace.engine
    engine = named.engine or stated.name
    if engine not in (None, NONE, *ENGINES):
        raise _refused("bad-engine", f"unknown engine `{engine}`", f"use {_listed()}")
    if engine in (None, NONE):
        if named.master or named.shared:
            hint = f"add --engine {' or '.join(ENGINES)}"
            raise _refused("no-engine", "--master and --shared belong to an engine", hint)
        return None
    own = stated if stated.name in (None, engine) else EngineRules()
    found = own.model_copy(
        update={
            "name": engine,
            "master": named.master or own.master,
            "shared": named.shared or own.shared,
        }
    )
    _check(found)
    return found


def _listed() -> str:
    return ", ".join((*ENGINES, NONE))


def _check(rules: EngineRules) -> None:
    if rules.name == "processes":
        if rules.master and _processes(rules.master) is None:
            message = f"--master {rules.master} is not a number of processes"
            raise _refused("bad-master", message, "such as --engine processes --master 4")
        return
    if not rules.master:
        hint = "add --master spark://HOST:7077, sc://HOST:15002, yarn, k8s://… or local[*]"
        raise _refused("no-master", "--engine spark needs a cluster", hint)
    if not rules.shared and not rules.master.startswith(_LOCAL):
        hint = "add --shared with a folder or a URL of object storage that every machine sees"
        raise _refused("no-shared", f"--master {rules.master} needs a shared place", hint)


def _processes(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < 1000 else None


def _refused(code: str, message: str, hint: str) -> Refused:
    return Refused([Problem(code, message, hint)], ExitCode.USAGE)


@contextmanager
def spread(
    workspace: Workspace,
    named: Named,
    progress: Show,
    pace: Show | None,
    tell: Callable[[Problem], None],
    one_machine: Mapping[str, bool] = {},
) -> Iterator[SpreadReading | None]:
    """What reads sales with the engine, None for this machine alone.

    `pace` is as in `SpreadReading`. It answers as long as the block lasts, and leaves nothing; what cannot
    be removed it will `tell`. Refuses (usage) what is `one_machine`'s.
    """
    rules = chosen(workspace, named)
    if rules is None:
        yield None
        return
    for option in (option for option, is_given in one_machine.items() if is_given):
        message = f"{option} looks at lines one by one, which no engine is asked to"
        raise _refused("one-machine", message, f"run it on this machine: add --engine {NONE}")
    with ExitStack() as ends:
        scratch = Path(ends.enter_context(scratch_folder()))
        shared = ends.enter_context(shared_place(rules.shared or str(scratch), tell))
        progress(f"starting {rules.name}")
        if rules.name == "processes":
            width = _processes(rules.master) or len(os.sched_getaffinity(0))
            engine = ends.enter_context(processes(width, shared, scratch))
            yield SpreadReading(engine, scratch, rules.buckets, progress, pace)
        else:
            from incentivectl.cluster.spark import spark

            on_spark = ends.enter_context(spark(rules.master, shared, rules.conf, tell))
            yield SpreadReading(on_spark, scratch, rules.buckets, progress, pace)
