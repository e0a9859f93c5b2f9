"""Reads pact.json, or the answer of /3/footprints, strictly: shapes as PACT 3.0 documents them, numbers against factors.ndjson.

pact.py JSON NDJSON complete|incomplete
"""

import datetime
import json
import re
import sys
import uuid
from decimal import Decimal
from fractions import Fraction

path, lines, wanted = sys.argv[1:4]
factors = {json.loads(line)["key"]: json.loads(line) for line in open(lines, "rb")}
document = json.load(open(path, encoding="utf-8"))

UNITS = {
    "kilogram": {"kg": 1, "t": 1000, "g": Fraction(1, 1000)}, "kilowatt hour": {"kW.h": 1, "MW.h": 1000}, "megajoule": {"MJ": 1, "GJ": 1000, "TJ": 1000000},
    "liter": {"L": 1, "[gal_us]": Fraction("3.785411784")}, "cubic meter": {"m3": 1}, "square meter": {"m2": 1}, "ton kilometer": {"t.km": 1}, "piece": {"{item}": 1}, "hour": {"h": 1},
    "megabit second": {},
}
STANDARDS = {"ISO14067", "ISO14083", "ISO14040-44", "GHGP-Product", "PEF", "PACT-1.0", "PACT-2.0", "PACT-3.0"}
REQUIRED = {"id", "specVersion", "created", "status", "companyName", "companyIds", "productDescription", "productIds", "productNameCompany", "pcf"}
REQUIRED_PCF = {
    "declaredUnitOfMeasurement", "declaredUnitAmount", "productMassPerDeclaredUnit", "referencePeriodStart", "referencePeriodEnd",
    "pcfExcludingBiogenicUptake", "pcfIncludingBiogenicUptake", "fossilGhgEmissions", "fossilCarbonContent", "ipccCharacterizationFactors",
    "crossSectoralStandards", "exemptedEmissionsPercent",
}
DECIMALS = {
    "declaredUnitAmount", "productMassPerDeclaredUnit", "pcfExcludingBiogenicUptake", "pcfIncludingBiogenicUptake", "fossilGhgEmissions",
    "fossilCarbonContent", "exemptedEmissionsPercent",
}
URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{0,31}:.+")


def time(text):
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", text), text
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def check(footprint, missing):
    pcf = footprint["pcf"]
    absent = (REQUIRED - set(footprint)) | (REQUIRED_PCF - set(pcf))
    assert absent == set(missing), (absent, missing)
    uuid.UUID(footprint["id"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", footprint["specVersion"]) and footprint["specVersion"].startswith("3.")
    assert footprint["status"] in ("Active", "Deprecated")
    for name in ("created", "validityPeriodStart", "validityPeriodEnd"):
        assert name not in footprint or time(footprint[name])
    for name in ("companyName", "productNameCompany", "productDescription"):
        assert name in missing or footprint[name]
    for name in ("companyIds", "productIds", "productClassifications"):
        if name in footprint:
            assert footprint[name] and len(set(footprint[name])) == len(footprint[name]) and all(URN.fullmatch(one) for one in footprint[name]), footprint[name]
    for name in DECIMALS & set(pcf):
        assert isinstance(pcf[name], str) and re.fullmatch(r"[+-]?\d+(\.\d+)?", pcf[name]), (name, pcf[name])
    assert Decimal(pcf["declaredUnitAmount"]) > 0
    if "referencePeriodStart" in pcf and "referencePeriodEnd" in pcf:
        assert time(pcf["referencePeriodStart"]) < time(pcf["referencePeriodEnd"])
    if "ipccCharacterizationFactors" in pcf:
        assert pcf["ipccCharacterizationFactors"] and all(re.fullmatch(r"AR\d+", one) for one in pcf["ipccCharacterizationFactors"])
    if "crossSectoralStandards" in pcf:
        assert pcf["crossSectoralStandards"] and set(pcf["crossSectoralStandards"]) <= STANDARDS
    places = [name for name in ("geographyRegionOrSubregion", "geographyCountry", "geographyCountrySubdivision") if name in pcf]
    assert len(places) <= 1
    key = footprint["comment"].split("\n")[-1].split("#", 1)[1].split(", sha256:")[0]
    factor = factors[key]
    assert pcf["pcfExcludingBiogenicUptake"] == factor["value"], key
    assert Fraction(pcf["declaredUnitAmount"]) == UNITS[pcf["declaredUnitOfMeasurement"]][factor["per"]]
    place = pcf[places[0]] if places else "GLO"
    assert places == ["geographyRegionOrSubregion"] or place == factor["region"], (place, factor["region"])
    for name in missing:
        assert name in footprint["comment"], name
    return key


seen = [check(footprint, []) for footprint in document["data"]] if wanted == "complete" else []
if wanted == "incomplete":
    for footprint in document["data"]:
        absent = (REQUIRED - set(footprint)) | (REQUIRED_PCF - set(footprint["pcf"]))
        seen.append(check(footprint, absent))
for one in document.get("incomplete", []):
    assert one["missing"]
    seen.append(check(one["footprint"], one["missing"]))
assert len(seen) == len(set(seen))
left = document["leftOut"]
if "incomplete" in document:
    assert left["incomplete"] == len(document["incomplete"])
    assert len(seen) + sum(left["notAFootprint"].values()) == len(factors)
print(len(document["data"]), len(document.get("incomplete", [])))
