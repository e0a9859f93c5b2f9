"""The clients of the repository: the Python client's own tests and types, and the TypeScript types.

    clients.py python TANYIN_BINARY
    clients.py typescript
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / "clients/python"
TYPESCRIPT = ROOT / "clients/typescript"


def run(command, **more):
    print("$", " ".join(str(part) for part in command), flush=True)
    subprocess.run([str(part) for part in command], check=True, timeout=540, **more)


def python(binary):
    environment = {**os.environ, "PYTHONPATH": "src", "TANYIN_BINARY": binary, "NO_PROXY": "127.0.0.1", "PYTHONDONTWRITEBYTECODE": "1"}
    run([sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", "--cache-dir", os.devnull], cwd=PYTHON, env=environment)
    run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=PYTHON, env=environment)


def typescript():
    run([sys.executable, ROOT / "scripts/typescript", "--check"])
    tsc = shutil.which("tsc")
    if tsc is None:
        print("the TypeScript compiler is not installed: the types are not compiled here (apt-get install node-typescript)", file=sys.stderr)
        return
    strict = ["--noEmit", "--strict", "--target", "es2020", "--lib", "es2020,dom"]
    run([tsc, *strict, TYPESCRIPT / "example.ts"])
    wrong = 'import { lookup } from "./example";\nvoid lookup("", { regoin: "CN" });\n'
    path = TYPESCRIPT / f"wrong-{os.getpid()}.ts"
    try:
        path.write_text(wrong, encoding="utf-8")
        refused = subprocess.run([tsc, *strict, path], capture_output=True, text=True, timeout=300)
    finally:
        path.unlink(missing_ok=True)
    assert refused.returncode != 0 and "regoin" in refused.stdout, refused.stdout


if __name__ == "__main__":
    if sys.argv[1] == "python":
        python(sys.argv[2])
    else:
        typescript()
