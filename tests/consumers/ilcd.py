"""Reads ilcd.zip with lxml: namespaces, references, and every number against factors.ndjson, as the digits that were published.

ilcd.py ZIP NDJSON
"""

import json
import re
import sys
import zipfile
from fractions import Fraction

from lxml import etree

path, lines = sys.argv[1:3]
factors = {json.loads(line)["key"]: json.loads(line) for line in open(lines, "rb")}
COMMON = "{http://lca.jrc.it/ILCD/Common}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ROOTS = {
    "processes": ("Process", "processDataSet"), "flows": ("Flow", "flowDataSet"), "flowproperties": ("FlowProperty", "flowPropertyDataSet"),
    "unitgroups": ("UnitGroup", "unitGroupDataSet"), "sources": ("Source", "sourceDataSet"), "contacts": ("Contact", "contactDataSet"),
    "lciamethods": ("LCIAMethod", "LCIAMethodDataSet"),
}
KINDS = {
    "flow data set": "flows", "flow property data set": "flowproperties", "unit group data set": "unitgroups", "source data set": "sources",
    "contact data set": "contacts", "LCIA method data set": "lciamethods",
}
archive = zipfile.ZipFile(path)
assert archive.testzip() is None
documents = {}
for name in archive.namelist():
    top, folder, file = name.split("/")
    space, root = ROOTS[folder]
    document = etree.fromstring(archive.read(name))
    assert top == "ILCD" and document.tag == f"{{http://lca.jrc.it/ILCD/{space}}}{root}", name
    uuid = document.findtext(f".//{COMMON}UUID")
    assert file == uuid + ".xml" and re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", uuid), name
    version = document.findtext(f".//{COMMON}dataSetVersion")
    assert re.fullmatch(r"\d{2}\.\d{2}\.\d{3}", version), (name, version)
    assert (folder, uuid) not in documents
    documents[(folder, uuid)] = document

for (folder, uuid), document in documents.items():
    for element in document.iter():
        if element.get("refObjectId"):
            target = (KINDS[element.get("type")], element.get("refObjectId"))
            assert target in documents, (folder, uuid, element.tag, target)
            assert element.get("uri") == f"../{target[0]}/{target[1]}.xml"
            assert element.findtext(COMMON + "shortDescription")

P = "{http://lca.jrc.it/ILCD/Process}"
OWN = "{tanyin:ilcd:1}"
U = "{http://lca.jrc.it/ILCD/UnitGroup}"
seen = set()
for (folder, uuid), document in documents.items():
    if folder != "processes":
        continue
    key = document.findtext(f".//{OWN}key")
    factor = factors[key]
    seen.add(key)
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", document.findtext(f".//{OWN}digest"))
    (result,) = document.findall(f".//{P}LCIAResult")
    assert result.findtext(P + "meanAmount") == factor["value"]
    method = documents[("lciamethods", result.find(P + "referenceToLCIAMethodDataSet").get("refObjectId"))]
    assert factor.get("gwp") is None or factor["gwp"] in etree.tostring(method, encoding="unicode")
    names = {element.get(LANG): element.text for element in document.findall(f".//{P}name/{P}baseName")}
    assert names == {lang: text if len(text) <= 500 else text[:499] + "…" for lang, text in factor["name"].items()}, key
    place = document.find(f".//{P}locationOfOperationSupplyOrProduction").get("location")
    assert place == factor["region"]
    year = document.findtext(f".//{COMMON}referenceYear")
    assert factor.get("year") is None or year == f"{factor['year']:04}"
    reference, *emitted = document.findall(f".//{P}exchange")
    # amount in the reference unit of the flow's property
    flow = documents[("flows", reference.find(P + "referenceToFlowDataSet").get("refObjectId"))]
    F = "{http://lca.jrc.it/ILCD/Flow}"
    property_ = documents[("flowproperties", flow.find(f".//{F}referenceToFlowPropertyDataSet").get("refObjectId"))]
    FP = "{http://lca.jrc.it/ILCD/FlowProperty}"
    group = documents[("unitgroups", property_.find(f".//{FP}referenceToReferenceUnitGroup").get("refObjectId"))]
    unit = group.find(f".//{U}unit[@dataSetInternalID='0']")
    assert unit.findtext(U + "meanValue") == "1"
    declared = reference.find(f".//{OWN}declaredUnit").get("code")
    assert declared == factor["per"]
    amount = reference.findtext(P + "meanAmount")
    known = {("kW.h", "MJ"): "3.6", ("t", "kg"): "1000", ("TJ", "MJ"): "1000000", ("kg", "kg"): "1"}
    expected = known.get((declared, unit.findtext(U + "name")))
    assert expected is None or amount == expected, (key, amount, expected)
    # what a program computes with the method that comes along is the published value, exactly
    L = "{http://lca.jrc.it/ILCD/LCIAMethod}"
    potentials = {
        one.find(L + "referenceToFlowDataSet").get("refObjectId"): Fraction(one.findtext(L + "meanValue")) for one in method.findall(f".//{L}factor")
    }
    total = sum(
        (Fraction(one.findtext(P + "meanAmount")) * potentials[one.find(P + "referenceToFlowDataSet").get("refObjectId")] for one in emitted),
        Fraction(0),
    )
    assert total == Fraction(factor["value"]), (key, total)
assert seen == set(factors)
print(len(seen))
