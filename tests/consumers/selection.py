"""Reads a selection in every format and holds it against its lines.

selection.py FOLDER: factors.{ndjson,csv,parquet,sqlite,xlsx} of one selection, and selection.json of its parquet file.
"""

import csv
import hashlib
import json
import pathlib
import sqlite3
import sys

import duckdb
import openpyxl
import pandas

folder = pathlib.Path(sys.argv[1])
hits = [json.loads(line) for line in (folder / "factors.ndjson").read_text("utf-8").splitlines()]
for line, hit in zip((folder / "factors.ndjson").read_bytes().split(b"\n"), hits):
    # the line of the factor stands in it byte for byte
    start = len(b'{"factor":')
    end = line.rindex(b',"digest":"sha256:')
    assert "sha256:" + hashlib.sha256(line[start:end]).hexdigest() == hit["digest"]
wanted = [(hit["release"]["dataset"], hit["release"]["version"], hit["factor"]["key"], hit["digest"], hit["factor"]["value"]) for hit in hits]
assert wanted == sorted(wanted, key=lambda row: (row[0], row[2])), "by dataset and key"
names = ["dataset", "version", "key", "digest", "value"]

with open(folder / "factors.csv", encoding="utf-8", newline="") as file:
    assert [tuple(row[name] for name in names) for row in csv.DictReader(file)] == wanted
frame = pandas.read_parquet(folder / "factors.parquet")
assert list(frame[names].itertuples(index=False, name=None)) == wanted, frame[names]
assert [float(row[4]) for row in wanted] == list(frame["value_number"])
rows = duckdb.sql(f"SELECT {', '.join(names)} FROM '{folder / 'factors.parquet'}'").fetchall()
assert rows == wanted
connection = sqlite3.connect(folder / "factors.sqlite")
assert connection.execute(f"SELECT {', '.join(names)} FROM factors ORDER BY id").fetchall() == wanted
assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
sheet = openpyxl.load_workbook(folder / "factors.xlsx")["Factors"]
table = list(sheet.iter_rows(min_row=2, values_only=True))
assert [tuple(dict(zip(table[0], row))[name] for name in names) for row in table[1:]] == wanted

manifest = json.loads((folder / "selection.json").read_text("utf-8"))
data = (folder / "factors.parquet").read_bytes()
assert manifest["file"] == {"name": "factors.parquet", "format": "parquet", "bytes": len(data), "sha256": "sha256:" + hashlib.sha256(data).hexdigest()}
assert manifest["factors"] == len(wanted)
counts = {}
for row in wanted:
    counts[row[:2]] = counts.get(row[:2], 0) + 1
assert {(r["dataset"], r["version"]): r["factors"] for r in manifest["releases"]} == counts
assert all(r["manifest"].startswith("sha256:") and r["licences"] and r["cite"] for r in manifest["releases"])


def root(leaves):
    """RFC 6962, 2.1."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + root(leaves[:k]) + root(leaves[k:])).digest()


leaves = []
for line in (folder / "factors.ndjson").read_bytes().split(b"\n")[:-1]:
    leaves.append(line[len(b'{"factor":'):line.rindex(b',"digest":"sha256:')])
assert manifest["root"] == "sha256:" + root(leaves).hex(), manifest["root"]
print(len(wanted))
