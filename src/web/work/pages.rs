//! The pages, each a template and what it is filled with.

use std::collections::BTreeMap;

use askama::Template;
use semver::Version;

use super::{Cell, Found, Told, role_words, state_words};
use crate::bulk::{ChangeRow, Summary};
use crate::dataset::{Bump, Role};
use crate::desk::{FlagProposal, GridPage, PreviewRow, ProposalState, Standing, Waiting};
use crate::factor::{Col, Factor, csv_cell};
use crate::release::{Dependent, PublishedRelease};
use crate::store::{DraftComment, Event, ImportJob, Token, Webhook, WebhookDelivery};
use crate::validate::Report;
use crate::web::{Frame, typeset};

/// `/sign-in`.
#[derive(Template)]
#[template(path = "work/sign_in.html")]
pub(crate) struct SignIn {
    pub(crate) frame: Frame,
    /// Where it leads.
    pub(crate) next: String,
    pub(crate) told: Told,
}

/// What whoever looks may do.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Offers {
    pub(crate) prepare: bool,
    pub(crate) decide: bool,
    pub(crate) publish: bool,
    pub(crate) administer: bool,
}

/// `/work`.
#[derive(Template)]
#[template(path = "work/home.html")]
pub(crate) struct Home {
    pub(crate) frame: Frame,
    pub(crate) waiting: Waiting,
    pub(crate) offers: Offers,
    /// Whoever looks.
    pub(crate) name: String,
    /// The datasets there are.
    pub(crate) datasets: Vec<String>,
    pub(crate) told: Told,
}

/// `/work/datasets/{id}`.
#[derive(Template)]
#[template(path = "work/dataset.html")]
pub(crate) struct Dataset {
    pub(crate) frame: Frame,
    pub(crate) dataset: String,
    pub(crate) waiting: Waiting,
    pub(crate) offers: Offers,
    /// Newest first: version, day, whether it is withdrawn.
    pub(crate) releases: Vec<(Version, String, bool)>,
    /// How many approvals are wanted, and the keys that sign; nothing where nobody imported into it.
    pub(crate) policy: Option<(i32, String, bool)>,
    pub(crate) told: Told,
}

/// A format that a file can be read under.
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) title: String,
    /// Facts that it asks for: name and what is meant.
    pub(crate) asked: Vec<(String, String)>,
    pub(crate) fits: bool,
}

/// `/work/datasets/{id}/import`.
#[derive(Template)]
#[template(path = "work/import.html")]
pub(crate) struct Import {
    pub(crate) frame: Frame,
    pub(crate) dataset: String,
    /// Whether it has a release already.
    pub(crate) known: bool,
    pub(crate) edits: i64,
    /// The draft's state, where it cannot be replaced.
    pub(crate) frozen: Option<String>,
    pub(crate) jobs: Vec<ImportJob>,
    /// In MiB.
    pub(crate) most: u64,
    pub(crate) told: Told,
}

/// `/work/datasets/{id}/import/{upload}`.
#[derive(Template)]
#[template(path = "work/preview.html")]
pub(crate) struct PreviewOf {
    pub(crate) frame: Frame,
    pub(crate) dataset: String,
    pub(crate) file_name: String,
    pub(crate) bytes: u64,
    /// The one that it was read under; blank: as a package or table.
    pub(crate) profile: String,
    pub(crate) facts: BTreeMap<String, String>,
    pub(crate) profiles: Vec<Profile>,
    /// Nothing where it is too large to be read twice.
    pub(crate) seen: Option<Seen>,
    pub(crate) edits: i64,
    pub(crate) told: Told,
}

/// What a file would become.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) rows: Vec<PreviewRow>,
    pub(crate) report: Report,
    pub(crate) refused: Option<String>,
    /// The first findings.
    pub(crate) items: Vec<Found>,
}

impl PreviewOf {
    fn asked(&self) -> &[(String, String)] {
        self.profiles.iter().find(|own| own.name == self.profile).map_or(&[], |own| own.asked.as_slice())
    }

    fn fact(&self, name: &str) -> &str {
        self.facts.get(name).map_or("", String::as_str)
    }
}

impl Seen {
    /// Whether it could be imported.
    fn sound(&self) -> bool {
        self.refused.is_none() && !self.report.has_errors() && self.report.produced > 0
    }

    fn shows(&self, row: u64) -> bool {
        self.rows.iter().any(|own| own.row == row)
    }

    /// The findings of a row.
    fn of(&self, row: u64) -> impl Iterator<Item = &Found> {
        self.items.iter().filter(move |item| item.row == Some(row))
    }

    /// Rows with findings that became no factor that is shown, in order.
    fn others(&self) -> Vec<u64> {
        let mut rows: Vec<u64> = self.items.iter().filter_map(|item| item.row).filter(|row| !self.shows(*row)).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }
}

/// `/work/imports/{number}`.
#[derive(Template)]
#[template(path = "work/job.html")]
pub(crate) struct Job {
    pub(crate) frame: Frame,
    pub(crate) job: ImportJob,
    pub(crate) ended: bool,
    /// Rows read so far.
    pub(crate) rows: u64,
    pub(crate) message: String,
    /// Counts of what it became.
    pub(crate) counts: Vec<(String, u64)>,
    pub(crate) items: Vec<Found>,
    pub(crate) total_items: usize,
}

/// `/work/datasets/{id}/draft`.
#[derive(Template)]
#[template(path = "work/draft.html")]
pub(crate) struct DraftGrid {
    pub(crate) frame: Frame,
    pub(crate) dataset: String,
    pub(crate) standing: Standing,
    pub(crate) grid: GridPage,
    pub(crate) words: String,
    pub(crate) only: String,
    /// The page that is shown, from 1.
    pub(crate) page: usize,
    pub(crate) pages: usize,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
    pub(crate) offers: Offers,
    pub(crate) told: Told,
}

impl DraftGrid {
    fn editable(&self) -> bool {
        self.offers.prepare && ["draft", "rejected"].contains(&self.standing.draft.state.as_str())
    }
}

/// `/work/datasets/{id}/draft/factors/{key}`.
#[derive(Template)]
#[template(path = "work/factor.html")]
pub(crate) struct FactorForm {
    pub(crate) frame: Frame,
    pub(crate) dataset: String,
    /// Blank for a new one.
    pub(crate) key: String,
    pub(crate) cells: Vec<Cell>,
    pub(crate) revision: i64,
    pub(crate) told: Told,
}

impl FactorForm {
    fn place(&self) -> String {
        if self.key.is_empty() { format!("/work/datasets/{}/draft/new", self.dataset) } else { factor_address(&self.dataset, &self.key) }
    }

    fn found(&self, field: &str) -> impl Iterator<Item = &Found> {
        self.told.items.iter().filter(move |item| item.field == field)
    }
}

/// The address of a factor of a draft.
pub(crate) fn factor_address(dataset: &str, key: &str) -> String {
    let segments = key.split('/').map(|part| url::form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>().replace('+', "%20"));
    format!("/work/datasets/{dataset}/draft/factors/{}", segments.collect::<Vec<_>>().join("/"))
}

/// `/work/datasets/{id}/flags`.
#[derive(Template)]
#[template(path = "work/flags.html")]
pub(crate) struct Flags {
    pub(crate) frame: Frame,
    pub(crate) dataset: String,
    /// By rule and flag: rule, flag, what it means, how many are open.
    pub(crate) groups: Vec<(String, String, String, usize)>,
    pub(crate) rule: String,
    pub(crate) flag: String,
    /// The open ones that are shown.
    pub(crate) open: Vec<FlagProposal>,
    pub(crate) total: usize,
    /// The last ones that were decided.
    pub(crate) decided: Vec<FlagProposal>,
    pub(crate) editable: bool,
    pub(crate) told: Told,
}

/// `/work/datasets/{id}/review`.
#[derive(Template)]
#[template(path = "work/review.html")]
pub(crate) struct Review {
    pub(crate) frame: Frame,
    pub(crate) dataset: String,
    pub(crate) standing: Standing,
    pub(crate) summary: Summary,
    pub(crate) rows: Vec<ChangeRow>,
    pub(crate) changed: u64,
    pub(crate) kind: String,
    pub(crate) comments: Vec<DraftComment>,
    pub(crate) events: Vec<Event>,
    pub(crate) offers: Offers,
    /// Set where whoever looks submitted it.
    pub(crate) own: bool,
    /// The text that an approval signs, where the policy names keys.
    pub(crate) to_sign: Option<String>,
    pub(crate) told: Told,
}

impl Review {
    fn said_of(&self, key: &str) -> impl Iterator<Item = &DraftComment> {
        self.comments.iter().filter(move |own| own.key.as_deref() == Some(key))
    }

    fn said_elsewhere(&self) -> Vec<&DraftComment> {
        let shown = |key: &String| self.rows.iter().any(|row| row.key == *key);
        self.comments.iter().filter(|own| !own.key.as_ref().is_some_and(shown)).collect()
    }

    fn more(&self) -> bool {
        (self.rows.len() as u64) < self.changed
    }

    fn waits(&self) -> bool {
        ["submitted", "approved"].contains(&self.standing.draft.state.as_str())
    }

    fn kinds(&self) -> [(&'static str, u64); 6] {
        let counts = self.summary.counts;
        [
            ("meaning", counts.meaning),
            ("removed", counts.removed),
            ("renamed", counts.renamed),
            ("number", counts.number),
            ("added", counts.added),
            ("text", counts.text),
        ]
    }
}

/// `/work/datasets/{id}/publish`.
#[derive(Template)]
#[template(path = "work/publish.html")]
pub(crate) struct Publish {
    pub(crate) frame: Frame,
    pub(crate) dataset: String,
    pub(crate) standing: Standing,
    pub(crate) summary: Summary,
    pub(crate) offers: Offers,
    pub(crate) own: bool,
    /// Proposals that nobody decided on.
    pub(crate) open_flags: usize,
    pub(crate) restricted: bool,
    /// Titles of the licences.
    pub(crate) licences: Vec<String>,
    pub(crate) told: Told,
}

impl Publish {
    fn state(&self) -> &str {
        self.standing.draft.state.as_str()
    }

    /// The version that it has, or would have.
    fn version(&self) -> String {
        let next = || self.standing.difference.next.as_ref().map(ToString::to_string);
        self.standing.draft.version.clone().or_else(next).unwrap_or_default()
    }
}

/// `/work/datasets/{id}/releases/{version}`.
#[derive(Template)]
#[template(path = "work/release.html")]
pub(crate) struct Release<'a> {
    pub(crate) frame: Frame,
    pub(crate) dataset: String,
    pub(crate) release: &'a PublishedRelease,
    /// Releases that are built on it: name and how many of their factors.
    pub(crate) touched: Vec<(String, usize)>,
    pub(crate) dependents: Vec<Dependent>,
    pub(crate) total: usize,
    /// What `latest` would be without it.
    pub(crate) then: Option<String>,
    pub(crate) is_latest: bool,
    /// Other releases that may be used instead.
    pub(crate) others: Vec<String>,
    pub(crate) offers: Offers,
    pub(crate) told: Told,
}

/// `/work/tokens`.
#[derive(Template)]
#[template(path = "work/tokens.html")]
pub(crate) struct Tokens {
    pub(crate) frame: Frame,
    pub(crate) tokens: Vec<(Token, Vec<String>)>,
    pub(crate) now: String,
    /// Shown this once.
    pub(crate) made: Option<(Token, String)>,
    pub(crate) told: Told,
}

impl Tokens {
    fn stands(&self, token: &Token) -> bool {
        token.revoked_at.is_none() && token.expires_at.as_ref().is_none_or(|at| *at > self.now)
    }
}

/// `/work/webhooks`.
#[derive(Template)]
#[template(path = "work/webhooks.html")]
pub(crate) struct Webhooks {
    pub(crate) frame: Frame,
    pub(crate) hooks: Vec<Webhook>,
    pub(crate) types: &'static [&'static str],
    pub(crate) datasets: Vec<String>,
    /// Id and secret, shown this once.
    pub(crate) made: Option<(String, String)>,
    pub(crate) told: Told,
}

/// `/work/webhooks/{id}`.
#[derive(Template)]
#[template(path = "work/webhook.html")]
pub(crate) struct WebhookOf {
    pub(crate) frame: Frame,
    pub(crate) hook: Webhook,
    pub(crate) deliveries: Vec<WebhookDelivery>,
    pub(crate) made: Option<String>,
    pub(crate) told: Told,
}

/// `/work/events`.
#[derive(Template)]
#[template(path = "work/events.html")]
pub(crate) struct Events {
    pub(crate) frame: Frame,
    pub(crate) events: Vec<Event>,
    pub(crate) dataset: String,
    pub(crate) older: Option<String>,
}

/// A cell of a factor, as it is written.
fn cell(factor: &Factor, column: Col) -> String {
    csv_cell(factor, column).into_owned()
}

fn unit_of(frame: &Frame, factor: &Factor) -> String {
    typeset::unit(&cell(factor, Col::Metric), &factor.per, frame.lang)
}

fn name_of(frame: &Frame, factor: &Factor) -> String {
    frame.lang.text(&factor.name)
}

/// A text of a member, without the quotes of JSON, cut where it is long.
fn brief(value: &serde_json::Value) -> String {
    let text = match value {
        serde_json::Value::Null => "—".to_owned(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.chars().count() <= 160 { text } else { text.chars().take(160).chain(['…']).collect() }
}

/// A moment without its seconds' fuss: `2026-09-01 12:00`.
fn moment(at: &str) -> String {
    at.chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect()
}

fn bump_code(bump: Bump) -> &'static str {
    match bump {
        Bump::None => "NONE",
        Bump::Patch => "PATCH",
        Bump::Minor => "MINOR",
        Bump::Major => "MAJOR",
    }
}

/// What an act is called.
fn act_words(frame: &Frame, act: &str) -> String {
    let known = ACTS.iter().find(|(own, ..)| *own == act);
    known.map_or_else(|| act.to_owned(), |(_, zh, en)| frame.say(*zh, *en))
}

const ACTS: &[(&str, &str, &str)] = &[
    ("draft.import", "导入草稿", "imported a draft"),
    ("draft.edit", "修改因子", "edited a factor"),
    ("draft.flags", "处理标记", "decided on flags"),
    ("draft.crosswalk", "修改对照表", "changed the crosswalk"),
    ("draft.comment", "评论", "commented"),
    ("draft.submit", "提交审核", "submitted"),
    ("draft.approve", "批准", "approved"),
    ("draft.reject", "退回", "sent back"),
    ("draft.discard", "丢弃草稿", "discarded the draft"),
    ("release.publish", "发布", "published"),
    ("release.withdraw", "撤回版本", "withdrew a release"),
    ("release.restore", "解除撤回", "restored a release"),
    ("release.supersede", "注明取代", "superseded a release"),
    ("dataset.policy", "更改规则", "changed the policy"),
    ("token.create", "创建令牌", "made a token"),
    ("token.revoke", "撤销令牌", "revoked a token"),
    ("grant.create", "授权读取", "granted reading"),
    ("release.flag", "加标记", "raised a flag"),
    ("release.unflag", "去标记", "took a flag back"),
    ("grant.revoke", "收回授权", "took a grant back"),
    ("session.begin", "登录", "signed in"),
    ("session.end", "退出", "signed out"),
    ("webhook.create", "创建网络钩子", "made a webhook"),
    ("webhook.change", "更改网络钩子", "changed a webhook"),
    ("webhook.delete", "删除网络钩子", "deleted a webhook"),
];

/// What kind of change a factor saw.
fn class_words(frame: &Frame, class: &str) -> String {
    match class {
        "added" => frame.say("新增", "added"),
        "removed" => frame.say("移除", "removed"),
        "renamed" => frame.say("更名", "renamed"),
        "meaning" => frame.say("含义改变", "other meaning"),
        "number" => frame.say("数值改变", "other number"),
        "changed" => frame.say("已改", "changed"),
        _ => frame.say("文字改变", "other words"),
    }
}

/// Why the version takes this step.
fn step_words(frame: &Frame, bump: Bump, first: bool) -> String {
    match bump {
        _ if first => frame.say("首次发布：所有因子都是新的，以后的版本与它相比。", "The first release: every factor is new, and later ones are compared with it."),
        Bump::None => frame.say("没有差异，无需发布。", "Nothing differs: there is nothing to release."),
        Bump::Patch => frame.say(
            "只有文字变化，数值与含义都不变，所以是 PATCH：使用者无需重新计算。",
            "Only words changed; every number and meaning stays. So it is a PATCH: nobody has to compute anew.",
        ),
        Bump::Minor => frame.say(
            "有数值新增或改变，但没有因子消失，也没有因子换了含义，所以是 MINOR：重新计算时结果可能不同。",
            "Numbers were added or changed, no factor is gone and none means another thing. So it is a MINOR: whoever computes anew may get other results.",
        ),
        Bump::Major => frame.say(
            "有因子消失、更名或含义改变（或许可收窄），所以是 MAJOR：使用者必须逐项核对。",
            "A factor is gone, renamed or means another thing, or a licence narrowed. So it is a MAJOR: whoever uses it must look.",
        ),
    }
}

/// A reason of the step, in words.
fn reason_words(frame: &Frame, what: &str, factors: u64) -> String {
    match what {
        "metadata" => frame.say("标题、许可、来源或贡献者有变化", "title, licences, sources or contributors changed"),
        "added" | "removed" | "renamed" => {
            format!("{} × {factors}", class_words(frame, what))
        }
        member => frame.say(format!("“{member}” 有变化 × {factors}"), format!("“{member}” changed × {factors}")),
    }
}
