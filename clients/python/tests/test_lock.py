"""A client that reads what a lockfile pins."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import Between, Server

import tanyin
from tanyin import Client, Lockfile, _log


@pytest.fixture(scope="module")
def lock(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lock")
    with Client(server.url) as client:
        gwp = next(client.factors(dataset="ipcc-gwp")).factor.key
    office = ("cn-electricity-co2@1.1.0#grid-average/cn-zj/2022", "--label", "office", "--amount", "100", "--unit", "kW.h")
    for pin in (office, (f"ipcc-gwp#{gwp}",)):
        server.tanyin("lock", "add", *pin, "--server", server.url, cwd=folder)
    return folder / "tanyin.lock"


def test_a_dataset_is_the_pinned_version(server: Server, lock: Path, vkey: str) -> None:
    with Client.from_lock(lock, key=vkey) as client:
        answer = client.lookup(dataset="cn-electricity-co2", activity="electricity/grid-average", region="CN-ZJ", year=2022)
        assert answer.release.version == "1.1.0", "1.2.0 is the latest"
        assert client.release("cn-electricity-co2").version == "1.1.0"
        assert client.locked("office").value == Decimal("0.5153") and client.locked("office").amount == Decimal(100)
        for asked in ("ipcc-stationary-combustion", "cn-electricity-co2@1.2.0", "cn-electricity-co2@^1"):
            with pytest.raises(tanyin.LockError, match="does not pin"):
                client.lookup(dataset=asked, key="grid-average/cn-zj/2022")
        with pytest.raises(tanyin.LockError, match="pins no"):
            client.locked("car")
    with Client.from_lock(lock, allow_unlocked=True) as client:
        assert client.lookup(dataset="cn-electricity-co2@1.2.0", key="grid-average/cn-zj/2022").release.version == "1.2.0"


def _changed(lock: Path, change: Any) -> bytes:
    raw = json.loads(lock.read_text(encoding="utf-8"))
    change(raw)
    return json.dumps(raw, ensure_ascii=False).encode()


def test_a_changed_file_is_refused(lock: Path, vkey: str, other_key: str) -> None:
    def value(raw: Any) -> None:
        raw["factors"][0]["factor"]["value"] = "0.1"

    def digest_too(raw: Any) -> None:
        value(raw)
        raw["factors"][0]["digest"] = _log.sha256(_log.canonical(raw["factors"][0]["factor"]))

    def manifest(raw: Any) -> None:
        raw["releases"][0]["manifest"]["factors"] += 1

    def leaf(raw: Any) -> None:
        raw["releases"][0]["leaf"]["at"] = "2020-01-01T00:00:00Z"

    def root(raw: Any) -> None:
        raw["log"]["checkpoint"][1] = "9"

    def path(raw: Any) -> None:
        raw["factors"][0]["inclusion"].pop()

    for change, link in ((value, "line → digest"), (digest_too, "line → manifest"), (manifest, "the log says"), (leaf, "not under"), (root, "wrong"), (path, "inclusion proof|line → manifest")):
        with pytest.raises(tanyin.VerificationError, match=link):
            Lockfile(_changed(lock, change), key=vkey)
    for data in (b"<<<<<<< ours", b'{"format":"1","format":"1"}', b'{"format":"2"}', b'{"format":"1"}'):
        with pytest.raises(tanyin.TanyinError):
            Lockfile(data)
    with pytest.raises(tanyin.VerificationError, match="no key that is believed"):
        Lockfile(lock.read_bytes(), key=other_key)


def test_another_answer_is_refused(server: Server, between: Between, lock: Path) -> None:
    with Client.from_lock(lock, between.url) as client:
        pinned = client.locked("office")
    line = _log.canonical(dict(pinned.factor.raw))
    forged = line.replace(b'"value":"0.5153"', b'"value":"0.0153"')

    def forge(_: str, body: bytes) -> bytes:
        return body.replace(line, forged).replace(pinned.digest.encode(), _log.sha256(forged).encode())

    between.change = forge
    with Client.from_lock(lock, between.url) as client, pytest.raises(tanyin.LockMismatch, match="the lockfile pins"):
        client.lookup(dataset="cn-electricity-co2", key="grid-average/cn-zj/2022")
    between.change = lambda _, body: body.replace(b'"manifest":"sha256:', b'"manifest":"sha256:0')
    with Client.from_lock(lock, between.url) as client, pytest.raises(tanyin.LockMismatch, match="another release"):
        client.factor("cn-electricity-co2", "grid-average/cn/2021")
