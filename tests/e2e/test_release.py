"""From a publisher's workbook to a proved number: a steward imports, a reviewer approves and publishes, an auditor verifies."""

import re
import subprocess
from pathlib import Path

import pytest

from test_panel import verify
from visit import Look

WORKBOOK = Path(__file__).resolve().parents[3] / "shared/data/uk-desnz-conversion-factors/ghg-conversion-factors-2024-FlatFormat_v1_1.xlsx"
DATASET, FACTORS = "uk-ghg", "2672"
PAGE = f"/datasets/{DATASET}/releases/1.0.0"
EN = Look("en")

pytestmark = [pytest.mark.xdist_group("release"), pytest.mark.skipif(not WORKBOOK.exists(), reason=f"SKIPPED: {WORKBOOK} is not there, so the journey of a release was not made")]


@pytest.fixture(scope="module")
def published(site, chromium):
    """The release, made in the browser."""
    from visit import Visit

    visits = []

    def somebody(role, path):
        visits.append(Visit(site, chromium, EN))
        visits[-1].sign_in(role)
        return visits[-1].go(path)

    steward_imports(somebody("steward", "/work"))
    admin_wants_an_approval(somebody("admin", f"/work/datasets/{DATASET}"))
    steward_submits(somebody("steward", f"/work/datasets/{DATASET}/publish"))
    reviewer_approves_and_publishes(somebody("reviewer", "/work"))
    for made in visits:
        made.close()
    assert not [problem for made in visits for problem in made.problems]
    site.wait_for(DATASET)


def steward_imports(seen):
    page = seen.page
    page.get_by_label("Into which dataset").fill(DATASET)
    seen.follow(page.get_by_role("button", name="Choose a file").click)
    page.get_by_label("Choose a file").set_input_files(WORKBOOK)
    seen.follow(page.get_by_role("button", name="Upload and look").click)
    assert page.locator("#profile").input_value() == "uk-desnz-flat"  # found by itself
    assert FACTORS in page.locator(".tiles").inner_text().replace(",", "").replace("\u202f", "")
    assert page.locator("tr[id^=row-]").count() > 5
    seen.follow(page.get_by_role("button", name=re.compile("^Import")).click)
    page.get_by_text("It is the draft now.").wait_for(timeout=120_000)
    seen.follow(page.get_by_role("link", name="Open the draft").click)
    assert FACTORS in page.locator("main").inner_text().replace(",", "").replace("\u202f", "")


def admin_wants_an_approval(seen):
    page = seen.page
    page.get_by_label("Approvals wanted").fill("1")
    seen.follow(page.get_by_role("button", name="Change").click)
    assert page.get_by_label("Approvals wanted").input_value() == "1"


def steward_submits(seen):
    page = seen.page
    assert "1.0.0" in page.locator("main").inner_text()
    seen.follow(page.get_by_role("button", name="Submit", exact=True).click)
    assert "in review" in page.locator("main").inner_text() and "李娜" in page.locator("main").inner_text()


def reviewer_approves_and_publishes(seen):
    page = seen.page
    seen.follow(page.locator("main tr", has_text=DATASET).get_by_role("link", name="Review").click)
    row = page.locator("#changes ~ .scroll tbody tr").first
    row.get_by_text("Comment", exact=True).first.click()
    row.get_by_role("textbox").fill("The unit of this row was compared with the workbook.")
    seen.follow(row.get_by_role("button", name="Record it").click)
    assert "compared with the workbook" in page.locator("main").inner_text()
    page.get_by_label("Comment (may be empty)").fill("Compared with the notes of the publisher.")
    seen.follow(page.get_by_role("button", name="Approve").click)
    if not page.url.endswith("/publish"):
        seen.follow(page.get_by_role("link", name=re.compile("publish", re.IGNORECASE)).first.click)
    page.get_by_label(re.compile("I want to make public")).check()
    seen.follow(page.get_by_role("button", name="Publish 1.0.0").click)
    assert "1.0.0" in page.locator("main").inner_text()


def test_everybody_sees_the_release(published, visit):
    page = visit(PAGE, EN).page
    assert FACTORS in page.locator("main").inner_text().replace(",", "").replace("\u202f", "")


def test_an_auditor_verifies_in_the_page_and_offline(published, visit, site, tmp_path):
    seen = visit(f"/search?q=anthracite+coal&dataset={DATASET}", EN)
    page = seen.page
    seen.follow(page.locator("main").get_by_role("link", name=re.compile("coal", re.IGNORECASE)).first.click)
    key = site.get("/log/key").decode()
    verdict, states = verify(page, keys=key)
    assert verdict == "verdict-given", states
    assert {states[step] for step in ("line", "root", "manifest", "leaf", "key", "facts")} == {"holds"}

    # The proof as a file, and the files of the release: checked with the key alone, by a program that asks nobody.
    vkey = key.strip()
    proof = tmp_path / "proof.json"
    proof.write_bytes(site.get(page.locator("#proof a", has_text="this proof").get_attribute("href")))
    assert "sound" in offline(site, proof, vkey)
    files = tmp_path / "files"
    files.mkdir()
    for name in ("manifest.json", "factors.ndjson", "factors.csv", "SHA256SUMS", "release.tlog-proof", "release.record.json"):
        (files / name).write_bytes(site.get(f"/v1{PAGE}/files/{name}"))
    assert "sound" in offline(site, files, vkey)
    assert "sound" in offline(site, site.url, vkey, "--quick")

    # A flipped byte is found offline, too.
    text = proof.read_text()
    proof.write_text(text.replace('\\"value\\":\\"', '\\"value\\":\\"1', 1))
    done = subprocess.run([site.program, "verify", proof, "--key", vkey, "--no-state"], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr


def offline(site, what, key, *more):
    done = subprocess.run([site.program, "verify", str(what), "--key", key, "--no-state", *more], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
