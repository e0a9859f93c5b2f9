"""Answers as plain objects. Each keeps what was sent in `raw`; decimals are `Decimal`, exactly as published."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ._errors import TanyinError

Json = Mapping[str, Any]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def read_json(data: bytes | str) -> Any:
    """JSON without binary floats: numbers with a fraction are `Decimal`; no member may stand twice."""
    try:
        return json.loads(data, parse_float=Decimal, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise TanyinError(f"this is not the JSON that was expected: {error}") from None


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor: `value` kg of `metric` per one `per`."""

    key: str
    activity: str
    kind: str
    metric: str
    per: str
    value: Decimal | None
    """Exactly as published; `None` where the licence passes on no numbers."""
    region: str
    year: int | None
    name: Mapping[str, str]
    """By language, `en` and `zh`."""
    flags: tuple[str, ...]
    raw: Json = field(repr=False)

    @classmethod
    def read(cls, raw: Json) -> Factor:
        value = raw.get("value")
        return cls(
            key=str(raw["key"]),
            activity=str(raw.get("activity") or ""),
            kind=str(raw.get("kind") or ""),
            metric=str(raw.get("metric") or ""),
            per=str(raw.get("per") or ""),
            value=None if value is None else Decimal(value),
            region=str(raw.get("region") or ""),
            year=raw.get("year"),
            name=dict(raw.get("name") or {}),
            flags=tuple(raw.get("flags") or ()),
            raw=raw,
        )

    def __getitem__(self, member: str) -> Any:
        """Any other member of the canonical object: `factor["source"]`."""
        return self.raw[member]


@dataclass(frozen=True, slots=True)
class Release:
    """Which release an answer is from."""

    dataset: str
    version: str
    manifest: str | None
    """SHA-256 of its manifest."""
    withdrawn: Json | None
    """Why and when it was withdrawn, if it was."""
    raw: Json = field(repr=False)

    @classmethod
    def read(cls, raw: Json) -> Release:
        return cls(str(raw["dataset"]), str(raw["version"]), raw.get("manifest"), raw.get("withdrawn"), raw)

    def __str__(self) -> str:
        return f"{self.dataset}@{self.version}"


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset with its releases, the newest first."""

    id: str
    title: Mapping[str, str]
    latest: str | None
    factors: int | None
    releases: tuple[str, ...]
    raw: Json = field(repr=False)

    @classmethod
    def read(cls, raw: Json) -> Dataset:
        return cls(str(raw["id"]), dict(raw.get("title") or {}), raw.get("latest"), raw.get("factors"), tuple(raw.get("releases") or ()), raw)


@dataclass(frozen=True, slots=True)
class FactorAnswer:
    """A factor with its digest, release, licence, and the flags known today."""

    factor: Factor
    digest: str | None
    release: Release
    flags: tuple[Any, ...]
    """The flags of the release as codes; behind them later notices as objects."""
    licence: Json | None
    cite: str | None
    raw: Json = field(repr=False)

    @classmethod
    def read(cls, raw: Json) -> FactorAnswer:
        return cls(
            Factor.read(raw["factor"]), raw.get("digest"), Release.read(raw["release"]), tuple(raw.get("flags") or ()),
            raw.get("licence"), raw.get("cite"), raw,
        )

    @property
    def value(self) -> Decimal | None:
        return self.factor.value


@dataclass(frozen=True, slots=True)
class Result:
    """The answer in the asker's terms: `value` kg per `per`, or of `amount` where one was given."""

    value: Decimal
    unit: str
    metric: str
    per: str | None
    gwp: str | None
    computed: tuple[Json, ...]
    """What was computed, in order; empty: the published value."""
    raw: Json = field(repr=False)

    @classmethod
    def read(cls, raw: Json) -> Result:
        return cls(
            Decimal(raw["value"]), str(raw["unit"]), str(raw["metric"]), raw.get("per"), raw.get("gwp"),
            tuple(raw.get("computed") or ()), raw,
        )


@dataclass(frozen=True, slots=True)
class Match:
    """How the factor matches the question."""

    exact: bool
    steps: tuple[Json, ...]
    candidates: int | None
    raw: Json = field(repr=False)

    @classmethod
    def read(cls, raw: Json) -> Match:
        return cls(bool(raw["exact"]), tuple(raw.get("steps") or ()), raw.get("candidates"), raw)


@dataclass(frozen=True, slots=True)
class LookupAnswer:
    """The one factor that fits, how it fits, and the result in the asker's terms."""

    factor: Factor
    digest: str
    release: Release
    match: Match
    result: Result
    flags: tuple[Any, ...]
    licence: Json | None
    cite: str | None
    raw: Json = field(repr=False)

    @classmethod
    def read(cls, raw: Json) -> LookupAnswer:
        return cls(
            Factor.read(raw["factor"]), str(raw["digest"]), Release.read(raw["release"]), Match.read(raw["match"]),
            Result.read(raw["result"]), tuple(raw.get("flags") or ()), raw.get("licence"), raw.get("cite"), raw,
        )

    @property
    def value(self) -> Decimal:
        """The result's value: kg per unit, or of the amount asked about."""
        return self.result.value

    @property
    def pin(self) -> str:
        """What names this number for ever: `dataset@version#key`."""
        return f"{self.release}#{self.factor.key}"


@dataclass(frozen=True, slots=True)
class Emissions:
    """The emission of an amount: `value` kg of `metric`."""

    value: Decimal
    unit: str
    metric: str
    gwp: str | None
    amount: Decimal
    amount_unit: str
    answer: LookupAnswer = field(repr=False)


@dataclass(frozen=True, slots=True)
class FactorPage:
    """One page of factors."""

    factors: tuple[FactorAnswer, ...]
    total: int
    next: str | None
    facets: Mapping[str, Mapping[str, int]]
    raw: Json = field(repr=False)

    @classmethod
    def read(cls, raw: Json) -> FactorPage:
        found = tuple(FactorAnswer.read(item) for item in raw["factors"])
        return cls(found, int(raw["total"]), raw.get("next"), raw.get("facets") or {}, raw)


@dataclass(frozen=True, slots=True)
class Diff:
    """What changed between two releases."""

    from_: str
    to: str
    counts: Mapping[str, int]
    bump: str | None
    changes: tuple[Json, ...]
    raw: Json = field(repr=False)

    @classmethod
    def read(cls, raw: Json) -> Diff:
        return cls(str(raw["from"]), str(raw["to"]), dict(raw["counts"]), raw.get("bump"), tuple(raw.get("changes") or ()), raw)


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A factor in one release."""

    release: Release
    changed: bool
    value: Decimal | None
    factor: Factor | None
    digest: str | None
    raw: Json = field(repr=False)

    @classmethod
    def read(cls, raw: Json) -> HistoryEntry:
        value, factor = raw.get("value"), raw.get("factor")
        return cls(
            Release.read(raw["release"]), bool(raw.get("changed")), None if value is None else Decimal(value),
            None if factor is None else Factor.read(factor), raw.get("digest"), raw,
        )


@dataclass(frozen=True, slots=True)
class Event:
    """A public fact: something was released, withdrawn, superseded, flagged."""

    seq: int
    type: str
    at: str
    dataset: str | None
    version: str | None
    raw: Json = field(repr=False)

    @classmethod
    def read(cls, raw: Json) -> Event:
        kind = raw.get("type") or raw.get("kind") or ""
        return cls(int(raw["seq"]), str(kind), str(raw.get("at") or ""), raw.get("dataset"), raw.get("version"), raw)
