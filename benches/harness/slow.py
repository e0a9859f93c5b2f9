"""The slow path: what each answer must be, from the released lines by SQL and by the rules of docs/lookup.md and docs/search.md."""

import base64
import csv
import json
from decimal import Context, Decimal

from .data import Released
from .machine import ROOT
from .questions import DATASET, generator

FACET_VALUES = 200
ROUNDED = Context(prec=17)


def number(value):
    """A decimal as the JSON number of an answer: rounded once to 17 digits, without trailing zeros."""
    value = ROUNDED.plus(value)
    sign, digits, exponent = value.normalize(ROUNDED).as_tuple()
    text = "".join(map(str, digits))
    if value == 0:
        return "0"
    first = len(text) + exponent - 1
    if 0 <= first < 21:
        shown = text + "0" * exponent if exponent >= 0 else f"{text[: first + 1]}.{text[first + 1 :]}"
    elif -6 <= first < 0:
        shown = "0." + "0" * (-first - 1) + text
    else:
        shown = f"{text[0]}{'.' if len(text) > 1 else ''}{text[1:]}e{first}"
    return "-" + shown if sign else shown


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Slow:
    """Answers from a table of lines."""

    def __init__(self, database, released: Released):
        self.database, self.released = database, released
        made = generator()
        self.potentials = {"CO2": 1, "CH4": made.CH4, "N2O": made.N2O}
        with open(ROOT / "schema/regions.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.parents = {row["code"]: row["parent"] for row in rows}
        self.region_names = {row["code"]: (row["name_en"], row["name_zh"]) for row in rows}

    def line(self, key):
        found = self.database.execute("SELECT line FROM lines WHERE key = ?", (key,)).fetchone()
        return found and found[0]

    def by_key(self, key):
        line = self.line(key)
        return line and self.released.answer(line)

    def chain(self, region):
        while region:
            yield region
            region = self.parents.get(region)

    def result(self, factor):
        made = [
            ("value", number(Decimal(factor["value"]))), ("unit", '"kg"'), ("metric", compact(factor["metric"])),
            ("per", compact(factor["per"])), ("gwp", compact(factor.get("gwp"))), ("computed", "[]"),
        ]  # fmt: skip
        gases = []
        for gas in factor.get("gases", []):
            kg = Decimal(gas["kg"])
            own = [("gas", compact(gas["gas"]))]
            own += [("origin", compact(gas["origin"]))] if "origin" in gas else []
            own += [("kg", number(kg)), ("co2e", number(kg * self.potentials[gas["gas"]]))]
            gases.append("{" + ",".join(f'"{name}":{value}' for name, value in own) + "}")
        if gases:
            made.append(("gases", "[" + ",".join(gases) + "]"))
        return "{" + ",".join(f'"{name}":{value}' for name, value in made) + "}"

    def at_place(self, asked, region):
        """(numbers, the step of the year) of the factors in a place, or nothing."""
        tests, values = ["activity = ?"], [asked["activity"]]
        for name, value in (("kind", asked.get("kind")), ("region", region)):
            if value is not None:
                tests.append(f"{name} = ?")
                values.append(value)
        where = " AND ".join(tests)
        year = asked.get("year")
        if year is None:
            found = self.database.execute(f"SELECT number FROM lines WHERE {where}", values).fetchall()
            return (found, []) if found else None
        year = int(year)
        years = [own for (own,) in self.database.execute(f"SELECT DISTINCT year FROM lines WHERE {where}", values)]
        rule = asked.get("year_fallback")
        if year in years:
            used = year
        elif rule == "earlier":
            used = max((own for own in years if own < year), default=None)
        elif rule == "nearest":
            used = min(years, key=lambda own: (abs(own - year), own), default=None)
        else:
            used = None
        if used is None:
            return None
        found = self.database.execute(f"SELECT number FROM lines WHERE {where} AND year = ?", [*values, used]).fetchall()
        step = {"dimension": "year", "asked": str(year), "used": str(used), "rule": rule}
        return found, [] if used == year else [step]

    def lookup(self, asked):
        """(status, code) of a refusal, or (200, the body up to `why`, the body from `result` on)."""
        if "key" in asked:
            found = self.database.execute("SELECT number FROM lines WHERE key = ?", (asked["key"],)).fetchall()
            placed = (found, []) if found else None
            steps = []
        else:
            region = asked.get("region")
            chain = [region] if region is None or asked.get("region_fallback") != "parent" else list(self.chain(region))
            placed, steps = None, []
            for position, place in enumerate(chain):
                placed = self.at_place(asked, place)
                if placed:
                    if position:
                        steps = [{"dimension": "region", "asked": region, "used": place, "rule": "parent", "tried": chain[:position]}]
                    break
        if not placed:
            return 404, "no-match"
        found, later = placed
        if len(found) > 1:
            return 409, "ambiguous"
        steps = steps + later
        (line,) = self.database.execute("SELECT line FROM lines WHERE number = ?", found[0]).fetchone()
        factor = json.loads(line)
        matched = f',"match":{{"exact":{compact(not steps)},"steps":{compact(steps)},"candidates":1,'
        head = self.released.item(line) + matched.encode()
        tail = f'"result":{self.result(factor)},'.encode() + self.released.tail(factor)
        return 200, head, tail

    def page(self, asked, limit, offset, facets):
        """The whole page of a filter."""
        tests, values = [], []
        for name in ("activity", "kind", "region", "category"):
            if name in asked:
                tests.append(f"{name} = ?")
                values.append(asked[name])
        if "year" in asked:
            first, _, last = asked["year"].partition("..")
            tests.append("year BETWEEN ? AND ?")
            values += [int(first), int(last or first)]
        where = " AND ".join(tests)
        columns = ("kind", "activity", "region", "year", "category", "dimension")
        rows = self.database.execute(f"SELECT number, {', '.join(columns)} FROM lines WHERE {where} ORDER BY number", values).fetchall()
        shown = rows[offset : offset + limit]
        items = []
        for row in shown:
            (line,) = self.database.execute("SELECT line FROM lines WHERE number = ?", row[:1]).fetchone()
            items.append(self.released.item(line) + b"}")
        end = offset + len(shown)
        cursor = None
        if end < len(rows):
            cursor = base64.urlsafe_b64encode(f"{self.released.facts}.{end}".encode()).rstrip(b"=").decode()
        counted = {}
        for name in sorted(facets):
            if name in ("dataset", "licence"):
                of = {"dataset": DATASET, "licence": json.loads(self.released.licence)["id"]}[name]
                counts = {of: len(rows)} if rows else {}
            elif name == "flag":
                counts = {}
            else:
                counts = {}
                place = columns.index(name) + 1
                for row in rows:
                    counts[str(row[place])] = counts.get(str(row[place]), 0) + 1
            most = sorted(counts.items(), key=lambda own: (-own[1], own[0]))[:FACET_VALUES]
            counted[name] = dict(sorted(most))
        rest = compact({"total": len(rows), "next": cursor, "facets": counted})[1:]
        return b'{"factors":[' + b",".join(items) + b"]," + rest.encode()
