"""A dataset of bad texts does no harm: nothing runs, nothing loads, nothing turns its neighbours around."""

import pytest

import hostile
import pages

RUN = """() => ({
  pwned: window.pwned ?? null,
  inline: [...document.scripts].filter((script) => !script.src && script.type !== 'application/json').length,
  handlers: [...document.querySelectorAll('*')].filter((node) => [...node.attributes].some((own) => own.name.startsWith('on') || own.name === 'style' || /^\\s*javascript:/i.test(own.value))).map((node) => node.outerHTML.slice(0, 200)),
  images: [...document.images].filter((image) => image.getAttribute('src') === 'x').length,
})"""
TURNED = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), loose = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!/[\\u202a-\\u202e\\u2066-\\u2069]/.test(node.data) || node.parentElement.closest('script, style, template, title, option')) continue;
    let own = node.parentElement, isolated = false;
    for (; own && own !== document.body; own = own.parentElement) {
      const style = getComputedStyle(own);
      // A block of its own keeps what is in it; anything inline has to be isolated.
      if (style.unicodeBidi.startsWith('isolate') || style.unicodeBidi === 'plaintext' || own.tagName === 'BDI' || style.display.startsWith('table-cell') && own.childNodes.length === 1) { isolated = true; break; }
    }
    if (!isolated) loose.push(node.parentElement.outerHTML.slice(0, 160));
  }
  return loose;
}"""


EVERYWHERE = {**{name: (None, path) for name, path in pages.HOSTILE.items()}, **pages.WORKING}


@pytest.mark.parametrize("name", EVERYWHERE)
def test_nothing_runs(visit, name):
    who, path = EVERYWHERE[name]
    page = visit(path, who=who).page
    found = page.evaluate(RUN)
    assert found == {"pwned": None, "inline": 0, "handlers": [], "images": 0}
    loose = page.evaluate(TURNED)
    assert not loose, "\n".join(loose)


@pytest.mark.parametrize("number", range(len(hostile.TEXTS)))
def test_every_text_is_shown_as_it_is(visit, number):
    page = visit(f"/datasets/hostile/releases/1.0.0/factors/{hostile.KEYS[number]}").page
    assert page.evaluate(RUN)["pwned"] is None
    text = hostile.TEXTS[number][:150].strip()
    shown = page.evaluate("() => document.querySelector('main').textContent")
    assert text in shown


@pytest.mark.parametrize("query", ["<script>window.pwned=1</script>", "\"><img src=x onerror=window.pwned=1>", "%00", "\u202e" * 20, "x" * 500, "' OR 1=1 --"])
def test_a_hostile_question(visit, query):
    seen = visit("/")
    seen.page.get_by_role("searchbox").first.fill(query)
    seen.press("Enter")
    assert seen.page.evaluate(RUN) == {"pwned": None, "inline": 0, "handlers": [], "images": 0}
    assert seen.page.locator("main h1").count() == 1


@pytest.mark.parametrize("path", ["/datasets/%3Cscript%3E", "/search?q=a&lang=%3Cscript%3E", "/datasets/hostile/releases/9.9.9", "/compare?f=%22%3E%3Cscript%3E", "/datasets/../../etc/passwd", "/log?from=-1"])
def test_a_hostile_address(visit, path):
    seen = visit(path)
    assert seen.status < 500
    assert seen.page.evaluate(RUN)["pwned"] is None
    assert "<script>" not in seen.page.content().split("<main")[0]
