"""The import side: what one command after another takes, beside sqlite3 and the floor on the same table."""

import json
import shutil
import subprocess
import time

from . import data
from .machine import run, say, spread
from .questions import DATASET

STEPS = ("floor", "sqlite3 .import", "check", "import", "draft submit", "release publish", "verify")


def summary(samples):
    return {name: spread([sample[name] for sample in samples]) for name in samples[0]}


def measure(binary, floor, work, rows, seed, count):
    """The steps in interleaved rounds, the data directory made anew each time; it is left there for the server."""
    source = data.package(work, rows, seed)
    table, folder, scratch = source / "factors.csv", data.measured_folder(work, rows, seed), work / "scratch.db"
    samples = {name: [] for name in STEPS}
    for number in range(count):
        shutil.rmtree(folder, ignore_errors=True)
        scratch.unlink(missing_ok=True)
        place = ["--data-dir", folder]
        submit, publish = data.publish_commands(binary, folder, source)[1:]
        commands = {
            "floor": [floor, table],
            "sqlite3 .import": ["sqlite3", scratch, ".mode csv", f".import {table} factors"],
            "check": [binary, "check", source, "--json"],
            "import": data.publish_commands(binary, folder, source)[0],
            "draft submit": submit,
            "release publish": publish,
            "verify": [binary, "verify", f"{DATASET}@1.0.0", "--no-state", "--json", *place],
        }
        for name, command in commands.items():
            sample = run(command)
            samples[name].append(sample)
            say(f"round {number + 1}: {name:16} {sample['wall']:6.2f} s  {sample['cpu']:6.2f} s CPU  {sample['anon']:5.0f} MiB anonymous")
    scratch.unlink(missing_ok=True)
    # how many bytes it hashed, it says itself
    verified = subprocess.run([str(part) for part in commands["verify"]], check=True, stdout=subprocess.PIPE)
    bytes_verified = json.loads(verified.stdout)["report"]["bytes"]
    made = {name: summary(taken) for name, taken in samples.items()}
    disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return folder, {"steps": made, "csv_bytes": table.stat().st_size, "verified_bytes": bytes_verified, "disk_bytes": disk}


def difference(binary, start, folder, work, rows, seed, count):
    """Two releases of a million rows, five in a hundred changed: on the command line, over HTTP at first and again."""
    copy = data.linked(folder, work / "data-two")
    for command in data.publish_commands(binary, copy, data.package(work, rows, seed, "1.1.0", 5)):
        run(command)
    command = [binary, "release", "diff", DATASET, "1.0.0", "1.1.0", "--limit", "50", "--json", "--data-dir", copy]
    made = {"command line": summary([run(command) for _ in range(count)])}
    first, again = [], []
    for _ in range(count):
        server = start(copy)
        client = server.client()
        for taken in (first, again):
            begun = time.monotonic()
            client.get(f"/v1/datasets/{DATASET}/diff/1.0.0...1.1.0?limit=50")
            taken.append(time.monotonic() - begun)
        server.end()
    shutil.rmtree(copy)
    return {**made, "over HTTP, first": {"wall": spread(first)}, "over HTTP, repeated": {"wall": spread(again)}}
