//! Which result of an impact assessment is climate change over 100 years.

/// What an indicator counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Indicator {
    /// Climate change as a whole.
    Total,
    /// Fossil sources alone.
    Fossil,
    /// Biogenic sources alone.
    Biogenic,
    /// Land use and land use change alone.
    LandUse,
}

impl Indicator {
    /// A word for notes.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Fossil => "fossil",
            Self::Biogenic => "biogenic",
            Self::LandUse => "land use and land use change",
        }
    }
}

/// LCIA method data sets of the ILCD and EPD networks: EN 15804+A1, +A2 (EF 3.0, EF 3.1), EF 3.0 and EF 3.1.
const BY_ID: &[(&str, Indicator)] = &[
    ("77e416eb-a363-4258-a04e-171d843a6460", Indicator::Total),
    ("6a37f984-a4b3-458a-a20a-64418c145fa2", Indicator::Total),
    ("5f635281-343e-44fb-83df-1971b155e6b6", Indicator::Fossil),
    ("2356e1ab-0185-4db5-86e5-16de51c7485c", Indicator::Biogenic),
    ("4331bbdb-978a-490d-8707-eeb047f01a55", Indicator::LandUse),
    ("a7ea142a-9749-11ed-a8fc-0242ac120002", Indicator::Total),
    ("a7ea19c0-9749-11ed-a8fc-0242ac120002", Indicator::Fossil),
    ("a7ea186c-9749-11ed-a8fc-0242ac120002", Indicator::Biogenic),
    ("a7ea1ae2-9749-11ed-a8fc-0242ac120002", Indicator::LandUse),
    ("b2ad6d9a-c78d-11e6-9d9d-cec0c932ce01", Indicator::Total),
    ("2105d3ac-c7c7-4c80-b202-7328c14c66e8", Indicator::Fossil),
    ("0db6bc32-3f72-48b9-bdb3-617849c2752f", Indicator::Biogenic),
    ("6f1b7d2a-eb2d-4b86-9b4d-2301b3186400", Indicator::LandUse),
    ("6209b35f-9447-40b5-b68c-a1099e3674a0", Indicator::Total),
    ("706261af-a357-4cc0-a50a-f3033fcbd556", Indicator::Biogenic),
];

const CLIMATE: [&str; 8] =
    ["climate change", "global warming", "gwp", "treibhaus", "changement climatique", "气候变化", "全球变暖", "全球暖化"];

/// Indicators that speak of climate but are no GWP 100: damages, temperatures, single gases, bounds.
const OTHERWISE: [&str; 15] = [
    "ecosystem",
    "human health",
    "damage",
    "endpoint",
    "temperature",
    "gtp",
    "agwp",
    "uptake",
    "lower limit",
    "upper limit",
    "aircraft",
    "biosphere",
    "short term",
    "long term",
    "ghg removal",
];

/// The indicator with this id and name, where it is one of climate change; `sure` where it is known by its id.
pub(super) fn indicator(id: Option<&str>, name: &str) -> Option<(Indicator, bool)> {
    let id = id.unwrap_or_default().to_ascii_lowercase();
    if let Some((_, indicator)) = BY_ID.iter().find(|(own, _)| *own == id) {
        return Some((*indicator, true));
    }
    let name = name.to_lowercase();
    if !CLIMATE.iter().any(|word| name.contains(word)) || OTHERWISE.iter().any(|word| name.contains(word)) || has_other_horizon(&name) {
        return None;
    }
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let parts = [
        (Indicator::Fossil, has(&["fossil", "化石"])),
        (Indicator::Biogenic, has(&["biogen", "生物"])),
        (Indicator::LandUse, has(&["land use", "luluc", "land transf", "landnutzung", "dluc", "土地"])),
    ];
    let mut named = parts.iter().filter(|(_, is_named)| *is_named).map(|(part, _)| *part);
    match (named.next(), named.next()) {
        (None, _) => Some((Indicator::Total, false)),
        (Some(part), None) => Some((part, false)),
        // "fossil and biogenic" or "excl. biogenic": which of them is counted is not guessed.
        _ => None,
    }
    .filter(|_| !has(&["excl", "ohne ", "without"]))
}

/// Whether a name gives a time horizon that is not 100 years: `GWP20`, `Global warming 500a`.
fn has_other_horizon(name: &str) -> bool {
    let numbers = name.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty());
    numbers.into_iter().any(|number| ["20", "30", "50", "500", "1000"].contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        let table = [
            ("Climate change", Some(Indicator::Total)),
            ("Global Warming Potential - total (GWP-total)", Some(Indicator::Total)),
            ("Treibhauspotential (GWP 100)", Some(Indicator::Total)),
            ("IPCC 2021 GWP 100", Some(Indicator::Total)),
            ("Global warming (GWP100a)", Some(Indicator::Total)),
            ("IPCC 2013; climate change; GWP 100a", Some(Indicator::Total)),
            ("Climate change - Fossil", Some(Indicator::Fossil)),
            ("Global Warming Potential - biogenic (GWP-biogenic)", Some(Indicator::Biogenic)),
            ("Climate change - Land use and LU change", Some(Indicator::LandUse)),
            ("Global warming 20a", None),
            ("Global warming, Human health", None),
            ("IPCC 2021 GTP 100", None),
            ("IPCC 2021 AGWP 100", None),
            ("Climate change - CO2 uptake", None),
            ("Climate change, excl biogenic carbon", None),
            ("Acidification", None),
        ];
        for (name, expected) in table {
            assert_eq!(indicator(None, name).map(|(indicator, _)| indicator), expected, "{name}");
        }
        assert_eq!(indicator(Some("A7EA142A-9749-11ed-a8fc-0242ac120002"), "x"), Some((Indicator::Total, true)));
    }
}
