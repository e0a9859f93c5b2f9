//! The transparency log: what its newest checkpoint says, how it grew, its leaves, and how to check all that.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;

use super::facts::FactRow;
use crate::release::{PublicFact, PublishedCheckpoint};
use crate::tlog::hash_text;
use crate::web::charts::{Chart, Grown, Told, growth_chart};
use crate::web::typeset::count;
use crate::web::{Frame, Lang, ProofPanel};

/// The log as a page shows it.
pub struct ShownLog<'a> {
    /// The published checkpoint.
    pub checkpoint: &'a PublishedCheckpoint,
    /// The verifier keys, the current one first, one a line.
    pub keys: &'a str,
    /// All facts.
    pub facts: &'a [Arc<PublicFact>],
    /// Titles of datasets by id.
    pub titles: BTreeMap<String, String>,
    /// The page of leaves, from 1; the newest stand on the first.
    pub page: usize,
    /// The address of this server, without final slash.
    pub base: String,
}

/// Leaves a page.
pub const LEAVES: usize = 30;

#[derive(Template)]
#[template(path = "look/log.html")]
struct Page {
    frame: Frame,
    origin: String,
    size: String,
    root: String,
    note: String,
    keys: Vec<String>,
    signers: Vec<String>,
    chart: Chart,
    leaves: Vec<FactRow>,
    before: Option<String>,
    after: Option<String>,
    range: String,
    panel: ProofPanel,
    base: String,
}

/// How the log grew, a step a fact; days with many are one step.
pub fn log_chart(facts: &[Arc<PublicFact>], lang: Lang) -> Chart {
    let mut steps: Vec<Grown> = Vec::new();
    for (fact, size) in facts.iter().zip(1..) {
        match steps.last_mut() {
            Some(last) if facts.len() > 400 && last.at.get(..10) == fact.at().get(..10) => last.count = size,
            _ => steps.push(Grown { at: fact.at().to_owned(), count: size }),
        }
    }
    let told = Told {
        id: "growth".to_owned(),
        title: lang.say("日志的增长", "How the log grew"),
        finding: lang.say(format!("共 {} 条记录，只增不减。", facts.len()), format!("{} leaves; none ever goes.", facts.len())),
        unit: lang.say("条记录", "leaves"),
    };
    growth_chart(told, &steps, &lang.say("条记录", "leaves"), lang)
}

/// The page of the log.
///
/// # Errors
/// As the template engine; none is known.
pub fn log_page(frame: Frame, shown: &ShownLog<'_>) -> Result<String, askama::Error> {
    let lang = frame.lang;
    let total = shown.facts.len();
    let skip = (shown.page - 1) * LEAVES;
    let leaves = shown.facts.iter().enumerate().rev().skip(skip).take(LEAVES);
    let leaves: Vec<FactRow> = leaves.map(|(seq, fact)| FactRow::of(seq, fact, &shown.titles, lang)).collect();
    let page = |number: usize| if number == 1 { "/log".to_owned() } else { format!("/log?page={number}") };
    let last = skip + leaves.len();
    let page = Page {
        origin: shown.checkpoint.checkpoint.origin.clone(),
        size: count(shown.checkpoint.checkpoint.size),
        root: hash_text(&shown.checkpoint.checkpoint.root),
        note: shown.checkpoint.note.clone(),
        keys: shown.keys.lines().map(str::to_owned).collect(),
        signers: shown.checkpoint.note.lines().filter_map(|line| line.strip_prefix("— ")?.split(' ').next().map(str::to_owned)).collect(),
        chart: log_chart(shown.facts, lang),
        before: (shown.page > 1).then(|| page(shown.page - 1)),
        after: (last < total).then(|| page(shown.page + 1)),
        range: if total > LEAVES { format!("{}–{} / {}", skip + 1, last, total) } else { String::new() },
        leaves,
        panel: ProofPanel::log(lang, &shown.base),
        base: shown.base.clone(),
        frame,
    };
    page.render()
}
