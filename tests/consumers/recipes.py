"""Runs every command of docs/recipes.md against a fresh server, in one folder, and compares what stands behind it.

    recipes.py TANYIN_BINARY

`sh` and `python` blocks run as they stand, with the server's address in place of http://127.0.0.1:8080; each line of the
`text` block behind one must be part of what it prints. `r` blocks run where Rscript is. Blocks of `sql` and `powerquery`
are for programs that are not here.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).parent))

from serving import serving  # noqa: E402

PAGE = ROOT / "docs/recipes.md"
BLOCK = re.compile(r"^```([a-z]+)\n(.*?)^```\n(?:\n?```text\n(.*?)^```\n)?", re.S | re.M)
NOT_HERE = {"sql", "powerquery"}


def command(language, code):
    if language == "sh":
        return ["bash", "-euo", "pipefail", "-c", code] if "--fail-with-body" not in code else ["bash", "-eu", "-c", code]
    if language == "python":
        return [sys.executable, "-B", "-c", code]
    if language == "r":
        return ["Rscript", "-e", code] if shutil.which("Rscript") else None
    raise SystemExit(f"docs/recipes.md: no way to run a block of `{language}`")


def main(binary):
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    missing = [tool for tool in ("curl", "sqlite3", "bash") if shutil.which(tool) is None]
    if missing:
        sys.exit(f"{' and '.join(missing)} missing: scripts/setup {' '.join(missing)}")
    ran = 0
    with serving(binary) as (url, data), tempfile.TemporaryDirectory(prefix="tanyin-recipes-") as place:
        environment = {
            **os.environ, "PATH": f"{Path(binary).parent}:{os.environ['PATH']}", "TANYIN_DATA_DIR": str(data), "NO_PROXY": "127.0.0.1",
            "PYTHONPATH": str(ROOT / "clients/python/src"), "XDG_STATE_HOME": f"{place}/.state", "LC_ALL": "C.UTF-8",
        }
        for language, code, expected in blocks:
            run = command(language, code.replace("http://127.0.0.1:8080", url)) if language not in NOT_HERE else None
            if run is None:
                print(f"not run here: a block of {language}")
                continue
            done = subprocess.run(run, cwd=place, env=environment, capture_output=True, text=True, timeout=120)
            said = done.stdout + done.stderr
            if done.returncode != 0:
                sys.exit(f"exit code {done.returncode} of\n{code}\n{said}")
            for line in expected.splitlines():
                if line not in said:
                    sys.exit(f"`{line}` is not in what is printed by\n{code}\n{said}")
            ran += 1
    if ran < 15:
        sys.exit(f"only {ran} blocks were found in docs/recipes.md")
    print(f"{ran} recipes ran")


if __name__ == "__main__":
    main(sys.argv[1])
