"""Without JavaScript, with the keyboard alone, on paper, and in the reader's language."""

import pytest

import pages
from visit import LOOKS, Look

FACTS = {"factor": "0.5153", "dataset": "1.2.0", "release": "1.2.0", "difference": "1.1.0", "compare": "0.5153", "log": "tanyin.local/log", "catalogue": "cn-electricity-co2", "quality": "55.5", "factors": "0.5153", "grid": "0.4974"}


@pytest.mark.parametrize("name", pages.READING)
def test_reading_needs_no_script(visit, name):
    seen = visit(pages.READING[name], Look(), script=False)
    main = seen.page.locator("main")
    assert len(main.inner_text()) > 40
    assert FACTS.get(name, "") in main.inner_text()


FOCUS = """() => {
  const node = document.activeElement, style = getComputedStyle(node), box = node.getBoundingClientRect();
  return {
    what: node.outerHTML.slice(0, 160), body: node === document.body,
    outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none',
    seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}"""


@pytest.mark.parametrize("name", [name for name in pages.READING if name != "no-such-page"])
def test_the_keyboard_reaches_everything_and_is_seen(visit, name):
    page = visit(pages.READING[name], LOOKS[0]).page
    page.evaluate("() => { document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex'); }")  # the home page begins in its search box
    page.keyboard.press("Tab")
    first = page.evaluate(FOCUS)
    assert 'href="#main"' in first["what"] and first["seen"], first  # the way past the navigation comes first
    assert page.locator("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").count() == 0
    unseen, visited = [], []
    for _ in range(60):
        found = page.evaluate(FOCUS)
        if found["body"]:
            break
        visited.append(found["what"])
        if not (found["outline"] and found["seen"]):
            unseen.append(found)
        page.keyboard.press("Tab")
    assert not unseen, unseen[:3]
    assert len(visited) > 5


def test_the_skip_link_goes_to_the_content(visit):
    page = visit("/datasets").page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize("name", ["home", "search", "factor", "catalogue"])
def test_the_language_switch_keeps_the_address(visit, name):
    seen = visit(pages.READING[name], Look("en"))
    page, before = seen.page, seen.page.locator("h1").inner_text()
    seen.follow(page.get_by_role("link", name="中文", exact=True).first.click)
    assert page.locator("html").get_attribute("lang").startswith("zh")
    path = pages.READING[name].split("?")[0]
    assert page.evaluate("() => decodeURI(location.pathname)") == path
    if "?" in pages.READING[name]:
        assert pages.READING[name].split("?")[1] in page.evaluate("() => decodeURI(location.search)")
    seen.follow(page.get_by_role("link", name="English", exact=True).first.click)
    assert page.locator("h1").inner_text() == before


@pytest.mark.parametrize("name", ["factor", "dataset", "difference", "compare"])
def test_on_paper(visit, name):
    page = visit(pages.READING[name], Look("en", "dark")).page
    page.emulate_media(media="print", color_scheme="light")
    assert not page.locator("body > header nav").first.is_visible()
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
    assert page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
