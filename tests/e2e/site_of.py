"""The server that the tests look at, and who they are there."""

import json
import os
import subprocess
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path


def cli(program, data, *arguments):
    """What a command prints; it has to succeed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TANYIN_")}
    done = subprocess.run([program, *arguments, "--data-dir", str(data)], capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0:
        raise AssertionError(f"tanyin {' '.join(arguments)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


@dataclass
class Site:
    program: str
    url: str
    data: Path
    tokens: dict = field(default_factory=dict)

    def cli(self, *arguments):
        return cli(self.program, self.data, *arguments)

    def token(self, role):
        """A token of somebody with this role; one for each role."""
        if role not in self.tokens:
            name = {"steward": "李娜", "reviewer": "Wang Fang", "admin": "admin"}[role]
            self.tokens[role] = json.loads(self.cli("token", "create", name, "--role", role, "--json"))["token"]
        return self.tokens[role]

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return answer.read()

    def json(self, path):
        return json.loads(self.get(path))

    def wait_for(self, dataset):
        """A running server learns by itself of what a command published."""
        for _ in range(300):
            if any(own["id"] == dataset for own in self.json("/v1/datasets")["datasets"]):
                return
            time.sleep(0.1)
        raise AssertionError(f"the server does not show {dataset}")
