//! Units: UCUM codes with dimension and exact conversion, and ISO 4217 currencies.
//!
//! Parsing and the table of units come from `octofhir-ucum` (UCUM 2.2). Its
//! annotations count for nothing and its quotients are rounded to 28 digits, so
//! annotations are compared and sizes are divided here.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};
use octofhir_ucum::UnitExpr;

use super::codes::{self, nearest};

/// How much of a quantity a code stands for, in base units; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit(Arc<Read>);

/// A code that was read.
#[derive(Debug, PartialEq, Eq)]
struct Read {
    code: String,
    size: BigRational,
    dimension: Dimension,
}

/// What is measured: UCUM base dimensions, counted things (annotations) or a currency.
///
/// `t.km` and `{passenger}.km` differ, and so do `CNY` and `USD`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dimension {
    base: [i8; 7],
    named: BTreeMap<String, i32>,
}

/// Why a text is not a unit that a factor can be given per.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// No such unit.
    #[error("`{code}` is not a UCUM unit or an ISO 4217 currency{}", .hint.as_ref().map(|hint| format!(": did you mean `{hint}`?")).unwrap_or_default())]
    Unknown {
        /// What was written.
        code: String,
        /// The nearest known code.
        hint: Option<String>,
    },
    /// Degrees Celsius, pH and the like, which have no plain size.
    #[error("`{0}` is not a linear unit: a factor cannot be given per such a unit")]
    NotLinear(String),
}

/// Two units that measure different things.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{from}` measures {from_dimension}, `{to}` measures {to_dimension}: one cannot be converted to the other")]
pub struct UnitMismatch {
    /// The unit at hand.
    pub from: String,
    /// The unit asked for.
    pub to: String,
    /// What the unit at hand measures.
    pub from_dimension: String,
    /// What the unit asked for measures.
    pub to_dimension: String,
}

static KNOWN: LazyLock<RwLock<HashMap<String, Result<Unit, UnitError>>>> = LazyLock::new(RwLock::default);

/// The most codes remembered: hostile input must not grow the table for ever.
const REMEMBERED: usize = 10_000;

/// The longest code that is read; longer ones are neither parsed nor remembered.
const LONGEST: usize = 100;

impl Unit {
    /// Reads a UCUM code (case sensitive) or an ISO 4217 currency code.
    ///
    /// A parse costs some 15 µs, so answers are remembered.
    pub fn parse(code: &str) -> Result<Self, UnitError> {
        if code.len() > LONGEST {
            return Err(UnitError::Unknown { code: code.chars().take(LONGEST).collect(), hint: None });
        }
        if let Some(answer) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(code) {
            return answer.clone();
        }
        let answer = read(code).map(|unit| Unit(Arc::new(unit)));
        let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < REMEMBERED {
            known.insert(code.to_owned(), answer.clone());
        }
        answer
    }

    /// The code as it was written.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// What the unit measures.
    pub fn dimension(&self) -> &Dimension {
        &self.0.dimension
    }

    /// Whether the unit is an ISO 4217 currency.
    pub fn is_currency(&self) -> bool {
        codes::is_currency(&self.0.code)
    }

    /// How many `other` one of this unit is: `kW.h` in `MJ` is 18/5.
    pub fn in_terms_of(&self, other: &Self) -> Result<BigRational, UnitMismatch> {
        let (own, other) = (&*self.0, &*other.0);
        if own.dimension != other.dimension {
            return Err(UnitMismatch {
                from: own.code.clone(),
                to: other.code.clone(),
                from_dimension: own.dimension.to_string(),
                to_dimension: other.dimension.to_string(),
            });
        }
        Ok(&own.size / &other.size)
    }
}

impl std::fmt::Display for Dimension {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = match (self.base, self.named.is_empty()) {
            ([0, 0, 0, 0, 0, 0, 0], true) => Some("a pure number"),
            ([2, -2, 1, 0, 0, 0, 0], true) => Some("energy"),
            ([0, 0, 1, 0, 0, 0, 0], true) => Some("mass"),
            ([3, 0, 0, 0, 0, 0, 0], true) => Some("volume"),
            ([2, 0, 0, 0, 0, 0, 0], true) => Some("area"),
            ([1, 0, 0, 0, 0, 0, 0], true) => Some("length"),
            ([0, 1, 0, 0, 0, 0, 0], true) => Some("time"),
            ([1, 0, 1, 0, 0, 0, 0], true) => Some("mass × distance"),
            _ => None,
        };
        if let Some(word) = word {
            return f.write_str(word);
        }
        let bases = ["length", "time", "mass", "angle", "temperature", "charge", "luminosity"];
        let mut parts: Vec<String> = bases
            .iter()
            .zip(self.base)
            .filter(|(_, power)| *power != 0)
            .map(|(name, power)| if power == 1 { (*name).to_owned() } else { format!("{name}^{power}") })
            .collect();
        parts.extend(self.named.iter().map(|(name, power)| if *power == 1 { name.clone() } else { format!("{name}^{power}") }));
        f.write_str(&parts.join(" × "))
    }
}

fn read(code: &str) -> Result<Read, UnitError> {
    if codes::is_currency(code) {
        let named = BTreeMap::from([(code.to_owned(), 1)]);
        return Ok(Read { code: code.to_owned(), size: BigRational::one(), dimension: Dimension { base: [0; 7], named } });
    }
    let unknown = || UnitError::Unknown { code: code.to_owned(), hint: suggestion(code) };
    if code.is_empty() || !code.is_ascii() || octofhir_ucum::validate(code).is_err() {
        return Err(unknown());
    }
    let expression = octofhir_ucum::parse_expression(code).map_err(|_| unknown())?;
    let mut size = Size { number: BigRational::one(), dimension: Dimension { base: [0; 7], named: BTreeMap::new() } };
    size.multiply(&expression, 1, code)?;
    size.dimension.named.retain(|_, power| *power != 0);
    if size.number.is_zero() {
        return Err(UnitError::NotLinear(code.to_owned()));
    }
    Ok(Read { code: code.to_owned(), size: size.number, dimension: size.dimension })
}

struct Size {
    number: BigRational,
    dimension: Dimension,
}

impl Size {
    /// Multiplies by an expression raised to a power; sizes of single units are exact decimals.
    fn multiply(&mut self, expression: &UnitExpr, power: i32, code: &str) -> Result<(), UnitError> {
        match expression {
            UnitExpr::Product(parts) => parts.iter().try_for_each(|part| self.multiply(part, power, code)),
            UnitExpr::Quotient(above, below) => {
                self.multiply(above, power, code)?;
                self.multiply(below, -power, code)
            }
            UnitExpr::Power(inner, exponent) => self.multiply(inner, power * exponent, code),
            UnitExpr::Annotation(thing) => {
                *self.dimension.named.entry(thing.to_string()).or_default() += power;
                Ok(())
            }
            leaf => self.multiply_leaf(leaf, power, code),
        }
    }

    fn multiply_leaf(&mut self, leaf: &UnitExpr, power: i32, code: &str) -> Result<(), UnitError> {
        let not_linear = || UnitError::NotLinear(code.to_owned());
        let unit = octofhir_ucum::evaluate(leaf).map_err(|_| UnitError::Unknown { code: code.to_owned(), hint: suggestion(code) })?;
        if unit.special.is_some() || power.unsigned_abs() > 9 {
            return Err(not_linear());
        }
        for (arbitrary, own) in &unit.arbitrary {
            *self.dimension.named.entry((*arbitrary).to_owned()).or_default() += own * power;
        }
        for (total, own) in self.dimension.base.iter_mut().zip(unit.dim.0) {
            let grown = i32::from(*total) + i32::from(own) * power;
            *total = i8::try_from(grown).map_err(|_| not_linear())?;
        }
        let (digits, exponent) = unit.factor.to_integer_and_exponent();
        let size = BigRational::from(BigInt::from(digits)) * power_of_ten(exponent);
        if size.is_zero() {
            return Err(not_linear());
        }
        self.number *= if power < 0 { size.recip().pow(power.abs()) } else { size.pow(power) };
        Ok(())
    }
}

fn power_of_ten(exponent: i32) -> BigRational {
    let power = BigRational::from(BigInt::from(10).pow(exponent.unsigned_abs()));
    if exponent < 0 { power.recip() } else { power }
}

/// What people write, and the UCUM code for it; then the nearest code of the list.
fn suggestion(code: &str) -> Option<String> {
    let plain: String = code
        .chars()
        .map(|c| match c {
            '·' | '*' | '×' => '.',
            '³' => '3',
            '²' => '2',
            other => other,
        })
        .collect();
    let habit = match plain.as_str() {
        "kWh" | "KWH" | "kwh" | "Kwh" | "千瓦时" => "kW.h",
        "MWh" | "mwh" | "兆瓦时" => "MW.h",
        "GWh" => "GW.h",
        "tkm" | "t.KM" | "tonne.km" | "吨公里" => "t.km",
        "pkm" | "passenger.km" | "p.km" | "passenger-km" => "{passenger}.km",
        "vkm" | "vehicle.km" => "{vehicle}.km",
        "tonne" | "ton" | "吨" | "Mg" => "t",
        "公斤" | "千克" | "KG" | "Kg" => "kg",
        "litre" | "liter" | "升" => "L",
        "ha" => "har",
        "item" | "piece" | "unit" | "pcs" | "p" => "{item}",
        "lb" => "[lb_av]",
        "gal" => "[gal_us]",
        "mile" | "mi" => "[mi_i]",
        "therm" | "[therm]" => "10*5.[Btu_IT]",
        "mmBtu" | "MMBtu" | "M[Btu_IT]" => "10*6.[Btu_IT]",
        "m^3" | "cbm" | "立方米" => "m3",
        "year" | "yr" => "a",
        "hour" | "hr" => "h",
        "RMB" | "yuan" | "元" | "¥" => "CNY",
        other if other != code && octofhir_ucum::validate(other).is_ok() => other,
        _ => return nearest(code, codes::units()),
    };
    Some(habit.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(from: &str, to: &str) -> String {
        let ratio = Unit::parse(from).unwrap().in_terms_of(&Unit::parse(to).unwrap()).unwrap();
        super::super::exact::to_fraction(&ratio)
    }

    #[test]
    fn conversions_are_exact() {
        let table = [
            ("kW.h", "MJ", "18/5"),
            ("MJ", "kW.h", "5/18"),
            ("MW.h", "kW.h", "1000"),
            ("t", "kg", "1000"),
            ("GJ", "TJ", "1/1000"),
            ("L", "m3", "1/1000"),
            ("[lb_av]", "kg", "45359237/100000000"),
            ("[gal_us]", "L", "473176473/125000000"),
            ("[mi_i]", "km", "25146/15625"),
            ("t.km", "kg.km", "1000"),
            ("10*6.[Btu_IT]", "MJ", "52752792631/50000000"),
            ("kg/h", "kg/d", "24"),
            ("m2.a", "m2.d", "1461/4"),
            ("{passenger}.[mi_i]", "{passenger}.km", "25146/15625"),
        ];
        for (from, to, expected) in table {
            assert_eq!(factor(from, to), expected, "{from} in {to}");
        }
    }

    #[test]
    fn other_dimensions_and_other_things_do_not_convert() {
        for (from, to) in [
            ("kW.h", "kg"),
            ("{passenger}.km", "km"),
            ("{passenger}.km", "{vehicle}.km"),
            ("CNY", "USD"),
            ("kg/{item}", "kg"),
            ("CNY", "1"),
        ] {
            assert!(Unit::parse(from).unwrap().in_terms_of(&Unit::parse(to).unwrap()).is_err(), "{from} {to}");
        }
    }

    #[test]
    fn unknown_units_come_with_the_right_one() {
        let table =
            [("kWh", "kW.h"), ("t·km", "t.km"), ("m³", "m3"), ("ha", "har"), ("[therm]", "10*5.[Btu_IT]"), ("吨", "t"), ("tkm", "t.km")];
        for (wrong, right) in table {
            match Unit::parse(wrong).unwrap_err() {
                UnitError::Unknown { hint: Some(hint), .. } => assert_eq!(hint, right, "{wrong}"),
                other => panic!("{wrong}: {other:?}"),
            }
        }
    }

    #[test]
    fn degrees_and_hostile_texts_are_refused() {
        assert_eq!(Unit::parse("Cel").unwrap_err(), UnitError::NotLinear("Cel".into()));
        let deep = format!("{}kg{}", "(".repeat(60), ")".repeat(60));
        for text in ["", " ", "kg ", "kg.", "/", "}{", deep.as_str(), &"m.".repeat(200), "m99999999999", "0", "kg/0"] {
            assert!(Unit::parse(text).is_err(), "{text}");
        }
    }
}
