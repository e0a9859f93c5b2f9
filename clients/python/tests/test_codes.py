"""The lists in the client are those of the schema, and the mathematics is that of the published vectors."""

from __future__ import annotations

import csv
import json
from typing import get_args

import pytest
from conftest import REPOSITORY

import tanyin
from tanyin import _ed25519, _log

SCHEMA = REPOSITORY / "schema"


def test_codes_are_those_of_the_schema() -> None:
    factor = json.loads((SCHEMA / "factor.json").read_text(encoding="utf-8"))["properties"]
    for name, known in (("kind", tanyin.Kind), ("metric", tanyin.Metric), ("basis", tanyin.Basis), ("gwp", tanyin.GwpSet), ("scope", tanyin.Scope)):
        assert sorted(get_args(known)) == sorted(factor[name]["enum"]), name
    with (SCHEMA / "flags.csv").open(encoding="utf-8", newline="") as file:
        blocking = {row["code"] for row in csv.DictReader(file) if row["severity"] == "block"}
    assert tanyin.BLOCKING_FLAGS == blocking


def test_parameters_are_those_of_the_interface() -> None:
    """A parameter that the interface has and the client does not is a line in `_codes.py` or `_filters.py`."""
    paths = json.loads((SCHEMA / "openapi.json").read_text(encoding="utf-8"))["paths"]
    for path, known in (("/v1/lookup", tanyin.Question), ("/v1/factors", tanyin.Filters)):
        there = {parameter["name"] for parameter in paths[path]["get"]["parameters"]} - {"amount", "unit", "cursor"}
        assert there <= set(known.__annotations__), f"{path}: {sorted(there - set(known.__annotations__))}"


def test_ed25519_vectors() -> None:
    """RFC 8032, 7.1, tests 1 to 3."""
    vectors = [
        ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
        ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
    ]
    for key, message, signature in vectors:
        public, text, signed = bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature)
        assert _ed25519.verify(public, text, signed)
        assert not _ed25519.verify(public, text + b"x", signed)
        for place in (0, 31, 32, 63):
            broken = bytearray(signed)
            broken[place] ^= 1
            assert not _ed25519.verify(public, text, bytes(broken))
        high = (int.from_bytes(signed[32:], "little") + _ed25519._L).to_bytes(32, "little")
        assert not _ed25519.verify(public, text, signed[:32] + high), "a second form of the same signature"
    assert not _ed25519.verify(b"\xff" * 32, b"", b"\0" * 64) and not _ed25519.verify(b"", b"", b"")


def test_every_inclusion_proof_of_small_trees() -> None:
    def proof(leaves: list[bytes], index: int) -> list[bytes]:
        if len(leaves) == 1:
            return []
        split = 1 << (len(leaves) - 1).bit_length() - 1
        left, right = leaves[:split], leaves[split:]
        if index < split:
            return [*proof(left, index), _log.root_of(right)]
        return [*proof(right, index - split), _log.root_of(left)]

    for size in range(1, 18):
        leaves = [_log.leaf_hash(bytes([number])) for number in range(size)]
        root = _log.root_of(leaves)
        for index in range(size):
            path = proof(leaves, index)
            assert _log.root_from_proof(leaves[index], index, size, path) == root
            if size > 1:
                assert _log.root_from_proof(leaves[(index + 1) % size], index, size, path) != root
            with pytest.raises(tanyin.VerificationError):
                _log.root_from_proof(leaves[index], index, size, [*path, root])
    assert _log.root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_canonical_bytes() -> None:
    assert _log.canonical({"b": 1, "a": "é\n\"\\\u007f€", "A": [True, None]}) == '{"A":[true,null],"a":"é\\n\\"\\\\\x7f€","b":1}'.encode()
    with pytest.raises(tanyin.VerificationError):
        _log.canonical({"a": 1.5})
