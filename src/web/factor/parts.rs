//! The charts of what a factor is made of: its interval, its stages, its gases, its scores.

use num_rational::BigRational;
use num_traits::Signed;

use super::charts::{Matter, told};
use super::gas_sign;
use crate::factor::{GwpSet, Metric, Score, StageCode, Uncertainty, counted_stages};
use crate::web::Lang;
use crate::web::charts::{BarRow, Bars, Chart, Number, Part, Span, Told, bar_chart, score_chart, span_chart, waterfall_chart};

pub(super) fn interval(matter: Matter<'_>) -> Option<Chart> {
    let (factor, lang) = (matter.factor, matter.lang);
    let stated = factor.uncertainty.as_ref()?;
    let value = Number::from(&factor.value);
    let (low, high) = stated.interval(&value.exact, &BigRational::from(num_bigint::BigInt::from(1)));
    // published bounds stand as they were written; computed ones get one digit more than the value
    let digits = factor.value.scale().saturating_add(1).min(12);
    let computed = |exact: BigRational| Number::rounded(exact, digits);
    let (low, high) = match stated {
        Uncertainty::Range { low, high, .. } | Uncertainty::Triangular { low, high, .. } => (Number::from(low), Number::from(high)),
        _ => (computed(low), computed(high)),
    };
    let level = |level: &Option<crate::factor::Decimal>| match level {
        Some(level) => lang.say(format!("，置信水平 {level}\u{202f}%"), format!(", {level}\u{202f}% confidence")),
        None => lang.say("，来源未说明置信水平", ", confidence level not stated"),
    };
    let how = match stated {
        Uncertainty::Range { level: own, .. } => lang.say("来源给出的区间", "Bounds as stated by the source") + &level(own),
        Uncertainty::Percent { percent, level: own } => format!("±\u{202f}{percent}\u{202f}%{}", level(own)),
        Uncertainty::Lognormal { gsd } => lang.say(
            format!("对数正态分布，几何标准差 {gsd}；图示 95\u{202f}% 区间（÷\u{202f}GSD²，×\u{202f}GSD²）"),
            format!(
                "Lognormal with geometric standard deviation {gsd}; the 95\u{202f}% interval (÷\u{202f}GSD² to ×\u{202f}GSD²) is drawn"
            ),
        ),
        Uncertainty::Normal { sd } => lang.say(
            format!("正态分布，标准差 {sd}；图示 95\u{202f}% 区间（±\u{202f}1.96 个标准差）"),
            format!("Normal with standard deviation {sd}; the 95\u{202f}% interval (± 1.96 standard deviations) is drawn"),
        ),
        Uncertainty::Triangular { mode, .. } => lang.say(format!("三角分布，最可能值 {mode}"), format!("Triangular, likeliest {mode}")),
    };
    let finding = format!("{} – {}{}{how}", low.text, high.text, lang.say("；", "; "));
    Some(span_chart(told(matter, "uncertainty", lang.say("不确定度", "Uncertainty"), finding), &Span { low, value, high }, lang))
}

/// A stage in words, with its code.
pub(in crate::web) fn stage_name(code: &str, lang: Lang) -> String {
    StageCode::named(code).map_or_else(|| code.to_owned(), |stage| format!("{} {}", stage.code, lang.text(&stage.name)))
}

pub(super) fn stages(matter: Matter<'_>) -> Option<Chart> {
    let (factor, lang) = (matter.factor, matter.lang);
    if factor.stages.is_empty() {
        return None;
    }
    let counted: Vec<&str> = counted_stages(&factor.stages).map(|own| own.stage.as_str()).collect();
    let parts: Vec<Part> = factor
        .stages
        .iter()
        .map(|own| Part {
            name: stage_name(&own.stage, lang),
            value: Number::from(&own.value),
            counted: counted.contains(&own.stage.as_str()),
        })
        .collect();
    let total = Number::from(&factor.value);
    let largest = parts.iter().filter(|part| part.counted).max_by(|a, b| a.value.exact.cmp(&b.value.exact));
    let finding = largest.filter(|_| total.exact.is_positive()).map(|part| {
        let share = Number::rounded(&part.value.exact / &total.exact * BigRational::from(num_bigint::BigInt::from(100)), 1).text;
        lang.say(
            format!("最大的阶段是{}，占 {share}\u{202f}%。", part.name),
            format!("The largest stage is {}: {share}\u{202f}%.", part.name),
        )
    });
    let told = told(matter, "stages", lang.say("生命周期各阶段", "Life-cycle stages"), finding.unwrap_or_default());
    Some(waterfall_chart(told, &parts, &total, lang))
}

pub(super) fn gases(matter: Matter<'_>) -> Option<Chart> {
    let (factor, lang) = (matter.factor, matter.lang);
    if factor.gases.is_empty() && factor.gases_co2e.is_empty() {
        return None;
    }
    let set = factor.gwp.as_deref().and_then(GwpSet::get).filter(|_| factor.metric == Metric::Co2e);
    let mut rows = Vec::new();
    for amount in &factor.gases {
        let figure = set.and_then(|set| set.figure(&amount.gas, amount.origin).ok().flatten());
        let origin = amount.origin.map(|origin| match origin.code() {
            "fossil" => lang.say("（化石源）", " (fossil)"),
            _ => lang.say("（生物源）", " (biogenic)"),
        });
        let kg = format!("{}\u{202f}kg", amount.kg);
        let beside = figure.map_or_else(|| kg.clone(), |figure| format!("{kg} × {figure}"));
        // biogenic CO2 counts nothing in a set
        let value = match set {
            Some(set) => set.potential(&amount.gas, amount.origin).ok().map(|own| Number::computed(amount.kg.to_rational() * own)),
            None => (amount.gas == "CO2").then(|| Number::from(&amount.kg)),
        };
        rows.push(BarRow { name: gas_sign(&amount.gas) + &origin.unwrap_or_default(), value, beside, ..BarRow::default() });
    }
    for part in &factor.gases_co2e {
        let beside = lang.say("来源只给出 CO₂e", "known in CO₂e alone");
        rows.push(BarRow { name: gas_sign(&part.gas), value: Some(Number::from(&part.co2e)), beside, ..BarRow::default() });
    }
    rows.sort_by(|a, b| b.value.as_ref().map(|value| &value.exact).cmp(&a.value.as_ref().map(|value| &value.exact)));
    let most = rows.first().filter(|_| rows.len() > 1).and_then(|row| Some((row.name.clone(), row.value.clone()?)));
    let finding = match (most, &factor.gwp) {
        (Some((name, _)), Some(gwp)) => {
            lang.say(format!("按 {gwp} 折算后，{name} 占比最大。"), format!("Under {gwp}, {name} contributes most."))
        }
        _ => String::new(),
    };
    let bars = Bars {
        told: told(matter, "gases", lang.say("各温室气体的贡献", "What each gas contributes"), finding),
        name: lang.say("气体", "gas"),
        value: lang.say("折合", "contributes"),
        beside: lang.say("气体质量 × GWP", "mass of the gas × GWP"),
        rows,
    };
    Some(bar_chart(bars, lang))
}

pub(super) fn scores(matter: Matter<'_>) -> Option<Chart> {
    let (factor, lang) = (matter.factor, matter.lang);
    let quality = factor.quality.as_ref()?;
    let number = |score: &Score| match score {
        Score::Whole(score) => Number::count(usize::from(*score)),
        Score::Part(score) => Number::from(score),
    };
    let mut rows: Vec<BarRow> = quality
        .scores
        .iter()
        .map(|(name, score)| BarRow { name: indicator(name, lang), value: Some(number(score)), ..BarRow::default() })
        .collect();
    rows.extend(quality.dqr.as_ref().map(|dqr| BarRow {
        name: "DQR".into(),
        value: Some(Number::from(dqr)),
        own: true,
        ..BarRow::default()
    }));
    if rows.is_empty() {
        return None;
    }
    let scheme = quality.scheme.to_uppercase();
    let finding = quality
        .dqr
        .as_ref()
        .map(|dqr| lang.say(format!("综合评分 DQR = {dqr}（{scheme}）。"), format!("The aggregate DQR is {dqr} ({scheme}).")));
    let told = Told {
        id: "dqr".into(),
        title: lang.say("数据质量评分", "Data quality rating"),
        finding: finding.unwrap_or_else(|| scheme.clone()),
        unit: String::new(),
    };
    let bars = Bars { told, name: lang.say("指标", "indicator"), value: lang.say("得分", "score"), beside: String::new(), rows };
    Some(score_chart(bars, lang))
}

fn indicator(code: &str, lang: Lang) -> String {
    let (zh, en) = match code {
        "TeR" | "technologicalDQR" | "technological" => ("技术代表性", "technological"),
        "GR" | "geographicalDQR" | "geographical" => ("地理代表性", "geographical"),
        "TiR" | "temporalDQR" | "temporal" => ("时间代表性", "temporal"),
        "P" => ("精度", "precision"),
        "completenessDQR" | "completeness" => ("完整性", "completeness"),
        "reliabilityDQR" | "reliability" => ("可靠性", "reliability"),
        other => (other, other),
    };
    if zh == code { code.to_owned() } else { format!("{} {code}", lang.say(zh, en)) }
}
