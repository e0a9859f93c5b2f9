//! What a page tells of the form that was sent: what was done, or what is wrong and what would be right, beside that form and with
//! nothing lost of what was typed.

use crate::validate::{Finding, Severity};
use crate::web::{Lang, problem_words};

/// One thing found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Row of the source, where it is of one.
    pub(crate) row: Option<u64>,
    /// Column or member.
    pub(crate) field: String,
    /// Id of the rule.
    pub(crate) rule: String,
    /// `error`, `warning`, `info`.
    pub(crate) severity: &'static str,
    /// What is wrong, and what would be right.
    pub(crate) message: String,
}

impl From<&Finding> for Found {
    fn from(finding: &Finding) -> Self {
        Self {
            row: finding.row,
            field: finding.field.clone().unwrap_or_default(),
            rule: finding.rule.clone(),
            severity: match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "info",
            },
            message: finding.message.clone(),
        }
    }
}

/// What is told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    form: &'static str,
    /// What is wrong, in short.
    pub(crate) title: String,
    /// What to do.
    pub(crate) about: String,
    /// What is wrong this time, as the server says it.
    pub(crate) detail: String,
    /// Cell by cell.
    pub(crate) items: Vec<Found>,
    typed: Vec<(String, String)>,
    done: Option<&'static (&'static str, &'static str, &'static str)>,
}

/// A refusal, as far as a page tells it.
pub(crate) struct Refusal<'a> {
    pub(crate) code: &'a str,
    pub(crate) title: &'a str,
    pub(crate) about: &'a str,
    pub(crate) detail: &'a str,
}

impl Told {
    /// That something was done: a word of an address, which says nothing where it is none of those known.
    pub(crate) fn done(word: Option<&str>) -> Self {
        Self { done: DONE.iter().find(|(own, ..)| Some(*own) == word), ..Self::default() }
    }

    /// That a form was refused.
    pub(crate) fn refusal(form: &'static str, refusal: &Refusal<'_>, lang: Lang, typed: Vec<(String, String)>) -> Self {
        let (title, about) = match (lang, problem_words(refusal.code)) {
            (Lang::Zh, Some((title, about))) => (title.to_owned(), about.to_owned()),
            _ => (refusal.title.to_owned(), refusal.about.to_owned()),
        };
        Self { form, title, about, detail: refusal.detail.to_owned(), typed, ..Self::default() }
    }

    /// The same with what was found.
    #[must_use]
    pub(crate) fn with_items(self, items: Vec<Found>) -> Self {
        Self { items, ..self }
    }

    /// What is wrong with one form of the page.
    pub(crate) fn at(&self, form: &str) -> Option<&Self> {
        (!self.title.is_empty() && self.form == form).then_some(self)
    }

    /// What was typed into a field of the form that was refused.
    pub(crate) fn typed(&self, name: &str) -> &str {
        self.typed_or(name, "")
    }

    /// The same, or what stands there otherwise.
    pub(crate) fn typed_or<'t>(&'t self, name: &str, otherwise: &'t str) -> &'t str {
        self.typed.iter().find(|(own, _)| own == name).map_or(otherwise, |(_, value)| value)
    }

    /// What was done, in words.
    pub(crate) fn done_words(&self, lang: &Lang) -> Option<&'static str> {
        self.done.map(|(_, zh, en)| lang.either(*zh, *en))
    }
}

const DONE: &[(&str, &str, &str)] = &[
    ("signed-out", "已退出登录。", "You are signed out."),
    ("saved", "已保存。修改与理由已记入版本记录。", "Saved. The change and its reason stand in the record."),
    ("added", "已添加因子。", "The factor was added."),
    ("removed", "已从草稿中移除。可在下方“修改记录”中撤销。", "Removed from the draft. It can be undone under “Edits” below."),
    ("undone", "已撤销该修改。", "The edit was undone."),
    ("discarded", "草稿已丢弃。", "The draft was discarded."),
    ("submitted", "已提交：内容、版本号与清单均已冻结。", "Submitted: lines, version and manifest are frozen."),
    ("approved", "已批准。", "Approved."),
    ("rejected", "已退回，提交者可继续修改。", "Sent back: it can be changed again."),
    ("commented", "评论已记录。", "The comment was recorded."),
    ("published", "已发布。这一版本从此不再改变。", "Published. This release will never change."),
    (
        "withdrawn",
        "已撤回。该版本仍可按版本号读取，“最新”与范围会跳过它。",
        "Withdrawn. It stays readable at its version; “latest” and ranges skip it.",
    ),
    ("restored", "撤回已解除。", "The withdrawal was taken back."),
    ("superseded", "已注明由哪个版本取代。", "It now names the release to use instead."),
    ("accepted", "标记已加入因子。", "The flags are the factors' now."),
    ("dismissed", "提议已驳回，理由已记录。", "The proposals were dismissed, with your reason."),
    ("revoked", "令牌已撤销，从此一律拒绝。", "The token was revoked for ever."),
    ("granted", "已授权读取。", "The grant was made."),
    ("changed", "已更改。", "Changed."),
    ("deleted", "已删除。", "Deleted."),
    ("sent", "已发送，结果见下表第一行。", "Sent: the first row below says what came of it."),
    ("policy", "规则已更改，对此后提交的内容生效。", "The policy was changed, for what is submitted from now on."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_tells_one_form() {
        let refusal = Refusal { code: "review", title: "t", about: "a", detail: "d" };
        let told = Told::refusal("approve", &refusal, Lang::Zh, vec![("comment".into(), "好".into())]);
        assert_eq!((told.at("approve").unwrap().detail.as_str(), told.typed("comment")), ("d", "好"));
        assert!(told.at("reject").is_none() && told.done_words(&Lang::En).is_none());
        assert!(Told::done(Some("approved")).done_words(&Lang::En).is_some());
        assert!(Told::done(Some("<b>")).done_words(&Lang::En).is_none());
    }
}
