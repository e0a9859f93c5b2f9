"""A server of one's own: the built program on an empty folder and a free port, ended by its process id."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]


def binary() -> str:
    named = os.environ.get("TANYIN_BINARY")
    target = Path(os.environ.get("CARGO_TARGET_DIR") or REPOSITORY / "target")
    for path in [named] if named else [str(target / kind / "tanyin") for kind in ("debug", "release")]:
        if path and os.access(path, os.X_OK):
            return path
    raise RuntimeError("set TANYIN_BINARY to a built tanyin, or run cargo build")


@dataclass
class Server:
    """A running server and its folder."""

    url: str
    folder: Path

    def tanyin(self, *arguments: str, cwd: Path | None = None) -> str:
        """Runs the program on the server's folder, and gives what it printed."""
        command = [binary(), *arguments, "--data-dir", str(self.folder)]
        ran = subprocess.run(command, cwd=cwd or self.folder, capture_output=True, text=True, timeout=120)
        assert ran.returncode == 0, f"{command}: {ran.stdout}{ran.stderr}"
        return ran.stdout


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="tanyin-client-") as place:
        log = Path(place) / "server.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [binary(), "serve", "--listen", "127.0.0.1:0", "--data-dir", f"{place}/data"], stdout=output, stderr=output, cwd=place
            )
        try:
            yield Server(_address(process, log), Path(place) / "data")
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(1200):
        found = re.search(r"listening on (http://\S+)", log.read_text())
        if found:
            with urllib.request.urlopen(f"{found[1]}/readyz", timeout=30) as answer:
                assert answer.status == 200
            return found[1]
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(log.read_text())


@dataclass
class Between:
    """What stands between client and server: it counts, breaks off, answers 503, or changes bytes."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    unavailable: int = 0
    cut_after: int | None = None
    change: Callable[[str, bytes], bytes] = lambda _, body: body


@pytest.fixture
def between(server: Server) -> Iterator[Between]:
    state = Between()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *arguments: object) -> None:
            pass

        def _pass_on(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length) if length else None
            state.asked.append(f"{self.command} {self.path}")
            sent = {name.lower(): value for name, value in self.headers.items()}
            state.headers.append(sent)
            if state.unavailable:
                state.unavailable -= 1
                self._answer(503, {"content-type": "application/problem+json", "retry-after": "0"}, b'{"type":"/problems/database-unavailable","detail":"later"}')
                return
            wanted = {name: value for name, value in sent.items() if name not in ("host", "connection", "accept-encoding")}
            request = urllib.request.Request(server.url + self.path, body, wanted, method=self.command)
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    status, headers, data = answer.status, dict(answer.headers.items()), answer.read()
            except urllib.error.HTTPError as error:
                status, headers, data = error.code, dict(error.headers.items()), error.read()
            self._answer(status, {name.lower(): value for name, value in headers.items()}, state.change(self.path, data))

        def _answer(self, status: int, headers: dict[str, str], data: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                if name not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            if state.cut_after is not None and len(data) > state.cut_after:
                data, state.cut_after = data[: state.cut_after], None
                self.close_connection = True
            self.wfile.write(data)

        do_GET = do_POST = _pass_on

    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    proxy.daemon_threads = True
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{proxy.server_address[1]}"
    yield state
    proxy.shutdown()
    proxy.server_close()


@pytest.fixture(scope="session")
def vkey(server: Server) -> str:
    with urllib.request.urlopen(f"{server.url}/log/key", timeout=30) as answer:
        return str(answer.read().decode().splitlines()[0])


@pytest.fixture(scope="session")
def other_key(vkey: str) -> str:
    """A sound key of the log's name that never signed anything of it."""
    name, key = vkey.split("+")[0], base64.b64decode("ASoVDXKbmMGoKnVaPbr8SQT8cDCUvLuqnZaMeCjKQPKl")
    own = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8]
    return f"{name}+{own}+{base64.b64encode(key).decode()}"


@pytest.fixture(scope="session")
def audit(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that an auditor is given."""
    folder = tmp_path_factory.mktemp("audit") / "files"
    server.tanyin("export", "cn-electricity-co2@1.2.0", "--format", "audit", "-o", str(folder))
    return folder
