"""The codes that questions are asked with; the lists under schema/ are the authority, and a test compares them."""

from __future__ import annotations

from datetime import date
from typing import Literal, TypedDict

Kind = Literal[
    "combustion", "electricity-direct", "electricity-lifecycle", "ets-value", "fugitive", "gwp", "heat", "process",
    "product-lifecycle", "removal", "spend", "transport", "upstream", "waste",
]
Metric = Literal["CO2", "CO2e"]
Basis = Literal["net_cv", "gross_cv", "dry", "wet", "per_declared_unit"]
Scope = Literal[
    "1", "2", "3", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13",
    "3.14", "3.15", "outside",
]
GwpSet = Literal[
    "ipcc-ar4-wg1-2.14-gwp100", "ipcc-ar5-wg1-8.a1-gwp100", "ipcc-ar5-wg1-8.a1-gwp100-fossil30",
    "ipcc-ar5-wg1-8.a1-gwp100-ccf", "ipcc-ar6-wg1-7sm7-gwp100", "ipcc-ar6-wg1-7.15-gwp100",
]
RegionFallback = Literal["parent"]
YearFallback = Literal["earlier", "nearest"]
OnAmbiguous = Literal["refuse", "newest", "published", "highest"]
PriceBasis = Literal["basic", "producer", "purchaser"]

BLOCKING_FLAGS = frozenset(
    {"erroneous_calculation", "import_error", "licence_unclear", "unit_uncertain", "value_disputed", "withdrawn_by_source"}
)
"""Flags under which a factor is refused unless `allow_flags` names them."""


class Question(TypedDict, total=False):
    """The parameters of a lookup. What is left out constrains nothing."""

    dataset: str
    """Dataset id, with a version or range behind `@` if wanted: `cn-electricity-co2`, `cn-electricity-co2@^1`."""
    key: str
    """Key of one factor; or give `activity`."""
    activity: str
    """What is done or made, without place and time: `electricity/grid-average`."""
    region: str
    """ISO 3166, UN M49, GLO or a named grid: `CN-ZJ`."""
    year: int
    """Data year."""
    kind: Kind
    metric: Metric
    per: str
    """Unit that the answer is wanted per (UCUM): `MJ`."""
    gwp: GwpSet
    boundary: str
    technology: str
    basis: Basis
    scope: Scope
    price_year: int
    price_basis: PriceBasis
    source_level: str
    """Who stands behind the document that was read: `official_national`, `secondary`, …"""
    valid_at: str | date
    """A day on which the factor must be valid; factors that state no validity are kept."""
    published_year: int
    """Year in which the source published it; `year` is the data year."""
    published_until: str | date
    region_fallback: RegionFallback
    year_fallback: YearFallback
    on_ambiguous: OnAmbiguous | list[OnAmbiguous]
    """What to do with several matches; several orders are tried in turn."""
    allow_flags: str | list[str]
    """Blocking flags that are accepted."""
    tolerate: str | list[str]
    """Warnings that are tolerated; `none`, or `all` as when left out."""
    others: int
    """How many of the nearest other factors the answer names, 0 to 20."""
