//! The accounting rules that factors follow: those of the registry, and those that released factors name besides.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ProductRefusal;
use super::refusal::shown;
use super::scope::{cursor_of, filled, latest_releases, limit_of};
use crate::dataset::{Act, Principal};
use crate::factor::{AccountingRule, RULE_KINDS, RULE_LEVELS, RULE_STATUSES, nearest, rule_key, rules_in};
use crate::release::{Catalogue, Listing, PublishedRelease};
use crate::search::write_cursor;

/// What is counted towards the national targets.
const DEFINITION: &str = "rules of this registry whose kind is product, whose level is national and whose status is in-force";
/// Where the target of 2027 stands.
const PLAN: &str = "《关于建立碳足迹管理体系的实施方案》, Ministry of Ecology and Environment and fourteen other departments, 2024-05-22";

/// The parameters of a list of rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, clap::Args, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RulesQuery {
    /// `international`, `national`, `industry`, `group` or `local`
    #[arg(long)]
    pub level: Option<String>,
    /// `general`, `product` or `organisation`
    #[arg(long)]
    pub kind: Option<String>,
    /// `in-force`, `issued`, `superseded` or `withdrawn`
    #[arg(long)]
    pub status: Option<String>,
    /// A word of the products that the rule is for, or of its title
    #[arg(long)]
    pub product: Option<String>,
    /// Words of number or title, in Chinese or English
    #[arg(long)]
    pub q: Option<String>,
    /// Rules a page, 1 to 1000; 50 if left out
    #[arg(long)]
    pub limit: Option<String>,
    /// `next` of the page before
    #[arg(long)]
    pub cursor: Option<String>,
}

/// Factors of one dataset that follow a rule.
#[derive(Debug, Clone, Serialize)]
struct Following {
    dataset: String,
    version: String,
    factors: usize,
}

/// Which factors follow which rule, by the key of the rule.
struct Named {
    releases: Vec<Arc<PublishedRelease>>,
    keys: BTreeSet<String>,
}

impl Named {
    fn read(catalogue: &Catalogue, facts: i64, who: &Principal) -> Self {
        let mut releases = latest_releases(catalogue, facts);
        releases.retain(|release| release.may(who, Act::ReadNames).is_ok());
        let mut keys = BTreeSet::new();
        for release in &releases {
            let index = release.data.index();
            keys.extend((0..index.entries(Listing::Rule)).filter_map(|entry| index.entry(Listing::Rule, entry)).map(str::to_owned));
        }
        Self { releases, keys }
    }

    fn following(&self, keys: &[String]) -> Vec<Following> {
        let mut found = Vec::new();
        for release in &self.releases {
            let index = release.data.index();
            let entries = keys.iter().filter_map(|key| index.entry_of(Listing::Rule, key));
            let factors: BTreeSet<usize> = entries.flat_map(|entry| index.of_entry(Listing::Rule, entry)).collect();
            if !factors.is_empty() {
                found.push(Following {
                    dataset: release.dataset.to_string(),
                    version: release.version.to_string(),
                    factors: factors.len(),
                });
            }
        }
        found
    }

    /// How a factor writes a rule that is not registered.
    fn written(&self, key: &str) -> String {
        #[derive(Deserialize)]
        struct Line {
            rule: Option<String>,
        }
        let of = |release: &Arc<PublishedRelease>| {
            let index = release.data.index();
            let number = index.of_entry(Listing::Rule, index.entry_of(Listing::Rule, key)?).next()?;
            let line: Line = serde_json::from_slice(&release.data.line(number)).ok()?;
            let rule = line.rule?;
            rules_in(&rule).find(|part| rule_key(part) == key).map(str::to_owned)
        };
        self.releases.iter().find_map(of).unwrap_or_else(|| key.to_owned())
    }

    fn registered(&self, rule: &AccountingRule) -> Value {
        let datasets = self.following(rule.keys());
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        json!({
            "id": rule.id, "number": rule.number, "title": rule.title, "registered": true, "level": rule.level, "kind": rule.kind,
            "products": rule.products, "status": rule.status, "issued": text(&rule.issued), "effective": text(&rule.effective),
            "source": rule.source, "confidence": rule.confidence,
            "factors": datasets.iter().map(|own| own.factors).sum::<usize>(), "datasets": datasets,
        })
    }

    fn unregistered(&self, key: &str) -> Value {
        let datasets = self.following(&[key.to_owned()]);
        json!({
            "id": key, "number": self.written(key), "title": null, "registered": false,
            "factors": datasets.iter().map(|own| own.factors).sum::<usize>(), "datasets": datasets,
        })
    }
}

/// The rules that fit, a page at a time, with the national targets.
///
/// # Errors
/// The [`ProductRefusal`] that says which parameter is wrong.
pub fn list_rules(catalogue: &Catalogue, query: &RulesQuery, who: &Principal) -> Result<Value, ProductRefusal> {
    let (facts, offset) = cursor_of(query.cursor.as_deref(), catalogue.facts())?;
    let limit = limit_of(query.limit.as_deref())?;
    let level = one_of("level", query.level.as_deref(), &RULE_LEVELS)?;
    let kind = one_of("kind", query.kind.as_deref(), &RULE_KINDS)?;
    let status = one_of("status", query.status.as_deref(), &RULE_STATUSES)?;
    let words: Vec<String> = query.q.as_deref().unwrap_or_default().to_lowercase().split_whitespace().map(str::to_owned).collect();
    let product = filled(query.product.as_deref()).map(str::to_lowercase);
    let named = Named::read(catalogue, facts, who);
    let fits = |rule: &&AccountingRule| {
        let text = text_of(rule);
        let of_product = |word: &str| rule.products.iter().any(|own| own.to_lowercase().contains(word)) || title_of(rule).contains(word);
        level.is_none_or(|level| rule.level == level)
            && kind.is_none_or(|kind| rule.kind == kind)
            && status.is_none_or(|status| rule.status == status)
            && product.as_deref().is_none_or(of_product)
            && words.iter().all(|word| text.contains(word.as_str()))
    };
    let registered: Vec<&AccountingRule> = AccountingRule::all().iter().filter(fits).collect();
    // of a rule that nobody registered neither level nor kind nor status is known
    let unfiltered = level.is_none() && kind.is_none() && status.is_none() && product.is_none();
    let unregistered: Vec<&String> = named
        .keys
        .iter()
        .filter(|key| AccountingRule::named(key).is_none() && unfiltered)
        .filter(|key| words.iter().all(|word| key.contains(rule_key(word).as_str())))
        .collect();
    let total = registered.len() + unregistered.len();
    let all = registered.iter().map(|rule| (Some(*rule), "")).chain(unregistered.iter().map(|key| (None, key.as_str())));
    let rules: Vec<Value> = all
        .skip(offset)
        .take(limit)
        .map(|(rule, key)| rule.map_or_else(|| named.unregistered(key), |rule| named.registered(rule)))
        .collect();
    let seen = offset.saturating_add(rules.len());
    let next = (!rules.is_empty() && seen < total).then(|| write_cursor(facts, seen));
    Ok(json!({
        "rules": rules, "total": total, "registered": registered.len(), "named_not_registered": unregistered.len(), "next": next,
        "targets": targets(),
    }))
}

/// One rule by its id, its number or another way of writing it.
///
/// # Errors
/// [`ProductRefusal::Absent`] with the ids that are written alike.
pub fn show_rule(catalogue: &Catalogue, text: &str, who: &Principal) -> Result<Value, ProductRefusal> {
    let named = Named::read(catalogue, i64::MAX, who);
    if let Some(rule) = AccountingRule::named(text) {
        return Ok(named.registered(rule));
    }
    let key = rule_key(text);
    if named.keys.contains(&key) {
        return Ok(named.unregistered(&key));
    }
    let ids = || AccountingRule::all().iter().map(|rule| rule.id.as_str()).chain(named.keys.iter().map(String::as_str));
    let begins = ids().filter(|id| !key.is_empty() && rule_key(id).starts_with(key.get(..6).unwrap_or(&key)));
    let near: BTreeSet<String> = begins.map(str::to_owned).chain(nearest(text, ids())).take(10).collect();
    let detail = format!("no rule is registered or named by a released factor as `{}`", shown(text));
    Err(ProductRefusal::Absent { code: "no-rule", detail, members: json!({"given": shown(text), "nearest": near}) })
}

fn title_of(rule: &AccountingRule) -> String {
    format!("{} {}", rule.title.en.as_deref().unwrap_or_default(), rule.title.zh.as_deref().unwrap_or_default()).to_lowercase()
}

fn text_of(rule: &AccountingRule) -> String {
    format!("{} {} {}", rule.id, rule.number.to_lowercase(), title_of(rule))
}

/// How far the registry is on the way to the national targets.
fn targets() -> BTreeMap<&'static str, Value> {
    let counts = |rule: &&AccountingRule| rule.kind == "product" && rule.level == "national" && rule.status == "in-force";
    let counted = AccountingRule::all().iter().filter(counts).count();
    let target = |wanted: usize, confidence: &str| json!({"wanted": wanted, "counted": counted, "definition": DEFINITION, "source": PLAN, "confidence": confidence});
    // the text of the plan was seen for 2027, a copy that cites it for 2030
    BTreeMap::from([("2027", target(100, "A")), ("2030", target(200, "B"))])
}

fn one_of<'q>(parameter: &'static str, text: Option<&'q str>, valid: &[&str]) -> Result<Option<&'q str>, ProductRefusal> {
    match filled(text) {
        Some(text) if !valid.contains(&text) => Err(ProductRefusal::none_of(parameter, text, valid)),
        other => Ok(other),
    }
}
