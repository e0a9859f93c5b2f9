"""Every page, in both languages, light and dark, wide and on a phone: accessible, quiet, small, and within its width."""

import pytest
from axe_playwright_python.sync_playwright import Axe

import pages
from visit import LOOKS, PHONE

AXE = Axe()
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}
ALL = [(name, None, path) for name, path in {**pages.READING, **pages.HOSTILE, **pages.OLDER}.items()]
ALL += [(name, who, path) for name, (who, path) in pages.WORKING.items()]
MOST_BYTES = 100 * 1024
WIDER = """() => {
  const width = document.documentElement.clientWidth;
  const wide = [...document.querySelectorAll('body *')].filter((node) => node.getBoundingClientRect().right > width + 1 && node.checkVisibility());
  return { over: document.documentElement.scrollWidth - width, which: wide.slice(0, 5).map((node) => node.outerHTML.slice(0, 120)) };
}"""


def violations(page):
    found = AXE.run(page, options=RULES).response["violations"]
    return [f"{own['id']} ({own['impact']}): {own['help']}: {node['html'][:200]} {node.get('failureSummary', '')}" for own in found for node in own["nodes"][:3]]


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize(("name", "who", "path"), ALL, ids=[name for name, _, _ in ALL])
def test_page(visit, request, name, who, path, look):
    old = name in pages.OLDER
    if old:
        path += ("&" if "?" in path else "?") + f"lang={look.lang}" if name != "certificate" else ""
    seen = visit(path, look, who)
    page = seen.page
    assert seen.status == (404 if name.startswith("no-such") else 200)
    if name != "certificate":
        assert page.locator("html").get_attribute("lang")[:2] == look.lang
    if not old:
        # Bound to what the frame promises.
        policy = seen.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy, policy
        assert page.locator("h1").count() == 1
    size = seen.bytes
    assert size <= MOST_BYTES, f"{size} bytes transferred"
    paint = page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
    request.node.user_properties.append((name, (paint, size)))
    if look.size == PHONE and name != "certificate":
        wider = page.evaluate(WIDER)
        assert wider["over"] <= 0, wider
    wrong = violations(page)
    assert not wrong, "\n".join(wrong)
