//! Places as the exchange formats name them, as ISO 3166, UN M49 or `GLO`.

use crate::factor::{Region, WORLD};

/// Codes that stand for a UN M49 region, by the location lists of openLCA, ILCD and ecoinvent.
const EQUAL: &[(&str, &str)] = &[
    ("RER", "150"),
    ("RAF", "002"),
    ("RAS", "142"),
    ("RLA", "419"),
    ("UN-EUROPE", "150"),
    ("UN-ASIA", "142"),
    ("UN-OCEANIA", "009"),
    ("UN-AMERICAS", "019"),
    ("UN-AUSTRALIANZ", "053"),
    ("UN-CARIBBEAN", "029"),
    ("UN-CAMERICA", "013"),
    ("UN-SAMERICA", "005"),
    ("UN-CASIA", "143"),
    ("UN-EASIA", "030"),
    ("UN-SASIA", "034"),
    ("UN-SEASIA", "035"),
    ("UN-WASIA", "145"),
    ("UN-EAFRICA", "014"),
    ("UN-MAFRICA", "017"),
    ("UN-NAFRICA", "015"),
    ("UN-SAFRICA", "018"),
    ("UN-WAFRICA", "011"),
    ("UN-EEUROPE", "151"),
    ("UN-NEUROPE", "154"),
    ("UN-SEUROPE", "039"),
    ("UN-MELANESIA", "054"),
    ("UN-MICRONESIA", "057"),
    ("UN-POLYNESIA", "061"),
];

/// The region that a code or a name stands for.
///
/// # Errors
/// Says why it stands for none, and what would be right.
pub(super) fn region(text: &str) -> Result<&'static str, String> {
    let text = text.trim();
    if let Some(own) = Region::get(text) {
        return Ok(&own.code);
    }
    if ["global", "world", "全球"].contains(&text.to_lowercase().as_str()) {
        return Ok(WORLD);
    }
    let equal = EQUAL.iter().find(|(code, _)| *code == text).map(|(_, equal)| *equal);
    let is_named = |region: &&Region| [&region.name.en, &region.name.zh].into_iter().flatten().any(|own| own == text);
    if let Some(code) = equal.or_else(|| Region::all().values().find(is_named).map(|region| region.code.as_str())) {
        return Ok(code);
    }
    let shown: String = text.chars().take(60).collect();
    let rest = matches!(text, "RoW" | "RoE" | "ROW").then_some(" It is what others leave over, so it is no place of its own.");
    Err(format!(
        "`{shown}` is none of ISO 3166, UN M49 and GLO, and it is not known which of them equals it.{} Name a region that has such a code",
        rest.unwrap_or_default()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_equal_is_mapped() {
        let table =
            [("CN", "CN"), ("US-NY", "US-NY"), ("GLO", "GLO"), ("Global", "GLO"), ("RER", "150"), ("Africa", "002"), ("Germany", "DE")];
        for (text, code) in table {
            assert_eq!(region(text), Ok(code), "{text}");
        }
        for text in ["RoW", "RNA", "EU-28", "UCTE", "RER without CH", "unknown", "", "Gebiet"] {
            assert!(region(text).unwrap_err().contains("ISO 3166"), "{text}");
        }
        assert!(EQUAL.iter().all(|(_, code)| Region::get(code).is_some()));
    }
}
