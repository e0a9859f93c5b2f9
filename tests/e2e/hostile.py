"""A dataset whose texts are as bad as texts may be: script, markup, formulas, right-to-left overrides, no spaces, no end."""

import csv
import hashlib
import io
import json

ID = "hostile"
SCRIPT = "<script>window.pwned=1</script><img src=x onerror=\"window.pwned=1\">\"'`&amp;{{7*7}}"
FORMULA = "=HYPERLINK(\"http://example.invalid\",\"1\")"
RTL = "\u202egnorw si siht\u202c مرحبا \u2066isolated\u2069"
LONG = "排放因子" * 600 + "x" * 3000
TEXTS = [SCRIPT, f"a {FORMULA}", "a +1+cmd|' /C calc'!A0", RTL, "a\u0301\u0301\u0301\u0301\u0301 \u200b😀 👩‍👩‍👧 𠮷", LONG, "'; DROP TABLE factors; --", "javascript:alert(1)"]
COLUMNS = ["key", "activity", "kind", "name_en", "name_zh", "description_en", "technology", "category", "region", "year", "value", "metric", "per", "source", "locator", "value_text", "unit_text", "note_en"]
KEYS = [f"text/{number:02}" for number in range(len(TEXTS))]


def package(folder, version="1.0.0", value="123456789012345678.9012345678901234"):
    """Writes the package."""
    folder.mkdir(parents=True)
    table = io.StringIO()
    rows = csv.DictWriter(table, COLUMNS)
    rows.writeheader()
    for key, text in zip(KEYS, TEXTS, strict=True):
        short = text[:150]
        rows.writerow({
            "key": key, "activity": "test/hostile", "kind": "process", "name_en": short, "name_zh": short, "description_en": text, "technology": f"t{key[-2:]}",
            "category": "Test/Hostile", "region": "CN", "year": "2023", "value": value, "metric": "CO2", "per": "kg",
            "source": "report", "locator": text[:400], "value_text": f"a {FORMULA}", "unit_text": SCRIPT[:60], "note_en": text,
        })
    data = table.getvalue().encode()
    (folder / "factors.csv").write_bytes(data)
    (folder / "datapackage.json").write_text(json.dumps({
        "name": ID, "version": version, "title": SCRIPT, "titles": {"en": SCRIPT, "zh": RTL}, "description": LONG, "descriptions": {"en": LONG, "zh": LONG},
        "licenses": [{"name": "CC-BY-4.0", "title": SCRIPT, "redistribution": "full", "attribution": {"en": SCRIPT, "zh": RTL}}],
        "sources": [{"id": "report", "title": FORMULA, "publisher": SCRIPT, "document_no": RTL}],
        "contributors": [{"title": SCRIPT, "roles": [SCRIPT]}],
        "resources": [{"name": "factors", "path": "factors.csv", "bytes": len(data), "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}],
    }), encoding="utf-8")
