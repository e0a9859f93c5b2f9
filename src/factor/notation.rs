//! The short notations of list cells in `factors.csv`, read and written.
//!
//! `;` parts a list; `\;` and `\\` stand for the characters themselves. What
//! [`write`](self) gives, the readers read back to the same members.

use num_bigint::BigInt;
use num_rational::BigRational;

use super::gas::{GasAmount, GasCo2e, is_cas_number};
use super::quality::{PEDIGREE_INDICATORS, Quality, Uncertainty};
use super::{Classification, Decimal, DerivedFrom, Stage};

/// What is wrong in a list cell.
pub type NotationError = String;

/// Splits at `;`, undoing escapes; blanks around items and empty items fall away.
pub fn read_list(cell: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut characters = cell.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => {
                let escaped = characters.next().unwrap_or('\\');
                if let Some(item) = items.last_mut() {
                    item.push(escaped);
                }
            }
            ';' => items.push(String::new()),
            other => {
                if let Some(item) = items.last_mut() {
                    item.push(other);
                }
            }
        }
    }
    items.into_iter().map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
}

/// Joins with `;`, escaping.
pub fn write_list<'a>(items: impl IntoIterator<Item = &'a str>) -> String {
    let escaped: Vec<String> = items.into_iter().map(|item| item.replace('\\', "\\\\").replace(';', "\\;")).collect();
    escaped.join(";")
}

fn decimal(text: &str) -> Result<Decimal, NotationError> {
    text.trim().parse().map_err(|error| format!("{error}"))
}

/// `NAME=AMOUNT;NAME=AMOUNT`.
fn read_amounts(cell: &str) -> Result<Vec<(String, Decimal)>, NotationError> {
    let mut amounts: Vec<(String, Decimal)> = Vec::new();
    for item in read_list(cell) {
        let (name, amount) = item.split_once('=').ok_or_else(|| format!("`{item}` lacks `=`: write NAME=AMOUNT;NAME=AMOUNT"))?;
        let name = name.trim();
        if name.is_empty() || amounts.iter().any(|(other, _)| other == name) {
            return Err(format!("the name before `={amount}` is empty or stands twice: give each part once"));
        }
        amounts.push((name.to_owned(), decimal(amount)?));
    }
    Ok(amounts)
}

/// `75-46-7=0.001;…`: other gases by CAS number, kg.
pub fn read_other_gases(cell: &str) -> Result<Vec<GasAmount>, NotationError> {
    const OWN_COLUMNS: [(&str, &str); 5] =
        [("124-38-9", "co2_fossil or co2_biogenic"), ("74-82-8", "ch4"), ("10024-97-2", "n2o"), ("2551-62-4", "sf6"), ("7783-54-2", "nf3")];
    read_amounts(cell)?
        .into_iter()
        .map(|(gas, kg)| {
            if let Some((_, column)) = OWN_COLUMNS.iter().find(|(cas, _)| *cas == gas) {
                Err(format!("{gas} has a column of its own: put it into {column}"))
            } else if is_cas_number(&gas) {
                Ok(GasAmount { gas, origin: None, kg })
            } else {
                Err(format!("`{gas}` is not a CAS number (its check digit included): write CAS=kg, such as 75-46-7=0.001"))
            }
        })
        .collect()
}

/// `CH4=0.0002;HFCs=0.001`: parts known only in CO2e.
pub fn read_gases_co2e(cell: &str) -> Result<Vec<GasCo2e>, NotationError> {
    Ok(read_amounts(cell)?.into_iter().map(|(gas, co2e)| GasCo2e { gas, co2e }).collect())
}

/// `A1-A3=0.5;C4=0.01`.
pub fn read_stages(cell: &str) -> Result<Vec<Stage>, NotationError> {
    Ok(read_amounts(cell)?.into_iter().map(|(stage, value)| Stage { stage, value }).collect())
}

/// `cpc-2.1=171;hs-2022=2716`.
pub fn read_classifications(cell: &str) -> Result<Vec<Classification>, NotationError> {
    read_list(cell)
        .into_iter()
        .map(|item| match item.split_once('=') {
            Some((scheme, code)) if !scheme.trim().is_empty() && !code.trim().is_empty() => {
                Ok(Classification { scheme: scheme.trim().to_owned(), code: code.trim().to_owned() })
            }
            _ => Err(format!("`{item}` is not SCHEME=CODE, such as cpc-2.1=171")),
        })
        .collect()
}

/// `dataset@1.0.0#key;…`.
pub fn read_derived_from(cell: &str) -> Result<Vec<DerivedFrom>, NotationError> {
    read_list(cell)
        .into_iter()
        .map(|item| {
            let shape = || format!("`{item}` is not DATASET@VERSION#KEY, such as cn-electricity-co2@1.2.0#grid-average/cn/2023");
            let (release, key) = item.split_once('#').ok_or_else(shape)?;
            let (dataset, version) = release.split_once('@').ok_or_else(shape)?;
            let version: semver::Version = version.parse().map_err(|_| shape())?;
            if dataset.is_empty() || key.is_empty() {
                return Err(shape());
            }
            Ok(DerivedFrom { dataset: dataset.to_owned(), version: version.to_string(), key: key.to_owned() })
        })
        .collect()
}

/// `lognormal:gsd=1.2`, `normal:sd=0.1`, `range:0.4..0.6@95`, `percent:10@95`, `triangular:1..2..3`.
pub fn read_uncertainty(cell: &str) -> Result<Uncertainty, NotationError> {
    let shape = || {
        format!(
            "`{cell}` is not an uncertainty: write lognormal:gsd=1.2, normal:sd=0.1, range:0.4..0.6, triangular:0.4..0.5..0.6 or percent:10@95"
        )
    };
    let (form, rest) = cell.split_once(':').ok_or_else(shape)?;
    let (body, level) = match rest.split_once('@') {
        Some((body, level)) => (body, Some(decimal(level)?)),
        None => (rest, None),
    };
    let bounds: Vec<&str> = body.split("..").collect();
    let read = match (form, bounds.as_slice(), level) {
        ("lognormal", [one], None) => Uncertainty::Lognormal { gsd: decimal(one.strip_prefix("gsd=").ok_or_else(shape)?)? },
        ("normal", [one], None) => Uncertainty::Normal { sd: decimal(one.strip_prefix("sd=").ok_or_else(shape)?)? },
        ("percent", [one], level) => Uncertainty::Percent { percent: decimal(one)?, level },
        ("range", [low, high], level) => Uncertainty::Range { low: decimal(low)?, high: decimal(high)?, level },
        ("triangular", [low, mode, high], None) => {
            Uncertainty::Triangular { low: decimal(low)?, mode: decimal(mode)?, high: decimal(high)? }
        }
        _ => return Err(shape()),
    };
    if read.is_ordered() {
        Ok(read)
    } else {
        Err(format!("`{cell}` has its bounds in the wrong order, a negative spread, or a level outside 0 to 100 %"))
    }
}

/// The cell of an uncertainty.
pub fn write_uncertainty(uncertainty: &Uncertainty) -> String {
    let at = |level: &Option<Decimal>| level.as_ref().map(|level| format!("@{level}")).unwrap_or_default();
    match uncertainty {
        Uncertainty::Lognormal { gsd } => format!("lognormal:gsd={gsd}"),
        Uncertainty::Normal { sd } => format!("normal:sd={sd}"),
        Uncertainty::Range { low, high, level } => format!("range:{low}..{high}{}", at(level)),
        Uncertainty::Percent { percent, level } => format!("percent:{percent}{}", at(level)),
        Uncertainty::Triangular { low, mode, high } => format!("triangular:{low}..{mode}..{high}"),
    }
}

/// `pef:TeR=2,GR=1,TiR=2,P=2` (`cifa:` alike), with `dqr=1.8` where the source publishes the aggregate;
/// `pact:technologicalDQR=1.7,…`; `pedigree:reliability=2,…` or, in the matrix's own order, `pedigree:(2;1;3;1;2)`.
pub fn read_quality(cell: &str) -> Result<Quality, NotationError> {
    let shape = || format!("`{cell}` is not a data quality rating: write SCHEME:INDICATOR=SCORE,…, such as pef:TeR=2,GR=1,TiR=2,P=2");
    let (scheme, body) = cell.split_once(':').ok_or_else(shape)?;
    let mut quality = Quality { scheme: scheme.to_owned(), scores: Default::default(), dqr: None };
    let bare: Vec<&str> = body.trim().trim_start_matches('(').trim_end_matches(')').split([';', ',']).map(str::trim).collect();
    if scheme == "pedigree" && bare.len() == PEDIGREE_INDICATORS.len() && !body.contains('=') {
        for (name, score) in PEDIGREE_INDICATORS.into_iter().zip(bare) {
            quality.scores.insert(name.to_owned(), Quality::read_score(scheme, name, score)?);
        }
        return Ok(quality);
    }
    for item in body.split(',') {
        let (name, score) = item.split_once('=').ok_or_else(shape)?;
        let (name, score) = (name.trim(), score.trim());
        if name == "dqr" {
            let dqr = decimal(score)?;
            let bound = |number: u32| BigRational::from(BigInt::from(number));
            if !(bound(1)..=bound(5)).contains(&dqr.to_rational()) {
                return Err(format!("the aggregate {dqr} is no number from 1 to 5"));
            }
            quality.dqr = Some(dqr);
            continue;
        }
        let score = Quality::read_score(scheme, name, score)?;
        if name.is_empty() || quality.scores.insert(name.to_owned(), score).is_some() {
            return Err(format!("the indicator `{name}` is empty or given twice"));
        }
    }
    if scheme.is_empty() {
        return Err(shape());
    }
    if quality.dqr.is_none() {
        quality.dqr = quality.computed_dqr();
    }
    Ok(quality)
}

/// The cell of a data quality rating.
pub fn write_quality(quality: &Quality) -> String {
    let mut items: Vec<String> = quality.scores.iter().map(|(name, score)| format!("{name}={score}")).collect();
    if quality.dqr != quality.computed_dqr() {
        items.extend(quality.dqr.as_ref().map(|dqr| format!("dqr={dqr}")));
    }
    format!("{}:{}", quality.scheme, items.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn uncertainty_reads_and_writes_back() {
        for cell in ["lognormal:gsd=1.2", "normal:sd=0.1", "range:0.4..0.6", "range:-1..0.6@95", "percent:10@95", "triangular:1..2..3"] {
            assert_eq!(write_uncertainty(&read_uncertainty(cell).unwrap()), cell);
        }
        for cell in [
            "",
            "range:0.6..0.4",
            "lognormal:0.9",
            "lognormal:gsd=0.9",
            "percent:-1",
            "percent:1@101",
            "percent:1@0",
            "range:1",
            "foo:1",
            "percent:1,0",
        ] {
            assert!(read_uncertainty(cell).is_err(), "{cell}");
        }
    }

    #[test]
    fn quality_keeps_the_vector_and_computes_the_mean() {
        let quality = read_quality("pef:TeR=2,GR=1,TiR=2,P=2").unwrap();
        assert_eq!(quality.dqr.as_ref().unwrap().as_str(), "1.8");
        assert_eq!(write_quality(&quality), "pef:GR=1,P=2,TeR=2,TiR=2");
        assert_eq!(read_quality(&write_quality(&quality)).unwrap(), quality);
        assert_eq!(write_quality(&read_quality("pact:dqr=2.5").unwrap()), "pact:dqr=2.5");
        for (cell, written, dqr) in [
            ("cifa:TeR=1,GR=2,TiR=3,P=4", "cifa:GR=2,P=4,TeR=1,TiR=3", Some("2.5")),
            ("pef:TeR=1,GR=2", "pef:GR=2,TeR=1", None),
            ("pef:TeR=2,GR=1,TiR=2,P=2,dqr=1.75", "pef:GR=1,P=2,TeR=2,TiR=2,dqr=1.75", Some("1.75")),
            ("pact:technologicalDQR=1.7,temporalDQR=2", "pact:technologicalDQR=1.7,temporalDQR=2", None),
            ("pedigree:(2;1;3;1;2)", "pedigree:completeness=1,geographical=1,reliability=2,technological=2,temporal=3", None),
            ("own:A=2.5", "own:A=2.5", None),
        ] {
            let quality = read_quality(cell).unwrap();
            assert_eq!((write_quality(&quality).as_str(), quality.dqr.as_ref().map(Decimal::as_str)), (written, dqr), "{cell}");
            assert_eq!(read_quality(written).unwrap(), quality);
        }
        for cell in [
            "pef:X=1",
            "pef:TeR=1.5",
            "pedigree:(1;2;3;4;6)",
            "pedigree:1,2,3,4",
            "pact:technologicalDQR=5.1",
            "pact:technologicalDQR=0.9",
            "pact:TeR=1",
            "pact:dqr=0.5",
            "pef:TeR=0",
        ] {
            assert!(read_quality(cell).is_err(), "{cell}");
        }
        for cell in ["pef", "pef:TeR=6", "pef:TeR=1,TeR=2", "pef:TeR", ":TeR=1"] {
            assert!(read_quality(cell).is_err(), "{cell}");
        }
    }

    #[test]
    fn gases_need_a_true_cas_number() {
        assert!(read_other_gases("75-46-7=0.001; 811-97-2=0.02").is_ok());
        assert!(read_other_gases("75-46-8=0.001").is_err());
        for cell in ["75-46-7", "74-82-8=1", "75-46-7=1;75-46-7=2", "=1"] {
            assert!(read_other_gases(cell).is_err(), "{cell}");
        }
        assert!(read_stages("A1-A3=1;A1-A3=2").is_err());
    }

    #[test]
    fn derived_from_is_an_exact_place() {
        assert!(read_derived_from("cn-electricity-footprint@1.0.0#national-average/cn/2023").is_ok());
        for cell in ["a@1.0#k", "a#k", "@1.0.0#k", "a@1.0.0#", "a@1.0.0"] {
            assert!(read_derived_from(cell).is_err(), "{cell}");
        }
    }

    proptest! {
        #[test]
        fn lists_read_back(items in proptest::collection::vec("[^\\s]([^\n]{0,8}[^\\s])?", 0..6)) {
            let cell = write_list(items.iter().map(String::as_str));
            prop_assert_eq!(read_list(&cell), items);
        }
    }
}
