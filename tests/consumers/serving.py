"""A server of one's own: the built program on an empty folder and a free port, ended by its process id."""

import contextlib
import re
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path


@contextlib.contextmanager
def serving(binary, *arguments):
    """Gives the server's address and its data folder."""
    with tempfile.TemporaryDirectory(prefix="tanyin-consumers-") as place:
        log, data = Path(place) / "server.log", Path(place) / "data"
        with log.open("w") as output:
            command = [binary, "serve", "--listen", "127.0.0.1:0", "--data-dir", str(data), *arguments]
            process = subprocess.Popen(command, stdout=output, stderr=output, cwd=place)
        try:
            yield address(process, log), data
            if process.poll() is not None:
                raise RuntimeError(f"the server ended by itself:\n{log.read_text()}")
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def address(process, log):
    for _ in range(1200):
        found = re.search(r"listening on (http://\S+)", log.read_text())
        if found:
            with urllib.request.urlopen(f"{found[1]}/readyz", timeout=60):
                return found[1]
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text()}")
