"""The panel on the pages: what a reader sees of a proof that holds, and of each that does not."""

import json
import re
import time

import pages
from visit import Look


def verify(page, keys=None, checkpoint=None):
    """Presses the button; gives the verdict and the state of each step."""
    if keys or checkpoint:
        page.locator("#proof form details").first.evaluate("(node) => { node.open = true; }")
        page.get_by_label("verifier key").fill(keys or "")
        page.get_by_label("A checkpoint that you kept").fill(checkpoint or "")
    page.locator("#proof button[type=submit]").click()
    page.wait_for_function("() => document.querySelector('#proof').dataset.verdict")
    steps = page.locator("#proof .proof-step")
    states = {node.get_attribute("data-step"): node.get_attribute("data-state") for node in steps.all()}
    return page.locator("#proof").get_attribute("data-verdict"), states


def test_first_use_then_remembered_then_given(visit, site):
    page = visit(pages.ZHEJIANG).page
    verdict, states = verify(page)
    assert verdict == "verdict-first" and states["key"] == "warns"
    assert {states[step] for step in ("line", "root", "manifest", "leaf", "facts")} == {"holds"}
    assert "came from this server itself" in page.locator("#proof [role=status]").inner_text()
    page.reload()
    verdict, states = verify(page)
    assert verdict == "verdict-remembered-first" and states["growth"] == "holds"
    key, kept = site.get("/log/key").decode(), site.get("/log/checkpoint").decode()
    verdict, states = verify(page, keys=key, checkpoint=kept)
    assert verdict == "verdict-given"
    assert page.locator("#proof [role=status]").inner_text().startswith("Proved")
    page.reload()
    assert verify(page)[0] == "verdict-remembered"
    page.get_by_role("button", name="Forget what is remembered").click()
    assert page.evaluate("() => localStorage.length") == 0


def test_each_step_shows_what_was_computed(visit, site):
    page = visit(pages.ZHEJIANG, Look("zh")).page
    verify(page)
    line = page.locator("#proof [data-step=line]")
    assert "✓ 成立" in line.inner_text() and "0.5153" in line.inner_text()
    line.get_by_text("计算过程").click()
    digest = site.json(f"/v1{pages.RELEASE}/factors/grid-average/cn-zj/2022")["digest"]
    assert digest.removeprefix("sha256:") in line.locator("pre").inner_text()
    assert "日志密钥" in page.locator("#proof").inner_text()


def changed(page, address, change):
    """Lets the server lie about one address."""
    def lie(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=change(answer.text()))
    page.route(re.compile(re.escape(address)), lie)


def test_a_lie_is_shown_at_its_step(visit, site):
    def line(text):
        proof = json.loads(text)
        proof["factor"]["line"] = proof["factor"]["line"].replace('"value":"0.5153"', '"value":"0.4153"')
        return json.dumps(proof)

    page = visit(pages.ZHEJIANG).page
    changed(page, "/proof/", line)
    verdict, states = verify(page, keys=site.get("/log/key").decode())
    assert verdict == "verdict-fails" and states["line"] == states["root"] == "fails"
    assert "✗ does not hold" in page.locator("#proof [data-step=line]").inner_text()
    assert "line → digest" in page.locator("#proof [role=status]").inner_text()
    assert page.evaluate("() => localStorage.length") == 0  # nothing of it is believed


def test_a_number_that_the_page_made_up(visit):
    page = visit(pages.ZHEJIANG).page
    page.evaluate("() => { document.querySelector('#proof').dataset.value = '0.5154'; }")
    verdict, states = verify(page)
    assert verdict == "verdict-fails" and states["line"] == "fails"


def test_another_log_than_the_one_remembered(visit):
    page = visit("/log").page
    assert verify(page)[0] == "verdict-first"
    memory = json.loads(page.evaluate("() => localStorage.getItem('tanyin.log')"))
    lines = memory["note"].split("\n")
    lines[2] = "A" * 43 + "="
    page.evaluate("(memory) => localStorage.setItem('tanyin.log', JSON.stringify(memory))", {**memory, "note": "\n".join(lines)})
    verdict, states = verify(page)
    assert verdict == "verdict-fails" and states["growth"] == "fails"
    assert "Keep both checkpoints" in page.locator("#proof [data-step=growth]").inner_text()
    page.evaluate("(memory) => localStorage.setItem('tanyin.log', JSON.stringify(memory))", {**memory, "note": memory["note"].replace(f"\n{memory['size']}\n", f"\n{memory['size'] + 5}\n")})
    assert "rolled back" in (verify(page), page.locator("#proof [data-step=growth]").inner_text())[1]


def test_a_forged_checkpoint(visit):
    page = visit("/log").page
    changed(page, "/log/checkpoint", lambda note: note.replace("\n", "\n1", 1))  # of more leaves than were signed
    verdict, states = verify(page)
    assert verdict == "verdict-fails" and states["key"] == "fails"


def test_a_key_with_a_typing_error(visit, site):
    page = visit("/log").page
    key = site.get("/log/key").decode().strip()
    verdict, states = verify(page, keys=key[:-1] + ("A" if key[-1] != "A" else "B"))
    assert verdict in ("key-id", "not-key", "not-base64") and not states


def test_the_log_grew_and_tells_of_a_withdrawal(visit, site):
    key = "ipcc-ar4-wg1-2.14-gwp100/ch4"
    page = visit(f"/datasets/ipcc-gwp/releases/1.0.0/factors/{key}").page
    assert verify(page)[1]["facts"] == "holds"
    before = site.get("/log/checkpoint")
    site.cli("release", "withdraw", "ipcc-gwp@1.0.0", "--reason", "to see that it is told")
    try:
        for _ in range(300):
            if site.get("/log/checkpoint") != before:
                break
            time.sleep(0.1)
        page.reload()
        verdict, states = verify(page)
        assert verdict == "verdict-remembered-first" and states["growth"] == "holds" and states["facts"] == "warns"
        assert "The log grew from the" in page.locator("#proof [data-step=growth]").inner_text()
        assert "to see that it is told" in page.locator("#proof [data-step=facts]").inner_text()
    finally:
        site.cli("release", "restore", "ipcc-gwp@1.0.0", "--reason", "it was told")


def test_no_server_no_proof(visit):
    seen = visit("/log")
    page = seen.page
    page.route("**/log/tile/**", lambda route: route.fulfill(status=503, body=""))
    verdict, states = verify(page)
    assert verdict == "verdict-unchecked" and states["facts"] == "open"
    assert page.evaluate("() => localStorage.length") == 0
    seen.problems = [problem for problem in seen.problems if "503" not in problem]  # it was made to fail
