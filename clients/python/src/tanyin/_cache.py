"""Answers kept by their ETag, for as long as the server says; in memory, and in a folder where one is given."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """A kept answer."""

    etag: str
    fresh_until: float
    body: bytes

    def fresh(self) -> bool:
        return time.time() < self.fresh_until


def _max_age(control: str) -> int:
    found = re.search(r"max-age=(\d{1,9})", control)
    return int(found[1]) if found else 0


class Cache:
    """At most `limit` bytes in memory, the longest unused going first; the folder is never cleared."""

    def __init__(self, folder: str | os.PathLike[str] | None = None, limit: int = 64 << 20) -> None:
        self._folder = None if folder is None else Path(folder)
        self._limit = limit
        self._held = 0
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._lock = threading.Lock()

    @staticmethod
    def name(url: str, token: str | None) -> str:
        """What an answer is kept under: the address and who asked."""
        return hashlib.sha256(f"{url}\n{token or ''}".encode()).hexdigest()

    def get(self, name: str) -> Entry | None:
        with self._lock:
            entry = self._entries.get(name)
            if entry is not None:
                self._entries.move_to_end(name)
                return entry
        entry = self._read(name)
        if entry is not None:
            self._remember(name, entry)
        return entry

    def put(self, name: str, headers: Mapping[str, str], body: bytes) -> None:
        control, etag = headers.get("cache-control", ""), headers.get("etag", "")
        if "no-store" in control or not etag:
            return
        entry = Entry(etag, time.time() + _max_age(control), body)
        self._remember(name, entry)
        if self._folder is not None and "private" not in control:
            self._write(name, entry)

    def _remember(self, name: str, entry: Entry) -> None:
        if len(entry.body) > self._limit // 4:
            return
        with self._lock:
            old = self._entries.pop(name, None)
            self._held += len(entry.body) - (len(old.body) if old else 0)
            self._entries[name] = entry
            while self._held > self._limit:
                _, gone = self._entries.popitem(last=False)
                self._held -= len(gone.body)

    def _read(self, name: str) -> Entry | None:
        if self._folder is None:
            return None
        try:
            head, _, body = (self._folder / name).read_bytes().partition(b"\n")
            told = json.loads(head)
            if told["sha256"] != hashlib.sha256(body).hexdigest():
                return None
            return Entry(str(told["etag"]), float(told["fresh_until"]), body)
        except (OSError, ValueError, KeyError, TypeError):
            return None  # absent or damaged: it is asked for again

    def _write(self, name: str, entry: Entry) -> None:
        assert self._folder is not None
        head = {"etag": entry.etag, "fresh_until": entry.fresh_until, "sha256": hashlib.sha256(entry.body).hexdigest()}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, path = tempfile.mkstemp(dir=self._folder, prefix=".part-")
            with os.fdopen(handle, "wb") as file:
                file.write(json.dumps(head).encode() + b"\n" + entry.body)
            os.replace(path, self._folder / name)
        except OSError:
            pass  # a cache that cannot be written is none
