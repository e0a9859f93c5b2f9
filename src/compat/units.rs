//! Unit types and units of the other service, and what they are here (UCUM, ISO 4217).

use std::collections::BTreeMap;

use num_rational::BigRational;
use serde_json::value::RawValue;

use super::refusal::shown;
use super::{CompatNotice, CompatRefusal};
use crate::factor::exact::to_plain_decimal;
use crate::factor::{Decimal, Unit, is_currency};
use crate::lookup::{Amount, plain_number};

/// One parameter of a unit type: `energy` with `energy_unit`.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name.
    pub name: &'static str,
    /// The unit where none is given; nothing where the parameter has no unit.
    default: Option<&'static str>,
    /// Its units, and what they are in UCUM.
    units: &'static [(&'static str, &'static str)],
}

const ENERGY: Part = Part {
    name: "energy",
    default: Some("kWh"),
    units: &[
        ("Wh", "W.h"),
        ("kWh", "kW.h"),
        ("MWh", "MW.h"),
        ("GWh", "GW.h"),
        ("TWh", "TW.h"),
        ("kJ", "kJ"),
        ("MJ", "MJ"),
        ("GJ", "GJ"),
        ("TJ", "TJ"),
        ("BTU", "[Btu_IT]"),
        ("therm", "10*5.[Btu_IT]"),
        ("MMBTU", "10*6.[Btu_IT]"),
    ],
};
const WEIGHT: Part = Part { name: "weight", default: Some("kg"), units: &[("g", "g"), ("kg", "kg"), ("t", "t"), ("lb", "[lb_av]")] };
const VOLUME: Part = Part {
    name: "volume",
    default: Some("l"),
    units: &[("ml", "mL"), ("l", "L"), ("m3", "m3"), ("gallon_us", "[gal_us]"), ("bbl", "[bbl_us]")],
};
const DISTANCE: Part = Part {
    name: "distance",
    default: Some("km"),
    units: &[("m", "m"), ("km", "km"), ("ft", "[ft_i]"), ("mi", "[mi_i]"), ("nmi", "[nmi_i]")],
};
const AREA: Part = Part { name: "area", default: Some("km2"), units: &[("m2", "m2"), ("km2", "km2"), ("ft2", "[sft_i]"), ("ha", "har")] };
const TIME: Part = Part {
    name: "time",
    default: Some("hour"),
    units: &[("ms", "ms"), ("s", "s"), ("min", "min"), ("m", "min"), ("hour", "h"), ("h", "h"), ("day", "d"), ("year", "a")],
};
const DATA: Part = Part { name: "data", default: Some("MB"), units: &[("MB", "MBy"), ("GB", "GBy"), ("TB", "TBy")] };
const MONEY: Part = Part { name: "money", default: None, units: &[] };
const NUMBER: Part = Part { name: "number", default: None, units: &[] };
const PASSENGERS: Part = Part { name: "passengers", default: None, units: &[] };
const CONTAINERS: Part = Part { name: "twenty_foot_equivalent", default: None, units: &[] };

/// A category of units.
#[derive(Debug, PartialEq, Eq)]
pub struct UnitType {
    /// `Energy`.
    pub name: &'static str,
    /// Its parameters.
    pub parts: &'static [Part],
    /// A unit of ours that measures it; blank where the factor's own unit decides.
    like: &'static str,
}

/// Every unit type that a factor here can have.
pub const UNIT_TYPES: &[UnitType] = &[
    UnitType { name: "Energy", parts: &[ENERGY], like: "kW.h" },
    UnitType { name: "Weight", parts: &[WEIGHT], like: "kg" },
    UnitType { name: "Volume", parts: &[VOLUME], like: "m3" },
    UnitType { name: "Distance", parts: &[DISTANCE], like: "km" },
    UnitType { name: "Area", parts: &[AREA], like: "m2" },
    UnitType { name: "Time", parts: &[TIME], like: "h" },
    UnitType { name: "Data", parts: &[DATA], like: "By" },
    UnitType { name: "Money", parts: &[MONEY], like: "" },
    UnitType { name: "Number", parts: &[NUMBER], like: "" },
    UnitType { name: "WeightOverDistance", parts: &[WEIGHT, DISTANCE], like: "t.km" },
    UnitType { name: "PassengerOverDistance", parts: &[PASSENGERS, DISTANCE], like: "{passenger}.km" },
    UnitType { name: "ContainerOverDistance", parts: &[CONTAINERS, DISTANCE], like: "{TEU}.km" },
    UnitType { name: "AreaOverTime", parts: &[AREA, TIME], like: "m2.a" },
    UnitType { name: "WeightOverTime", parts: &[WEIGHT, TIME], like: "kg.d" },
    UnitType { name: "DistanceOverTime", parts: &[DISTANCE, TIME], like: "km.d" },
    UnitType { name: "NumberOverTime", parts: &[NUMBER, TIME], like: "" },
];

impl UnitType {
    /// The unit type of a factor's `per`; none where the other service has none for it.
    pub fn of(per: &str) -> Option<&'static Self> {
        let named = |name: &str| UNIT_TYPES.iter().find(|own| own.name == name);
        let unit = Unit::parse(per).ok()?;
        let measures = |own: &Self| !own.like.is_empty() && Unit::parse(own.like).is_ok_and(|like| unit.in_terms_of(&like).is_ok());
        if unit.is_currency() {
            return named("Money");
        }
        let counted = counted(per);
        match counted {
            // hotel nights are counted there, not timed
            Some("room") if alike(&unit, "{room}.d") => named("Number"),
            Some("vehicle") if alike(&unit, "{vehicle}.km") => named("Distance"),
            Some(thing) if alike(&unit, &format!("{{{thing}}}.h")) => named("NumberOverTime"),
            Some(thing) if alike(&unit, &format!("{{{thing}}}")) => named("Number"),
            _ => UNIT_TYPES.iter().find(|own| measures(own)),
        }
    }

    /// The parameters that an estimate takes: `energy`, `energy_unit`.
    pub fn parameters(&self) -> Vec<String> {
        let of = |part: &Part| if part.has_unit() { vec![part.name.to_owned(), part.unit_name()] } else { vec![part.name.to_owned()] };
        self.parts.iter().flat_map(of).collect()
    }
}

fn alike(unit: &Unit, other: &str) -> bool {
    Unit::parse(other).is_ok_and(|other| unit.in_terms_of(&other).is_ok())
}

/// The only thing that a unit counts: `passenger` of `{passenger}.km`.
fn counted(per: &str) -> Option<&str> {
    let (_, rest) = per.split_once('{')?;
    let (thing, rest) = rest.split_once('}')?;
    (!rest.contains('{')).then_some(thing)
}

impl Part {
    fn has_unit(&self) -> bool {
        self.default.is_some() || self.name == "money"
    }

    fn unit_name(&self) -> String {
        format!("{}_unit", self.name)
    }
}

/// The unit of a record as the other service writes it: `kg/kWh`.
pub fn record_unit(per: &str) -> String {
    let simple = UNIT_TYPES.iter().filter(|own| own.parts.len() == 1).flat_map(|own| own.parts).flat_map(|part| part.units);
    let named = simple.clone().find(|(_, ucum)| *ucum == per).map(|(name, _)| *name);
    let compound = || {
        let parts: Option<Vec<&str>> =
            per.split('.').map(|one| simple.clone().find(|(_, ucum)| *ucum == one).map(|(name, _)| *name)).collect();
        parts.filter(|parts| parts.len() > 1).map(|parts| parts.join("-"))
    };
    let own = || {
        let plain = per.replace(['{', '}'], "").replace('.', "-");
        if is_currency(per) { per.to_lowercase() } else { plain }
    };
    format!("kg/{}", named.map(str::to_owned).or_else(compound).unwrap_or_else(own))
}

/// An amount in the caller's parameters, and what was said of it.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) amount: Amount,
    /// The number as it is shown.
    pub(super) value: String,
    /// Its unit as the other service writes it.
    pub(super) unit: String,
    pub(super) notices: Vec<CompatNotice>,
}

/// The unit types whose parameters were given, whatever the factor is per.
pub(super) fn asked(parameters: &BTreeMap<String, Box<RawValue>>) -> Vec<&'static UnitType> {
    let names: std::collections::BTreeSet<&str> = parameters.keys().map(|name| name.strip_suffix("_unit").unwrap_or(name)).collect();
    UNIT_TYPES.iter().filter(|own| own.parts.iter().map(|part| part.name).collect::<std::collections::BTreeSet<_>>() == names).collect()
}

/// Reads the amount for a factor per this unit.
pub(super) fn read_amount(unit_type: &UnitType, per: &str, parameters: &BTreeMap<String, Box<RawValue>>) -> Result<Given, CompatRefusal> {
    let mut value = BigRational::from(num_bigint::BigInt::from(1));
    let (mut codes, mut shown_units, mut notices) = (Vec::new(), Vec::new(), Vec::new());
    for part in unit_type.parts {
        let raw = parameters.get(part.name).ok_or_else(|| missing(unit_type))?;
        value *= read_number(part.name, raw.get())?.to_rational();
        let (name, ucum) = read_unit(part, per, parameters, &mut notices)?;
        codes.extend(ucum);
        shown_units.extend(name);
    }
    let counted = counted(per);
    let own = match unit_type.name {
        "Number" => per.to_owned(),
        "PassengerOverDistance" | "ContainerOverDistance" | "NumberOverTime" => {
            format!("{{{}}}.{}", counted.unwrap_or_default(), codes.join("."))
        }
        "Distance" if counted.is_some() => format!("{{{}}}.{}", counted.unwrap_or_default(), codes.join(".")),
        _ => codes.join("."),
    };
    let unit = Unit::parse(&own).map_err(|error| CompatRefusal::fault(error.to_string()))?;
    let too_long = || CompatRefusal::new("invalid_input", "the amount has more than 34 digits");
    let value = to_plain_decimal(&value).ok_or_else(too_long)?;
    let number: Decimal = value.parse().map_err(|_| too_long())?;
    let value = number.shortest().to_owned();
    Ok(Given { amount: Amount { number, unit: Some(unit) }, value, unit: shown_units.join("*"), notices })
}

fn missing(unit_type: &UnitType) -> CompatRefusal {
    let parameters = unit_type.parameters();
    let message = format!("the factor is of the unit type {}; `parameters` takes {}", unit_type.name, parameters.join(", "));
    CompatRefusal::new("invalid_unit_type_supplied", message).valid(parameters)
}

type UnitName = (Option<String>, Option<String>);

/// The unit of a parameter: its name there, its code here.
fn read_unit(
    part: &Part,
    per: &str,
    parameters: &BTreeMap<String, Box<RawValue>>,
    notices: &mut Vec<CompatNotice>,
) -> Result<UnitName, CompatRefusal> {
    if !part.has_unit() {
        return Ok((part.default.is_none().then(|| part.name.to_owned()), None));
    }
    let name = part.unit_name();
    let given = match parameters.get(&name) {
        Some(raw) => serde_json::from_str::<Option<String>>(raw.get())
            .map_err(|_| CompatRefusal::new("invalid_input", format!("`{name}` is a text")))?,
        None => None,
    };
    if part.name == "money" {
        return read_currency(given, per);
    }
    let unit = given.clone().unwrap_or_else(|| part.default.unwrap_or_default().to_owned());
    if given.is_none() {
        notices.push(CompatNotice::info("default_unit", format!("`{name}` was left out: {unit} was taken")));
    }
    match part.units.iter().find(|(own, _)| *own == unit) {
        Some((own, ucum)) => Ok((Some((*own).to_owned()), Some((*ucum).to_owned()))),
        None => Err(CompatRefusal::none_of("invalid_unit_supplied", &name, &unit, part.units.iter().map(|(own, _)| *own))),
    }
}

/// The factor's own currency, and no other: there are no exchange rates here.
fn read_currency(given: Option<String>, per: &str) -> Result<UnitName, CompatRefusal> {
    let own = per.to_lowercase();
    match given {
        Some(given) if given.eq_ignore_ascii_case(per) => Ok((Some(own), Some(per.to_owned()))),
        given => {
            let told = given.map(|given| format!("`{}`", shown(&given))).unwrap_or_else(|| "no currency".to_owned());
            let message = format!("`money_unit`: the factor is per {own} and {told} was given; this server has no exchange rates");
            Err(CompatRefusal::new("invalid_unit_supplied", message).valid([own]))
        }
    }
}

/// A JSON number as an exact decimal, an exponent included; never by way of a binary one.
pub(super) fn read_number(name: &str, text: &str) -> Result<Decimal, CompatRefusal> {
    let wrong = || {
        CompatRefusal::new("invalid_input", format!("`{name}`: `{}` is not a number of at most 34 digits, such as 100 or 2.5", shown(text)))
    };
    plain_number(text).and_then(|plain| plain.parse().ok()).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(json: &str) -> BTreeMap<String, Box<RawValue>> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn every_unit_is_one_of_ours() {
        for (unit_type, part) in UNIT_TYPES.iter().flat_map(|own| own.parts.iter().map(move |part| (own, part))) {
            for (name, ucum) in part.units {
                assert!(Unit::parse(ucum).is_ok(), "{} {name}", unit_type.name);
            }
            assert!(part.default.is_none_or(|default| part.units.iter().any(|(own, _)| *own == default)), "{}", part.name);
        }
    }

    #[test]
    fn unit_types_of_ours() {
        let table = [
            ("kW.h", Some("Energy"), "kg/kWh"),
            ("TJ", Some("Energy"), "kg/TJ"),
            ("kg", Some("Weight"), "kg/kg"),
            ("L", Some("Volume"), "kg/l"),
            ("t.km", Some("WeightOverDistance"), "kg/t-km"),
            ("{passenger}.km", Some("PassengerOverDistance"), "kg/passenger-km"),
            ("{vehicle}.km", Some("Distance"), "kg/vehicle-km"),
            ("{item}", Some("Number"), "kg/item"),
            ("{room}.d", Some("Number"), "kg/room-d"),
            ("{person}.h", Some("NumberOverTime"), "kg/person-h"),
            ("CNY", Some("Money"), "kg/cny"),
            ("km", Some("Distance"), "kg/km"),
            ("kg/h", None, "kg/kg/h"),
        ];
        for (per, unit_type, unit) in table {
            assert_eq!(UnitType::of(per).map(|own| own.name), unit_type, "{per}");
            assert_eq!(record_unit(per), unit, "{per}");
        }
    }

    #[test]
    fn numbers_are_exact() {
        for (text, expected) in
            [("100", "100"), ("1e3", "1000"), ("1.5E-5", "0.000015"), ("-2", "-2"), ("104.32900000000001", "104.32900000000001")]
        {
            assert_eq!(read_number("energy", text).unwrap().as_str(), expected, "{text}");
        }
        for text in ["1e400", "\"1\"", "null", "true", "[1]", "1e", "12345678901234567890123456789012345"] {
            assert!(read_number("energy", text).is_err(), "{text}");
        }
    }

    #[test]
    fn amounts() {
        let given = |per: &str, json: &str| {
            let given = read_amount(UnitType::of(per).unwrap(), per, &parameters(json));
            given.map(|given| (given.value, given.unit, given.amount.unit.unwrap().code().to_owned()))
        };
        let is = |value: &str, unit: &str, ours: &str| Ok((value.to_owned(), unit.to_owned(), ours.to_owned()));
        assert_eq!(given("TJ", r#"{"energy":2.50,"energy_unit":"GJ"}"#), is("2.5", "GJ", "GJ"));
        assert_eq!(given("TJ", r#"{"energy":2}"#), is("2", "kWh", "kW.h"));
        assert_eq!(
            given("t.km", r#"{"weight":500,"weight_unit":"kg","distance":12,"distance_unit":"mi"}"#),
            is("6000", "kg*mi", "kg.[mi_i]")
        );
        assert_eq!(given("{passenger}.km", r#"{"passengers":3,"distance":10}"#), is("30", "passengers*km", "{passenger}.km"));
        assert_eq!(given("{item}", r#"{"number":7}"#), is("7", "number", "{item}"));
        assert_eq!(given("{vehicle}.km", r#"{"distance":7}"#), is("7", "km", "{vehicle}.km"));
        assert_eq!(given("CNY", r#"{"money":7,"money_unit":"cny"}"#), is("7", "cny", "CNY"));
        for (per, json) in [
            ("CNY", r#"{"money":7,"money_unit":"usd"}"#),
            ("CNY", r#"{"money":7}"#),
            ("kg", r#"{"weight":7,"weight_unit":"ton"}"#),
            ("kg", r#"{"weight":"7"}"#),
            ("kg", r#"{"energy":7}"#),
        ] {
            let refusal = given(per, json).unwrap_err();
            assert_eq!(refusal.status, 400, "{json}");
        }
    }
}
