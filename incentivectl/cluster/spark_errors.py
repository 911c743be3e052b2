"""What goes wrong on a cluster, in plain words with what to do."""

import base64
import pickle
import re
from collections.abc import Sequence

from incentivectl.core.errors import ExitCode, Problem, Refused

# What a task says of its machine; the rest of the line follows.
DIFFERS = "incentivectl-differs: "
UNSHARED = "incentivectl-unshared: "
REFUSED = "incentivectl-refused: "
_LENGTH = 300  # of what is told of Spark's own words
_ENVIRONMENT = ExitCode.CONFIG  # as where a file or a folder cannot be used

# By what Spark's message has: a code, what happened, and what to do.
_KNOWN = (
    (
        ("PYTHON_VERSION_MISMATCH",),
        ("versions-differ", "the machines have another Python than this one",
         "install the same minor version there, and name it in PYSPARK_PYTHON"),
    ),
    (
        ("No space left on device", "Disk quota exceeded"),
        ("disk-full", "a machine of the cluster has no room left on its disk",
         "make room in `shared` and in spark.local.dir, then run again"),
    ),
    (
        ("OutOfMemoryError", "Java heap space", "Cannot allocate memory", "exited with code 137",
         "exit code: 137", "OOMKilled", "Exit status: 137"),
        ("too-little-memory", "a machine of the cluster ran out of memory",
         "use more buckets ([engine] buckets), or more spark.executor.memoryOverhead"),
    ),
    (
        ("ExecutorLostFailure", "Python worker exited unexpectedly", "worker lost"),
        ("executor-lost", "a machine of the cluster was lost more often than Spark tries again",
         "look into its log: was it stopped, or killed for want of memory?"),
    ),
    (
        ("Python worker failed to connect back",),
        ("worker-late", "a Python process of Spark did not start in time",
         "is its machine overloaded? Run again, or with fewer cores"),
    ),
    (
        ("StatusCode.UNAVAILABLE", "Connection refused", "All masters are unresponsive", "CONNECT_URL",
         "UnknownHostException", "Name or service not known", "failed to connect", "DNS resolution"),
        ("no-cluster", "the cluster does not answer",
         "check --master, and that it is started and reached from here"),
    ),
    (
        ("UnsupportedClassVersionError",),
        ("no-java", "Java is too old for this Spark", "install Java 17 or 21, and name it in JAVA_HOME"),
    ),
    (
        ("JAVA_HOME is not set", "java: No such file", "java: not found", "java: command not found"),
        ("no-java", "Java is not found, which Spark needs here",
         "install Java 17 or 21 (Debian: openjdk-17-jre-headless), or use sc://"),
    ),
    (
        ("Could not parse Master URL", "Invalid URL", "Malformed"),
        ("bad-master", "Spark does not know such a --master",
         "use spark://HOST:7077, sc://HOST:15002, yarn, k8s://…, or local[*]"),
    ),
)  # fmt: skip
# What Spark says of a value in `conf`, or Java of one that becomes an option of its own.
_CONF = re.compile(
    r".*(?:\[INVALID_(?:DRIVER|EXECUTOR)_MEMORY|\[INVALID_CONF_VALUE"
    r"|should be (?:int|long|double|boolean), but|Invalid (?:maximum|initial) heap size"
    r"|Unrecognized (?:VM )?option).*"
)
_THROWN = re.compile(r"^(?:: |Caused by: )?(?:\w+\.)*(\w+(?:Error|Exception)\b.*)$", re.MULTILINE)


def refusal(error: Exception, java: str = "") -> Refused:
    """What an exception of Spark says, as a problem; `java` is what the JVM here has said."""
    text = f"{error}\n{java}"
    if (packed := _said(text, REFUSED)) is not None:
        found: Refused = pickle.loads(base64.b64decode(packed))
        return found
    if (message := _said(text, UNSHARED)) is not None:
        hint = (
            "name a folder with --shared that every machine sees under the same path, or a URL of object"
            " storage that every machine has credentials for"
        )
        return Refused([Problem("not-shared", message, hint)], ExitCode.USAGE)
    if (where := _said(text, DIFFERS)) is not None:
        hint = "install the driver's versions of incentivectl, Polars and Python on every machine"
        message = f"the machines differ from this one: {where}"
        return Refused([Problem("versions-differ", message, hint)], ExitCode.USAGE)
    if (wrong := _CONF.search(text)) is not None:
        message = f"Spark does not accept a value: {_short(wrong[0])}"
        hint = "correct it in [engine] conf, or where Spark is configured"
        return Refused([Problem("bad-conf", message, hint)], _ENVIRONMENT)
    for signs, (code, message, hint) in _KNOWN:
        if (said := _line_with(signs, text)) is not None:
            told = Problem(code, f"{message}: {_short(said)}", hint)
            return Refused([told], _ENVIRONMENT)
    thrown = _THROWN.findall(str(error)) or [line for line in java.splitlines() if line.strip()]
    message = (
        f"Spark gave up: {_short((thrown or [str(error).strip() or type(error).__name__])[-1])}"
    )
    hint = "its own logs may say more; [engine] conf, the versions and the machines' memory are worth a look"
    return Refused([Problem("engine-failed", message, hint)], _ENVIRONMENT)


def _line_with(signs: Sequence[str], text: str) -> str | None:
    return next((line for line in text.splitlines() if any(sign in line for sign in signs)), None)


def _short(text: str) -> str:
    """The first line of a text, without the class that threw it, and not without end."""
    line = re.sub(
        r"^.*?(?=\[[A-Z_.]+\])|^(?:: |Caused by: )?(?:\w+\.)+(?=\w)",
        "",
        text.strip().splitlines()[0],
    )
    return line if len(line) <= _LENGTH else f"{line[:_LENGTH]}…"


def _said(text: str, word: str) -> str | None:
    found = re.search(re.escape(word) + r"([^\n]*)", text)
    return found[1].strip() if found else None
