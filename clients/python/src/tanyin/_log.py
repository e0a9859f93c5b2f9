"""The mathematics of proofs: canonical bytes (RFC 8785), Merkle trees (RFC 6962), signed checkpoints (C2SP signed-note)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from . import _ed25519
from ._errors import VerificationError


def canonical(value: Any) -> bytes:
    """The bytes of a canonical object (RFC 8785), as far as factors, manifests and leaves need it: whole numbers only."""
    return _ordered(value).encode("utf-8")


def _ordered(value: Any) -> str:
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda item: item[0].encode("utf-16-be"))
        return "{" + ",".join(f"{_ordered(str(name))}:{_ordered(member)}" for name, member in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_ordered(item) for item in value) + "]"
    if isinstance(value, (float, Decimal)):
        raise VerificationError("a number with a fraction stands where a canonical object has none")
    return json.dumps(value, ensure_ascii=False)


def sha256(data: bytes) -> str:
    """`sha256:` and 64 hexadecimal digits."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The Merkle tree hash (RFC 6962, 2.1) over leaf hashes, in memory of their logarithm."""
    stack: list[tuple[int, bytes]] = []
    for leaf in leaves:
        height, node = 0, leaf
        while stack and stack[-1][0] == height:
            node = _node(stack.pop()[1], node)
            height += 1
        stack.append((height, node))
    if not stack:
        return hashlib.sha256(b"").digest()
    node = stack.pop()[1]
    while stack:
        node = _node(stack.pop()[1], node)
    return node


def root_from_proof(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that an inclusion proof leads to (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise VerificationError(f"place {index} is not in a tree of {size}")
    place, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise VerificationError("the inclusion proof is too long")
        if place & 1 or place == last:
            node = _node(sibling, node)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            node = _node(node, sibling)
        place >>= 1
        last >>= 1
    if last:
        raise VerificationError("the inclusion proof is too short")
    return node


def hashes(texts: Iterable[str]) -> list[bytes]:
    """Hashes in base64, as proofs hold them."""
    return [from_base64(text, 32) for text in texts]


def from_base64(text: str, length: int | None = None) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise VerificationError(f"`{text[:60]}` is not base64") from None
    if length is not None and len(data) != length:
        raise VerificationError(f"{len(data)} bytes stand where {length} belong")
    return data


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A verifier key (C2SP signed-note): `name+id+base64`; Ed25519 alone."""

    name: str
    id: bytes
    public: bytes

    @classmethod
    def read(cls, text: str) -> VerifierKey:
        parts = text.strip().split("+", 2)
        if len(parts) != 3 or not parts[0]:
            raise VerificationError(f"`{text[:80]}` is not a verifier key: it is written name+id+base64")
        key = from_base64(parts[2])
        if len(key) != 33 or key[0] != 1:
            raise VerificationError("only Ed25519 keys (type 1) are known here")
        own = hashlib.sha256(parts[0].encode() + b"\n" + key).digest()[:4]
        if parts[1] != own.hex():
            raise VerificationError(f"the key says id {parts[1]}, and its id is {own.hex()}: it was copied wrongly")
        return cls(parts[0], own, key[1:])


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed tree head, as its text says."""

    origin: str
    size: int
    root: bytes
    text: bytes
    signatures: tuple[tuple[str, bytes], ...]

    @classmethod
    def read(cls, note: str) -> Checkpoint:
        text, gap, rest = note.rpartition("\n\n")
        lines = text.split("\n")
        if not gap or len(lines) < 3 or not lines[1].isascii() or not lines[1].isdigit() or str(int(lines[1])) != lines[1] or not rest.endswith("\n"):
            raise VerificationError("this is not a signed checkpoint (C2SP tlog-checkpoint)")
        signatures = []
        for line in rest[:-1].split("\n"):
            dash, _, tail = line.partition(" ")
            name, _, data = tail.rpartition(" ")
            if dash != "—" or not name:
                raise VerificationError(f"`{line[:80]}` is not a signature line")
            signatures.append((name, from_base64(data)))
        return cls(lines[0], int(lines[1]), from_base64(lines[2], 32), (text + "\n").encode(), tuple(signatures))

    def signed_by(self, keys: Sequence[VerifierKey]) -> VerifierKey | None:
        """The first of the log's keys that signed it; a wrong signature under a key's own name and id is an error."""
        found: VerifierKey | None = None
        for key in keys:
            for name, data in self.signatures:
                if key.name != self.origin or name != key.name or data[:4] != key.id:
                    continue
                if not _ed25519.verify(key.public, self.text, data[4:]):
                    raise VerificationError(f"the signature of {key.name} on the checkpoint is wrong: its text was changed")
                found = found or key
        return found


@dataclass(frozen=True, slots=True)
class LogProof:
    """A C2SP tlog-proof: the leaf, its place, its inclusion proof and the checkpoint."""

    leaf: bytes
    index: int
    path: tuple[bytes, ...]
    checkpoint: Checkpoint

    @classmethod
    def read(cls, text: str) -> LogProof:
        head, gap, note = text.partition("\n\n")
        lines = head.split("\n")
        fine = len(lines) >= 3 and lines[0] == "c2sp.org/tlog-proof@v1" and lines[1].startswith("extra ") and lines[2].startswith("index ")
        number = lines[2][6:] if fine else ""
        if not gap or not fine or not number.isascii() or not number.isdigit():
            raise VerificationError("this is not a proof of a release (C2SP tlog-proof with the leaf as extra data)")
        return cls(from_base64(lines[1][6:]), int(number), tuple(hashes(lines[3:])), Checkpoint.read(note))

    def check(self) -> None:
        """That the checkpoint's root covers the leaf."""
        check_included(self.leaf, self.index, self.path, self.checkpoint)


def check_included(leaf: bytes, index: int, path: Sequence[bytes], checkpoint: Checkpoint) -> None:
    if root_from_proof(leaf_hash(leaf), index, checkpoint.size, path) != checkpoint.root:
        raise VerificationError(f"leaf {index} is not under the checkpoint of {checkpoint.size} leaves of {checkpoint.origin}")


def check_manifest(leaf: Any, manifest: bytes, salt: bytes | None, dataset: str, version: str) -> None:
    """That a leaf of the log names this manifest, behind its salt where the release is sealed."""
    if leaf.get("dataset") != dataset or leaf.get("version") != version:
        raise VerificationError(f"the leaf is of {leaf.get('dataset')}@{leaf.get('version')}, not of {dataset}@{version}")
    kind = leaf.get("kind")
    if kind not in ("release", "sealed"):
        raise VerificationError(f"the leaf is of kind `{kind}`, which is no release")
    if kind == "sealed" and salt is None:
        raise VerificationError(f"{dataset}@{version} is sealed, and there is no salt for its manifest")
    member = "manifest" if kind == "release" else "salted_manifest"
    own = sha256(manifest if kind == "release" else (salt or b"") + manifest)
    if leaf.get(member) != own:
        raise VerificationError(f"the manifest of {dataset}@{version} is {own}; the log says {leaf.get(member)}")
