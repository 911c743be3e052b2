"""Headless Chromium, spoken to in the DevTools protocol over a pipe: nothing listens on a port."""

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 60  # seconds for one answer, on a machine with much else to do
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip
Message = dict[str, Any]


def executable() -> str | None:
    """Where Chromium is; None where it, or the shell that hands it the pipe, is not installed."""
    if shutil.which("bash") is None:
        return None
    return shutil.which("chromium") or shutil.which("chromium-browser")


@dataclass
class Seen:
    """What happened while a page was looked at."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    checked: Message = field(default_factory=dict)
    screenshot: bytes = b""


class Chromium:
    """One browser with one page."""

    def __init__(self, process: "subprocess.Popen[bytes]", answers: int, commands: int) -> None:
        self._process = process
        self._answers = answers
        self._commands = commands
        self._rest = b""
        self._number = 0
        self._events: list[Message] = []
        target = self._ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        attached = self._ask("Target.attachToTarget", {"targetId": target, "flatten": True})
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self._ask(f"{domain}.enable")

    def look_at(
        self, page: Path, script: str, *, width: int, dark: bool = False, picture: bool = False
    ) -> Seen:
        """Loads a file, runs `script` in it, and where asked takes a `picture` of the whole page."""
        screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        self._ask("Emulation.setDeviceMetricsOverride", screen)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._ask("Emulation.setEmulatedMedia", {"features": [scheme]})
        self._events.clear()
        url = page.resolve().as_uri()
        self._ask("Page.navigate", {"url": url})
        self._wait_for("Page.loadEventFired")
        found = self._ask(
            "Runtime.evaluate",
            {"expression": script, "returnByValue": True, "awaitPromise": True},
        )
        seen = Seen(checked=found["result"].get("value") or {})
        if "exceptionDetails" in found:
            seen.errors.append(json.dumps(found["exceptionDetails"]))
        if picture:
            whole = {"format": "png", "captureBeyondViewport": True}
            seen.screenshot = base64.b64decode(self._ask("Page.captureScreenshot", whole)["data"])
        for event in self._events:
            _note(event, url, seen)
        return seen

    def _ask(self, method: str, params: Message | None = None) -> Message:
        self._number += 1
        message: Message = {"id": self._number, "method": method, "params": params or {}}
        if hasattr(self, "_session"):
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                result: Message = answer["result"]
                return result
            self._events.append(answer)

    def _wait_for(self, method: str) -> None:
        if any(event.get("method") == method for event in self._events):
            return
        while True:
            event = self._next()
            self._events.append(event)
            if event.get("method") == method:
                return

    def _next(self) -> Message:
        deadline = time.monotonic() + PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._answers], [], [], deadline - time.monotonic())
            more = os.read(self._answers, 1 << 20) if ready else b""
            if not more:
                raise AssertionError(f"Chromium does not answer (exit {self._process.poll()})")
            self._rest += more
        text, _, self._rest = self._rest.partition(b"\0")
        message: Message = json.loads(text)
        return message


def _note(event: Message, url: str, seen: Seen) -> None:
    params = event.get("params", {})
    match event.get("method"):
        case "Network.requestWillBeSent":
            asked = params["request"]["url"]
            if asked != url and not asked.startswith("data:"):
                seen.requests.append(asked)
        case "Runtime.exceptionThrown":
            seen.errors.append(json.dumps(params["exceptionDetails"]))
        case "Runtime.consoleAPICalled" if params["type"] in ("error", "warning", "assert"):
            seen.errors.append(json.dumps(params["args"]))
        case "Log.entryAdded" if params["entry"]["level"] in ("error", "warning"):
            seen.errors.append(params["entry"]["text"])


@contextmanager
def chromium(profile: Path) -> Iterator[Chromium]:
    """A browser with a new profile; it is gone afterwards, whatever happens."""
    program = executable()
    assert program is not None
    their_commands, commands = os.pipe()
    answers, their_answers = os.pipe()
    # Chromium reads commands from descriptor 3 and answers on 4.
    shell = f'exec "$@" 3<&{their_commands} 4>&{their_answers}'
    process = subprocess.Popen(
        ["bash", "-c", shell, "bash", program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
        pass_fds=(their_commands, their_answers),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(their_commands)
    os.close(their_answers)
    try:
        yield Chromium(process, answers, commands)
    finally:
        os.close(commands)
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(answers)
