"""What is asked, of data that scripts/generate-package made: the same questions for the same size and seed."""

import importlib.machinery
import importlib.util
import json
import random
from urllib.parse import quote, urlencode

from .machine import ROOT

DATASET = "synthetic"
FACTORS = f"/v1/datasets/{DATASET}/releases/1.0.0/factors/"
FILES = f"/v1/datasets/{DATASET}/releases/1.0.0/files/"
BATCH = 100
PAGE = 50


def generator():
    """scripts/generate-package as a module: it knows which factors there are."""
    path = str(ROOT / "scripts" / "generate-package")
    loader = importlib.machinery.SourceFileLoader("generate_package", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("generate_package", loader))
    loader.exec_module(module)
    return module


def parameters(pairs):
    return urlencode([(name, value) for name, value in pairs if value is not None], quote_via=quote, safe="/,")


class Questions:
    """Questions about so many factors."""

    def __init__(self, rows, seed):
        made = generator()
        self.rows, self.seed = rows, seed
        self.space = made.Space(rows, made.read_regions())
        self.years = list(made.YEARS)
        self.names = {region[0]: region for region in self.space.regions}
        self.absent = [region[0] for region in made.read_regions() if region[0] not in self.names]
        self.absent = [code for code in self.absent if code.startswith("CN-")] or ["CN-GRID-EAST", "CN-GRID-NORTH", "CN-GRID-SOUTH"]

    def random(self, purpose):
        return random.Random(f"{self.seed}/{self.rows}/{purpose}")

    def key(self, chance):
        (activity, _, _), (region, _, _), year = self.space.factor(chance.randrange(self.rows))
        return f"{activity}/{region.lower()}/{year}"

    def keys(self, count, purpose="keys"):
        chance = self.random(purpose)
        return [self.key(chance) for _ in range(count)]

    def lookup(self, chance):
        """One of three as it is, one for a year without a factor, one for a region without one."""
        (activity, _, _), (region, _, _), year = self.space.factor(chance.randrange(self.rows))
        turn = chance.randrange(3)
        if turn == 1:
            year = chance.choice([2025, 2026, 2027])
        if turn == 2:
            region = chance.choice(self.absent)
        return [
            ("dataset", DATASET), ("activity", activity), ("region", region), ("year", str(year)),
            ("region_fallback", "parent"), ("year_fallback", "earlier"),
        ]  # fmt: skip

    def lookups(self, count):
        chance = self.random("lookups")
        return [self.lookup(chance) for _ in range(count)]

    def places(self):
        """(region, years, category) that hold a page of factors at least."""
        found = {}
        for activity, _, product in self.space.activities:
            found.setdefault(product[5], []).append(activity)
        for category, activities in found.items():
            # where a single year has too few, the question spans all of them
            years = self.years if len(activities) >= PAGE else [f"{self.years[0]}..{self.years[-1]}"]
            if len(activities) * (1 if len(years) > 1 else len(self.years)) >= PAGE:
                yield category, years

    def filters(self, count):
        chance = self.random("filters")
        places = list(self.places())
        regions = self.complete_regions()
        made = []
        for _ in range(count):
            category, years = chance.choice(places)
            made.append((chance.choice(regions), str(chance.choice(years)), category))
        return made

    def complete_regions(self):
        """Regions that every activity has; the last ones of a smaller set may be cut short."""
        whole = self.rows // len(self.years) // len(self.space.activities)
        return [region[0] for region in self.space.regions[:whole]] or [self.space.regions[0][0]]

    def searches(self, count):
        """(what is asked, the same in English words for those who know no other).

        The regions and products are those of ten thousand factors, so that each size is asked the same.
        """
        chance = random.Random(f"{self.seed}/searches")
        made = generator()
        small = made.Space(10_000, made.read_regions())
        regions = [region for region in small.regions if region[0] != "GLO"]
        asked = []
        for _ in range(count):
            _, grade, product = chance.choice(small.activities)
            _, region_en, region_zh = chance.choice(regions)
            year = chance.choice(self.years)
            name_en, name_zh = product[1].replace(",", ""), product[2]
            english, chinese = chance.choice([
                (f"{name_en} {region_en}", None),
                (f"{name_en} {region_en} {year}", None),
                (f"{name_en} route {grade} {year}", None),
                (f"{name_en} {region_en}", f"{region_zh} {name_zh}"),
                (f"{name_en} {region_en} {year}", f"{region_zh} {name_zh} {year}"),
            ])  # fmt: skip
            asked.append(((chinese or english).lower(), english.lower()))
        return asked

    def batches(self, count):
        chance = self.random("batches")
        return [[self.key(chance) for _ in range(BATCH)] for _ in range(count)]


def get(path, header=""):
    return ("GET", path, header, "")


def tanyin_lookup(pairs):
    return get("/v1/lookup?" + parameters(pairs))


def tanyin_filter(place):
    region, year, category = place
    return get("/v1/factors?" + parameters([("dataset", DATASET), ("region", region), ("year", year), ("category", category), ("limit", "50")]))


def tanyin_search(words):
    return get("/v1/factors?" + parameters([("dataset", DATASET), ("q", words)]))


def tanyin_batch(keys):
    body = {"lookups": [{"dataset": DATASET, "key": key} for key in keys]}
    return ("POST", "/v1/lookup/batch", "", json.dumps(body, separators=(",", ":")))


def fastapi_requests(questions, counts):
    return {
        "key": [get("/f/" + key) for key in questions.keys(counts["key"])],
        "filter": [get("/filter?" + parameters(zip(("region", "year", "category"), place))) for place in questions.filters(counts["filter"])],
        "batch": [("POST", "/batch", "", json.dumps(keys)) for keys in questions.batches(counts["batch"])],
    }


def datasette_requests(questions, counts, table):
    def rows(pairs):
        return get(f"/{table}/factors.json?" + parameters([("_shape", "array"), *pairs]))

    def row(key):
        # its own way to write what an address may not hold
        return get(f"/{table}/factors/{key.replace('~', '~7E').replace('/', '~2F').replace('.', '~2E')}.json?_shape=array")

    return {
        "key": [row(key) for key in questions.keys(counts["key"])],
        "filter": [rows([*zip(("region", "year", "category"), place), ("_size", "50")]) for place in questions.filters(counts["filter"])],
        "search": [rows([("_search", english), ("_size", "50")]) for _, english in questions.searches(counts["search"])],
        "batch": [rows([("key__in", ",".join(keys)), ("_size", "100")]) for keys in questions.batches(counts["batch"])],
    }


def tanyin_requests(questions, counts):
    return {
        "key": [get(FACTORS + key) for key in questions.keys(counts["key"])],
        "lookup": [tanyin_lookup(pairs) for pairs in questions.lookups(counts["lookup"])],
        "filter": [tanyin_filter(place) for place in questions.filters(counts["filter"])],
        "search": [tanyin_search(words) for words, _ in questions.searches(counts["search"])],
        "batch": [tanyin_batch(keys) for keys in questions.batches(counts["batch"])],
    }


def with_validators(client, requests):
    """The same requests, each with the validator that the server gives for it."""
    made = []
    for method, path, _, _ in requests:
        status, headers, _ = client.ask(path)
        if status != 200:
            raise SystemExit(f"{path}: {status}")
        made.append((method, path, "If-None-Match: " + headers["etag"], ""))
    return made
