"""Instructions of the inner pieces, counted by callgrind: the same on every machine, whatever else it does."""

import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .machine import ROOT, say

KEPT = ROOT / "benches" / "instructions.json"
GROWN = 1.5
PACKAGES = (("package/1.0.0", 2000, "1.0.0", 0), ("package/1.1.0", 2000, "1.1.0", 5), ("rows", 200, "1.0.0", 0))


def build():
    """The build of the tests: what CI has compiled already is used again."""
    command = ["cargo", "build", "--locked", "--bench", "inner", "--message-format=json"]
    built = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True).stdout
    for line in built.splitlines():
        message = json.loads(line)
        # the server itself is built as well: a bench may start it
        if message.get("executable") and message["target"]["name"] == "inner":
            return message["executable"]
    raise SystemExit("cargo built no program `inner`")


def counted(program, folder, piece, times):
    output = Path(folder) / f"{piece}-{times}.callgrind"
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={output}", program, "run", folder, piece, str(times)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not found:
        raise SystemExit(f"{' '.join(command)}:\n{done.stderr[-2000:]}")
    return int(found[1])


def count(write):
    subprocess.run([ROOT / "scripts/setup", "valgrind"], check=True)
    program = build()
    with tempfile.TemporaryDirectory(prefix="tanyin-inner-") as folder:
        for name, rows, version, change in PACKAGES:
            command = [ROOT / "scripts/generate-package", Path(folder) / name, "--rows", rows, "--version", version, "--change", change]
            subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([program, "prepare", folder], check=True)
        listed = subprocess.run([program, "pieces"], check=True, stdout=subprocess.PIPE, text=True).stdout
        pieces = [(name, int(times)) for name, times in (line.split() for line in listed.splitlines())]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            once = [pool.submit(counted, program, folder, name, times) for name, times in pieces]
            twice = [pool.submit(counted, program, folder, name, 2 * times) for name, times in pieces]
            made = {
                name: (more.result() - less.result()) // times for (name, times), less, more in zip(pieces, once, twice)
            }
    if write:
        KEPT.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
        say(f"wrote {KEPT.relative_to(ROOT)}")
    return compare(made)


def compare(made):
    known = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    grown = []
    print("| Piece | Instructions | Known | |\n|---|---|---|---|")
    for name, number in made.items():
        ratio = number / known[name] if known.get(name) else None
        bad = ratio is None or ratio > GROWN
        grown += [name] if bad else []
        told = "unknown" if ratio is None else f"{ratio:.2f} x" + (", **grown**" if bad else "")
        print(f"| {name} | {number:,} | {known.get(name, 0):,} | {told} |")
    if grown:
        print(f"\n{', '.join(grown)}: more than {GROWN} x what is known. If that is meant: scripts/bench --instructions --write", file=sys.stderr)
    return 1 if grown else 0
