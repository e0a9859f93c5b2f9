"""The goals: each with what was measured, what it is held against, and whether it is met."""

import tomllib

from .machine import ROOT

AT_LEAST, AT_MOST = ">=", "<="


def grown(rows):
    """The name of the server of so many factors."""
    return f"tanyin, {rows // 1_000_000} M" if rows >= 1_000_000 else f"tanyin, {rows // 1000} k"


class Goals:
    """Made of the measurements of one run; what was not measured in it has no goal in its table."""

    def __init__(self, result):
        self.made = []
        loads = {(load["operation"], load["target"]): load["cpu_us"][0] for load in result.get("loads", [])}
        self.of_loads(loads)
        self.of_bulk({load["target"]: load for load in result.get("bulk", [])})
        self.of_growth(loads, *(grown(rows) for rows in (result["sizes"][0], result["sizes"][2])))
        self.of_server(result)
        self.of_commands(result.get("commands"))
        self.of_rest(result)

    def add(self, name, what, measured, sense, bound, unit=""):
        met = measured >= bound if sense == AT_LEAST else measured <= bound
        self.made.append({"name": name, "goal": what, "measured": measured, "sense": sense, "bound": bound, "unit": unit, "met": met})

    def against(self, loads, own, other, bound, what):
        """How many times as much another server spends."""
        if own in loads and other in loads:
            self.add(f"{own[0]}-{other[1]}", what, loads[other] / loads[own], AT_LEAST, bound, "x")

    def of_loads(self, loads):
        table = [
            ("key", "key", "nginx", 1.0, "one factor by key: nginx, static file"),
            ("key", "key", "ceiling", 0.85, "one factor by key: the bare actix ceiling"),
            ("key", "key", "datasette", 60, "one factor by key: Datasette"),
            ("key", "key", "fastapi", 50, "one factor by key: FastAPI"),
            ("lookup", "key", "ceiling", 0.6, "lookup with selector and fallback: the ceiling by key"),
            ("304", "304", "nginx", 0.7, "conditional GET, 304: nginx"),
            ("filter", "filter", "fastapi", 80, "filter returning 50: FastAPI"),
            ("filter", "filter", "ceiling", 0.4, "filter returning 50: the in-memory ceiling"),
            ("search", "search", "datasette", 30, "search: Datasette FTS"),
            ("batch", "batch", "fastapi", 60, "batch of 100: FastAPI"),
        ]
        for own, operation, peer, bound, what in table:
            self.against(loads, (own, "tanyin"), (operation, peer), bound, what)

    def of_bulk(self, bulk):
        if not bulk:
            return
        per_gb = {name: load["cpu_s_per_gb"][0] for name, load in bulk.items()}
        per_file = {name: cost * bulk[name]["mb"][0] / 1e3 for name, cost in per_gb.items()}
        self.add("bulk", "bulk download: nginx sendfile", per_gb["nginx identity"] / per_gb["tanyin identity"], AT_LEAST, 0.9, "x")
        for coding in ("gzip", "zstd"):
            ratio = per_file[f"tanyin {coding}"] / per_file["tanyin identity"]
            self.add(f"bulk-{coding}", f"{coding} made before: CPU of a whole download, against identity", ratio, AT_MOST, 1, "x")

    def of_growth(self, loads, small, large):
        for operation, bound in (("lookup", 1.3), ("filter", 2), ("search", 2)):
            if (operation, small) in loads and (operation, large) in loads:
                ratio = loads[operation, large] / loads[operation, small]
                self.add(f"growth-{operation}", f"growth from 10 k to 5 M factors: {operation}", ratio, AT_MOST, bound, "x")

    def of_server(self, result):
        if "memory" in result:
            self.add("memory", "resident beyond mapped files, 1 M factors, after every load", result["memory"]["anon"], AT_MOST, 64, "MiB")
        if "start" in result:
            self.add("start", "start to ready, 5 M factors published", result["start"]["large"][0], AT_MOST, 1, "s")

    def of_commands(self, commands):
        if not commands:
            return
        steps = commands["steps"]
        cpu = {name: step["cpu"][0] for name, step in steps.items()}
        publish = cpu["draft submit"] + cpu["release publish"]
        peak = max(steps[name]["anon"][2] for name in ("import", "draft submit", "release publish", "verify"))
        self.add("import-sqlite", "import of 1 M rows: sqlite3 .import", cpu["import"] / cpu["sqlite3 .import"], AT_MOST, 3, "x")
        self.add("import-floor", "import of 1 M rows: csv + serde + SHA-256 alone", cpu["import"] / cpu["floor"], AT_MOST, 8, "x")
        self.add("publish", "submit and publish: the import", publish / cpu["import"], AT_MOST, 2, "x")
        self.add("peak", "peak memory beyond mapped files: import, submit, publish, verify", peak, AT_MOST, 256, "MiB")
        speed = commands["verified_bytes"] / 1e9 / cpu["verify"]
        self.add("verify", "verify: bytes a second a core", speed, AT_LEAST, 1, "GB/s")

    def of_rest(self, result):
        if "difference" in result:
            wall = max(taken["wall"][0] for taken in result["difference"].values())
            self.add("difference", "difference of two releases of 1 M rows, the slowest way", wall, AT_MOST, 2, "s")
        if "check" in result:
            differing = sum(result["check"]["differing"].values())
            self.add("check", "answers that differ from the slow path", differing, AT_MOST, 0)


def reasons():
    """Why goals are missed, in words."""
    return tomllib.loads((ROOT / "benches/reasons.toml").read_text(encoding="utf-8"))
