//! The panel that verifies a number, or the log, in the reader's own browser: `assets/verify.js` brings it to life.

use askama::Template;
use askama::filters::HtmlSafe;
use url::form_urlencoded::Serializer;

use super::Lang;
use super::assets::asset_named;
use super::proof_texts::TEXTS;

/// What a page shows of one factor, for the script to hold against what is proved.
#[derive(Debug, Clone, Copy)]
pub struct ShownFactor<'a> {
    /// Dataset id.
    pub dataset: &'a str,
    /// Its version.
    pub version: &'a str,
    /// Key of the factor.
    pub key: &'a str,
    /// The digest of its line, `sha256:…`.
    pub digest: &'a str,
    /// The number as it was published; none where the factor has none of its own.
    pub value: Option<&'a str>,
}

struct Proved {
    proof: String,
    api: String,
    dataset: String,
    version: String,
    key: String,
    digest: String,
    value: Option<String>,
}

/// A section for a page: `{{ panel }}` writes it, with the script that it wants. The page's policy allows `'self'`.
#[derive(Template)]
#[template(path = "proof.html")]
pub struct ProofPanel {
    lang: Lang,
    kind: &'static str,
    base: String,
    factor: Option<Proved>,
    texts: Vec<(&'static str, &'static str)>,
    script: &'static str,
    module: &'static str,
}

impl HtmlSafe for ProofPanel {}

impl ProofPanel {
    /// For the page of one factor; `base` is the server's own address, without a slash at the end, for the commands.
    pub fn factor(lang: Lang, base: &str, shown: ShownFactor<'_>) -> Self {
        let ShownFactor { dataset, version, key, digest, value } = shown;
        let query =
            Serializer::new(String::new()).append_pair("dataset", dataset).append_pair("version", version).append_pair("key", key).finish();
        let proved = Proved {
            proof: format!("/datasets/{dataset}/releases/{version}/proof/{key}"),
            api: format!("/v1/log/proof?{query}"),
            dataset: dataset.to_owned(),
            version: version.to_owned(),
            key: key.to_owned(),
            digest: digest.to_owned(),
            value: value.map(str::to_owned),
        };
        Self { factor: Some(proved), kind: "factor", ..Self::log(lang, base) }
    }

    /// For the page of the log.
    pub fn log(lang: Lang, base: &str) -> Self {
        Self {
            lang,
            kind: "log",
            base: base.to_owned(),
            factor: None,
            texts: TEXTS.iter().map(|(name, zh, en)| (*name, lang.either(*zh, *en))).collect(),
            script: address("verify.js"),
            module: address("proof.js"),
        }
    }
}

fn address(name: &str) -> &'static str {
    asset_named(name).map_or("", |asset| asset.address.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str, mark: &str) -> std::collections::BTreeSet<String> {
        text.split(mark).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
    }

    #[test]
    fn the_scripts_say_what_is_written_in_both_languages() {
        let scripts =
            [asset_named("proof.js").unwrap(), asset_named("verify.js").unwrap()].map(|asset| std::str::from_utf8(asset.bytes).unwrap());
        let names: std::collections::BTreeSet<_> = TEXTS.iter().map(|(name, ..)| (*name).to_owned()).collect();
        assert_eq!(names.len(), TEXTS.len());
        for name in scripts.iter().flat_map(|script| named(script, "refuse(\"").into_iter().chain(named(script, "text: \""))) {
            assert!(names.contains(&name), "{name} has no text");
        }
        for step in named(scripts[0], "await step(\"") {
            assert!(names.contains(&format!("step-{step}")), "{step}");
        }
        for (name, zh, en) in TEXTS {
            let slots = |text: &str| {
                text.split('{')
                    .skip(1)
                    .filter_map(|rest| rest.split('}').next())
                    .map(str::to_owned)
                    .collect::<std::collections::BTreeSet<_>>()
            };
            assert_eq!(slots(zh), slots(en), "{name}");
        }
    }

    #[test]
    fn what_the_page_shows_is_escaped() {
        let shown = ShownFactor { dataset: "d", version: "1.0.0", key: "a\"><script>", digest: "sha256:00", value: Some("<1") };
        let page = ProofPanel::factor(Lang::Zh, "http://127.0.0.1", shown).render().unwrap();
        assert!(!page.contains("<script>") && page.contains("key=a%22%3E%3Cscript%3E"), "{page}");
        assert!(!ProofPanel::log(Lang::En, "http://127.0.0.1").render().unwrap().contains("data-proof="));
    }
}
