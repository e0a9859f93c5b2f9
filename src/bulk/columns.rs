//! What each column says, in the words that the files carry.

/// What a column of `factors.csv` says; the same words stand in every format.
pub fn meaning(column: &str) -> &'static str {
    match column {
        "key" => "Identity within the dataset",
        "activity" => "What is done or made, without place and time",
        "kind" => "Kind of factor, a code of kinds.csv",
        "name_en" => "Name in English",
        "name_zh" => "Name in Chinese",
        "description_en" => "Description in English",
        "description_zh" => "Description in Chinese",
        "region" => "GLO, UN M49, ISO 3166-1 alpha-2, ISO 3166-2, or a named grid",
        "year" => "Data year",
        "period_from" => "First day of the data period",
        "period_to" => "Last day of the data period",
        "valid_from" => "First day on which it is meant to be used",
        "valid_until" => "Last day on which it is meant to be used",
        "published" => "When the source published it",
        "value" => "kg of metric per unit, exactly as published",
        "metric" => "What is counted: CO2, or CO2e (CO2 equivalent)",
        "per" => "The unit (UCUM, or an ISO 4217 currency) that the value is per",
        "basis" => "What the unit is measured on: calorific value, dry or wet matter",
        "price_year" => "Year of the prices",
        "price_basis" => "Which price: basic, producer, purchaser",
        "gwp" => "The set of global warming potentials behind CO2e",
        "co2e_origin" => "Who computed the CO2e",
        "boundary" => "System boundary",
        "scope" => "GHG Protocol scope",
        "technology" => "Technology, process route or sector",
        "category" => "Path for browsing",
        "synonyms_en" => "Other names in English",
        "synonyms_zh" => "Other names in Chinese",
        "co2_fossil" => "kg of fossil CO2 per unit",
        "co2_biogenic" => "kg of biogenic CO2 per unit; counts 0 in the value",
        "ch4" => "kg of CH4 per unit, origin not said",
        "ch4_fossil" => "kg of fossil CH4 per unit",
        "ch4_biogenic" => "kg of biogenic CH4 per unit",
        "n2o" => "kg of N2O per unit",
        "sf6" => "kg of SF6 per unit",
        "nf3" => "kg of NF3 per unit",
        "other_gases" => "kg of other gases per unit, by CAS number",
        "gases" => "kg of each gas per unit",
        "gases_co2e" => "Parts known only in kg CO2e per unit",
        "stages" => "Parts of the value by life-cycle stage, in kg of metric per unit",
        "uncertainty" => "Uncertainty of the value, in the source's own form",
        "dqr" => "Data quality rating: scheme and scores",
        "flags" => "Quality flags, codes of flags.csv",
        "classifications" => "Codes in outside classifications",
        "source" => "Id of the source document",
        "source_level" => "Who stands behind the copy that was read",
        "locator" => "Page, table, row, cell",
        "value_text" => "The cell as it was written",
        "unit_text" => "The unit as it was written",
        "derived_from" => "Factors that it was computed from: dataset@version#key",
        "rule" => "Accounting rule followed",
        "certificate" => "Label or certificate",
        "note_en" => "Remarks in English",
        "note_zh" => "Remarks in Chinese",
        "status" => "valid, deprecated or superseded",
        "dataset" => "Dataset id",
        "version" => "Version of the release",
        "digest" => "SHA-256 of the canonical line, which identifies the number",
        "value_number" => "The value as the nearest IEEE 754 double: for sorting and charts; the exact value is the text",
        "cite" => "How to cite it",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bulk::SELECTION_COLUMNS;
    use crate::factor::COLUMNS;

    #[test]
    fn every_column_is_explained() {
        for name in COLUMNS.iter().map(|column| column.name).chain(SELECTION_COLUMNS) {
            assert!(!meaning(name).is_empty(), "{name}");
        }
    }
}
