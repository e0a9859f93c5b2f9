//! Units under the public identifiers of the reference data that openLCA and ILCD share.
//!
//! A unit is listed only where it equals its UCUM code exactly; others get a group of their own.

use super::ids::uuid;
use crate::factor::{Factor, Unit, is_currency};

/// A group of units, with the quantity that it measures.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Quantity {
    /// Id of the flow property.
    pub(super) property: String,
    /// Its name.
    pub(super) property_name: String,
    /// Id of the unit group.
    pub(super) group: String,
    /// Its name.
    pub(super) group_name: String,
    /// Whether it is money.
    pub(super) is_money: bool,
    /// Its units, the reference unit first.
    pub(super) units: Vec<Named>,
}

/// A unit of a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    /// UCUM code or currency.
    pub(super) code: String,
    /// Its name in the group.
    pub(super) name: String,
    /// Its id.
    pub(super) id: String,
    /// How many reference units it is, as a decimal.
    pub(super) size: String,
}

type Line = (&'static str, &'static str, &'static str, &'static str);

struct Group {
    property: (&'static str, &'static str),
    group: (&'static str, &'static str),
    /// UCUM code, name, id, size.
    units: &'static [Line],
}

/// The reference data's own identifiers.
const GROUPS: &[Group] = &[
    Group {
        property: ("93a60a56-a3c8-11da-a746-0800200b9a66", "Mass"),
        group: ("93a60a57-a4c8-11da-a746-0800200c9a66", "Units of mass"),
        units: &[
            ("kg", "kg", "20aadc24-a391-41cf-b340-3e4529f44bde", "1"),
            ("g", "g", "e1317ffc-7f83-4a85-bc65-4fb229a25cf8", "0.001"),
            ("mg", "mg", "b872a063-0500-42b7-9e5d-441642d84417", "0.000001"),
            ("t", "t", "83192ffa-5990-490b-a23a-b45ca072db6f", "1000"),
            ("kt", "kt", "e720c842-19f5-4a38-8573-78dd13719f5b", "1000000"),
            ("[lb_av]", "lb av", "0300ec69-ce1a-45f0-bcf0-7b33845dc53e", "0.45359237"),
            ("[oz_av]", "oz av", "fa44e424-f37b-419d-8475-723429d63c08", "0.028349523125"),
        ],
    },
    Group {
        property: ("f6811440-ee37-11de-8a39-0800200c9a66", "Energy"),
        group: ("93a60a57-a3c8-11da-a746-0800200c9a66", "Units of energy"),
        units: &[
            ("MJ", "MJ", "52765a6c-3896-43c2-b2f4-c679acf13efe", "1"),
            ("J", "J", "469d61f1-3bc4-4841-8adf-873825c1bc11", "0.000001"),
            ("kJ", "kJ", "f4119718-2d50-47fe-9154-cab6fd2d30eb", "0.001"),
            ("GJ", "GJ", "01e58eb9-0aba-4c76-ba0c-03f6f3be1353", "1000"),
            ("TJ", "TJ", "57c492e7-d94b-4fcc-98df-cdc4163b754c", "1000000"),
            ("PJ", "PJ", "ff1a332f-967c-4084-8b01-8d3ca81b3121", "1000000000"),
            ("W.h", "Wh", "fc3604f7-aa93-4aa3-8ae9-8f822874da5f", "0.0036"),
            ("kW.h", "kWh", "86ad2244-1f0e-4912-af53-7865283103e4", "3.6"),
            ("MW.h", "MWh", "92e3bd49-8ed5-4885-9db6-fc88c7afcfcb", "3600"),
        ],
    },
    Group {
        property: ("93a60a56-a3c8-22da-a746-0800200c9a66", "Volume"),
        group: ("93a60a57-a3c8-12da-a746-0800200c9a66", "Units of volume"),
        units: &[
            ("m3", "m3", "1c3a9695-398d-4b1f-b07e-a8715b610f70", "1"),
            ("L", "l", "b80a512e-e402-4363-8ad0-7d02dcf4a459", "0.001"),
            ("mL", "ml", "81696a66-6919-4bbb-a3ab-c79b2900de7d", "0.000001"),
        ],
    },
    Group {
        property: ("93a60a56-a3c8-19da-a746-0800200c9a66", "Area"),
        group: ("93a60a57-a3c8-18da-a746-0800200c9a66", "Units of area"),
        units: &[
            ("m2", "m2", "3ce61faa-5716-41c1-aef6-b5920054acc9", "1"),
            ("har", "ha", "debee4d9-bc47-4e35-8624-4957ecb75386", "10000"),
            ("km2", "km2", "b9a011a0-c9bf-459b-b105-2623d1b61ddf", "1000000"),
        ],
    },
    Group {
        property: ("838aaa23-0117-11db-92e3-0800200c9a66", "Length"),
        group: ("838aaa22-0117-11db-92e3-0800200c9a66", "Units of length"),
        units: &[("m", "m", "3d314eab-ef11-4ff3-a35e-9bc5cd858694", "1"), ("km", "km", "715ca68e-0ac5-4c4b-b557-fdc36623be88", "1000")],
    },
    Group {
        property: ("838aaa20-0117-11db-92e3-0800200c9a66", "Mass transport"),
        group: ("838aaa21-0117-11db-92e3-0800200c9a66", "Units of mass*length"),
        units: &[
            ("t.km", "t*km", "0dea4ed8-bb6b-4049-b2b4-b2c413ef2180", "1"),
            ("kg.km", "kg*km", "a40229e6-7275-42e3-a304-23d590044770", "0.001"),
        ],
    },
    Group {
        property: ("8766e10f-9f41-4db0-8173-ad0d002a5b98", "Person transport"),
        group: ("11d161f0-37e3-4d49-bf7a-ff4f31a9e5c7", "Units of person*length"),
        units: &[("{passenger}.km", "p*km", "fe8da65d-f0ea-4496-b13e-1955aaa412d7", "1")],
    },
    Group {
        property: ("01846770-4cfe-4a25-8ad9-919d8d378345", "Number"),
        group: ("5beb6eed-33a9-47b8-9ede-1dfe8f679159", "Units of number"),
        units: &[("{item}", "Item(s)", "6dabe201-aaac-4509-92f0-d00c26cb72ab", "1")],
    },
    Group {
        property: ("93a60a56-a3c8-21da-a746-0800200c9a66", "Area*Time"),
        group: ("93a60a57-a3c8-20da-a746-0800200c9a66", "Units of area*time"),
        units: &[("m2.a", "m2*a", "c7266b67-4ea2-457f-b391-9b94e26e195a", "1")],
    },
    Group {
        property: ("c0447923-0e60-4b3c-97c2-a86dddd9eea5", "Time"),
        group: ("af638906-3ec7-4314-8de7-f76039f2dd01", "Units of time"),
        units: &[("h", "h", "227a54d9-44e7-468c-b8bb-f2dd1ae68c7a", "1"), ("d", "d", "11074cfd-08a4-449b-adad-18ce24a1b275", "24")],
    },
];

/// Mass, in which emissions are given.
pub(super) fn mass() -> Quantity {
    GROUPS.first().map(quantity).unwrap_or_else(|| own("kg", "kg", false))
}

/// What the `per` of a factor is measured in, and which of its units it is.
pub(super) fn of(factor: &Factor) -> (Quantity, Named) {
    let listed = GROUPS.iter().find(|group| group.units.iter().any(|(code, ..)| *code == factor.per));
    let quantity = listed.map(quantity).unwrap_or_else(|| {
        let is_money = is_currency(&factor.per);
        let year = factor.price_year.filter(|_| is_money).map(|year| format!(" {year}")).unwrap_or_default();
        let basis = factor.price_basis.filter(|_| is_money).map(|basis| format!(", {} price", basis.code())).unwrap_or_default();
        own(&factor.per, &format!("{}{year}{basis}", factor.per), is_money)
    });
    let unit = quantity.units.iter().find(|unit| unit.code == factor.per).or(quantity.units.first()).cloned();
    let unit =
        unit.unwrap_or_else(|| Named { code: factor.per.clone(), name: factor.per.clone(), id: String::new(), size: "1".to_owned() });
    (quantity, unit)
}

fn quantity(group: &Group) -> Quantity {
    let named = |(code, name, id, size): &Line| Named {
        code: (*code).to_owned(),
        name: (*name).to_owned(),
        id: (*id).to_owned(),
        size: (*size).to_owned(),
    };
    Quantity {
        property: group.property.0.to_owned(),
        property_name: group.property.1.to_owned(),
        group: group.group.0.to_owned(),
        group_name: group.group.1.to_owned(),
        is_money: false,
        units: group.units.iter().map(named).collect(),
    }
}

/// A group with one unit, for what the reference data have no equal of.
fn own(code: &str, name: &str, is_money: bool) -> Quantity {
    let unit = Named { code: code.to_owned(), name: code.to_owned(), id: uuid(&["unit", name]), size: "1".to_owned() };
    Quantity {
        property: uuid(&["flow property", name]),
        property_name: if is_money { format!("Market value, {name}") } else { format!("Amount in {name}") },
        group: uuid(&["unit group", name]),
        group_name: format!("Units of {name}"),
        is_money,
        units: vec![unit],
    }
}

/// How many of one unit another is, where it is a decimal with an end.
pub(super) fn in_terms_of(code: &str, other: &str) -> Option<String> {
    let ratio = Unit::parse(code).ok()?.in_terms_of(&Unit::parse(other).ok()?).ok()?;
    crate::factor::exact::to_plain_decimal(&ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_ucum_exactly() {
        let mut ids = std::collections::BTreeSet::new();
        for group in GROUPS {
            let (reference, ..) = group.units[0];
            assert!(ids.insert(group.property.0) && ids.insert(group.group.0));
            for (code, name, id, size) in group.units {
                assert_eq!(in_terms_of(code, reference).as_deref(), Some(*size), "{code} in {reference}");
                assert!(ids.insert(id) && id.len() == 36, "{name}");
            }
        }
    }
}
