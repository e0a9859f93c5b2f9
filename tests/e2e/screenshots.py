"""Every page of the console in Chinese and English, as WebP: screenshots.py FOLDER. scripts/e2e calls it."""

import io
import os
import shutil
import sys
from pathlib import Path

import pytest
from PIL import Image

import pages
from visit import PHONE, Look

TALLEST = 2600


def shoot(seen, path):
    """At most so tall: what is below is more of the same."""
    height = min(TALLEST, seen.page.evaluate("() => document.documentElement.scrollHeight"))
    width = seen.page.viewport_size["width"]
    seen.page.set_viewport_size({"width": width, "height": height})
    seen.page.wait_for_timeout(50)
    image = Image.open(io.BytesIO(seen.page.screenshot(clip={"x": 0, "y": 0, "width": width, "height": height})))
    image.convert("RGB").save(path, "WEBP", quality=70, method=6)


def shots():
    everything = {**pages.READING, "hostile-factor": pages.HOSTILE["hostile-factor"]}
    for name, path in everything.items():
        for lang in ("zh", "en"):
            yield f"{name}.{lang}", None, path, Look(lang)
    for name, (who, path) in pages.WORKING.items():
        for lang in ("zh", "en"):
            yield f"{name}.{lang}", who, path, Look(lang)
    for name in ("home", "factor", "search"):
        yield f"{name}.zh.dark", None, pages.READING[name], Look("zh", "dark")
        yield f"{name}.en.phone", None, pages.READING[name], Look("en", "light", PHONE)


class Take:
    """Run by pytest for the sake of its fixtures: the same server and browser as in the tests."""

    @pytest.mark.parametrize(("name", "who", "path", "look"), list(shots()), ids=[name for name, *_ in shots()])
    def take_page(self, visit, name, who, path, look):
        shoot(visit(path, look, who), Path(os.environ["TANYIN_E2E_SHOTS"]) / f"{name}.webp")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["TANYIN_E2E_SHOTS"] = str(folder)
    here = Path(__file__).resolve().parent
    code = pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", str(here), "-o", "python_classes=Take", "-o", "python_functions=take_*", __file__])
    size = sum(path.stat().st_size for path in folder.iterdir())
    print(f"{len(list(folder.iterdir()))} screenshots, {size / 1e6:.1f} MB")
    sys.exit(code)
