"""Posts a period in a process of its own, which may be killed: see `test_crashes`, `test_races`.

`python -m tests.posting.poster ROOT PERIOD KILL_AT USER` prints `ready` once the programs are loaded,
goes on when a line comes in on stdin, and kills itself at the step KILL_AT of the post, if that is one.
It prints the batch's id, or `nothing` where nothing was left to book.
"""

import os
import signal
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from incentivectl.core.errors import Refused
from incentivectl.ledger.writing import Stamp
from incentivectl.posting.post import PostOptions, post
from incentivectl.run.loading import load, period_of

WHEN = datetime(2026, 11, 1, 12, tzinfo=UTC)


def main() -> None:
    """Posts as its arguments say."""
    root, period, kill_at, user = sys.argv[1:]
    loaded = load(Path(root))

    def progress(step: str) -> None:
        if step == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    named = period_of(period, loaded.workspace, date(2026, 11, 1))
    try:
        posted = post(loaded, named, PostOptions(), Stamp(WHEN, user, "host"), progress)
    except Refused as refused:
        sys.stderr.write("\n".join(problem.message for problem in refused.problems))
        sys.exit(refused.exit_code)
    sys.stdout.write(f"{posted.batch_id or 'nothing'}\n")


if __name__ == "__main__":
    main()
