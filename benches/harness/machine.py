"""Processes of this machine: what they cost, how they are started and ended, and what answers on a port."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def say(text):
    print(text, file=sys.stderr, flush=True)


def status_kib(pid, name):
    """A line of /proc/PID/status in KiB; 0 where the process has gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1])
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def family(pid):
    """A process and all that it started, directly or not."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            pass
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def cpu_seconds(pids):
    """User and system time of processes, all their threads included."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def pss_mib(pids):
    """Memory of processes, shared pages parted between those that share them."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def run(command, **more):
    """Runs a command to its end: wall and CPU seconds, peak resident and peak anonymous memory in MiB.

    The anonymous part (RssAnon) is sampled: pages of mapped files count as resident too, and the system drops them when it
    wants the memory.
    """
    begun = time.monotonic()
    process = subprocess.Popen([str(part) for part in command], stdout=more.pop("stdout", subprocess.DEVNULL), **more)
    anonymous = 0
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        anonymous = max(anonymous, status_kib(process.pid, "RssAnon"))
        time.sleep(0.01)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed: {process.returncode}")
    return {
        "wall": time.monotonic() - begun,
        "cpu": usage.ru_utime + usage.ru_stime,
        "rss": usage.ru_maxrss / 1024,
        "anon": anonymous / 1024,
    }


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Client:
    """One kept connection."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1800)

    def ask(self, path, method="GET", body=None, headers=()):
        """(status, headers, body)"""
        self.connection.request(method, path, body, dict(headers))
        answer = self.connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def get(self, path):
        status, _, body = self.ask(path)
        if status != 200:
            raise SystemExit(f"{path}: {status} {body[:500]!r}")
        return body


class Server:
    """A server that was started here, with its log in a file; ended by its process id, with those that it started."""

    started = []

    def __init__(self, name, command, port, ready, log, environment=None, seconds=600):
        self.name, self.port = name, port
        begun = time.monotonic()
        with open(log, "wb") as output:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **(environment or {})},
            )
        Server.started.append(self)
        while not self.answers(ready):
            if self.process.poll() is not None or time.monotonic() - begun > seconds:
                sys.exit(f"{name} did not start:\n{Path(log).read_text(errors='replace')[-2000:]}")
            time.sleep(0.002)
        self.start_seconds = time.monotonic() - begun

    def answers(self, path):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", path)
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False

    def pids(self):
        return family(self.process.pid)

    def client(self):
        return Client(self.port)

    def end(self):
        if self not in Server.started:
            return
        Server.started.remove(self)
        pids = self.pids() - {self.process.pid}
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    @staticmethod
    def end_all():
        for server in list(Server.started):
            server.end()


def spread(values):
    """(median, least, most)"""
    ordered = sorted(values)
    middle = len(ordered) // 2
    median = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    return median, ordered[0], ordered[-1]


def about():
    """Cores and the model of the processor: figures mean nothing without them, and nothing else of the machine matters."""
    text = Path("/proc/cpuinfo").read_text()
    models = [line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")]
    return {"cores": os.cpu_count(), "model": models[0] if models else "unknown"}
