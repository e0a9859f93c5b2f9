"""Those who work: signing in and out, a refused file, an edit with its reason and its undo, forms of other sites."""

import csv
import io

import hostile
import pages
from visit import Look

EN = Look("en")


def test_a_session_begins_and_ends(visit, site):
    seen = visit("/work", EN)
    page = seen.page
    assert seen.status == 401
    seen.follow(page.get_by_role("link", name="Sign in").last.click)  # and comes back
    page.get_by_label("Token").fill("tanyin_0000000000000000_nonsense")
    seen.follow(page.locator("main").get_by_role("button", name="Sign in").click)
    assert "Not signed in" in page.get_by_role("alert").inner_text()
    page.get_by_label("Token").fill(site.token("steward"))
    seen.follow(page.locator("main").get_by_role("button", name="Sign in").click)
    assert page.url.endswith("/work") and "李娜" in page.locator("header").inner_text()
    cookies = [cookie for cookie in seen.context.cookies() if cookie["name"] != "lang"]
    assert len(cookies) == 1 and cookies[0]["httpOnly"] and cookies[0]["sameSite"] in ("Lax", "Strict")
    assert site.token("steward").rsplit("_", 1)[1] not in str(seen.context.storage_state())
    assert page.evaluate("async () => (await fetch('/v1/webhooks')).status") == 401  # a cookie is nothing to the interface
    seen.follow(page.get_by_role("button", name="Sign out").click)
    assert seen.go("/work").status == 401


def test_a_form_of_another_site_does_nothing(visit):
    seen = visit(f"{pages.DRAFT}/draft", EN, "admin")
    before = seen.page.locator("main").inner_text()
    status = seen.page.evaluate(
        """async (path) => {
          const body = new URLSearchParams({ act: 'discard', sure: 'yes', revision: '1' });
          return (await fetch(path, { method: 'POST', body, redirect: 'manual' })).status;
        }""",
        f"{pages.DRAFT}/draft",
    )
    assert status == 403
    seen.go(f"{pages.DRAFT}/draft")
    assert seen.page.locator("main").inner_text() == before


def test_a_file_with_formulas_is_refused_row_by_row(visit, tmp_path):
    hostile.package(tmp_path / "package")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "package/factors.csv").read_text())))
    rows[2]["note_en"] = hostile.FORMULA
    table = io.StringIO()
    writer = csv.DictWriter(table, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    path = tmp_path / "factors.csv"
    path.write_text(table.getvalue())
    seen = visit(f"{pages.DRAFT}/import", EN, "steward")
    page = seen.page
    page.get_by_label("Choose a file").set_input_files(path)
    seen.follow(page.get_by_role("button", name="Upload and look").click)
    finding = page.locator("#found ~ .found li, .found li", has_text="note_en").first
    assert "begins as a spreadsheet formula does" in finding.inner_text()
    finding.get_by_role("link").click()
    assert page.evaluate("() => document.querySelector(location.hash).getBoundingClientRect().top < innerHeight")
    assert page.get_by_role("button", name="Import", exact=False).count() == 0
    assert page.evaluate("() => window.pwned ?? null") is None


def test_an_edit_is_judged_while_it_is_typed_has_a_reason_and_is_undone(visit):
    place = f"{pages.DRAFT}/draft/factors/text/06"
    seen = visit(place, EN, "steward")
    page = seen.page
    value = page.locator("#cell-value")
    before = value.input_value()
    value.fill("12,5")
    page.locator("#why-value").get_by_text("12,5").wait_for()  # the server's words, without a reload
    value.fill("12.5")
    page.get_by_label("Why (it stands in the release").fill("The table on page 3 has it so.")
    seen.follow(page.get_by_role("button", name="Save the change").click)
    seen.go(f"{pages.DRAFT}/draft")
    edit = page.locator("tr", has_text="The table on page 3 has it so.").first
    edit.get_by_text("Undo", exact=True).first.click()
    edit.get_by_label("Why").fill("It has not.")
    seen.follow(edit.get_by_role("button", name="Undo this edit").click)
    seen.go(place)
    assert page.locator("#cell-value").input_value() == before
