//! Packages made for a test.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use tanyin::canon::Digest;

/// A package in the making: description, columns and rows.
#[derive(Debug, Clone)]
pub struct PackageDraft {
    pub description: Value,
    pub columns: Vec<String>,
    pub rows: Vec<BTreeMap<String, String>>,
    /// Written instead of the rows where set.
    pub raw_table: Option<Vec<u8>>,
}

/// A sound row, with some cells changed.
pub fn row(key: &str, changes: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut cells: BTreeMap<String, String> = [
        ("key", key),
        ("activity", "electricity/grid-average"),
        ("kind", "electricity-direct"),
        ("name_en", "Grid average"),
        ("region", "CN"),
        ("year", "2022"),
        ("value", "0.5366"),
        ("metric", "CO2"),
        ("per", "kW.h"),
        ("source", "doc"),
    ]
    .into_iter()
    .map(|(name, cell)| (name.to_owned(), cell.to_owned()))
    .collect();
    cells.extend(changes.iter().map(|(name, cell)| ((*name).to_owned(), (*cell).to_owned())));
    cells
}

impl PackageDraft {
    pub fn new(dataset: &str, version: &str, rows: Vec<BTreeMap<String, String>>) -> Self {
        let description = json!({
            "name": dataset, "version": version, "title": "Made for a test",
            "licenses": [{"name": "CC0-1.0", "redistribution": "full"}], "sources": [{"id": "doc", "title": "A document"}],
            "resources": [{"name": "factors", "path": "factors.csv"}]
        });
        let mut columns: Vec<String> = row("k", &[]).into_keys().collect();
        for row in &rows {
            columns.extend(row.keys().filter(|name| !columns.contains(name)).cloned().collect::<Vec<_>>());
        }
        Self { description, columns, rows, raw_table: None }
    }

    pub fn dataset(&self) -> &str {
        self.description["name"].as_str().unwrap()
    }

    pub fn table(&self) -> Vec<u8> {
        if let Some(raw) = &self.raw_table {
            return raw.clone();
        }
        let mut table = csv::Writer::from_writer(Vec::new());
        table.write_record(&self.columns).unwrap();
        for row in &self.rows {
            table.write_record(self.columns.iter().map(|name| row.get(name).map(String::as_str).unwrap_or_default())).unwrap();
        }
        table.into_inner().unwrap()
    }

    /// Writes `datapackage.json` (with size and digest unless they are set) and `factors.csv`.
    pub fn write(&self, folder: &Path) {
        let table = self.table();
        let mut description = self.description.clone();
        if let Some(resource) = description["resources"].get_mut(0).filter(|resource| resource.get("hash").is_none()) {
            resource["hash"] = json!(Digest::of(&table).to_string());
        }
        std::fs::write(folder.join("factors.csv"), &table).unwrap();
        std::fs::write(folder.join("datapackage.json"), serde_json::to_vec_pretty(&description).unwrap()).unwrap();
    }
}
