//! Bands by percentile for tiered management (分级管理): named schemes of a file, or bands of one request.

use std::sync::LazyLock;

use num_rational::BigRational;
use serde::{Deserialize, Serialize};

use super::ProductRefusal;
use super::number::hundred;
use crate::factor::{Decimal, Text};

/// The most bands of a scheme.
const BANDS: usize = 20;
/// The most schemes of a file.
const SCHEMES: usize = 50;
/// The longest name of a grade, in characters.
const GRADE: usize = 40;

/// Named schemes of bands, as `schema/grading.schema.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grading {
    /// The schemes; the first is used where none is named.
    pub schemes: Vec<GradingScheme>,
}

/// A scheme of bands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradingScheme {
    /// By which a request names it.
    pub id: String,
    /// What it is.
    #[serde(default)]
    pub title: Text,
    /// Whether an authority has set it.
    #[serde(default)]
    pub official: bool,
    /// Where the bands come from.
    #[serde(default)]
    pub note: String,
    /// From the lowest percentile to the highest.
    pub bands: Vec<Band>,
}

/// A band.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// The grade.
    pub grade: String,
    /// The highest percentile (0 to 100) that has it.
    pub up_to: Decimal,
}

static SHIPPED: LazyLock<Grading> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../schema/grading.json")).unwrap_or(Grading { schemes: Vec::new() }));

impl Grading {
    /// The bands that ship: an example, which no authority has set.
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// Reads a file in JSON, or in TOML.
    ///
    /// # Errors
    /// What is wrong in it.
    pub fn read(text: &str, toml: bool) -> Result<Self, String> {
        let read: Self = if toml {
            toml::from_str(text).map_err(|error| error.to_string())?
        } else {
            serde_json::from_str(text).map_err(|error| error.to_string())?
        };
        if read.schemes.is_empty() || read.schemes.len() > SCHEMES {
            return Err(format!("it has {} schemes; there are 1 to {SCHEMES}", read.schemes.len()));
        }
        for (place, scheme) in read.schemes.iter().enumerate() {
            check(&scheme.bands).map_err(|why| format!("scheme `{}`: {why}", scheme.id))?;
            let sound = !scheme.id.is_empty() && scheme.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            if !sound || scheme.id.len() > 64 {
                return Err(format!("scheme {}: an id is 1 to 64 of a-z, 0-9 and `-`", place + 1));
            }
            if read.schemes.iter().take(place).any(|other| other.id == scheme.id) {
                return Err(format!("scheme `{}` stands twice", scheme.id));
            }
        }
        Ok(read)
    }

    /// The bands of a request (`A:10,B:50`), the named scheme, or the first.
    pub(super) fn choose(&self, bands: Option<&str>, named: Option<&str>) -> Result<GradingScheme, ProductRefusal> {
        match (bands, named) {
            (Some(text), Some(_)) => Err(ProductRefusal::wrong("bands", text, "give `bands` or `grading`, one of the two", Vec::new())),
            (Some(text), None) => {
                let bands = read_bands(text).map_err(|why| ProductRefusal::wrong("bands", text, why, vec!["A:10,B:50,C:90".to_owned()]))?;
                let note = "the bands of this request".to_owned();
                Ok(GradingScheme { id: "request".to_owned(), title: Text::default(), official: false, note, bands })
            }
            (None, Some(id)) => self.schemes.iter().find(|scheme| scheme.id == id).cloned().ok_or_else(|| {
                ProductRefusal::none_of("grading", id, &self.schemes.iter().map(|scheme| scheme.id.as_str()).collect::<Vec<_>>())
            }),
            (None, None) => self.schemes.first().cloned().ok_or_else(|| ProductRefusal::Damaged("no grading scheme ships".to_owned())),
        }
    }
}

impl GradingScheme {
    /// The grade of a percentile; none above the last band.
    pub fn grade(&self, percentile: &BigRational) -> Option<&str> {
        self.bands.iter().find(|band| *percentile <= band.up_to.to_rational()).map(|band| band.grade.as_str())
    }
}

fn read_bands(text: &str) -> Result<Vec<Band>, String> {
    let one = |part: &str| {
        let (grade, up_to) = part.split_once([':', '：']).ok_or_else(|| format!("`{}` is not GRADE:PERCENTILE", cut(part)))?;
        let up_to = up_to.trim().parse::<Decimal>().map_err(|error| format!("the percentile {error}"))?;
        Ok::<_, String>(Band { grade: grade.trim().to_owned(), up_to })
    };
    let bands = text.split([',', '，']).take(BANDS + 1).map(one).collect::<Result<Vec<_>, _>>()?;
    check(&bands)?;
    Ok(bands)
}

fn cut(text: &str) -> String {
    text.chars().take(GRADE).collect()
}

fn check(bands: &[Band]) -> Result<(), String> {
    if bands.is_empty() || bands.len() > BANDS {
        return Err(format!("there are 1 to {BANDS} bands"));
    }
    let mut last = None;
    for band in bands {
        let up_to = band.up_to.to_rational();
        if band.grade.is_empty() || band.grade.chars().count() > GRADE || band.grade.chars().any(char::is_control) {
            return Err(format!("`{}` is no grade: write 1 to {GRADE} characters", cut(&band.grade)));
        }
        if band.up_to.is_negative() || up_to > hundred() {
            return Err(format!("{} is no percentile from 0 to 100", band.up_to));
        }
        if last.is_some_and(|last| last >= up_to) {
            return Err(format!("the percentile {} of `{}` is not above the one before", band.up_to, band.grade));
        }
        last = Some(up_to);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::number::whole;

    #[test]
    fn the_shipped_bands_are_sound_and_not_official() {
        let shipped = Grading::read(include_str!("../../schema/grading.json"), false).unwrap();
        assert_eq!(&shipped, Grading::shipped());
        assert!(shipped.schemes.iter().all(|scheme| !scheme.official && !scheme.note.is_empty()));
    }

    #[test]
    fn a_percentile_has_the_first_band_that_holds_it() {
        let scheme = Grading::shipped().choose(Some("优:10,良:50"), None).unwrap();
        let grade = |percentile| scheme.grade(&whole(percentile)).map(str::to_owned);
        assert_eq!([grade(0), grade(10), grade(11), grade(50), grade(51)].map(|own| own.unwrap_or_default()), ["优", "优", "良", "良", ""]);
    }

    #[test]
    fn unsound_bands_say_why() {
        for (text, word) in [
            ("", "GRADE"),
            ("A", "GRADE"),
            ("A:x", "percentile"),
            ("A:101", "0 to 100"),
            ("A:-1", "0 to 100"),
            ("A:5,B:5", "above"),
            (":5", "grade"),
        ] {
            let refusal = Grading::shipped().choose(Some(text), None).unwrap_err();
            assert!(refusal.to_string().contains(word), "{text}: {refusal}");
        }
        assert!(Grading::shipped().choose(None, Some("exampel")).unwrap_err().to_string().contains("`example`"));
        assert!(Grading::shipped().choose(Some(&"A:1,".repeat(30)), None).is_err());
        let toml = "[[schemes]]\nid = \"park\"\nbands = [{ grade = \"1\", up_to = \"20\" }]\n";
        assert_eq!(Grading::read(toml, true).unwrap().schemes.len(), 1);
        assert!(Grading::read("{\"schemes\":[]}", false).is_err() && Grading::read("x", true).is_err());
        assert!(
            Grading::read(&toml.replace("park", "Park"), true).is_err()
                && Grading::read(&toml.repeat(2), true).unwrap_err().contains("twice")
        );
    }
}
