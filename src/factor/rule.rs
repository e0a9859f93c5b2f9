//! Accounting rules (PCRs, standards) and the references of labels and certificates, in one written form each.
//!
//! The registered rules stand in `schema/accounting-rules.csv`, the prefixes of certificates in `schema/certificates.csv`.

use std::sync::LazyLock;

use regex::Regex;

use super::Text;
use super::classification::{compact, plain};
use super::codes::rows;

/// The longest reference that is looked at, in characters.
const LONGEST: usize = 300;

/// A registered accounting rule.
#[derive(Debug)]
pub struct AccountingRule {
    /// Its id in addresses: `gb-t-24067-2024`.
    pub id: String,
    /// Its number as its publisher writes it.
    pub number: String,
    /// Its title.
    pub title: Text,
    /// `international`, `national`, `industry`, `group` or `local`.
    pub level: String,
    /// `general` (how footprints are made), `product` (for one product) or `organisation`.
    pub kind: String,
    /// Products that it is for, in words.
    pub products: Vec<String>,
    /// `in-force`, `issued` (not yet in force), `superseded` or `withdrawn`.
    pub status: String,
    /// When it was issued (ISO 8601), where known.
    pub issued: String,
    /// From when it is in force (ISO 8601), where known.
    pub effective: String,
    /// Where this was read.
    pub source: String,
    /// `A`: two copies agree or an official one was seen; `B`: one copy; `U`: not verified.
    pub confidence: String,
    keys: Vec<String>,
}

/// The levels of accounting rules.
pub const RULE_LEVELS: [&str; 5] = ["international", "national", "industry", "group", "local"];
/// What accounting rules are for.
pub const RULE_KINDS: [&str; 3] = ["general", "product", "organisation"];
/// Where accounting rules stand.
pub const RULE_STATUSES: [&str; 4] = ["in-force", "issued", "superseded", "withdrawn"];

static RULES: LazyLock<Vec<AccountingRule>> = LazyLock::new(|| {
    rows(include_str!("../../schema/accounting-rules.csv"))
        .map(|row| {
            let list = |column: &str| row.text(column).split(';').map(str::trim).filter(|own| !own.is_empty()).map(str::to_owned).collect();
            let mut keys = vec![compact(&row.text("number"))];
            let aliases: Vec<String> = list("aliases");
            keys.extend(aliases.iter().map(|alias| compact(alias)));
            AccountingRule {
                id: row.text("id"),
                number: row.text("number"),
                title: Text {
                    en: Some(row.text("title_en")).filter(|text| !text.is_empty()),
                    zh: Some(row.text("title_zh")).filter(|text| !text.is_empty()),
                },
                level: row.text("level"),
                kind: row.text("kind"),
                products: list("products"),
                status: row.text("status"),
                issued: row.text("issued"),
                effective: row.text("effective"),
                source: row.text("source"),
                confidence: row.text("confidence"),
                keys,
            }
        })
        .collect()
});

impl AccountingRule {
    /// Every registered rule, in the order of the list.
    pub fn all() -> &'static [Self] {
        &RULES
    }

    /// The registered rule that a text names: by its id, its number, or another way of writing it.
    pub fn named(text: &str) -> Option<&'static Self> {
        let key = rule_key(text);
        RULES.iter().find(|rule| rule.keys.contains(&key) || compact(&rule.id) == key)
    }

    /// The forms by which releases' indexes know it.
    pub fn keys(&self) -> &[String] {
        &self.keys
    }
}

/// The form in which two ways of writing a rule's number are the same: `GB/T 24067—2024` and `GBT24067-2024` are `gbt240672024`.
pub fn rule_key(text: &str) -> String {
    compact(&text.chars().take(LONGEST).collect::<String>())
}

/// The rules that a factor's `rule` names, as they are written: parted by semicolons.
pub fn rules_in(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '；']).map(str::trim).filter(|part| !part.is_empty() && !compact(part).is_empty())
}

/// A kind of label or certificate whose references have a prefix.
#[derive(Debug)]
pub struct CertificateScheme {
    /// `cn-pcf`, `epd`.
    pub prefix: String,
    /// What it is.
    pub name: Text,
    /// Who issues it.
    pub issuer: String,
    /// Where this was read.
    pub source: String,
    form: Option<Regex>,
}

static CERTIFICATES: LazyLock<Vec<CertificateScheme>> = LazyLock::new(|| {
    rows(include_str!("../../schema/certificates.csv"))
        .map(|row| CertificateScheme {
            prefix: row.text("prefix"),
            name: row.name(),
            issuer: row.text("issuer"),
            source: row.text("source"),
            form: Regex::new(&format!("^(?:{})$", row.text("pattern"))).ok(),
        })
        .collect()
});

impl CertificateScheme {
    /// Every listed one.
    pub fn all() -> &'static [Self] {
        &CERTIFICATES
    }

    /// The listed one with this prefix.
    pub fn get(prefix: &str) -> Option<&'static Self> {
        CERTIFICATES.iter().find(|scheme| scheme.prefix == prefix)
    }
}

/// A reference to a label or certificate.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Certificate {
    /// Listed prefix; none where the reference is free text.
    pub scheme: Option<String>,
    /// The number behind the prefix, or the whole text.
    pub number: String,
}

impl Certificate {
    /// Takes a reference apart; without a listed prefix, or with a number that does not have its form, it stays one text.
    pub fn read(text: &str) -> Self {
        let text = plain(&text.chars().take(LONGEST).collect::<String>());
        if let Some((prefix, number)) = text.split_once(':') {
            let number: String = number.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
            let scheme = CertificateScheme::get(prefix.trim().to_lowercase().as_str());
            if let Some(scheme) = scheme.filter(|scheme| scheme.form.as_ref().is_some_and(|form| form.is_match(&number))) {
                return Self { scheme: Some(scheme.prefix.clone()), number };
            }
        }
        Self { scheme: None, number: text }
    }

    /// The references that a factor's `certificate` holds, parted by semicolons.
    pub fn all_in(text: &str) -> impl Iterator<Item = Self> {
        text.split([';', '；']).filter(|part| !part.trim().is_empty()).map(Self::read)
    }

    /// `prefix:NUMBER`, or the text alone: the form in which releases' indexes know it.
    pub fn entry(&self) -> String {
        match &self.scheme {
            Some(scheme) => format!("{scheme}:{}", self.number),
            None => self.number.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_one_however_it_is_written() {
        for text in ["GB/T 24067-2024", "GB/T 24067—2024", "GBT24067-2024", "ＧＢ／Ｔ　24067－2024", "gb-t-24067-2024"] {
            assert_eq!(AccountingRule::named(text).map(|rule| rule.id.as_str()), Some("gb-t-24067-2024"), "{text}");
        }
        assert_eq!(AccountingRule::named("EN 15804:2012+A2:2019").map(|rule| rule.id.as_str()), Some("en-15804-a2"));
        assert_eq!(AccountingRule::named("EN 15804+A2").map(|rule| rule.id.as_str()), Some("en-15804-a2"));
        assert!(AccountingRule::named("ISO 14067").is_none(), "which edition is not guessed");
        assert_eq!(rules_in("ISO 14067:2018; GB/T 24067-2024；；").collect::<Vec<_>>(), ["ISO 14067:2018", "GB/T 24067-2024"]);
    }

    #[test]
    fn the_registry_is_whole() {
        let mut keys = std::collections::BTreeSet::new();
        for rule in AccountingRule::all() {
            assert!(RULE_LEVELS.contains(&rule.level.as_str()) && RULE_KINDS.contains(&rule.kind.as_str()), "{}", rule.id);
            assert!(RULE_STATUSES.contains(&rule.status.as_str()) && !rule.source.is_empty() && !rule.title.is_empty(), "{}", rule.id);
            assert!(["A", "B", "U"].contains(&rule.confidence.as_str()), "{}", rule.id);
            for key in rule.keys() {
                assert!(keys.insert(key.clone()), "{key} names two rules");
            }
            for date in [&rule.issued, &rule.effective].into_iter().filter(|date| !date.is_empty()) {
                assert!([4, 7, 10].contains(&date.len()), "{date}");
            }
        }
        assert!(keys.len() >= 12);
    }

    #[test]
    fn a_certificate_has_parts_where_its_prefix_is_listed() {
        let read = |text: &str| Certificate::read(text).entry();
        assert_eq!(read("EPD: s-p-01234"), "epd:S-P-01234");
        assert_eq!(Certificate::read("epd：S-P-01234").scheme.as_deref(), Some("epd"));
        assert_eq!(read("Certificate 12 of 2024"), "Certificate 12 of 2024");
        assert_eq!(Certificate::read("epd:").scheme, None);
        assert_eq!(Certificate::all_in("epd:A1; cn-pcf:2025-7").map(|own| own.entry()).collect::<Vec<_>>(), ["epd:A1", "cn-pcf:2025-7"]);
    }
}
