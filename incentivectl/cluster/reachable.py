"""Whether somebody answers at the address of a cluster: Spark itself would try for minutes."""

import os
import re
import socket

from incentivectl.core.errors import ExitCode, Problem, Refused

_PORTS = {"spark": 7077, "sc": 15002}
_PROXIES = ("grpc_proxy", "https_proxy", "http_proxy")  # Connect may go through one
_SECONDS = 10.0  # for a connection to one address


def check_reachable(master: str) -> None:
    """Refuses a master (`spark://host:port,host:port`, `sc://host:port/…`) whose addresses do not answer."""
    found = re.match(r"(spark|sc)://([^/;?]+)", master)
    if found is None or (found[1] == "sc" and any(map(os.environ.get, _PROXIES))):
        return
    places = [_place(text, _PORTS[found[1]]) for text in found[2].split(",")]
    known = [place for place in places if place is not None]
    reasons = [_reason(*place) for place in known]
    if known and all(reasons):
        message = f"the cluster at {master} does not answer: {reasons[0]}"
        hint = "check --master, and that it is started and reached from here"
        raise Refused([Problem("no-cluster", message, hint)], ExitCode.CONFIG)


def _place(text: str, port: int) -> tuple[str, int] | None:
    found = re.fullmatch(r"\[?([^\[\]]+?)\]?(?::(\d{1,5}))?", text.strip())
    return None if found is None else (found[1], int(found[2] or port))


def _reason(host: str, port: int) -> str:
    """Why nobody answers; empty if somebody does."""
    try:
        with socket.create_connection((host, port), timeout=_SECONDS):
            return ""
    except (OSError, OverflowError, UnicodeError) as error:
        return (getattr(error, "strerror", None) or str(error)).lower()
