//! The sheet of a workbook that says what the others are.

use super::xlsx::Altered;
use super::{Context, Of, Rows, about, columns};
use crate::factor::{COLUMNS, Flag, FlagSeverity};

/// One line of the sheet.
pub(super) enum Note {
    /// The head of what follows.
    Head(String),
    /// A name and its text.
    Pair(String, String),
}

fn pair(name: &str, text: impl Into<String>) -> Note {
    Note::Pair(name.to_owned(), text.into())
}

/// What the workbook says of itself: releases, terms, columns, flags, and what it could not hold as it was.
pub(super) fn notes<'a>(
    rows: &Rows,
    context: &Context<'_>,
    sheets: usize,
    altered: Altered,
    flags: impl Iterator<Item = (&'a str, &'a Flag)>,
) -> Vec<Note> {
    let mut notes = vec![Note::Head("Emission factors 排放因子".to_owned()), pair("Factors 因子数", rows.len().to_string())];
    if let Of::Selection { query } = context.of {
        notes.push(pair("Selection 筛选条件", if query.is_empty() { "everything 全部" } else { query }));
    }
    for release in rows.releases() {
        notes.push(Note::Head(release.id()));
        let metadata = &release.manifest.metadata;
        notes.extend(metadata.title.zh.iter().map(|title| pair("名称", title)));
        notes.extend(metadata.title.en.iter().map(|title| pair("Title", title)));
        notes.push(pair("Version 版本", release.version.to_string()));
        notes.push(pair("Manifest 清单摘要", release.manifest_digest.to_string()));
        notes.push(pair("Licence 许可", about::licence_ids(release)));
        for licence in &metadata.licences {
            notes.extend(licence.title.iter().map(|title| pair("", title)));
            notes.extend(licence.url.iter().map(|url| pair("", url)));
            notes.extend(licence.attribution.zh.iter().map(|text| pair("署名", text)));
            notes.extend(licence.attribution.en.iter().map(|text| pair("Attribution", text)));
        }
        notes.push(pair("Cite as 引用", about::cite_release(release)));
    }
    notes.push(Note::Head("How to read 阅读说明".to_owned()));
    notes.push(pair(
        "value 数值",
        "The exact value, as published, is the text in `value`; `value_number` is the nearest number that a spreadsheet can \
         compute with. 准确数值以 value 列文本为准，value_number 为便于计算的近似数。",
    ));
    notes.push(pair(
        "digest 摘要",
        "SHA-256 of the factor's canonical line: with it anybody proves which number was used. 因子规范行的 SHA-256。",
    ));
    if sheets > 1 {
        notes.push(pair("Sheets 分表", format!("A sheet holds no more rows: the factors stand on {sheets} sheets, in one order.")));
    }
    if altered.cut > 0 {
        notes.push(pair("Cut 截断", format!("{} texts are longer than a cell holds, and say where they were cut.", altered.cut)));
    }
    if altered.cleaned > 0 {
        let text = "texts held control characters, which a workbook cannot hold: they were left out, and line ends made alike.";
        notes.push(pair("Cleaned 清理", format!("{} {text}", altered.cleaned)));
    }
    notes.push(Note::Head("Flags 质量标记".to_owned()));
    for (code, Flag { severity, name, description }) in flags {
        let severity = match severity {
            FlagSeverity::Info => "info",
            FlagSeverity::Warning => "warning",
            FlagSeverity::Block => "block",
        };
        let chinese = name.zh.as_deref().unwrap_or_default();
        notes.push(pair(code, format!("{severity}: {description} {chinese}")));
    }
    notes.push(Note::Head("Columns 列".to_owned()));
    let own = ["value_number", "cite", "dataset", "version", "digest"];
    for name in COLUMNS.iter().map(|column| column.name).chain(own) {
        notes.push(pair(name, format!("{}: {}", columns::chinese(name), columns::meaning(name))));
    }
    notes
}
