//! Public facts in words: what was released, withdrawn, flagged.

use std::collections::BTreeMap;

use super::row::FlagTag;
use crate::feed::event_type;
use crate::release::PublicFact;
use crate::web::Lang;
use crate::web::address::path_of_key;
use crate::web::typeset::day;

/// A fact in words.
pub(super) struct FactRow {
    pub(super) seq: String,
    pub(super) at: String,
    pub(super) day: String,
    /// `release`, `withdraw`, …
    pub(super) kind: &'static str,
    pub(super) class: &'static str,
    pub(super) verb: String,
    /// What it is about.
    pub(super) what: String,
    pub(super) href: String,
    pub(super) title: String,
    /// Why, in the words of who did it.
    pub(super) reason: String,
}

impl FactRow {
    /// A fact with its place; `titles` are those of datasets that may be read.
    pub(super) fn of(seq: usize, fact: &PublicFact, titles: &BTreeMap<String, String>, lang: Lang) -> Self {
        let (dataset, version) = fact.release().map(|(dataset, version)| (dataset.to_string(), version.to_string())).unwrap_or_default();
        let home = format!("/datasets/{dataset}/releases/{version}");
        let (class, verb) = match fact {
            PublicFact::Release { .. } | PublicFact::Sealed { .. } => ("good", lang.say("发布", "released")),
            PublicFact::Withdraw { .. } => ("withdrawn", lang.say("撤回", "withdrawn")),
            PublicFact::Restore { .. } => ("good", lang.say("恢复", "restored")),
            PublicFact::Supersede { .. } => ("warning", lang.say("被取代", "superseded")),
            PublicFact::Flag { .. } => ("warning", lang.say("标记", "flagged")),
            PublicFact::Unflag { .. } => ("info", lang.say("取消标记", "flag taken back")),
            PublicFact::Key { .. } => ("info", lang.say("更换密钥", "new key")),
        };
        let (mut what, mut href) = (format!("{dataset}@{version}"), home.clone());
        let reason = match fact {
            PublicFact::Withdraw { reason, .. } | PublicFact::Restore { reason, .. } => reason.clone(),
            PublicFact::Supersede { by, reason, .. } => lang.say(format!("请改用 {by}：{reason}"), format!("use {by}: {reason}")),
            PublicFact::Flag { flag, key, reason, by, .. } | PublicFact::Unflag { flag, key, reason, by, .. } => {
                what = format!("{what}#{key}");
                href = format!("{home}/factors/{}", path_of_key(key));
                let name = FlagTag::of(flag, lang).name;
                lang.say(format!("{name}：{reason}（{by}）"), format!("{name}: {reason} ({by})"))
            }
            PublicFact::Key { key, .. } => {
                (what, href) = (key.clone(), "/log#key".to_owned());
                String::new()
            }
            PublicFact::Release { .. } | PublicFact::Sealed { .. } => String::new(),
        };
        Self {
            seq: seq.to_string(),
            at: fact.at().replace('T', " ").trim_end_matches('Z').to_owned(),
            day: day(fact.at()).to_owned(),
            kind: event_type(fact),
            class,
            verb,
            what,
            href,
            title: titles.get(&dataset).cloned().unwrap_or_default(),
            reason,
        }
    }
}
