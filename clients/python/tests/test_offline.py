"""Answers from files: verified first, refused when anything in them was changed."""

from __future__ import annotations

import base64
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import Server

import tanyin
from tanyin import Client, Offline, _log


def test_files_answer_as_the_server_does(server: Server, audit: Path, vkey: str) -> None:
    files = Offline(audit, key=vkey)
    assert files.authentic and len(files) == 120
    with Client(server.url) as client:
        for region, year in (("CN-ZJ", 2022), ("CN", 2023), ("CN-GRID-EAST", 2021)):
            here = files.lookup(activity="electricity/grid-average", region=region, year=year)
            there = client.lookup(dataset="cn-electricity-co2@1.2.0", activity="electricity/grid-average", region=region, year=year)
            assert (here.digest, here.value, here.release.manifest) == (there.digest, there.value, there.release.manifest)
            assert here.factor.raw == there.factor.raw
        own = client.read_frame("cn-electricity-co2", "1.2.0")
        assert files.read_frame().equals(own)
    assert files.emissions("100", "kW.h", key="grid-average/cn-zj/2022").value == Decimal("51.53")
    third = files.emissions("0." + "3" * 60, key="grid-average/cn-zj/2022").value
    assert third == Decimal(f"0.{5153 * int('3' * 60):064d}"), "nothing is rounded, however long the amount"
    assert len(list(files.factors())) == 120


def test_refusals(audit: Path, vkey: str) -> None:
    files = Offline(audit, key=vkey)
    with pytest.raises(tanyin.NoMatch) as none:
        files.lookup(activity="electricity/grid-average", region="CN-XZ", year=2022)
    assert "CN-ZJ" in none.value.exists["region"]
    with pytest.raises(tanyin.Ambiguous) as several:
        files.lookup(activity="electricity/grid-average", region="CN-ZJ")
    assert several.value.differ_in == ["year"]
    with pytest.raises(tanyin.OfflineUnsupported, match="server alone"):
        files.lookup(activity="electricity/grid-average", region="CN-XZ", year=2022, region_fallback="parent")
    with pytest.raises(tanyin.OfflineUnsupported, match="convert"):
        files.emissions("1", "MJ", key="grid-average/cn/2022")
    with pytest.raises(tanyin.NoRelease):
        files.lookup(dataset="cn-electricity-co2@1.0.0", key="grid-average/cn/2021")
    with pytest.raises(tanyin.MissingParameter):
        files.lookup(region="CN")
    with pytest.raises(tanyin.NoFactor):
        files.factor("grid-average/mars/2022")


def _copy(audit: Path, to: Path) -> Path:
    shutil.copytree(audit, to)
    for file in to.iterdir():
        file.chmod(0o644)
    return to


def _replace(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))


def _rewrite_manifest(folder: Path) -> None:
    """The manifest agrees with the changed lines again, and the sums with both: what only the log can tell."""
    old = (folder / "factors.ndjson").read_bytes()
    new = old.replace(b'"value":"0.5153"', b'"value":"0.5154"')
    (folder / "factors.ndjson").write_bytes(new)
    roots = ["sha256:" + _log.root_of(_log.leaf_hash(line) for line in data.split(b"\n")[:-1]).hex() for data in (old, new)]
    for pair in ((roots[0], roots[1]), (_log.sha256(old), _log.sha256(new))):
        _replace(folder / "manifest.json", pair[0].encode(), pair[1].encode())
    (folder / "SHA256SUMS").unlink()


def _rewrite_leaf(folder: Path) -> None:
    _rewrite_manifest(folder)
    text = (folder / "release.tlog-proof").read_text()
    old = text.split("\n")[1].removeprefix("extra ")
    leaf = base64.b64decode(old)
    start = leaf.index(b'"manifest":"') + len(b'"manifest":"')
    own = _log.sha256((folder / "manifest.json").read_bytes()).encode()
    (folder / "release.tlog-proof").write_text(text.replace(old, base64.b64encode(leaf[:start] + own + leaf[start + 71 :]).decode()))


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("line", "file → manifest: factors.ndjson"), ("csv", "file → manifest: factors.csv"), ("manifest", "the log says"), ("leaf", "not under"),
        ("signature", "signature"), ("size", "signature"), ("sums", "SHA256SUMS"), ("missing", "cannot be read"), ("extra line", "factors.ndjson"),
    ],
)
def test_what_was_changed_is_refused(audit: Path, tmp_path: Path, vkey: str, name: str, link: str) -> None:
    folder = _copy(audit, tmp_path / "files")
    proof = folder / "release.tlog-proof"
    match name:
        case "line":
            _replace(folder / "factors.ndjson", b'"value":"0.5153"', b'"value":"0.5154"')
        case "csv":
            _replace(folder / "factors.csv", b"0.5153", b"0.5154")
        case "manifest":
            _rewrite_manifest(folder)
        case "leaf":
            _rewrite_leaf(folder)
        case "signature":
            lines = proof.read_text().splitlines()
            head, _, data = lines[-1].rpartition(" ")
            raw = bytearray(base64.b64decode(data))
            raw[20] ^= 1
            proof.write_text("\n".join([*lines[:-1], f"{head} {base64.b64encode(raw).decode()}"]) + "\n")
        case "size":
            _replace(proof, b"tanyin.local/log\n7\n", b"tanyin.local/log\n8\n")
        case "sums":
            sums = (folder / "SHA256SUMS").read_text()
            (folder / "SHA256SUMS").write_text(("0" if sums[0] != "0" else "1") + sums[1:])
        case "missing":
            proof.unlink()
        case "extra line":
            (folder / "factors.ndjson").write_bytes((folder / "factors.ndjson").read_bytes() + b'{"key":"a"}\n')
    with pytest.raises(tanyin.VerificationError, match=link):
        Offline(folder, key=vkey)


def test_whom_to_believe(audit: Path, vkey: str, other_key: str) -> None:
    with pytest.warns(tanyin.UnauthenticatedWarning, match="nobody vouches"):
        assert not Offline(audit, key=None).authentic
    name, own, key = vkey.split("+", 2)
    for wrong in (f"{name}+00000000+{key}", f"other.example/log+{own}+{key}", "no key", f"{name}+{own}", other_key):
        with pytest.raises(tanyin.VerificationError):
            Offline(audit, key=wrong)


def test_downloaded_files_do(server: Server, tmp_path: Path, vkey: str) -> None:
    with Client(server.url) as client:
        for name in ("factors.ndjson", "manifest.json", "release.tlog-proof"):
            client.download("cn-electricity-footprint", tmp_path / name, name)
    files = Offline(tmp_path, key=vkey)
    assert files.authentic and len(files) == 21 and str(files.release) == "cn-electricity-footprint@1.1.0"


def test_a_sealed_release(server: Server, audit: Path, tmp_path: Path, vkey: str) -> None:
    package = Path(__file__).resolve().parents[3] / "datasets/ipcc-gwp/1.0.0"
    copy = tmp_path / "package"
    shutil.copytree(package, copy)
    _replace(copy / "datapackage.json", b'"ipcc-gwp"', b'"sealed-gwp"')
    server.tanyin("import", str(copy), "--dataset", "sealed-gwp")
    server.tanyin("dataset", "policy", "sealed-gwp", "--restricted")
    server.tanyin("draft", "submit", "sealed-gwp", "--version", "1.0.0")
    server.tanyin("release", "publish", "sealed-gwp")
    folder = tmp_path / "sealed"
    server.tanyin("export", "sealed-gwp@1.0.0", "--format", "audit", "-o", str(folder))
    files = Offline(folder, key=vkey)
    assert files.authentic and files.release.dataset == "sealed-gwp"
    (folder / "release.record.json").unlink()
    with pytest.raises(tanyin.VerificationError, match="sealed"):
        Offline(folder, key=vkey)
