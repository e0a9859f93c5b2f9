//! A package whose texts are as bad as a package may be, and whose factors have every member between them.

use serde_json::json;

use crate::site::{PackageDraft, row};

/// Texts that have hurt readers of tables before.
pub const TEXTS: [&str; 14] = [
    "a =cmd|' /C calc'!A0",
    "1+1",
    "'quoted",
    "\"double\" and 'single', and , and ; and |",
    "😀 emoji 👩‍👩‍👧 and 𠮷 beyond the first plane",
    "\u{202e}right to left\u{202c} مرحبا שלום",
    "<script>alert(1)</script> & &amp; ]]>",
    "_x0041_ is no A",
    "back\\slash \\n and %s %n {0} ${x}",
    "a\u{301} combining, \u{200b}no width",
    "'; DROP TABLE factors; --",
    "原铝 电力 排放因子 电解鋁",
    "NULL",
    "1e5",
];

/// The package: one factor for each text, and some with everything else.
pub fn hostile() -> PackageDraft {
    let mut rows = Vec::new();
    for (number, text) in TEXTS.iter().enumerate() {
        let key = format!("text/{number:02}");
        rows.push(row(&key, &[("name_en", text), ("name_zh", text), ("note_en", text), ("technology", text), ("category", text)]));
    }
    // one character more than a cell of a workbook holds
    let long = "x".repeat(32_768);
    rows.push(row("long/32k", &[("description_en", &long), ("name_zh", "长文")]));
    let numbers = [
        "0.1",
        "0.30000000000000004",
        "5e-324",
        "123456789012345678.9012345678901234",
        "0.0000000000000000000000000000000001",
        "0",
        "9007199254740993",
    ];
    for (number, value) in numbers.iter().filter(|value| !value.contains('e')).enumerate() {
        rows.push(row(&format!("number/{number}"), &[("value", value), ("value_text", value)]));
    }
    let everything = [
        ("kind", "product-lifecycle"),
        ("activity", "metal/primary-aluminium"),
        ("name_en", "Primary aluminium"),
        ("name_zh", "原铝"),
        ("synonyms_en", "electrolytic aluminium;aluminum\\; virgin"),
        ("synonyms_zh", "电解铝;鋁錠"),
        ("metric", "CO2e"),
        ("per", "t"),
        ("value", "15000"),
        ("gwp", "ipcc-ar5-wg1-8.a1-gwp100"),
        ("co2e_origin", "source_published"),
        ("period_from", "2021-01-01"),
        ("period_to", "2021-12-31"),
        ("valid_from", "1969-12-31"),
        ("valid_until", "9999-12-31"),
        ("published", "0001-01-01"),
        ("boundary", "cradle-to-gate"),
        ("scope", "3.1"),
        ("stages", "A1=14000.50;A2=999.50"),
        ("uncertainty", "lognormal:gsd=1.2"),
        ("dqr", "pef:TeR=2,GR=1,TiR=2,P=2"),
        ("flags", "rounded self_reported"),
        ("classifications", "cpc-2.1=41431;hs-2022=7601"),
        ("source_level", "industry"),
        ("locator", "table 3, row 原铝"),
        ("value_text", "15,000"),
        ("unit_text", "kgCO2e/t"),
        ("rule", "GB/T 24067-2024"),
        ("certificate", "none"),
        ("note_zh", "测试"),
        ("status", "deprecated"),
    ];
    rows.push(row("everything/lca", &everything));
    let gases = [
        ("kind", "combustion"),
        ("metric", "CO2e"),
        ("per", "TJ"),
        ("value", "56154.5"),
        ("gwp", "ipcc-ar5-wg1-8.a1-gwp100"),
        ("co2_fossil", "56100"),
        ("co2_biogenic", "12"),
        ("ch4", "1"),
        ("n2o", "0.1"),
        ("basis", "net_cv"),
    ];
    rows.push(row("everything/gases", &gases));
    let spend = [
        ("kind", "spend"),
        ("metric", "CO2e"),
        ("per", "CNY"),
        ("price_year", "2022"),
        ("price_basis", "purchaser"),
        ("gwp", "ipcc-ar5-wg1-8.a1-gwp100"),
        ("value", "0.05"),
        ("year", ""),
    ];
    rows.push(row("everything/spend", &spend));
    let mut package = PackageDraft::new("hostile", "1.0.0", rows);
    package.description["sources"][0]["title"] = json!("=HYPERLINK(\"http://example.invalid\")");
    package.description["sources"][0]["document_no"] = json!("@SUM(A1:A9)");
    package
}
