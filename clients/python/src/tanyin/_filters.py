"""The filters of a search."""

from __future__ import annotations

from typing import TypedDict

from ._codes import Kind


class Filters(TypedDict, total=False):
    """What `/v1/factors` filters by. A list is sent as values parted by commas."""

    dataset: str
    kind: Kind | list[Kind]
    activity: str
    region: str | list[str]
    year: int | list[int]
    category: str
    flag: str
    q: str
    """Words, in Chinese or English."""
    sort: str
    limit: int
    """Factors a page, at most 1000."""
    facets: str
