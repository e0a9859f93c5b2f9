"""What is measured on: packages, a SQLite database, rendered answers. Made once for each size and seed, and used again."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess

from .machine import ROOT, say
from .questions import DATASET, FACTORS

COLUMNS = (
    "key text PRIMARY KEY, activity text, kind text, name_en text, name_zh text, region text, year integer, value text, metric text, "
    "per text, gwp text, co2e_origin text, category text, co2_fossil text, ch4_fossil text, n2o text, source text, locator text, "
    "value_text text, unit_text text"
)


def once(path, make):
    """The file or folder, made if it is not there; a making that was cut short leaves nothing under its name."""
    if not path.exists():
        part = path.with_name(path.name + ".part")
        if part.is_dir():
            shutil.rmtree(part)
        part.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        say(f"making {path.name}")
        make(part)
        part.rename(path)
    return path


def package(work, rows, seed, version="1.0.0", change=0):
    def make(path):
        command = [ROOT / "scripts/generate-package", path, "--rows", rows, "--seed", seed, "--version", version, "--change", change]
        subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)

    return once(work / "packages" / f"{rows}-{seed}-{version}", make)


def sqlite(work, rows, seed):
    """A table as a team would make it: primary key, index for the filter, full text over both names."""

    def make(path):
        table = package(work, rows, seed) / "factors.csv"
        steps = [
            f"CREATE TABLE factors ({COLUMNS})",
            ".mode csv",
            f".import --skip 1 {table} factors",
            "CREATE INDEX factors_filter ON factors (region, year, category, key)",
            "CREATE VIRTUAL TABLE factors_fts USING fts5(name_en, name_zh, content='factors')",
            "INSERT INTO factors_fts(factors_fts) VALUES ('rebuild')",
            "ANALYZE",
        ]
        subprocess.run(["sqlite3", str(path), *steps], check=True)

    # the name is also the name of the database in the addresses of Datasette
    return once(work / "sqlite" / f"factors{rows}x{seed}.db", make)


def measured_folder(work, rows, seed):
    """The data directory that is made anew in each run, since making it is measured."""
    return work / f"data-{rows}-{seed}"


def published(work, binary, rows, seed):
    """A data directory with the release, kept from run to run for as long as the program opens it."""

    def make(path):
        for command in publish_commands(binary, path, package(work, rows, seed)):
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    return once(work / "published" / f"{rows}-{seed}", make)


def publish_commands(binary, folder, source):
    place = ["--data-dir", str(folder)]
    return [
        [str(binary), "import", str(source), "--dataset", DATASET, "--json", *place],
        [str(binary), "draft", "submit", DATASET, "--bump", "auto", "--json", *place],
        [str(binary), "release", "publish", DATASET, "--json", *place],
    ]


def linked(folder, copy):
    """A second data directory with the same blobs: files that are written once are linked, all others copied."""
    shutil.rmtree(copy, ignore_errors=True)

    def place(source, target):
        written_once = "blobs/sha256/" in source or "/indexes/" in source
        os.link(source, target) if written_once else shutil.copy2(source, target)

    shutil.copytree(folder, copy, copy_function=place)
    return copy


class Released:
    """A release as a client sees it: its lines, and what stands around each in an answer."""

    def __init__(self, client):
        self.lines = client.get(f"/v1/datasets/{DATASET}/releases/1.0.0/files/factors.ndjson")
        manifest = client.get(f"/v1/datasets/{DATASET}/releases/1.0.0/files/manifest.json")
        self.manifest = "sha256:" + hashlib.sha256(manifest).hexdigest()
        self.sources = {source["id"]: source for source in json.loads(manifest)["sources"]}
        first = json.loads(self.lines[: self.lines.index(b"\n")])["key"]
        self.licence = client.get(FACTORS + first).decode().split(',"licence":', 1)[1].rsplit(',"cite":', 1)[0]
        if json.loads(self.licence) != json.loads(manifest)["licences"][0]:
            raise SystemExit(f"the licence of an answer is not that of the manifest: {self.licence}")
        self.release = f'{{"dataset":"{DATASET}","version":"1.0.0","manifest":"{self.manifest}","withdrawn":null}}'
        self.facts = int(client.get("/log/checkpoint").split(b"\n")[1])

    def item(self, line):
        """A factor as a page shows it, without the closing brace."""
        digest = hashlib.sha256(line).hexdigest()
        return b'{"factor":%s,"digest":"sha256:%s","release":%s' % (line, digest.encode(), self.release.encode())

    def tail(self, factor):
        flags = json.dumps(factor.get("flags", []), separators=(",", ":"))
        return f'"flags":{flags},"licence":{self.licence},"cite":{self.cite(factor)}}}'.encode()

    def cite(self, factor):
        source = self.sources[factor["source"]["id"]]
        title = source["title"]
        words = f"《{title['zh']}》" if "zh" in title else title["en"]
        place = ", " + factor["source"]["locator"] if "locator" in factor["source"] else ""
        return json.dumps(f"{words}{place}; {DATASET}@1.0.0#{factor['key']}", ensure_ascii=False)

    def answer(self, line):
        """The whole answer to the question for this one factor."""
        return self.item(line) + b"," + self.tail(json.loads(line))


def answers(work, rows, seed, released):
    """Every answer of the release as a line of a file: what the ceiling has in memory."""

    def make(path):
        with open(path, "wb", 1 << 20) as file:
            for line in released.lines.splitlines():
                file.write(released.answer(line) + b"\n")

    short = hashlib.sha256((released.release + released.licence).encode()).hexdigest()[:12]
    return once(work / "answers" / f"{rows}-{seed}-{short}.ndjson", make)


def lines_database(work, rows, seed, released):
    """The released lines in a table that SQL can ask: the slow path that answers are compared with."""
    units = dict(line.split(",")[:2] for line in (ROOT / "schema/units.csv").read_text(encoding="utf-8").splitlines()[1:])

    def make(path):
        database = sqlite3.connect(path)
        database.execute(
            "CREATE TABLE lines (number integer PRIMARY KEY, key text, activity text, kind text, region text, year integer, "
            "category text, dimension text, line blob)"
        )

        def row(number, line):
            factor = json.loads(line)
            known = [factor.get(name) for name in ("key", "activity", "kind", "region", "year", "category")]
            return (number, *known, units.get(factor["per"], "other"), line)

        rows = (row(number, line) for number, line in enumerate(released.lines.splitlines()))
        database.executemany("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        for index in ("key", "activity, region, year", "region, year, category", "activity, year", "category, region"):
            database.execute(f"CREATE INDEX lines_{index.replace(', ', '_')} ON lines ({index})")
        database.execute("ANALYZE")
        database.commit()
        database.close()

    short = hashlib.sha256(released.manifest.encode()).hexdigest()[:12]
    return once(work / "lines" / f"{rows}-{seed}-{short}.db", make)


def static_files(folder, client, keys):
    """The bytes that the server answers for these keys, as files under the same addresses."""
    shutil.rmtree(folder, ignore_errors=True)
    for key in set(keys):
        path = folder / (FACTORS + key).lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(client.get(FACTORS + key))
    return folder
