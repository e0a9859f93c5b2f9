"""One server for all tests, on loopback and an empty folder; one Chromium; pages that report what went wrong in them."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

import hostile
from site_of import Site
from visit import Look, Visit

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/consumers"))
sys.dont_write_bytecode = True
from serving import serving  # noqa: E402


MEASURED = {}  # a page's first paints and its bytes, told by the tests, whichever process they ran in


def pytest_runtest_logreport(report):
    for name, value in report.user_properties if report.when == "call" else ():
        paint, size = value
        paints, most = MEASURED.get(name, ([], 0))
        MEASURED[name] = ([*paints, paint], max(most, size))


@pytest.fixture(scope="session")
def site():
    program = os.environ["TANYIN_E2E_PROGRAM"]

    with serving(program) as (url, data):
        made = Site(program, url, data)
        with tempfile.TemporaryDirectory() as place:
            hostile.package(Path(place) / "package")
            made.cli("import", str(Path(place) / "package"), "--dataset", hostile.ID)
        made.cli("draft", "submit", hostile.ID, "--bump", "auto")
        made.cli("release", "publish", hostile.ID)
        made.wait_for(hostile.ID)
        with tempfile.TemporaryDirectory() as place:  # a draft that waits, for the pages of those who work
            hostile.package(Path(place) / "package", "1.1.0", "0.30000000000000004")
            made.cli("import", str(Path(place) / "package"), "--dataset", hostile.ID)
        yield made


@pytest.fixture(scope="session")
def chromium():
    path = os.environ.get("TANYIN_E2E_CHROMIUM") or shutil.which("chromium")
    root = ["--no-sandbox"] if os.getuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*root, "--disable-gpu", "--force-color-profile=srgb"])
        yield browser
        browser.close()


@pytest.fixture
def visit(site, chromium):
    """Opens a page: `visit("/log", Look(lang="zh"))`. At the end nothing may have gone wrong in any of them."""
    visits = []

    def opened(path="/", look=Look(), who=None, **more):
        made = Visit(site, chromium, look, **more)
        visits.append(made)
        if who:
            made.sign_in(who)
        made.go(path)
        return made

    yield opened
    for made in visits:
        made.close()
    wrong = [problem for made in visits for problem in made.problems]
    assert not wrong, "\n".join(wrong)


def pytest_terminal_summary(terminalreporter):
    """What was measured and decides nothing."""
    if MEASURED:
        terminalreporter.section("pages: first paint in ms (median), bytes transferred by a cold load")
        for name, (paints, size) in sorted(MEASURED.items()):
            terminalreporter.write_line(f"{sorted(paints)[len(paints) // 2]:6.0f} ms  {size:7,} bytes  {name}")
