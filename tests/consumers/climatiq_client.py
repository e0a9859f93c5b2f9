"""A client as its author would write it from Climatiq's documentation, with nothing of this server in it but the address.

Every answer is read into the documented members and types; a member too many, one too few, or of another type is an error.
"""

import json
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, fields
from typing import Any, Optional, Union, get_args, get_origin, get_type_hints

KEY = "CLIMATIQ_API_KEY"


def read(kind: Any, value: Any, where: str) -> Any:
    """Reads JSON into a documented type, strictly."""
    origin = get_origin(kind)
    if origin is Union:
        if value is None and type(None) in get_args(kind):
            return None
        return read(next(one for one in get_args(kind) if one is not type(None)), value, where)
    if origin is list:
        assert isinstance(value, list), f"{where} is no list: {value!r}"
        return [read(get_args(kind)[0], one, f"{where}[{place}]") for place, one in enumerate(value)]
    if hasattr(kind, "__dataclass_fields__"):
        assert isinstance(value, dict), f"{where} is no object: {value!r}"
        names = [field.name for field in fields(kind)]
        assert sorted(value) == sorted(names), f"{where} has the members {sorted(value)}, not {sorted(names)}"
        hints = get_type_hints(kind)
        return kind(**{name: read(hints[name], value[name], f"{where}.{name}") for name in names})
    if kind is float:
        assert isinstance(value, (int, float)) and not isinstance(value, bool), f"{where} is no number: {value!r}"
        return float(value)
    assert type(value) is kind, f"{where} is no {kind.__name__}: {value!r}"
    return value


@dataclass
class Gases:
    co2e_total: Optional[float]
    co2e_other: Optional[float]
    co2: Optional[float]
    ch4: Optional[float]
    n2o: Optional[float]


@dataclass
class EmissionFactor:
    activity_id: str
    id: str
    name: str
    category: Optional[str]
    sector: Optional[str]
    source: str
    source_link: Optional[str]
    source_dataset: str
    uncertainty: Optional[int]
    year: Optional[int]
    year_released: Optional[int]
    region: str
    region_name: str
    description: Optional[str]
    unit_type: Optional[str]
    unit: str
    source_lca_activity: str
    data_quality_flags: list[str]
    access_type: str
    supported_calculation_methods: list[str]
    factor: Optional[float]
    factor_calculation_method: Optional[str]
    factor_calculation_origin: Optional[str]
    constituent_gases: Gases


@dataclass
class Source:
    source: str
    datasets: list[str]


@dataclass
class Region:
    id: str
    name: str


@dataclass
class PossibleFilters:
    year: list[int]
    source: list[Source]
    region: list[Region]
    category: list[str]
    sector: list[str]
    unit_type: list[str]
    source_lca_activity: list[str]
    access_type: list[str]
    data_quality_flags: list[str]


@dataclass
class Notice:
    severity: str
    code: str
    message: str


@dataclass
class Search:
    current_page: int
    last_page: int
    total_results: int
    results: list[EmissionFactor]
    possible_filters: PossibleFilters
    notices: list[Notice]


@dataclass
class UsedFactor:
    name: str
    activity_id: str
    id: str
    access_type: str
    source: str
    source_dataset: str
    year: Optional[int]
    region: str
    category: Optional[str]
    source_lca_activity: str
    data_quality_flags: list[str]


@dataclass
class Activity:
    activity_value: float
    activity_unit: str


@dataclass
class Estimate:
    co2e: float
    co2e_unit: str
    co2e_calculation_method: Optional[str]
    co2e_calculation_origin: Optional[str]
    emission_factor: UsedFactor
    constituent_gases: Gases
    activity_data: Activity
    audit_trail: str
    notices: list[Notice]


@dataclass
class Error:
    error: str
    error_code: Optional[str]
    message: str
    valid_values: Optional[list[str]]


@dataclass
class DataVersions:
    latest_release: str
    latest: str
    latest_major: str
    latest_minor: str


class Client:
    def __init__(self, base: str) -> None:
        self.base = base

    def ask(self, path: str, body: Any = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.base}/data/v1/{path}", data=data, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


def main() -> None:
    client = Client(sys.argv[1])
    status, json_versions = client.ask("data-versions")
    versions = read(DataVersions, json_versions, "data-versions")
    assert status == 200 and versions.latest_release.isdigit()
    floating = "%5E" + versions.latest_release

    status, found = client.ask(f"search?data_version={floating}&query=electricity&region=CN-ZJ&year=2022,2023&results_per_page=5")
    search = read(Search, found, "search")
    assert status == 200 and search.total_results >= 2, found
    assert {one.year for one in search.results} <= {2022, 2023} and all(one.region == "CN-ZJ" for one in search.results)
    wildcard = read(Search, client.ask(f"search?data_version={floating}&activity_id=combustion/*&region=GLOBAL")[1], "search")
    assert wildcard.total_results == 216 and all(one.unit_type == "Energy" for one in wildcard.results)
    assert all(one.supported_calculation_methods for one in wildcard.results)

    selector = {"data_version": "^" + versions.latest_release, "activity_id": "electricity/grid-average", "region": "CN-ZJ", "year": 2022}
    body = {"emission_factor": selector, "parameters": {"energy": 100, "energy_unit": "kWh"}}
    status, made = client.ask("estimate", body)
    estimate = read(Estimate, made, "estimate")
    assert status == 200 and abs(estimate.co2e - 51.53) < 1e-9 and estimate.co2e_unit == "kg", made
    assert estimate.co2e_calculation_method in ("ar4", "ar5", "ar6") and estimate.audit_trail in ("enabled", "disabled", "selector")
    assert estimate.emission_factor.data_quality_flags == ["partial_factor"]
    assert estimate.activity_data == Activity(100.0, "kWh")

    by_id = {"emission_factor": {"id": estimate.emission_factor.id}, "parameters": body["parameters"]}
    assert read(Estimate, client.ask("estimate", by_id)[1], "estimate").co2e == estimate.co2e

    status, batch = client.ask("estimate/batch", [body, by_id, {"emission_factor": {"id": "none"}, "parameters": {"energy": 1}}])
    assert status == 200 and [read(Estimate, one, "batch").co2e for one in batch["results"][:2]] == [estimate.co2e] * 2
    assert read(Error, batch["results"][2], "batch").error_code == "no_emission_factors_found"

    status, refused = client.ask("estimate", {"emission_factor": selector, "parameters": {"weight": 1, "weight_unit": "kg"}})
    error = read(Error, refused, "error")
    assert status == 400 and error.error_code == "invalid_unit_type_supplied" and error.valid_values == ["Energy"], refused
    print(f"{estimate.co2e:.2f} kg CO2e of {estimate.activity_data.activity_value:g} {estimate.activity_data.activity_unit}")


main()
