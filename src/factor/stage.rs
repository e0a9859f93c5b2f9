//! Life-cycle stages: their codes, order, names, and which totals hold which parts.
//!
//! The list stands in `schema/stages.csv`: the modules of EN 15804 and the stages of ISO 14067. A stage of another name is
//! taken as it is written.

use std::sync::LazyLock;

use super::classification::{compact, plain};
use super::codes::rows;
use super::{Stage, Text};

/// A listed stage.
#[derive(Debug)]
pub struct StageCode {
    /// `A1-A3`, `D`, `distribution`.
    pub code: String,
    /// `en-15804` or `iso-14067`.
    pub scheme: String,
    /// Its place in the life cycle; parts stand before their total.
    pub position: u32,
    /// Whether it counts into the value of a factor (module D does not).
    pub counted: bool,
    /// The stages that it is the total of.
    pub includes: Vec<String>,
    /// Its name.
    pub name: Text,
}

static STAGES: LazyLock<Vec<StageCode>> = LazyLock::new(|| {
    rows(include_str!("../../schema/stages.csv"))
        .map(|row| StageCode {
            code: row.text("code"),
            scheme: row.text("scheme"),
            position: row.text("position").parse().unwrap_or(u32::MAX),
            counted: row.text("counted") == "yes",
            includes: row.text("includes").split_whitespace().map(str::to_owned).collect(),
            name: row.name(),
        })
        .collect()
});

impl StageCode {
    /// Every listed stage, in order.
    pub fn all() -> &'static [Self] {
        &STAGES
    }

    /// The listed stage that a text means: `a1–a3`, `A1A3` and `A1-A3` are one.
    pub fn named(text: &str) -> Option<&'static Self> {
        let wanted = compact(&plain(text));
        STAGES.iter().find(|stage| compact(&stage.code) == wanted)
    }
}

/// The parts of a total that stand beside it, where all of them do.
pub fn parts_of<'s>(total: &StageCode, stages: &'s [Stage]) -> Option<Vec<&'s Stage>> {
    let part = |code: &String| stages.iter().find(|own| own.stage == *code);
    (!total.includes.is_empty()).then(|| total.includes.iter().map(part).collect::<Option<_>>()).flatten()
}

/// The stages that a sum over all of them counts: neither module D nor a total whose parts all stand beside it.
pub fn counted(stages: &[Stage]) -> impl Iterator<Item = &Stage> {
    stages.iter().filter(|own| match StageCode::named(&own.stage) {
        Some(code) => code.counted && parts_of(code, stages).is_none(),
        None => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stages(given: &[(&str, &str)]) -> Vec<Stage> {
        given.iter().map(|(stage, value)| Stage { stage: (*stage).to_owned(), value: value.parse().unwrap() }).collect()
    }

    #[test]
    fn totals_hold_listed_parts_in_order() {
        for stage in StageCode::all() {
            for part in &stage.includes {
                assert!(StageCode::named(part).is_some_and(|part| part.position < stage.position), "{}", stage.code);
            }
        }
        assert!(StageCode::all().is_sorted_by_key(|stage| stage.position));
        assert_eq!(StageCode::named("a1–a3").map(|stage| stage.code.as_str()), Some("A1-A3"));
        assert!(!StageCode::named("D").unwrap().counted && StageCode::named("direct").is_none());
    }

    #[test]
    fn nothing_is_counted_twice() {
        let codes = |given: &[(&str, &str)]| counted(&stages(given)).map(|own| own.stage.clone()).collect::<Vec<_>>();
        assert_eq!(codes(&[("A1", "1"), ("A2", "2"), ("A3", "3"), ("A1-A3", "6"), ("D", "-1")]), ["A1", "A2", "A3"]);
        assert_eq!(codes(&[("A1", "1"), ("A1-A3", "6"), ("C4", "1")]), ["A1", "A1-A3", "C4"]);
        assert_eq!(codes(&[("direct", "1"), ("indirect", "2")]), ["direct", "indirect"]);
    }
}
