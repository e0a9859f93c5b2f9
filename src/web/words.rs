//! Codes in words, in Chinese and English.

use crate::factor::{Basis, Factor, FlagSeverity, GwpSet, Metric, PriceBasis, Region, SourceLevel, Status, Text, flags, kinds, unit_name};

/// The same in Chinese and in English; neither is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Both {
    pub(super) zh: String,
    pub(super) en: String,
}

impl Both {
    pub(super) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// The same text in both columns.
    pub(super) fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { zh: text.clone(), en: text }
    }

    /// A text of which one language may be missing, and a code for where both are.
    pub(super) fn of(text: &Text, code: &str) -> Self {
        let pick = |first: &Option<String>, second: &Option<String>| first.clone().or_else(|| second.clone());
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty()).unwrap_or_else(|| code.to_owned());
        Self { zh: filled(pick(&text.zh, &text.en)), en: filled(pick(&text.en, &text.zh)) }
    }

    /// Several, parted as each language parts them.
    pub(super) fn list(items: &[Self]) -> Self {
        let join = |mark: &str, word: fn(&Self) -> &str| items.iter().map(word).collect::<Vec<_>>().join(mark);
        Self { zh: join("；", |both| &both.zh), en: join("; ", |both| &both.en) }
    }

    /// With a code behind each.
    pub(super) fn with_code(self, code: &str) -> Self {
        if self.zh == code { self } else { Self { zh: format!("{}（{code}）", self.zh), en: format!("{} ({code})", self.en) } }
    }
}

/// Value and unit in words: `0.5153 kg CO2 per kilowatt hour`, `每千瓦时 0.5153 千克二氧化碳`.
pub(super) fn value(factor: &Factor) -> Both {
    let (zh, en) = match factor.metric {
        Metric::Co2 => ("千克二氧化碳", "kg CO2"),
        Metric::Co2e => ("千克二氧化碳当量", "kg CO2 equivalent"),
    };
    let per = per(factor);
    Both::new(format!("每{} {} {zh}", per.zh, factor.value), format!("{} {en} per {}", factor.value, per.en))
}

fn per(factor: &Factor) -> Both {
    let unit = unit_name(&factor.per).map_or_else(|| Both::same(&factor.per), |name| Both::of(name, &factor.per));
    let Some(year) = factor.price_year else { return unit };
    let (zh, en) = match factor.price_basis {
        None => ("价格", "prices"),
        Some(PriceBasis::Basic) => ("基本价格", "basic prices"),
        Some(PriceBasis::Producer) => ("生产者价格", "producer prices"),
        Some(PriceBasis::Purchaser) => ("购买者价格", "purchaser prices"),
    };
    Both::new(format!("{}（{year} 年{zh}）", unit.zh), format!("{} ({year} {en})", unit.en))
}

pub(super) fn metric(metric: Metric) -> Both {
    match metric {
        Metric::Co2 => Both::new("仅二氧化碳（CO2）", "Carbon dioxide alone (CO2)"),
        Metric::Co2e => Both::new("二氧化碳当量（CO2e）", "CO2 equivalent (CO2e)"),
    }
}

pub(super) fn kind(code: &str) -> Both {
    kinds().get(code).map_or_else(|| Both::same(code), |kind| Both::of(&kind.name, code).with_code(code))
}

pub(super) fn gwp(id: &str) -> Both {
    GwpSet::get(id).map_or_else(|| Both::same(id), |set| Both::of(&set.name, id).with_code(id))
}

pub(super) fn region(code: &str) -> Both {
    Region::get(code).map_or_else(|| Both::same(code), |region| Both::of(&region.name, code).with_code(code))
}

/// A flag with what it means for use.
pub(super) fn flag(code: &str) -> Both {
    let Some(flag) = flags().get(code) else { return Both::same(code) };
    let (zh, en) = match flag.severity {
        FlagSeverity::Info => ("提示", "info"),
        FlagSeverity::Warning => ("警告", "warning"),
        FlagSeverity::Block => ("不宜使用", "do not use"),
    };
    let name = Both::of(&flag.name, code);
    Both::new(format!("{}（{zh}）", name.zh), format!("{} ({en}, {code})", name.en))
}

pub(super) fn basis(basis: Basis) -> Both {
    match basis {
        Basis::NetCv => Both::new("按低位发热量", "net calorific value"),
        Basis::GrossCv => Both::new("按高位发热量", "gross calorific value"),
        Basis::Dry => Both::new("干基", "dry matter"),
        Basis::Wet => Both::new("湿基", "matter as it is, water included"),
        Basis::PerDeclaredUnit => Both::new("按声明单位", "per declared unit"),
    }
}

pub(super) fn level(level: SourceLevel) -> Both {
    match level {
        SourceLevel::OfficialNational => Both::new("国家主管部门文件", "national authority's document"),
        SourceLevel::OfficialProvincial => Both::new("省级主管部门文件", "provincial authority's document"),
        SourceLevel::International => Both::new("国际机构文件", "international body's document"),
        SourceLevel::Industry => Both::new("行业机构文件", "industry body's document"),
        SourceLevel::PeerReviewed => Both::new("同行评议文献", "peer-reviewed publication"),
        SourceLevel::Company => Both::new("企业声明", "company statement"),
        SourceLevel::Secondary => Both::new("二手来源", "secondary source"),
    }
}

pub(super) fn status(status: Status) -> Both {
    match status {
        Status::Valid => Both::new("有效", "valid"),
        Status::Deprecated => Both::new("不建议使用", "deprecated"),
        Status::Superseded => Both::new("已被取代", "superseded"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(changes: &serde_json::Value) -> Factor {
        let mut line = serde_json::json!({"key": "k", "activity": "a", "kind": "spend", "name": {"en": "n"}, "region": "CN", "value": "0.10",
            "metric": "CO2e", "per": "kW.h", "source": {"id": "s"}});
        line.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        serde_json::from_value(line).unwrap()
    }

    #[test]
    fn values_in_words() {
        let table = [
            (serde_json::json!({}), "每千瓦时 0.10 千克二氧化碳当量", "0.10 kg CO2 equivalent per kilowatt hour"),
            (serde_json::json!({"metric": "CO2", "per": "t.km"}), "每吨千米 0.10 千克二氧化碳", "0.10 kg CO2 per tonne kilometre"),
            (serde_json::json!({"per": "dm3"}), "每dm3 0.10 千克二氧化碳当量", "0.10 kg CO2 equivalent per dm3"),
            (
                serde_json::json!({"per": "CNY", "price_year": 2022, "price_basis": "producer"}),
                "每CNY（2022 年生产者价格） 0.10 千克二氧化碳当量",
                "0.10 kg CO2 equivalent per CNY (2022 producer prices)",
            ),
        ];
        for (changes, zh, en) in table {
            assert_eq!(value(&factor(&changes)), Both::new(zh, en));
        }
    }

    #[test]
    fn codes_in_words() {
        assert_eq!(region("CN-ZJ"), Both::new("浙江（CN-ZJ）", "Zhejiang (CN-ZJ)"));
        assert_eq!(region("nowhere"), Both::same("nowhere"));
        assert_eq!(kind("combustion").en, "Fuel combustion (combustion)");
        assert_eq!(flag("unheard_of"), Both::same("unheard_of"));
        assert!(flag("value_disputed").en.contains("do not use"));
        assert_eq!(Both::of(&Text { en: Some("a".into()), zh: None }, "c"), Both::same("a"));
        assert_eq!(Both::of(&Text::default(), "c"), Both::same("c"));
    }
}
