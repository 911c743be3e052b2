"""What a user may name in place of a local path: a `file://` URL, or one of object storage."""

from urllib.parse import unquote

SIGN = "://"
SCHEMES = ("s3", "gs", "az", "abfs", "abfss", "s3a")
STORAGES = ", ".join(f"{scheme}{SIGN}" for scheme in SCHEMES)
_FILE = f"file{SIGN}"
_HADOOP = ("hdfs", "viewfs", "webhdfs", "swebhdfs")


def local(place: str) -> str:
    """The path that a `file://` URL names; every other place as it is."""
    host, slash, path = place.removeprefix(_FILE).partition("/")
    is_ours = place.startswith(_FILE) and host in ("", "localhost") and slash
    return unquote(slash + path) if is_ours else place


def is_url(place: str) -> bool:
    """Whether it names something that is no local file."""
    return SIGN in place


def objection(place: str) -> tuple[str, str] | None:
    """What is wrong with a place that is neither a path nor in object storage, and what to do."""
    scheme = place.partition(SIGN)[0]
    if not is_url(place) or scheme in SCHEMES:
        return None
    if scheme in _HADOOP:
        hint = "mount it (NFS gateway, FUSE), or copy it to object storage with `hadoop distcp`"
        return f'"{place}" needs the Java library of Hadoop, which is not used', hint
    if scheme == "file":
        hint = f"write {_FILE}/ and the path from the root, such as {_FILE}/mnt/sales"
        return f'"{place}" names no file of this machine', hint
    return f'"{place}" is not in a storage that can be used', f"use a path, or {STORAGES}"
