"""Reads openlca.zip with openLCA's own schema package and holds every number against factors.ndjson, as the digits that were published.

openlca.py ZIP NDJSON
"""

import json
import sys
import zipfile
from decimal import Decimal
from fractions import Fraction

import olca_schema as schema
from olca_schema import zipio

path, lines = sys.argv[1:3]
factors = {json.loads(line)["key"]: json.loads(line) for line in open(lines, "rb")}
archive = zipfile.ZipFile(path)
assert archive.testzip() is None
names = archive.namelist()
assert len(names) == len(set(names))
assert all(info.date_time == (1980, 1, 1, 0, 0, 0) for info in archive.infolist())

FOLDERS = {
    "Actor": "actors", "DQSystem": "dq_systems", "Flow": "flows", "FlowProperty": "flow_properties", "ImpactCategory": "lcia_categories",
    "ImpactMethod": "lcia_methods", "Location": "locations", "Process": "processes", "Result": "results", "Source": "sources",
    "UnitGroup": "unit_groups",
}
KINDS = {folder: getattr(schema, kind) for kind, folder in FOLDERS.items()}
raw = {}
units = {}
for name in names:
    if "/" not in name:
        continue
    folder, file = name.split("/")
    document = json.loads(archive.read(name), parse_float=Decimal, parse_int=Decimal)
    assert file == document["@id"] + ".json" and FOLDERS[document["@type"]] == folder, name
    raw[(document["@type"], document["@id"])] = document
    for unit in document.get("units", []):
        units[unit["@id"]] = (document["@id"], unit)
    # the package itself reads it, and finds in it what we wrote
    read = KINDS[folder].from_dict(json.loads(archive.read(name)))
    again = read.to_dict()
    assert read.id == document["@id"] and again["name"] == document["name"], name
    lost = set(document) - set(again)
    assert not lost, (name, lost)


def references(value, place):
    if isinstance(value, dict):
        if "@type" in value and "@id" in value and place:
            yield value["@type"], value["@id"], place
        for member, inner in value.items():
            yield from references(inner, f"{place}/{member}")
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner, place)


for (kind, own), document in raw.items():
    for target, identity, place in references({name: value for name, value in document.items()}, ""):
        if place.endswith("/units"):
            continue
        found = identity in units if target == "Unit" else (target, identity) in raw
        assert found, (kind, own, place, target, identity)

with zipio.ZipReader(path) as reader:
    assert sum(1 for _ in reader.read_each(schema.Process)) == len(factors)
    assert sum(1 for _ in reader.read_each(schema.Result)) == len(factors)


def factor_of(document):
    origins = [line for line in document["description"].split("\n") if ", sha256:" in line]
    key = origins[-1].split("#", 1)[1].split(", sha256:")[0]
    return factors[key]


seen = set()
for (kind, _), document in raw.items():
    if kind == "Result":
        factor = factor_of(document)
        seen.add(factor["key"])
        (impact,) = document["impactResults"]
        text = factor["value"]
        assert impact["amount"] == Decimal(text) and str(impact["amount"]) == str(Decimal(text)), (impact, text)
        category = raw[("ImpactCategory", impact["indicator"]["@id"])]
        assert category["refUnit"] == ("kg CO2" if factor["metric"] == "CO2" else "kg CO2 eq")
        assert factor.get("gwp") is None or factor["gwp"] in category["description"]
        (product,) = document["flowResults"]
        assert product["isRefFlow"] and product["amount"] == 1
        place = raw[("Location", product["location"]["@id"])]
        assert place["code"] == factor["region"]
        _, unit = units[product["unit"]["@id"]]
        assert factor["per"] in (unit.get("description", "UCUM " + unit["name"])[len("UCUM "):], unit["name"]), (unit, factor["per"])
    if kind == "Process":
        factor = factor_of(document)
        references_ = [exchange for exchange in document["exchanges"] if exchange["isQuantitativeReference"]]
        (reference,) = references_
        assert reference["amount"] == 1
        # what openLCA computes with the method that comes along is the published value, exactly
        set_ = {"metric": factor["metric"], "gwp": factor.get("gwp")}
        result = next(own for (other, _), own in raw.items() if other == "Result" and factor_of(own)["key"] == factor["key"]) if len(factors) < 300 else None
        if result:
            category = raw[("ImpactCategory", result["impactResults"][0]["indicator"]["@id"])]
            potentials = {one["flow"]["@id"]: one["value"] for one in category["impactFactors"]}
            total = sum(
                (Fraction(exchange["amount"]) * Fraction(potentials[exchange["flow"]["@id"]]) for exchange in document["exchanges"]
                 if not exchange["isQuantitativeReference"]),
                Fraction(0),
            )
            assert total == Fraction(factor["value"]), (factor["key"], set_, total)
        names_ = factor["name"]
        assert document["name"] == names_.get("en", names_.get("zh"))
        assert all(text in document["description"] for text in names_.values() if text != document["name"])
        uncertainty = factor.get("uncertainty", {})
        stated = [exchange["uncertainty"] for exchange in document["exchanges"] if "uncertainty" in exchange]
        if uncertainty.get("type") == "lognormal" and stated:
            assert stated[0]["geomSd"] == Decimal(uncertainty["gsd"]) and stated[0]["geomMean"] == Decimal(factor["value"])
        scores = factor.get("quality", {}).get("scores", {})
        if scores and all(isinstance(score, int) for score in scores.values()):
            entry = document["dqEntry"].strip("()").split(";")
            assert sorted(entry) == sorted(str(score) for score in scores.values())
            assert len(raw[("DQSystem", document["dqSystem"]["@id"])]["indicators"]) == len(entry)
assert seen == set(factors), set(factors) - seen
print(len(seen))
