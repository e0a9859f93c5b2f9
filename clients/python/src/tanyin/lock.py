"""`tanyin.lock`: the factors that a calculator uses, pinned by digest, with what proves each of them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from . import _log
from ._errors import LockError, LockMismatch, TanyinError, VerificationError
from ._models import Factor, Release, read_json


@dataclass(frozen=True, slots=True)
class LockedFactor:
    """A factor as the lockfile pins it: it needs no server."""

    dataset: str
    version: str
    key: str
    label: str | None
    requirement: str
    digest: str
    factor: Factor
    amount: Decimal | None
    """How much of it the calculator counts, in `unit`, where the lockfile says so."""
    unit: str | None

    @property
    def pin(self) -> str:
        return f"{self.dataset}@{self.version}#{self.key}"

    @property
    def value(self) -> Decimal | None:
        return self.factor.value


class Lockfile:
    """A lockfile, read and checked: every digest, proof and signature holds, or it is refused.

    `key` are verifier keys from elsewhere; without them the file's own keys are believed, and whoever
    can change the whole file can change those, too.
    """

    def __init__(self, data: bytes, *, key: str | Sequence[str] | None = None, name: str = "tanyin.lock") -> None:
        raw = read_json(data)
        if not isinstance(raw, dict) or raw.get("format") != "1":
            raise LockError(f"{name} is no lockfile of format 1 (a merge left open, perhaps): take one side, then `tanyin lock add` again")
        self.raw: Mapping[str, Any] = raw
        self.server: str | None = raw.get("server")
        try:
            self._check(raw, [key] if isinstance(key, str) else key)
            self.factors: tuple[LockedFactor, ...] = tuple(self._factor(item) for item in raw["factors"])
        except VerificationError as error:
            raise VerificationError(f"{name}: {error}") from None
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise LockError(f"{name} has not the shape of schema/lock.json ({type(error).__name__}: {error})") from None
        self._digests = {(f.dataset, f.version, f.key): f.digest for f in self.factors}

    @classmethod
    def read(cls, path: str | os.PathLike[str], *, key: str | Sequence[str] | None = None) -> Lockfile:
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            raise LockError(f"{path} cannot be read ({error.strerror}): `tanyin lock add` makes one") from None
        return cls(data, key=key, name=str(path))

    def _check(self, raw: Mapping[str, Any], keys: Sequence[str] | None) -> None:
        log = raw["log"]
        checkpoint = _log.Checkpoint.read("\n".join(log["checkpoint"]) + "\n")
        believed = [_log.VerifierKey.read(text) for text in keys or log["keys"]]
        if checkpoint.origin != log["origin"] or checkpoint.signed_by(believed) is None:
            raise VerificationError(f"no key that is believed signed the checkpoint of {checkpoint.origin}")
        manifests: dict[tuple[str, str], Mapping[str, Any]] = {}
        self._manifests: dict[tuple[str, str], str] = {}
        for item in raw["releases"]:
            place, bytes_ = (item["dataset"], item["version"]), _log.canonical(item["manifest"])
            _log.check_manifest(item["leaf"], bytes_, _salt(item), *place)
            _log.check_included(_log.canonical(item["leaf"]), item["index"], _log.hashes(item["inclusion"]), checkpoint)
            if (item["manifest"]["dataset"], item["manifest"]["version"]) != place:
                raise VerificationError(f"the manifest of {place[0]}@{place[1]} is that of another release")
            manifests[place], self._manifests[place] = item["manifest"], _log.sha256(bytes_)
        for item in raw["factors"]:
            pin, line = f"{item['dataset']}@{item['version']}#{item['key']}", _log.canonical(item["factor"])
            if _log.sha256(line) != item["digest"] or item["factor"]["key"] != item["key"]:
                raise VerificationError(f"line → digest: {pin} has the digest {_log.sha256(line)}; the file says {item['digest']}")
            manifest = manifests.get((item["dataset"], item["version"]))
            if manifest is None:
                raise VerificationError(f"the release of {pin} is not in the file")
            leaf = _log.leaf_hash((_salt(item) or b"") + line)
            root = _log.root_from_proof(leaf, item["index"], manifest["factors"], _log.hashes(item["inclusion"]))
            if "sha256:" + root.hex() != manifest["root"]:
                raise VerificationError(f"line → manifest: {pin} is not under the root of its manifest")

    @staticmethod
    def _factor(item: Mapping[str, Any]) -> LockedFactor:
        amount = item.get("amount") or {}
        value = amount.get("value")
        return LockedFactor(
            item["dataset"], item["version"], item["key"], item.get("label"), item["requirement"], item["digest"],
            Factor.read(item["factor"]), None if value is None else Decimal(value), amount.get("unit"),
        )

    def versions(self, dataset: str) -> list[str]:
        """The versions at which a dataset is pinned."""
        return sorted({version for own, version in self._manifests if own == dataset}, key=lambda v: [int(part) for part in v.split(".")])

    def get(self, name: str) -> LockedFactor:
        """The pinned factor with this label, key, `dataset#key` or `dataset@version#key`."""
        found = [f for f in self.factors if name in (f.label, f.key, f"{f.dataset}#{f.key}", f.pin)]
        if len(found) == 1:
            return found[0]
        if found:
            raise LockError(f"`{name}` is pinned {len(found)} times: {', '.join(f'{f.pin} ({f.label})' for f in found)}")
        raise LockError(f"the lockfile pins no `{name}`; it pins {', '.join(f.label or f.key for f in self.factors[:10]) or 'nothing'}")

    def check(self, factor: Mapping[str, Any], digest: str | None, release: Release) -> None:
        """That an answer is the one that is pinned, as far as it is pinned."""
        self.check_manifest(release)
        expected = self._digests.get((release.dataset, release.version, str(factor.get("key"))))
        if expected is not None and digest != expected:
            raise LockMismatch(f"{release}#{factor.get('key')} is {digest}; the lockfile pins {expected}")

    def check_manifest(self, release: Release) -> None:
        expected = self._manifests.get((release.dataset, release.version))
        if expected is not None and release.manifest != expected:
            raise LockMismatch(f"the manifest of {release} is {release.manifest}; the lockfile pins {expected}: this is another release of the same name")


def _salt(item: Mapping[str, Any]) -> bytes | None:
    text = item.get("salt")
    return None if text is None else bytes.fromhex(text)


__all__ = ["LockedFactor", "Lockfile", "LockError", "LockMismatch", "TanyinError"]
