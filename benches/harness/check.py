"""Ten thousand random questions whose answers are compared with the slow path, byte for byte where bytes are promised."""

import json
import random
import re
import sqlite3
from collections import Counter

from . import data
from .machine import say
from .questions import DATASET, FACTORS, Questions, parameters
from .slow import Slow

FACETS = ("dataset", "kind", "activity", "region", "year", "category", "dimension", "flag", "licence")
SHARES = (("key", 40), ("lookup", 30), ("filter", 15), ("search", 10), ("batch", 5))


class Check:
    """One run of questions; `differing` holds the first of those that were answered otherwise."""

    def __init__(self, client, slow, words, questions, seed):
        self.client, self.slow, self.words, self.questions = client, slow, words, questions
        self.chance = random.Random(f"{seed}/check")
        self.counts, self.refused, self.differing = Counter(), Counter(), []

    def differ(self, what, asked, wanted, got):
        if len(self.differing) < 20:
            say(f"DIFFERS  {what}: {asked}\n  wanted {str(wanted)[:1500]}\n  got    {str(got)[:1500]}")
        self.differing.append(what)

    def same(self, what, asked, wanted, got):
        if wanted != got:
            self.differ(what, asked, wanted, got)

    def ask(self, pairs, path="/v1/lookup?"):
        status, _, body = self.client.ask(path + parameters(pairs))
        return status, body

    def key(self):
        key = self.questions.key(self.chance)
        if self.chance.random() < 0.05:
            key = key[:-1] + "x"
        status, _, body = self.client.ask(FACTORS + key)
        wanted = self.slow.by_key(key)
        if wanted is None:
            self.refused["key"] += 1
            self.same("key", key, (404, "no-factor"), (status, code(body)))
        else:
            self.same("key", key, (200, wanted), (status, body))

    def random_lookup(self):
        asked = dict(self.questions.lookup(self.chance))
        asked.pop("dataset")
        if self.chance.random() < 0.1:
            return {"key": self.questions.key(self.chance) + ("" if self.chance.random() < 0.8 else "x")}
        for name, share in (("region_fallback", 0.15), ("year_fallback", 0.15), ("region", 0.05), ("year", 0.05)):
            if self.chance.random() < share:
                asked.pop(name)
        if "year_fallback" in asked and self.chance.random() < 0.3:
            asked["year_fallback"] = "nearest"
            asked["year"] = str(self.chance.randrange(2008, 2030))
        if self.chance.random() < 0.05:
            asked["activity"] += "x"
        if self.chance.random() < 0.1:
            asked["kind"] = self.chance.choice(["process", "product-lifecycle", "upstream"])
        return asked

    def lookup(self):
        asked = self.random_lookup()
        status, body = self.ask([("dataset", DATASET), *asked.items()])
        self.same("lookup", asked, *self.of_lookup(asked, status, body))

    def of_lookup(self, asked, status, body):
        """(what it must be, what it is) without the explanations, which no other program can write."""
        wanted = self.slow.lookup(asked)
        if wanted[0] != 200:
            self.refused["lookup"] += 1
            return wanted, (status, code(body))
        head, _, rest = body.partition(b'"why":[')
        tail = rest[rest.rfind(b'},"result":{') + 2 :] if b'},"result":{' in rest else b"result is missing"
        if b'],"others":[' not in rest:
            tail = b"others are missing"
        return wanted, (status, head, b"" if not rest else tail)

    def filter(self):
        region, year, category = self.place()
        asked = {"region": region, "year": year, "category": category}
        turn = self.chance.random()
        (activity, _, product), _, _ = self.questions.space.factor(self.chance.randrange(self.questions.rows))
        if turn < 0.2:
            asked = {"activity": activity}
        elif turn < 0.3:
            asked = {"activity": activity, "region": region}
        elif turn < 0.4:
            asked = {"region": region, "year": year, "kind": product[3]}
        elif turn < 0.5:
            asked = {"region": region, "category": category, "year": "2016..2021"}
        limit = self.chance.choice([50, 50, 1, 7, 100, 1000])
        pairs = [("dataset", DATASET), *asked.items(), ("limit", str(limit))]
        facets = [name for name in FACETS if name != "activity"]
        if self.chance.random() < 0.3:
            facets = self.chance.sample(FACETS, self.chance.randrange(1, 5))
            pairs.append(("facets", ",".join(facets)))
        status, body = self.ask(pairs, "/v1/factors?")
        self.same("filter", asked, (200, self.slow.page(asked, limit, 0, facets)), (status, body))
        following = json.loads(body).get("next") if status == 200 else None
        if following and self.chance.random() < 0.2:
            status, body = self.ask([*pairs, ("cursor", following)], "/v1/factors?")
            self.same("filter, second page", asked, (200, self.slow.page(asked, limit, limit, facets)), (status, body))

    def place(self):
        places = list(self.questions.places())
        category, years = self.chance.choice(places)
        return self.chance.choice(list(self.questions.names)), str(self.chance.choice(years)), category

    def search(self):
        asked, english = self.chance.choice(self.searches)
        status, body = self.ask([("dataset", DATASET), ("q", asked)], "/v1/factors?")
        if status != 200:
            return self.differ("search", asked, 200, (status, body))
        page = json.loads(body)
        items = []
        for item in page["factors"]:
            line = self.slow.line(item["factor"]["key"])
            items.append(self.slow.released.item(line) + b"}" if line else b"not released")
        head = b'{"factors":[' + b",".join(items) + f'],"total":{page["total"]},'.encode()
        self.same("search", asked, head, body[: len(head)])
        for item in page["factors"] if page["search"]["matched"] == "exact" else []:
            text = self.text(item["factor"])
            missing = [word for word in asked.split() if not all(piece in text for piece in pieces(word))]
            if missing:
                self.differ("search, a word that is not there", asked, missing, text)
        if asked == english:
            match = " ".join(f'"{word}"' for word in asked.split())
            (least,) = self.words.execute("SELECT count(*) FROM factors_fts WHERE factors_fts MATCH ?", (match,)).fetchone()
            if page["total"] < least:
                self.differ("search, fewer than the names that hold every word", asked, least, page["total"])
        return None

    def text(self, factor):
        names = factor["name"].values()
        place = self.slow.region_names.get(factor["region"], ())
        return " ".join([*names, *place, factor["region"], str(factor["year"]), factor["activity"], factor.get("category", "")]).lower()

    def batch(self):
        asked = [{"key": self.questions.key(self.chance)} if self.chance.random() < 0.6 else self.random_lookup() for _ in range(10)]
        body = json.dumps({"lookups": [{"dataset": DATASET, **one} for one in asked]})
        status, _, body = self.client.ask("/v1/lookup/batch", "POST", body.encode(), {"Content-Type": "application/json"})
        singles = [self.ask([("dataset", DATASET), *one.items()]) for one in asked]
        if all(own == 200 for own, _ in singles):
            results = b",".join(b'{"status":200,"answer":' + answer + b"}" for _, answer in singles)
            return self.same("batch", asked, (200, b'{"results":[' + results + b"]}"), (status, body))
        wanted = [(own, json.loads(answer) if own == 200 else code(answer)) for own, answer in singles]
        got = [(one["status"], one.get("answer") or one["problem"]["type"].rsplit("/")[-1]) for one in json.loads(body)["results"]]
        return self.same("batch with refusals", asked, wanted, got)

    def run(self, count):
        self.searches = self.questions.searches(2000)
        names = [name for name, share in SHARES for _ in range(share)]
        for number in range(count):
            name = names[number % len(names)]
            self.counts[name] += 1
            getattr(self, name)()
        return {"compared": dict(self.counts), "refused": dict(self.refused), "differing": dict(Counter(self.differing))}


def code(body):
    """The code of a problem."""
    try:
        return json.loads(body)["type"].rsplit("/")[-1]
    except (ValueError, KeyError, TypeError):
        return body[:200]


def pieces(word):
    """A Chinese word may stand in pieces; any other stands whole."""
    return list(word) if re.search("[\u4e00-\u9fff]", word) else [word]


def check(work, server, released, rows, seed, count):
    lines = data.lines_database(work, rows, seed, released)
    database = sqlite3.connect(f"file:{lines}?mode=ro", uri=True)
    words = sqlite3.connect(f"file:{data.sqlite(work, rows, seed)}?mode=ro", uri=True)
    made = Check(server.client(), Slow(database, released), words, Questions(rows, seed), seed).run(count)
    say(f"compared {made['compared']}, of these refused {made['refused']}, differing {made['differing'] or 'none'}")
    return made
