"""Answers from downloaded files, without a network, after their verification.

What files alone cannot tell: whether the release was withdrawn or flagged since, and whether the log only grew
since their checkpoint. Conversions (`per` of another unit, `gwp`) and fallbacks are the server's; they are
refused here rather than done differently.
"""

from __future__ import annotations

import hmac
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from hashlib import sha256 as _hash
from pathlib import Path
from typing import Any, Unpack

from . import _log
from ._codes import BLOCKING_FLAGS, Question
from ._core import Amount, number
from ._errors import OfflineUnsupported, TanyinError, UnauthenticatedWarning, VerificationError, problem
from ._frames import Exact, Frame, read_csv
from ._models import Emissions, Factor, FactorAnswer, LookupAnswer, Match, Release, Result, read_json

_EQUAL = ("activity", "region", "year", "kind", "metric", "per", "gwp", "boundary", "technology", "basis", "scope", "price_year", "price_basis")
_SERVER_ONLY = (
    "region_fallback", "year_fallback", "on_ambiguous", "source_level", "valid_at", "published_year", "published_until", "tolerate", "others",
)


class Offline:
    """A release in a folder: what `tanyin export ID@VERSION --format audit -o FOLDER` writes, or the same files downloaded.

    `factors.ndjson`, `manifest.json` and `release.tlog-proof` are wanted; of a sealed release `release.record.json`,
    too. Everything is checked before anything is answered: files against the manifest, every line against the
    Merkle root in it, the manifest against its leaf in the log, the leaf against the signed checkpoint, the
    signature against `key`, the log's verifier key, which comes from its operator by another way. Without a key
    the rest is checked, `authentic` is false, and a warning says so.
    """

    def __init__(self, folder: str | os.PathLike[str], *, key: str | Sequence[str] | None) -> None:
        self.folder = Path(folder)
        keys = [_log.VerifierKey.read(text) for text in ([key] if isinstance(key, str) else key or [])]
        manifest = self._bytes("manifest.json")
        self.manifest: Mapping[str, Any] = read_json(manifest)
        self._files(manifest)
        secret = self._secret()
        self.checkpoint = self._proved(manifest, secret, keys)
        self.authentic = bool(keys)
        dataset, version = str(self.manifest["dataset"]), str(self.manifest["version"])
        self.release = Release(dataset, version, _log.sha256(manifest), None, {"dataset": dataset, "version": version})
        self._lines = self._read_lines(secret)
        if not keys:
            warnings.warn(f"{self.release}: no key was given, so nobody vouches for these files", UnauthenticatedWarning, stacklevel=2)

    def _bytes(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except OSError as error:
            raise VerificationError(f"{self.folder / name} cannot be read ({error.strerror}): `tanyin export ID@VERSION --format audit` writes it") from None

    def _files(self, manifest: bytes) -> None:
        """file → manifest."""
        listed = {str(item["name"]): item for item in self.manifest.get("artefacts") or ()}
        for name, item in listed.items():
            if name != "factors.ndjson" and not (self.folder / name).exists():
                continue
            own = _log.sha256(self._bytes(name))
            if own != item["sha256"]:
                raise VerificationError(f"file → manifest: {name} is {own}; the manifest says {item['sha256']}")
        sums = self.folder / "SHA256SUMS"
        for line in sums.read_text(encoding="utf-8").splitlines() if sums.exists() else []:
            digest, _, name = line.partition("  ")
            if not name or "/" in name or name.startswith("."):
                raise VerificationError(f"SHA256SUMS: `{line[:100]}` is not a line of it")
            held = (self.folder / name).exists()
            own = _log.sha256(manifest if name == "manifest.json" else self._bytes(name)) if held else ""
            if held and own != f"sha256:{digest}":
                raise VerificationError(f"{name} is {own}; SHA256SUMS says {digest}")

    def _secret(self) -> bytes | None:
        if not (self.folder / "release.record.json").exists():
            return None
        secret = read_json(self._bytes("release.record.json")).get("secret")
        return None if secret is None else bytes.fromhex(secret)

    def _proved(self, manifest: bytes, secret: bytes | None, keys: Sequence[_log.VerifierKey]) -> _log.Checkpoint:
        """manifest → leaf → checkpoint → key."""
        proof = _log.LogProof.read(self._bytes("release.tlog-proof").decode("utf-8"))
        leaf = read_json(proof.leaf)
        if not isinstance(leaf, dict) or not isinstance(self.manifest, dict):
            raise VerificationError("leaf or manifest is no JSON object")
        salt = None if secret is None else _salt(secret, "manifest\n")
        _log.check_manifest(leaf, manifest, salt, str(self.manifest.get("dataset")), str(self.manifest.get("version")))
        proof.check()
        if keys and proof.checkpoint.signed_by(keys) is None:
            names = ", ".join(key.name for key in keys)
            raise VerificationError(f"checkpoint → key: the checkpoint of {proof.checkpoint.origin} is not signed by {names}")
        return proof.checkpoint

    def _read_lines(self, secret: bytes | None) -> dict[str, tuple[bytes, Mapping[str, Any]]]:
        """line → manifest: every line, in order, under the root."""
        lines: dict[str, tuple[bytes, Mapping[str, Any]]] = {}
        leaves = []
        data = self._bytes("factors.ndjson")
        for line in data.split(b"\n")[:-1]:
            raw = read_json(line)
            key = str(raw["key"])
            lines[key] = (line, raw)
            leaves.append(_log.leaf_hash((b"" if secret is None else _salt(secret, f"line\n{key}")) + line))
        root = "sha256:" + _log.root_of(leaves).hex()
        if len(lines) != self.manifest["factors"] or len(leaves) != len(lines) or not data.endswith(b"\n"):
            raise VerificationError(f"factors.ndjson has {len(lines)} factors; the manifest says {self.manifest['factors']}")
        if root != self.manifest["root"]:
            raise VerificationError(f"line → manifest: the lines have the root {root}; the manifest says {self.manifest['root']}")
        return lines

    def _raw(self) -> Iterator[Mapping[str, Any]]:
        return (raw for _, raw in self._lines.values())

    def __len__(self) -> int:
        return len(self._lines)

    def factors(self) -> Iterator[FactorAnswer]:
        """Every factor, by key."""
        for key in self._lines:
            yield self.factor(key)

    def factor(self, key: str) -> FactorAnswer:
        """One factor by its key."""
        found = self._lines.get(key)
        if found is None:
            raise problem({"type": "/problems/no-factor", "detail": f"{self.release} has no factor `{key}`"}, 404)
        line, raw = found
        return FactorAnswer(
            Factor.read(raw), _log.sha256(line), self.release, tuple(raw.get("flags") or ()), self._licence(), f"{self.release}#{key}", raw,
        )

    def _licence(self) -> Mapping[str, Any] | None:
        licences: list[Mapping[str, Any]] = list(self.manifest.get("licences") or [])
        return licences[0] if len(licences) == 1 else None

    def lookup(self, **question: Unpack[Question]) -> LookupAnswer:
        """The one factor whose members equal what is asked; several are `Ambiguous`, none is `NoMatch`."""
        asked: dict[str, Any] = {name: value for name, value in question.items() if value is not None}
        for name in _SERVER_ONLY:
            if name in asked:
                raise OfflineUnsupported(f"`{name}` is answered by a server alone: leave it out, and ask for what there is")
        dataset, _, wanted = str(asked.pop("dataset", self.release.dataset)).partition("@")
        if dataset != self.release.dataset or (wanted and wanted != self.release.version):
            raise problem({"type": "/problems/no-release", "detail": f"this folder holds {self.release}, and nothing else"}, 404)
        allowed = asked.pop("allow_flags", [])
        accepted = set(allowed.split(",") if isinstance(allowed, str) else allowed)
        unknown = set(asked) - set(_EQUAL) - {"key"}
        if unknown:
            raise problem({"type": "/problems/unknown-parameter", "detail": f"there is no parameter `{min(unknown)}`", "valid": ["key", *_EQUAL]}, 400)
        if "key" not in asked and "activity" not in asked:
            raise problem({"type": "/problems/missing-parameter", "detail": "name a key or an activity"}, 400)
        found = [raw for raw in self._raw() if all(str(raw.get(name)) == str(value) for name, value in asked.items())]
        return self._one(found, asked, accepted)

    def _one(self, found: Sequence[Mapping[str, Any]], asked: Mapping[str, Any], accepted: set[str]) -> LookupAnswer:
        if not found:
            alike = [raw for raw in self._raw() if all(raw.get(n) == asked[n] for n in ("key", "activity") if n in asked)]
            exists = {name: sorted({str(raw[name]) for raw in alike if name in raw}) for name in asked if name not in ("key", "activity")}
            detail = f"{self.release} has no factor with {', '.join(f'{name}={value}' for name, value in asked.items())}"
            raise problem({"type": "/problems/no-match", "detail": detail, "exists": exists}, 404)
        if len(found) > 1:
            differ = [name for name in _EQUAL if len({str(raw.get(name)) for raw in found}) > 1]
            candidates = [{"key": raw["key"], "differs": {name: str(raw.get(name)) for name in differ}} for raw in found[:20]]
            detail = f"{len(found)} factors match; they differ in {', '.join(differ) or 'key'}"
            raise problem({"type": "/problems/ambiguous", "detail": detail, "differ_in": differ or ["key"], "candidates": candidates, "count": len(found)}, 409)
        answer = self.factor(str(found[0]["key"]))
        blocking = [flag for flag in answer.factor.flags if flag in BLOCKING_FLAGS and flag not in accepted]
        if blocking:
            detail = f"{answer.cite} carries {', '.join(blocking)}"
            raise problem({"type": "/problems/flagged", "detail": detail, "flags": blocking}, 409)
        factor = answer.factor
        if factor.value is None or answer.digest is None:
            raise TanyinError(f"{answer.cite} has no value")
        result = Result(factor.value, "kg", factor.metric, factor.per, factor.raw.get("gwp"), (), {})
        return LookupAnswer(factor, answer.digest, self.release, Match(True, (), 1, {}), result, answer.flags, answer.licence, answer.cite, {"factor": factor.raw})

    def emissions(self, amount: Amount, unit: str | None = None, **question: Unpack[Question]) -> Emissions:
        """The emission of an amount in the factor's own unit: exact, nothing rounded."""
        answer = self.lookup(**question)
        if unit is not None and unit != answer.factor.per:
            raise OfflineUnsupported(f"{answer.pin} is per {answer.factor.per}: give the amount in that unit, or ask a server to convert from {unit}")
        exact = Decimal(number(amount))
        value = _product(answer.result.value, exact)
        return Emissions(value, "kg", answer.factor.metric, answer.result.gwp, exact, answer.factor.per, answer)

    def read_frame(self, *, exact: Exact = "decimal") -> Frame:
        """The release's factors.csv as a pandas DataFrame; see `Client.read_frame`."""
        return read_csv(self._bytes("factors.csv"), self.release, exact)


def _product(a: Decimal, b: Decimal) -> Decimal:
    """Exact, whatever precision the caller's decimal context has."""
    (sign_a, digits_a, exponent_a), (sign_b, digits_b, exponent_b) = a.as_tuple(), b.as_tuple()
    if not isinstance(exponent_a, int) or not isinstance(exponent_b, int):
        raise ValueError("a number that is not finite")
    product = int("".join(map(str, digits_a))) * int("".join(map(str, digits_b)))
    digits = tuple(int(digit) for digit in str(product))
    return Decimal((sign_a ^ sign_b, digits, exponent_a + exponent_b))


def _salt(secret: bytes, of: str) -> bytes:
    return hmac.new(secret, of.encode(), _hash).digest()


def verify_proof(proof: Mapping[str, Any], *, key: str | Sequence[str]) -> Factor | None:
    """Checks an answer of `/v1/log/proof` down to the log's key, and gives the factor in it, if there is one."""
    manifest = str(proof["manifest"]).encode()
    log = _log.LogProof.read(str(proof["proof"]))
    salt = None if proof.get("salt") is None else bytes.fromhex(str(proof["salt"]))
    _log.check_manifest(read_json(log.leaf), manifest, salt, str(proof["dataset"]), str(proof["version"]))
    log.check()
    if log.checkpoint.signed_by([_log.VerifierKey.read(text) for text in ([key] if isinstance(key, str) else key)]) is None:
        raise VerificationError(f"checkpoint → key: the checkpoint of {log.checkpoint.origin} is not signed by that key")
    told = proof.get("factor")
    if told is None:
        return None
    line, known = str(told["line"]).encode(), read_json(manifest)
    if _log.sha256(line) != told["digest"] or known["factors"] != told["size"]:
        raise VerificationError("line → digest: the line of the proof has another digest, or the release another size")
    leaf = _log.leaf_hash((b"" if told.get("salt") is None else bytes.fromhex(told["salt"])) + line)
    if "sha256:" + _log.root_from_proof(leaf, told["index"], told["size"], _log.hashes(told["inclusion"])).hex() != known["root"]:
        raise VerificationError("line → manifest: the line is not under the root of the manifest")
    raw = read_json(line)
    if raw.get("key") != told["key"]:
        raise VerificationError("the proof is of another key than it says")
    return Factor.read(raw)
