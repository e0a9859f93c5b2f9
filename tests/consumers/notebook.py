"""Runs the notebook of the Python client against a fresh server: every cell, in order, in a kernel of its own.

    notebook.py TANYIN_BINARY
"""

import json
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).parent))

import nbformat  # noqa: E402
from nbclient import NotebookClient  # noqa: E402
from serving import serving  # noqa: E402

NOTEBOOK = ROOT / "clients/python/examples/grid_factors.ipynb"


def main(binary):
    book = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(book)
    cells = [cell for cell in book.cells if cell.cell_type == "code"]
    kept = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in kept if cell["cell_type"] == "code"), (
        "the notebook is kept without outputs"
    )
    # The kernel's own files stay out of the home directory, and the notebook finds the client of this repository.
    with serving(binary) as (url, _), tempfile.TemporaryDirectory(prefix="tanyin-notebook-") as place:
        os.environ.update({
            "TANYIN_SERVER": url, "PYTHONPATH": str(ROOT / "clients/python/src"), "NO_PROXY": "127.0.0.1", "IPYTHONDIR": place,
            "JUPYTER_RUNTIME_DIR": f"{place}/runtime", "PYTHONDONTWRITEBYTECODE": "1",
        })
        NotebookClient(book, timeout=120, kernel_name="python3", resources={"metadata": {"path": place}}).execute()
    for cell in cells:
        for output in cell.outputs:
            print(output.get("text") or output.get("data", {}).get("text/plain", ""))
    print(f"{len(cells)} cells ran")


if __name__ == "__main__":
    main(sys.argv[1])
