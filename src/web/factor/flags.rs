//! Flags with what they mean for whoever uses the number.

use crate::factor::{FlagSeverity, flags};
use crate::lookup::Notice;
use crate::web::Lang;

/// A flag as the page tells it.
pub(super) struct FlagRow {
    /// `block`, `warning` or `info`.
    pub(super) class: &'static str,
    pub(super) severity: String,
    pub(super) name: String,
    pub(super) code: String,
    /// What it means for use.
    pub(super) advice: String,
    /// Who raised it after the release, when and why; empty for one of the release.
    pub(super) raised: String,
}

/// The flags of the release and, behind them, what became known later.
pub(super) fn flag_rows(own: &[String], later: &[Notice], lang: Lang) -> Vec<FlagRow> {
    let released = own.iter().map(|code| row(code, String::new(), lang));
    let noticed = later.iter().map(|notice| {
        let day = crate::web::typeset::day(&notice.at);
        let raised =
            lang.say(format!("{day} 由 {} 提出：{}", notice.by, notice.why), format!("Raised {day} by {}: {}", notice.by, notice.why));
        row(notice.flag, raised, lang)
    });
    released.chain(noticed).collect()
}

fn row(code: &str, raised: String, lang: Lang) -> FlagRow {
    let listed = flags().get(code);
    let severity = listed.map_or(FlagSeverity::Info, |flag| flag.severity);
    let (class, zh, en) = match severity {
        FlagSeverity::Block => ("block", "不宜使用", "do not use"),
        FlagSeverity::Warning => ("warning", "警示", "warning"),
        FlagSeverity::Info => ("info", "提示", "note"),
    };
    let advice = ADVICE.iter().find(|(own, ..)| *own == code).map(|(_, zh, en)| lang.say(*zh, *en));
    let advice = advice.or_else(|| listed.map(|flag| flag.description.clone())).unwrap_or_default();
    let name = listed.map_or_else(|| code.to_owned(), |flag| lang.text(&flag.name));
    FlagRow { class, severity: lang.say(zh, en), name, code: code.to_owned(), advice, raised }
}

/// What each flag means for use.
const ADVICE: &[(&str, &str, &str)] = &[
    (
        "converted_by_us",
        "单位或 CO₂e 由整理者换算，来源原值列在旁边。可以使用；引用时请同时写出原值。",
        "The curator converted the unit or the CO₂e; the source's own value stands beside it. Fit for use; quote the original with it.",
    ),
    (
        "erroneous_calculation",
        "已知来源计算有误，不要用于核算。请改用更正后的版本或其他来源。",
        "The source is known to have computed it wrongly: do not account with it. Take a corrected edition or another source.",
    ),
    (
        "gwp_mixed",
        "CO₂e 混用了不同版本的 GWP，与单一 GWP 版本的因子不可直接相加或比较。",
        "Its CO₂e mixes GWP sets: do not add or compare it with factors of one set.",
    ),
    (
        "gwp_unknown",
        "来源未说明所用 GWP 版本。需要指定 GWP 版本的报告不宜直接使用。",
        "Nobody knows which GWP set it counts under: unfit where a report prescribes one.",
    ),
    (
        "import_error",
        "数值在导入过程中出错，不要使用；请查看后续版本。",
        "The number went wrong on its way into the release: do not use it, look for a later release.",
    ),
    (
        "input_withdrawn",
        "计算所用的上游版本已撤回。使用前请核对上游，必要时等待重新计算。",
        "Something that it was computed from has been withdrawn: check the input, or wait for a new computation.",
    ),
    (
        "kind_mismatch_risk",
        "同名的直接排放、全生命周期和碳市场数值同时流通。请确认您需要的正是这一类。",
        "Direct, life-cycle and trading-scheme values circulate under this name: make sure that you want this kind.",
    ),
    (
        "licence_unclear",
        "能否转载尚无定论，不要在对外产品中使用。",
        "Whether it may be passed on is not settled: keep it out of products that you hand on.",
    ),
    (
        "methodological_variance",
        "方法与可比因子明显不同。比较时请说明方法差异。",
        "Its method differs notably from that of comparable factors: say so where you compare.",
    ),
    (
        "net_gross_unknown",
        "来源未说明按高位还是低位发热量。两者可差 5–10\u{202f}%，请先与您的热值口径核对。",
        "Net or gross calorific value is not stated; they differ by 5–10\u{202f}%. Check against your own basis first.",
    ),
    (
        "outdated",
        "已超过适用期或已有新的公布值。除补报历史年份外，请使用新值。",
        "Past its validity, or replaced by a later publication: take the newer one, except for reports on past years.",
    ),
    (
        "outlier",
        "与可比因子相差很大。使用前请阅读证据并核对来源。",
        "Far from comparable factors: read the evidence and check the source before use.",
    ),
    (
        "partial_boundary",
        "通常应计入的部分没有计入，或边界不明。与完整边界的因子相比会偏低。",
        "Part of the usual boundary is missing or unstated: expect it to be low beside factors with a whole one.",
    ),
    (
        "partial_gases",
        "没有包含全部温室气体（例如只含 CO₂）。需要 CO₂e 时不能直接代替。",
        "Some greenhouse gases are not in it (for example CO₂ only): it does not stand in for CO₂e.",
    ),
    (
        "price_year_unknown",
        "按金额计，但价格年份不明。无法按通胀调整，误差可能很大。",
        "Per money of an unknown year: it cannot be adjusted for inflation, and may be far off.",
    ),
    (
        "proxy_region",
        "数值来自其他地区，在此代用。能找到本地数值时请改用。",
        "Made for another region and standing in here: take a local value where there is one.",
    ),
    (
        "proxy_year",
        "数值来自其他年份，在此代用。报告中请说明数据年份。",
        "Made for another year and standing in here: name the data year in a report.",
    ),
    (
        "rounded",
        "自来源到此经过舍入，末位可能与原文不同。",
        "Rounded on its way from the source: the last digit may differ from the original.",
    ),
    (
        "secondary_source",
        "读自引用原文的二手资料。用于核查时请找到原文。",
        "Read in a copy that cites the original: find the original for verification.",
    ),
    ("self_reported", "由企业或机构自行申报，未经外部核查。", "Stated by the company or body that it describes, without outside review."),
    (
        "suspicious_homogeneity",
        "本应不同的数值彼此相等，可能是缺省值。请勿用于比较差异。",
        "Equal where differences would be expected, perhaps a default: do not read differences out of it.",
    ),
    ("unit_uncertain", "来源单位存疑，不要使用；请向发布者核实。", "The unit in the source is in doubt: do not use it, ask the publisher."),
    ("unreviewed", "除整理者外尚无人核对。", "Nobody but its curator has checked it."),
    (
        "value_disputed",
        "可信来源给出的数值不一致，在澄清之前不要使用。",
        "Trustworthy sources disagree: do not use it before that is cleared up.",
    ),
    ("withdrawn_by_source", "发布者已撤回该数值，不要使用。", "Its publisher has withdrawn it: do not use it."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_has_its_advice_in_both_languages() {
        for code in flags().keys() {
            assert!(ADVICE.iter().any(|(own, ..)| own == code), "{code}");
        }
        assert_eq!(ADVICE.len(), flags().len());
    }
}
