"""Reads the files of one release with the programs that they are for, and holds every value against factors.ndjson.

bulk.py FOLDER: factors.{ndjson,csv,parquet,sqlite,xlsx} and datapackage.json of a release.
"""

import csv
import datetime
import json
import pathlib
import sqlite3
import struct
import sys

import duckdb
import frictionless
import openpyxl
import pandas
import pyarrow.parquet
from openpyxl.utils.escape import unescape

folder = pathlib.Path(sys.argv[1])
lines = (folder / "factors.ndjson").read_bytes().split(b"\n")[:-1]
factors = [json.loads(line) for line in lines]
with open(folder / "factors.csv", encoding="utf-8", newline="") as file:
    cells = list(csv.DictReader(file))
assert [row["key"] for row in cells] == [factor["key"] for factor in factors]


def bits(number):
    return struct.pack("<d", number)


def double(text):
    return float(text)


GAS_COLUMNS = {
    "co2_fossil": ("CO2", "fossil"), "co2_biogenic": ("CO2", "biogenic"), "ch4": ("CH4", None), "ch4_fossil": ("CH4", "fossil"),
    "ch4_biogenic": ("CH4", "biogenic"), "n2o": ("N2O", None), "sf6": ("SF6", None), "nf3": ("NF3", None),
}


def expected(line, cell):
    """A factor as typed columns, from its line; two notations are taken from the cells of factors.csv."""
    factor = json.loads(line)
    pick = lambda name, member: factor.get(name, {}).get(member)
    row = {name: factor.get(name) for name in [
        "key", "activity", "kind", "region", "year", "published", "value", "metric", "per", "basis", "price_year", "price_basis",
        "gwp", "co2e_origin", "boundary", "scope", "technology", "category", "rule", "certificate", "status"]}
    for name in ["name", "description", "note"]:
        for language in ["en", "zh"]:
            row[f"{name}_{language}"] = pick(name, language)
    row |= {"period_from": pick("period", "from"), "period_to": pick("period", "to"), "valid_from": pick("valid", "from"),
            "valid_until": pick("valid", "to")}
    for name, (gas, origin) in GAS_COLUMNS.items():
        own = [part["kg"] for part in factor.get("gases", []) if (part["gas"], part.get("origin")) == (gas, origin)]
        row[name] = own[0] if own else None
    row |= {"source": factor["source"]["id"], "source_level": pick("source", "level"), "locator": pick("source", "locator"),
            "value_text": pick("source", "value_text"), "unit_text": pick("source", "unit_text")}
    row |= {"uncertainty": cell["uncertainty"] or None, "dqr": cell["dqr"] or None}
    import hashlib
    row |= {"digest": "sha256:" + hashlib.sha256(line).hexdigest(), "value_number": double(factor["value"])}
    return row


def lists(factor):
    number = lambda part, name: {name: part[name], name + "_number": double(part[name])}
    return {
        "synonyms_en": factor.get("synonyms", {}).get("en", []),
        "synonyms_zh": factor.get("synonyms", {}).get("zh", []),
        "flags": factor.get("flags", []),
        "gases": [{"gas": part["gas"], "origin": part.get("origin")} | number(part, "kg") for part in factor.get("gases", [])],
        "gases_co2e": [{"gas": part["gas"]} | number(part, "co2e") for part in factor.get("gases_co2e", [])],
        "stages": [{"stage": part["stage"]} | number(part, "value") for part in factor.get("stages", [])],
        "classifications": factor.get("classifications", []),
        "derived_from": factor.get("derived_from", []),
    }


EXPECTED = [expected(line, cell) for line, cell in zip(lines, cells)]
LISTS = [lists(factor) for factor in factors]
DATES = {"period_from", "period_to", "valid_from", "valid_until", "published"}


def same(found, wanted, what):
    if isinstance(wanted, float):
        assert isinstance(found, float) and bits(found) == bits(wanted), (what, found, wanted)
    else:
        assert found == wanted and type(found) is type(wanted), (what, found, wanted)


def plain(value):
    """numpy's and pandas' values as Python's."""
    if value is None or value is pandas.NA or value is pandas.NaT or (isinstance(value, float) and value != value):
        return None
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(member) for member in value]
    if isinstance(value, datetime.date):
        return value.isoformat()[:10]
    return value


def compare(rows, reader):
    assert len(rows) == len(EXPECTED), (reader, len(rows))
    for place, (row, wanted, groups) in enumerate(zip(rows, EXPECTED, LISTS)):
        for name, value in wanted.items():
            found = plain(row[name])
            if name in ("year", "price_year") and found is not None:
                found = int(found)
            same(found, value, (reader, place, name))
        for name, value in groups.items():
            found = plain(row[name])
            assert found == value, (reader, place, name, found, value)


def parquet():
    path = str(folder / "factors.parquet")
    file = pyarrow.parquet.ParquetFile(path)
    kinds = {field.name: str(field.type) for field in file.schema_arrow}
    assert kinds["value"] == "string" and kinds["value_number"] == "double" and kinds["year"] == "int32", kinds
    assert all(kinds[name] == "date32[day]" for name in DATES), kinds
    assert kinds["flags"].startswith("list<") and kinds["gases"].startswith("list<element: struct<gas: string"), kinds
    marks = {name.decode(): text.decode() for name, text in file.metadata.metadata.items()}
    assert marks["tanyin.manifest"].startswith("sha256:") and marks["tanyin.cite"] and json.loads(marks["tanyin.releases"]), marks
    for group in range(file.metadata.num_row_groups):
        meta = file.metadata.row_group(group)
        assert meta.num_rows <= 32768 and meta.sorting_columns[0].column_index == 3
        kind = next(meta.column(c) for c in range(meta.num_columns) if meta.column(c).path_in_schema == "kind")
        assert kind.compression == "ZSTD" and "RLE_DICTIONARY" in kind.encodings and kind.statistics.has_min_max, kind

    frame = pandas.read_parquet(path)
    compare(frame.to_dict("records"), "pandas")
    arrow = file.read().to_pylist()
    compare(arrow, "pyarrow")

    connection = duckdb.connect()
    table = connection.execute("SELECT * FROM read_parquet(?)", [path])
    names = [column[0] for column in table.description]
    compare([dict(zip(names, row)) for row in table.fetchall()], "duckdb")
    kinds = dict(connection.execute("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(?))", [path]).fetchall())
    assert kinds["value"] == "VARCHAR" and kinds["value_number"] == "DOUBLE" and kinds["published"] == "DATE", kinds
    assert kinds["synonyms_zh"] == "VARCHAR[]" and kinds["stages"].startswith("STRUCT("), kinds
    # the exact decimal, where it fits
    found = connection.execute("SELECT key, value FROM read_parquet(?) WHERE value_number >= 0 ORDER BY key", [path]).fetchall()
    assert found == sorted((row["key"], row["value"]) for row in EXPECTED if row["value_number"] >= 0)
    gases = connection.execute("SELECT count(*) FROM (SELECT unnest(gases) FROM read_parquet(?))", [path]).fetchone()[0]
    assert gases == sum(len(row["gases"]) for row in LISTS)


def sqlite():
    path = folder / "factors.sqlite"
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert connection.execute("PRAGMA application_id").fetchone()[0] == 0x5459494E
    rows = [dict(row) for row in connection.execute("SELECT * FROM factors ORDER BY id")]
    for row in rows:
        row |= {name: [] for name in LISTS[0]} if LISTS else {}
    for name in ["gases", "gases_co2e", "stages", "classifications", "derived_from"]:
        for part in connection.execute(f"SELECT * FROM {name} ORDER BY factor, position"):
            part = dict(part)
            rows[part.pop("factor") - 1][name].append({key: value for key, value in part.items() if key != "position"})
    for part in connection.execute("SELECT * FROM flags ORDER BY factor, position"):
        rows[part["factor"] - 1]["flags"].append(part["flag"])
    for part in connection.execute("SELECT * FROM synonyms ORDER BY factor, language, position"):
        rows[part["factor"] - 1]["synonyms_" + part["language"]].append(part["name"])
    compare(rows, "sqlite3")
    assert connection.execute("SELECT count(*) FROM releases").fetchone()[0] == 1
    missing = connection.execute("SELECT count(*) FROM factors f LEFT JOIN sources s ON (s.dataset, s.version, s.id) = (f.dataset, f.version, f.source) WHERE s.id IS NULL")
    assert missing.fetchone()[0] == 0

    def pairs(word):
        return '"' + " ".join(word[place:place + 2] for place in range(len(word) - 1)) + '"' if len(word) > 1 else word + "*"

    def search(query):
        found = connection.execute("SELECT f.key FROM factors_fts s JOIN factors f ON f.id = s.rowid WHERE factors_fts MATCH ? ORDER BY rank", [query])
        return {row["key"] for row in found}

    for word in ["原铝", "电力", "浙江", "排放因子", "铝", "天然气"]:
        named = {factor["key"] for factor in factors if word in json.dumps([factor.get("name", {}).get("zh"), factor.get("synonyms", {}).get("zh")], ensure_ascii=False)}
        found = search("han_pairs : " + pairs(word))
        assert named <= found, (word, named - found)
    for factor in factors:
        name = factor.get("name", {}).get("en")
        if name and any(c.isascii() and c.isalnum() for c in name):
            assert factor["key"] in search('name_en : "' + name.replace('"', '""') + '"'), name
    plan = connection.execute("EXPLAIN QUERY PLAN SELECT * FROM factors WHERE activity = 'a' AND region = 'CN'").fetchall()
    assert "factors_activity" in plan[0]["detail"], plan[0]["detail"]


def clean(text):
    """What a cell of a workbook holds of a text."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\t\n" or c >= " " and c not in "\ufffe\uffff")


def xlsx():
    book = openpyxl.load_workbook(folder / "factors.xlsx")
    assert book.sheetnames == ["Read me", "Factors", "Units", "Sources"], book.sheetnames
    sheet = book["Factors"]
    assert sheet.freeze_panes == "B3" and sheet.auto_filter.ref.startswith("A2:"), (sheet.freeze_panes, sheet.auto_filter.ref)
    table = list(sheet.iter_rows())
    names = [cell.value for cell in table[1]]
    assert all(cell.value for cell in table[0])
    assert len(table) - 2 == len(EXPECTED)
    for row, wanted, cell in zip(table[2:], EXPECTED, cells):
        assert all(one.data_type in "sn" for one in row), [(one.coordinate, one.data_type) for one in row]
        # Excel shows _x005F_ as _; openpyxl leaves that to its caller
        row = {name: unescape(one.value) if isinstance(one.value, str) else one.value for name, one in zip(names, row)}
        for name, value in wanted.items():
            if isinstance(value, str):
                value = clean(value)
                if len(value.encode("utf-16-le")) > 2 * 32767:
                    assert row[name].endswith("ndjson)") and value.startswith(row[name][:1000]), name
                    continue
                value = value or None
            if isinstance(value, float):
                assert bits(float(row[name])) == bits(value), (name, row[name], value)
            else:
                assert row[name] == value, (name, row[name], value)
        for name in ["synonyms_zh", "flags", "stages", "other_gases", "classifications", "derived_from"]:
            assert (row[name] or "") == clean(cell[name]), (name, row[name], cell[name])
    units = {row[0].value for row in book["Units"].iter_rows(min_row=3)}
    assert units == {factor["per"] for factor in factors}, units
    sources = {row[2].value for row in book["Sources"].iter_rows(min_row=3)}
    assert {factor["source"]["id"] for factor in factors} <= sources
    notes = {row[0].value: row[1].value for row in book["Read me"].iter_rows() if row[0].value}
    assert notes["Manifest 清单摘要"].startswith("sha256:") and notes["Cite as 引用"], notes
    flags = {flag for factor in factors for flag in factor.get("flags", [])}
    assert flags <= set(notes), flags
    frame = pandas.read_excel(folder / "factors.xlsx", sheet_name="Factors", header=1, dtype={"value": str, "key": str})
    assert list(frame["value"]) == [row["value"] for row in EXPECTED]


def datapackage():
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "note"])[:5]
    package = frictionless.Package(str(folder / "datapackage.json"))
    rows = package.get_resource("factors").read_rows()
    assert [row["key"] for row in rows] == [factor["key"] for factor in factors]
    from decimal import Decimal
    assert [row["value"] for row in rows] == [Decimal(factor["value"]) for factor in factors]
    described = json.loads((folder / "datapackage.json").read_text("utf-8"))
    assert described["resources"][0]["hash"].startswith("sha256:") and described["licenses"] and described["version"]
    # a wrong byte is found
    table = (folder / "factors.csv").read_bytes()
    if factors:
        (folder / "factors.csv").write_bytes(table[:-2] + b"x\n")
        assert not frictionless.validate(str(folder / "datapackage.json")).valid
        (folder / "factors.csv").write_bytes(table)


for read in [parquet, sqlite, xlsx, datapackage]:
    read()
print(len(factors))
