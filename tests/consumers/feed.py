"""Reads an Atom feed as RFC 4287 has it, with the standard library and with feedparser, and prints what it found.

    feed.py FILE
"""

import json
import sys
import xml.etree.ElementTree as ElementTree
from datetime import datetime
from urllib.parse import urlsplit

import feedparser

ATOM = "{http://www.w3.org/2005/Atom}"
XHTML = "{http://www.w3.org/1999/xhtml}"


def one(element, name):
    found = element.findall(ATOM + name)
    assert len(found) == 1, f"{element.tag} has {len(found)} {name}"
    assert found[0].text, name
    return found[0].text


def links(element):
    found = [link.attrib for link in element.findall(ATOM + "link")]
    for link in found:
        assert urlsplit(link["href"]).scheme in ("http", "https"), link
    alternates = [(link.get("type"), link.get("hreflang")) for link in found if link.get("rel") == "alternate"]
    assert len(alternates) == len(set(alternates)), alternates
    return found


def check(feed):
    assert feed.tag == ATOM + "feed"
    assert one(feed, "id").startswith("tag:")
    one(feed, "title")
    datetime.fromisoformat(one(feed, "updated"))
    assert one(feed.find(ATOM + "author"), "name")
    assert [link for link in links(feed) if link["rel"] == "self"], "a feed names its own address"
    seen = set()
    for entry in feed.findall(ATOM + "entry"):
        seen.add(one(entry, "id"))
        one(entry, "title")
        assert datetime.fromisoformat(one(entry, "updated")).tzinfo
        content = entry.find(ATOM + "content")
        assert content.get("type") == "xhtml" and len(content) == 1 and content[0].tag == XHTML + "div"
        assert links(entry)
    assert len(seen) == len(feed.findall(ATOM + "entry")), "ids are unique"


def main(path):
    with open(path, "rb") as file:
        text = file.read()
    check(ElementTree.fromstring(text))
    parsed = feedparser.parse(text)
    assert not parsed.bozo and parsed.version == "atom10", parsed.get("bozo_exception")
    entries = [
        {
            "id": entry.id,
            "title": entry.title,
            "updated": entry.updated,
            "categories": [tag.term for tag in entry.tags],
            "links": [[link.rel, link.get("type"), link.href, link.get("length")] for link in entry.links],
        }
        for entry in parsed.entries
    ]
    print(json.dumps({"id": parsed.feed.id, "links": {link.rel: link.href for link in parsed.feed.links}, "entries": entries}))


main(sys.argv[1])
