//! Units as the exchange formats name them, as UCUM codes; what is not listed is not guessed.

use crate::factor::Unit;

/// Names of the formats: openLCA and ILCD unit groups, EcoSpold, PACT and Catena-X words, UNECE Recommendation 20 codes.
const UNITS: &[(&str, &[&str])] = &[
    ("kg", &["kg", "kilogram", "kgm", "千克", "公斤"]),
    ("g", &["g", "gram", "grm", "克"]),
    ("mg", &["mg"]),
    ("t", &["t", "tonne", "metric ton", "tne", "吨"]),
    ("kt", &["kt"]),
    ("[lb_av]", &["lb av", "lbr"]),
    ("[oz_av]", &["oz av"]),
    ("MJ", &["mj", "megajoule", "3b", "兆焦"]),
    ("GJ", &["gj"]),
    ("TJ", &["tj"]),
    ("kJ", &["kj"]),
    ("J", &["j"]),
    ("W.h", &["wh"]),
    ("kW.h", &["kwh", "kilowatt hour", "千瓦时"]),
    ("MW.h", &["mwh"]),
    ("L", &["l", "liter", "litre", "ltr", "升"]),
    ("mL", &["ml"]),
    ("m3", &["m3", "m^3", "m\u{b3}", "cubic meter", "cubic metre", "mtq", "立方米"]),
    ("m2", &["m2", "m^2", "m\u{b2}", "qm", "square meter", "square metre", "mtk", "平方米"]),
    ("har", &["ha", "hectare", "har"]),
    ("km2", &["km2"]),
    ("m", &["m", "meter", "metre", "mtr", "米"]),
    ("km", &["km", "kilometer", "kmt", "ktm"]),
    ("t.km", &["t*km", "tkm", "metric ton*km", "ton kilometer", "ton.km", "吨公里"]),
    ("kg.km", &["kg*km", "kgkm"]),
    ("{passenger}.km", &["p*km", "pkm", "person*km", "personkm"]),
    ("{vehicle}.km", &["v*km", "vkm", "vehicle*km"]),
    ("{item}", &["item(s)", "item", "piece", "pieces", "p", "pcs", "pcs.", "stk.", "unit", "c62", "h87", "件", "个"]),
    ("m2.a", &["m2*a", "m2a", "m2*year"]),
    ("m3.a", &["m3*a", "m3a", "m3*year"]),
    ("m.a", &["m*a", "ma", "m*year", "my"]),
    ("km.a", &["km*a", "km*year"]),
    ("kg.a", &["kg*a", "kga", "kg*year"]),
    ("kg.d", &["kg*d", "kg*day"]),
    ("h", &["h", "hr", "hour", "hur"]),
    ("d", &["d", "day"]),
    ("a", &["a", "year"]),
    ("min", &["min"]),
    ("s", &["s", "second"]),
    ("kBq", &["kbq"]),
    ("Bq", &["bq"]),
    ("mol", &["mol"]),
];

/// Names that differ only by case from another unit's.
const BY_CASE: &[(&str, &str)] = &[("Mg", "t"), ("Mt", "Mt"), ("PJ", "PJ"), ("kW", "kW"), ("MW", "MW")];

/// The UCUM code of a unit's name.
pub(super) fn ucum(name: &str) -> Option<&'static str> {
    let name = name.trim();
    if let Some((_, code)) = BY_CASE.iter().find(|(own, _)| *own == name) {
        return Some(code);
    }
    let folded = name.to_lowercase();
    // A prefix in capitals is another one: mg is no Mg, and m (metre) no M.
    let is_prefix = folded != name && name.len() <= 2 && !matches!(name, "KG" | "Kg" | "MJ" | "GJ" | "TJ" | "kJ" | "L" | "J" | "3B" | "Wh");
    let names = UNITS.iter().find(|(_, names)| names.contains(&folded.as_str()));
    names.map(|(code, _)| *code).filter(|_| !is_prefix)
}

/// The same, or the name itself where it is a UCUM code and cannot be another's: with an annotation, a bracket or a product.
pub(super) fn code(name: &str) -> Option<String> {
    let name = name.trim();
    let is_marked = name.contains(['{', '[', '.']) && Unit::parse(name).is_ok();
    ucum(name).or(Some(name).filter(|_| is_marked)).map(str::to_owned)
}

/// How many kg CO2e one unit of a result is; none for the units of other indicators (DALY, UBP) and what is not listed.
pub(super) fn kg_co2e(unit: &str) -> Option<(u32, u32)> {
    let plain: String = unit.to_lowercase().replace('\u{2082}', "2").chars().filter(|c| c.is_alphanumeric()).collect();
    let (mass, rest) = plain.split_once("co2")?;
    let rest_is_equivalent =
        ["", "e", "eq", "eqv", "equiv", "equivalent", "equivalents", "äq", "äqv", "äquiv", "äquivalent", "当量"].contains(&rest);
    match mass {
        "kg" if rest_is_equivalent => Some((1, 1)),
        "g" if rest_is_equivalent => Some((1, 1000)),
        "t" if rest_is_equivalent => Some((1000, 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_a_unit_and_no_name_stands_twice() {
        let mut seen = std::collections::BTreeSet::new();
        for (code, names) in UNITS {
            assert!(Unit::parse(code).is_ok(), "{code}");
            assert!(names.iter().all(|name| seen.insert(*name) && *name == name.to_lowercase()), "{names:?}");
        }
        assert!(BY_CASE.iter().all(|(_, code)| Unit::parse(code).is_ok()));
    }

    #[test]
    fn names_of_the_formats() {
        let table = [
            ("kg", Some("kg")),
            ("Mg", Some("t")),
            ("mg", Some("mg")),
            ("MJ", Some("MJ")),
            ("Item(s)", Some("{item}")),
            ("p*km", Some("{passenger}.km")),
            ("ton kilometer", Some("t.km")),
            ("KGM", Some("kg")),
            ("l", Some("L")),
            ("Nm3", None),
            ("guest night", None),
            ("MG", None),
        ];
        for (name, code) in table {
            assert_eq!(ucum(name), code, "{name}");
        }
        for (name, own) in [("{vehicle}.km", true), ("[gal_us]", true), ("GW.h", true), ("No.", false), ("a.u.", false), ("GWh", false)] {
            assert_eq!(code(name).as_deref(), own.then_some(name), "{name}");
        }
        for unit in ["kg CO2 eq", "kg CO2-Eq", "kg CO2-Äqv.", "kg CO2 eqv.", "kgCO2e", "kg CO\u{2082} eq."] {
            assert_eq!(kg_co2e(unit), Some((1, 1)), "{unit}");
        }
        for unit in ["UBP", "DALY", "yr*kg CO2 eq", "kg SO2-Äqv.", "kg CO2 eq/kg", ""] {
            assert_eq!(kg_co2e(unit), None, "{unit}");
        }
        assert_eq!(kg_co2e("g CO2 eq"), Some((1, 1000)));
    }
}
