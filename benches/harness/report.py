"""The report in Markdown: the goals first, then every table behind them."""

from .goals import AT_LEAST, Goals, grown, reasons

OPERATIONS = {
    "key": "One factor by key",
    "304": "The same, unchanged: 304",
    "lookup": "Lookup by activity, region and year; one of three falls back in the year, one in the region",
    "filter": "Filter by region, year and category: a page of 50, with counts of all that match",
    "search": "Search by product and place or year, in English and Chinese: a page of 50",
    "batch": "Batch of 100 keys",
}

HEAD = """\
# Benchmarks

`scripts/bench` starts Tanyin and what people would otherwise use, gives them the same data and the same questions, and measures
side by side. This page is what it wrote last.

    cargo build --release
    scripts/bench target/release/tanyin --report docs/benchmarks.md --json bench.json

The first run also makes the data (some 12 GB in the target folder, and about ten minutes); after that it takes under twenty minutes on
two cores. `--only key,filter` measures some parts alone, `--rounds` and `--seconds` say how often and how long. Debian's packages come from apt and
the Python peers from the package index, pinned in `benches/peers/requirements.txt`; everything listens on 127.0.0.1.
`scripts/bench --instructions` counts instructions of the inner pieces instead, and is what CI does: see the end of this page.

## How to read it

**CPU time per request** of the server alone (all its threads and processes) is the figure that decides: throughput on a machine that
others use too, or that the load generator shares, swings by a factor of two. Each round visits every server once. Figures are medians, the least and the most stand beside them.

- *nginx* serves files that hold exactly what Tanyin answers for the same keys, with sendfile and an open file cache.
- The *ceiling* (`benches/ceiling.rs`) is a bare actix-web server with every answer rendered in memory, and for the filter a table made
  for that one question; it checks and counts nothing. It is what the framework allows.
- *FastAPI* (`benches/peers/fastapi_app.py`, two processes) and *Datasette* stand on SQLite with a primary key, an index for the filter, and full
  text over the names. They answer the row alone: no digest, licence or citation; FastAPI does not count matches. Datasette's searches are the same questions in English.
- The *floor* (`benches/floor.rs`) reads the table as typed rows and hashes it, and does nothing else.

The data are invented by `scripts/generate-package` under a fixed seed.
"""

TAIL = """\
## Instructions

Wall time says little on the machines of CI, so `.ci/run` counts instead: `scripts/bench --instructions` runs the inner pieces
(`benches/inner.rs`: lookup, fallback, filter, search, batch, import, difference) under callgrind, in the build of the tests, and takes the difference of N and 2 N runs, so
that start and set-up cancel out. A piece fails when it takes more than 1.5 times the instructions of `benches/instructions.json`.
`scripts/bench --instructions --write` writes that file anew, after a change that is meant to cost.
"""


def figure(value):
    """Three digits that say something; a count as it is."""
    if isinstance(value, int):
        return f"{value:,}"
    if value >= 100:
        return f"{value:,.0f}"
    if value >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}"


def spread(values, scale=1):
    median, least, most = (figure(value * scale) for value in values)
    return f"{median} ({least} – {most})"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)]) + "\n"


def goal_rows(goals):
    for goal in goals:
        sense = "≥" if goal["sense"] == AT_LEAST else "≤"
        unit = {"x": " ×", "": ""}.get(goal["unit"], " " + goal["unit"])
        yield goal["goal"], f"{sense} {goal['bound']:g}{unit}", f"{figure(goal['measured'])}{unit}", "met" if goal["met"] else "**missed**"


def goals_section(result):
    goals = Goals(result).made
    met = sum(goal["met"] for goal in goals)
    parts = [f"## Goals\n\n{met} of {len(goals)} are met.\n", table(("Goal", "Wanted", "Measured", ""), goal_rows(goals))]
    parts.append("`×` of a server: how many times the CPU time that it spends; of a command: how many times the CPU time that Tanyin spends.\n")
    known = reasons()
    missed = [goal for goal in goals if not goal["met"]]
    if missed:
        parts.append("What is missed, and why:\n")
        parts.append("".join(f"- {goal['goal']}: {known.get(goal['name'], 'no reason is written down yet.')}\n" for goal in missed))
    return parts


def load_rows(loads):
    for load in loads:
        latency = f"{figure(load['p50_ms'][0])} / {figure(load['p99_ms'][0])}"
        yield load["target"], spread(load["cpu_us"]), spread(load["rps"]), latency, f"{load['pss_mib'][0]:,.0f}", f"{load['bytes']:,}"


def loads_section(result):
    parts = []
    if result.get("loads"):
        parts.append("## Requests\n\n1,000,000 factors unless said, 64 connections.\n")
    for operation, title in OPERATIONS.items():
        loads = [load for load in result.get("loads", []) if load["operation"] == operation]
        if loads:
            parts.append(f"### {title}\n")
            head = ("Server", "CPU µs a request", "requests/s", "p50 / p99 ms", "PSS MiB", "bytes of one")
            parts.append(table(head, load_rows(loads)))
    if any(load["target"] == grown(result["sizes"][0]) for load in result.get("loads", [])):
        parts.append(
            "The filter over 10 k factors spans all years, since no single one holds a page; over 1 M and 5 M it names one. "
            "Searches have the same words at each size, and more matches where there are more factors.\n"
        )
    if result.get("bulk"):
        parts.append("## Whole files\n\n`factors.csv` of 1,000,000 factors over one connection.\n")
        rows = ((load["target"], spread(load["cpu_s_per_gb"]), spread(load["gb_per_s"]), f"{load['mb'][0]:,.0f}") for load in result["bulk"])
        parts.append(table(("Server, coding", "CPU s per GB sent", "GB/s", "MB"), rows))
    return parts


def commands_section(result):
    parts = []
    if commands := result.get("commands"):
        parts.append(f"## Import and publication\n\n1,000,000 rows in random order, {commands['csv_bytes'] / 1e6:,.0f} MB of CSV.\n")
        rows = (
            (name, spread(step["wall"]), spread(step["cpu"]), f"{step['rss'][2]:,.0f}", f"{step['anon'][2]:,.0f}")
            for name, step in commands["steps"].items()
        )
        parts.append(table(("Step", "Wall s", "CPU s", "Peak RSS MiB", "of it anonymous MiB"), rows))
        parts.append(
            f"On disk afterwards: {commands['disk_bytes'] / 1e6:,.0f} MB (source, draft, artefacts in three codings, index). "
            f"`verify` hashes {commands['verified_bytes'] / 1e6:,.0f} MB of stored files. What is resident beyond the anonymous part are pages of mapped files, which the "
            "system drops when it wants the memory.\n"
        )
    if difference := result.get("difference"):
        parts.append("## Difference\n\nTwo releases of 1,000,000 factors, 5 % of the values changed.\n")
        parts.append(table(("Way", "Wall s"), ((way, spread(taken["wall"])) for way, taken in difference.items())))
    return parts


def server_section(result):
    parts = []
    if "memory" in result or "start" in result:
        parts.append("## Start and memory\n")
    if start := result.get("start"):
        parts.append(f"From the start of the program until `/readyz` says so: {spread(start['large'])} s with 5,000,000 factors.\n")
    if memory := result.get("memory"):
        parts.append(
            f"After all of the above the server of 1,000,000 factors holds {figure(memory['anon'])} MiB of its own, and {figure(memory['rss'])} MiB resident with the "
            "pages of mapped files.\n"
        )
    if check := result.get("check"):
        compared = ", ".join(f"{count:,} × {name}" for name, count in check["compared"].items())
        refused = sum(check["refused"].values())
        parts.append(
            f"## Correctness\n\nIn the same run {sum(check['compared'].values()):,} random questions were asked ({compared}; {refused:,} of them rightly refused) and the answers held "
            "against the slow path, SQL over the released lines: a factor, a page of a filter and a batch byte for byte; a lookup byte for byte "
            "but for its explanations (`match.why`, `match.others`); of a search every hit must be a released line that holds every word, and no fewer may be "
            f"found than a full text index over the names finds. Differing: {sum(check['differing'].values())}.\n"
        )
    return parts


def last_run(result):
    about, sizes = result["machine"], " / ".join(f"{size:,}" for size in result["sizes"])
    return (
        f"Last run: {result['date']}, {about['cores']} cores, {about['model']}; {result['rounds']} rounds of {result['seconds']} s each, "
        f"{sizes} factors, seed {result['seed']}, {result.get('minutes', 0):.0f} minutes in all.\n"
    )


def markdown(result):
    parts = [HEAD, last_run(result)]
    parts += [*goals_section(result), *loads_section(result), *commands_section(result), *server_section(result), TAIL]
    return "\n".join(parts)
