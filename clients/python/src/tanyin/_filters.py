"""The filters of a search."""

from __future__ import annotations

from typing import TypedDict

from ._codes import GwpSet, Kind, Metric


class Filters(TypedDict, total=False):
    """What `/v1/factors` filters by; a list is any of its values."""

    dataset: str | list[str]
    kind: Kind | list[Kind]
    activity: str
    """A trailing `*` stands for any rest."""
    region: str | list[str]
    year: int | str | list[int]
    """Data years, or a range: `2020..2023`."""
    category: str
    dimension: str | list[str]
    """What the factor is per: `energy`, `mass`, `freight`, `money` and others."""
    per: str | list[str]
    metric: Metric
    gwp: GwpSet | list[GwpSet]
    published: str
    licence: str | list[str]
    flag: str | list[str]
    source: str | list[str]
    code: str | list[str]
    """`scheme:code`: the code and those below it."""
    rule: str | list[str]
    certificate: str | list[str]
    q: str
    """Words, in Chinese or English."""
    sort: str
    limit: int
    """Factors a page, at most 1000."""
    facets: str | list[str]
