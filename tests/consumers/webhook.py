"""Verifies the signature of a notice with the very lines that docs/current.md shows.

    webhook.py SECRET FILE        FILE holds {"headers": {…}, "body": "…"}
"""

import json
import pathlib
import sys
import types

page = pathlib.Path(__file__).parents[2].joinpath("docs/current.md").read_text(encoding="utf-8")
shown = {}
exec(page.split("```python\n")[1].split("```")[0], shown)  # the page's own function `verify`

secret, path = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    notice = json.load(file)
sent = int(notice["headers"]["webhook-timestamp"])
for late, wanted in ((299, None), (301, False)):
    shown["time"] = types.SimpleNamespace(time=lambda late=late: sent + late)
    valid = shown["verify"](secret, notice["headers"], notice["body"].encode())
    if wanted is None:
        print("valid" if valid else "wrong")
    else:
        assert valid is wanted, "what is old is refused"
