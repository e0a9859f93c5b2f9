"""Load: wrk in interleaved rounds, and whole files over one connection. CPU time is that of the server alone."""

import json
import os
import socket
import subprocess
import sys
import time

from .machine import ROOT, cpu_seconds, pss_mib, say, spread

CONNECTIONS, THREADS = 64, 2


class Target:
    """A server and what it is asked in one operation."""

    def __init__(self, operation, name, server, requests, run):
        self.operation, self.name, self.server = operation, name, server
        self.file = run / f"{operation}-{name}.requests"
        self.file.write_text("".join("\t".join(request) + "\n" for request in requests), encoding="utf-8")
        self.first = requests[0]
        self.samples, self.warm = [], False

    def check(self):
        """One request by hand, before thousands of them."""
        method, path, header, body = self.first
        headers = dict([header.split(": ", 1)]) if header else {}
        if body:
            headers["Content-Type"] = "application/json"
        status, _, answer = self.server.client().ask(path, method, body.encode() or None, headers)
        if status not in (200, 304):
            sys.exit(f"{self.name}, {self.operation}: {path}: {status} {answer[:300]!r}")
        self.bytes = len(answer)

    def load(self, seconds):
        command = ["wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "60s", "--latency"]
        command += ["-s", str(ROOT / "benches/load.lua"), f"http://127.0.0.1:{self.server.port}"]
        pids = self.server.pids()
        before = cpu_seconds(pids)
        output = subprocess.run(command, env={**os.environ, "REQUESTS": str(self.file)}, check=True, stdout=subprocess.PIPE, text=True).stdout
        used = cpu_seconds(pids) - before
        result = json.loads(next(line for line in output.splitlines() if line.startswith("RESULT "))[7:])
        if result["bad"] or result["broken"] or (self.warm and not result["requests"]):
            sys.exit(f"{self.name}, {self.operation}: {result}")
        if not self.warm:
            return None
        return {
            "cpu_us": used / result["requests"] * 1e6,
            "rps": result["requests"] / result["micros"] * 1e6,
            "p50_ms": result["p50"] / 1e3,
            "p99_ms": result["p99"] / 1e3,
            "pss_mib": pss_mib(pids),
            "requests": result["requests"],
        }

    def summary(self):
        made = {name: spread([sample[name] for sample in self.samples]) for name in self.samples[0]}
        return {"operation": self.operation, "target": self.name, "bytes": self.bytes, **made}


def rounds(targets, count, seconds):
    """Each round visits every target once, so that what else happens on the machine falls on all alike."""
    for target in targets:
        target.check()
        target.load(1)
        target.warm = True
    for number in range(count):
        for target in targets:
            sample = target.load(seconds)
            target.samples.append(sample)
            say(f"round {number + 1}: {target.operation:12} {target.name:16} {sample['cpu_us']:9.1f} us CPU  {sample['rps']:9.0f}/s")
    return [target.summary() for target in targets]


class Download:
    """A whole file, again and again over one connection, read and forgotten."""

    def __init__(self, name, server, path, coding):
        self.name, self.server, self.path, self.coding = name, server, path, coding
        self.samples = []

    def load(self, seconds):
        request = f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: {self.coding}\r\n\r\n".encode()
        pids = self.server.pids()
        room = memoryview(bytearray(1 << 20))
        total, before, begun = 0, cpu_seconds(pids), time.monotonic()
        with socket.create_connection(("127.0.0.1", self.server.port)) as connection:
            while time.monotonic() - begun < seconds:
                connection.sendall(request)
                head = b""
                while b"\r\n\r\n" not in head:
                    head += connection.recv(65536)
                head, _, begin = head.partition(b"\r\n\r\n")
                fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
                coded = fields.get(b"content-encoding", b"identity").decode()
                if not head.startswith(b"HTTP/1.1 200") or coded != self.coding:
                    sys.exit(f"{self.name}: {head!r}")
                length = int(fields[b"content-length"])
                left = length - len(begin)
                while left:
                    count = connection.recv_into(room, min(left, len(room)))
                    if not count:
                        sys.exit(f"{self.name}: the connection ended early")
                    left -= count
                total += length
        wall, used = time.monotonic() - begun, cpu_seconds(pids) - before
        return {"gb_per_s": total / wall / 1e9, "cpu_s_per_gb": used / (total / 1e9), "mb": length / 1e6}


def downloads(cases, count, seconds):
    for number in range(count):
        for case in cases:
            if number == 0:
                case.load(0.5)
            sample = case.load(seconds)
            case.samples.append(sample)
            say(f"round {number + 1}: bulk {case.name:16} {sample['cpu_s_per_gb']:.3f} s CPU/GB  {sample['gb_per_s']:.2f} GB/s")
    return [{"target": case.name, **{name: spread([s[name] for s in case.samples]) for name in case.samples[0]}} for case in cases]
