//! The cells of a factor in a form, with their names in words.

use crate::factor::{COLUMNS, Factor, csv_cells};
use crate::web::Lang;

/// One cell of a form.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    /// The column.
    pub(crate) name: &'static str,
    /// In words.
    pub(crate) label: &'static str,
    /// What stands there.
    pub(crate) value: String,
    /// Whether the column must be filled.
    pub(crate) required: bool,
    /// Whether it is long text.
    pub(crate) long: bool,
    /// Whether it stands among those that are seen first.
    pub(crate) first: bool,
}

/// The cells of a factor, or of a new one; what was typed goes before what stands there.
pub(crate) fn cells_of<'t>(factor: Option<&Factor>, typed: impl Fn(&str) -> Option<&'t str>, lang: Lang) -> Vec<Cell> {
    let values = factor.map(csv_cells).unwrap_or_default();
    let cell = |(place, column): (usize, &'static crate::factor::Column)| {
        let (_, zh, en) = LABELS.iter().find(|(name, ..)| *name == column.name).copied().unwrap_or((column.name, column.name, column.name));
        let kept = values.get(place).cloned().unwrap_or_default();
        Cell {
            name: column.name,
            label: lang.either(zh, en),
            value: typed(column.name).map_or(kept, str::to_owned),
            required: column.required,
            long: column.name.starts_with("description") || column.name.starts_with("note") || column.name.starts_with("synonyms"),
            first: FIRST.contains(&column.name),
        }
    };
    COLUMNS.iter().enumerate().filter(|(_, column)| column.name != "key").map(cell).collect()
}

/// The columns that nearly every edit is about.
const FIRST: &[&str] = &[
    "value",
    "metric",
    "per",
    "region",
    "year",
    "name_en",
    "name_zh",
    "activity",
    "kind",
    "source",
    "locator",
    "value_text",
    "unit_text",
    "flags",
];

const LABELS: &[(&str, &str, &str)] = &[
    ("activity", "活动", "activity"),
    ("kind", "种类", "kind"),
    ("name_en", "英文名称", "name in English"),
    ("name_zh", "中文名称", "name in Chinese"),
    ("description_en", "英文说明", "description in English"),
    ("description_zh", "中文说明", "description in Chinese"),
    ("region", "地区", "region"),
    ("year", "数据年份", "data year"),
    ("period_from", "数据起始日", "data from"),
    ("period_to", "数据截止日", "data to"),
    ("valid_from", "适用起始日", "valid from"),
    ("valid_until", "适用截止日", "valid until"),
    ("published", "公布日期", "published"),
    ("value", "数值", "value"),
    ("metric", "量（CO2e、CO2…）", "metric (CO2e, CO2, …)"),
    ("per", "单位（每…）", "unit (per …)"),
    ("basis", "热值基准", "basis"),
    ("price_year", "价格年份", "price year"),
    ("price_basis", "价格基准", "price basis"),
    ("gwp", "GWP 数值集", "GWP set"),
    ("co2e_origin", "CO2e 由来", "origin of the CO2e"),
    ("boundary", "系统边界", "boundary"),
    ("scope", "范围", "scope"),
    ("technology", "技术", "technology"),
    ("category", "类别", "category"),
    ("synonyms_en", "英文别名", "other names in English"),
    ("synonyms_zh", "中文别名", "other names in Chinese"),
    ("co2_fossil", "化石 CO2", "fossil CO2"),
    ("co2_biogenic", "生物源 CO2", "biogenic CO2"),
    ("ch4", "CH4", "CH4"),
    ("ch4_fossil", "化石 CH4", "fossil CH4"),
    ("ch4_biogenic", "生物源 CH4", "biogenic CH4"),
    ("n2o", "N2O", "N2O"),
    ("sf6", "SF6", "SF6"),
    ("nf3", "NF3", "NF3"),
    ("other_gases", "其他气体", "other gases"),
    ("gases_co2e", "各气体的 CO2e", "gases as CO2e"),
    ("stages", "生命周期阶段", "life cycle stages"),
    ("uncertainty", "不确定度", "uncertainty"),
    ("dqr", "数据质量评分", "data quality rating"),
    ("flags", "标记", "flags"),
    ("classifications", "分类编码", "classifications"),
    ("source", "来源", "source"),
    ("source_level", "来源层级", "level of the source"),
    ("locator", "在来源中的位置", "place in the source"),
    ("value_text", "来源中的数值原文", "value as the source writes it"),
    ("unit_text", "来源中的单位原文", "unit as the source writes it"),
    ("derived_from", "由哪些因子算出", "derived from"),
    ("rule", "核算规则", "accounting rule"),
    ("certificate", "证书", "certificate"),
    ("note_en", "英文备注", "note in English"),
    ("note_zh", "中文备注", "note in Chinese"),
    ("status", "状态", "status"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_words() {
        for column in COLUMNS.iter().filter(|column| column.name != "key") {
            assert!(LABELS.iter().any(|(name, ..)| *name == column.name), "{}", column.name);
        }
        let cells = cells_of(None, |name| (name == "value").then_some("1"), Lang::Zh);
        assert_eq!(cells.iter().find(|cell| cell.name == "value").map(|cell| (cell.value.as_str(), cell.label)), Some(("1", "数值")));
    }
}
