//! Canonical JSON straight from whatever serialises, without a tree of values in between.
//!
//! It writes what it is sure of: texts, whole numbers, lists and objects with plain names. Anything else is a [`Detour`], and
//! the caller goes the long way, which also knows what to say of what has no canonical form.

use std::cmp::Ordering;
use std::io::Write;
use std::ops::Range;

use serde::ser::{Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, SerializeTupleStruct, Serializer};

use super::json::{MAX_SAFE_INTEGER, write_string};

/// Something that is written the long way.
#[derive(Debug)]
pub(super) struct Detour;

impl std::fmt::Display for Detour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not written directly")
    }
}

impl std::error::Error for Detour {}

impl serde::ser::Error for Detour {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Writes a value's canonical bytes behind what stands in `out`; after a detour `out` holds a part of them.
pub(super) fn write<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> Result<(), Detour> {
    value.serialize(Direct { out })
}

struct Direct<'o> {
    out: &'o mut Vec<u8>,
}

/// The items of a list so far.
struct Items<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

/// The members of an object so far, in the order in which they came.
struct Members<'o> {
    out: &'o mut Vec<u8>,
    /// Of each where it begins, where its name ends (both with their quotation marks), and where it ends.
    places: Vec<[usize; 3]>,
    /// Whether all names are ASCII, so that the order of their bytes is the right one.
    ascii: bool,
}

impl<'o> Direct<'o> {
    fn integer(self, number: impl std::fmt::Display, size: u64) -> Result<(), Detour> {
        if size > MAX_SAFE_INTEGER {
            return Err(Detour);
        }
        write!(self.out, "{number}").map_err(|_| Detour)
    }

    fn items(self) -> Items<'o> {
        self.out.push(b'[');
        Items { out: self.out, empty: true }
    }

    fn members(self, count: usize) -> Members<'o> {
        self.out.push(b'{');
        Members { out: self.out, places: Vec::with_capacity(count), ascii: true }
    }
}

impl Items<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Detour> {
        if !std::mem::replace(&mut self.empty, false) {
            self.out.push(b',');
        }
        write(self.out, value)
    }

    fn close(self) {
        self.out.push(b']');
    }
}

impl Members<'_> {
    fn name<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), Detour> {
        if !self.places.is_empty() {
            self.out.push(b',');
        }
        let start = self.out.len();
        write(self.out, name)?;
        let end = self.out.len();
        let written = self.out.get(start..end).unwrap_or_default();
        // a number is no name, and an escape hides the name that is sorted by
        if !written.starts_with(b"\"") || written.contains(&b'\\') {
            return Err(Detour);
        }
        self.ascii &= written.is_ascii();
        self.places.push([start, end, end]);
        Ok(())
    }

    /// The name of a struct's member, which is plain in all but strange cases.
    fn field(&mut self, name: &'static str) -> Result<(), Detour> {
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return self.name(name);
        }
        self.out.extend_from_slice(if self.places.is_empty() { b"\"" } else { b",\"" });
        let start = self.out.len() - 1;
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b'"');
        self.places.push([start, self.out.len(), start]);
        Ok(())
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Detour> {
        self.out.push(b':');
        write(self.out, value)?;
        let end = self.out.len();
        if let Some([_, _, own]) = self.places.last_mut() {
            *own = end;
        }
        Ok(())
    }

    /// Brings the members into their order, and ends the object.
    fn close(mut self) -> Result<(), Detour> {
        let part = |range: Range<usize>| self.out.get(range).unwrap_or_default();
        // without the marks: the one that closes `a` would stand behind the blank of `a b`
        let name = |place: &[usize; 3]| part(place[0] + 1..place[1] - 1);
        let order = |a: &[usize; 3], b: &[usize; 3]| if self.ascii { name(a).cmp(name(b)) } else { by_utf16(name(a), name(b)) };
        let ascends = |pair: &[[usize; 3]]| matches!(pair, [a, b] if order(a, b) == Ordering::Less);
        if !self.places.windows(2).all(ascends) {
            self.places.sort_by(order);
            if !self.places.windows(2).all(ascends) {
                return Err(Detour); // one name twice
            }
            let start = self.places.iter().map(|place| place[0]).min().unwrap_or(self.out.len());
            let mut sorted = Vec::with_capacity(self.out.len() - start);
            for (number, place) in self.places.iter().enumerate() {
                if number > 0 {
                    sorted.push(b',');
                }
                sorted.extend_from_slice(part(place[0]..place[2]));
            }
            self.out.truncate(start);
            self.out.append(&mut sorted);
        }
        self.out.push(b'}');
        Ok(())
    }
}

/// The order of names (RFC 8785, 3.2.3).
fn by_utf16(a: &[u8], b: &[u8]) -> Ordering {
    String::from_utf8_lossy(a).encode_utf16().cmp(String::from_utf8_lossy(b).encode_utf16())
}

macro_rules! integers {
    ($($name:ident $type:ty, $size:expr;)+) => {
        $(fn $name(self, number: $type) -> Result<(), Detour> { self.integer(number, $size(number)) })+
    };
}

impl<'o> Serializer for Direct<'o> {
    type Ok = ();
    type Error = Detour;
    type SerializeSeq = Items<'o>;
    type SerializeTuple = Items<'o>;
    type SerializeTupleStruct = Items<'o>;
    type SerializeTupleVariant = Impossible<(), Detour>;
    type SerializeMap = Members<'o>;
    type SerializeStruct = Members<'o>;
    type SerializeStructVariant = Impossible<(), Detour>;

    integers! {
        serialize_i8 i8, |n: i8| u64::from(n.unsigned_abs());
        serialize_i16 i16, |n: i16| u64::from(n.unsigned_abs());
        serialize_i32 i32, |n: i32| u64::from(n.unsigned_abs());
        serialize_i64 i64, |n: i64| n.unsigned_abs();
        serialize_u8 u8, u64::from;
        serialize_u16 u16, u64::from;
        serialize_u32 u32, u64::from;
        serialize_u64 u64, u64::from;
    }

    fn serialize_bool(self, value: bool) -> Result<(), Detour> {
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_f32(self, _: f32) -> Result<(), Detour> {
        Err(Detour)
    }

    fn serialize_f64(self, _: f64) -> Result<(), Detour> {
        Err(Detour)
    }

    fn serialize_char(self, value: char) -> Result<(), Detour> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), Detour> {
        write_string(self.out, text);
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Detour> {
        Err(Detour)
    }

    fn serialize_none(self) -> Result<(), Detour> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Detour> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Detour> {
        self.out.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Detour> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Detour> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Detour> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(self, _: &'static str, _: u32, _: &'static str, _: &T) -> Result<(), Detour> {
        Err(Detour)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'o>, Detour> {
        Ok(self.items())
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'o>, Detour> {
        Ok(self.items())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items<'o>, Detour> {
        Ok(self.items())
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Impossible<(), Detour>, Detour> {
        Err(Detour)
    }

    fn serialize_map(self, count: Option<usize>) -> Result<Members<'o>, Detour> {
        Ok(self.members(count.unwrap_or_default().min(64)))
    }

    fn serialize_struct(self, name: &'static str, count: usize) -> Result<Members<'o>, Detour> {
        // serde_json hands raw texts and numbers on as structs of such names
        if name.starts_with('$') { Err(Detour) } else { Ok(self.members(count)) }
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<Impossible<(), Detour>, Detour> {
        Err(Detour)
    }
}

macro_rules! list {
    ($($trait:ident $item:ident),+) => {
        $(impl $trait for Items<'_> {
            type Ok = ();
            type Error = Detour;

            fn $item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Detour> {
                self.item(value)
            }

            fn end(self) -> Result<(), Detour> {
                self.close();
                Ok(())
            }
        })+
    };
}

list!(SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field);

impl SerializeMap for Members<'_> {
    type Ok = ();
    type Error = Detour;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Detour> {
        self.name(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Detour> {
        self.value(value)
    }

    fn end(self) -> Result<(), Detour> {
        self.close()
    }
}

impl SerializeStruct for Members<'_> {
    type Ok = ();
    type Error = Detour;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Detour> {
        self.field(key)?;
        self.value(value)
    }

    fn end(self) -> Result<(), Detour> {
        self.close()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;

    use super::super::json::{canonical_bytes, canonical_value};
    use super::{Detour, write};

    fn directly<T: Serialize>(value: &T) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let written: Result<(), Detour> = write(&mut out, value);
        written.ok().map(|()| out)
    }

    #[derive(Serialize)]
    struct Sample {
        year: i32,
        text: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        absent: Option<u8>,
        list: Vec<(u64, bool)>,
        map: BTreeMap<&'static str, Option<()>>,
        code: char,
    }

    #[test]
    fn members_come_in_order() {
        let map = BTreeMap::from([("a", None), ("a b", None), ("a!", None), ("\u{fb33}", Some(())), ("\u{1f602}", None)]);
        let sample = Sample { year: -5, text: "\"\\\n\u{1}€", absent: None, list: vec![(1, true), (2, false)], map, code: '中' };
        let expected = canonical_value(&serde_json::to_value(&sample).unwrap()).unwrap();
        assert_eq!(String::from_utf8(directly(&sample).unwrap()).unwrap(), String::from_utf8(expected).unwrap());
    }

    #[test]
    fn what_is_not_plain_goes_the_long_way() {
        #[derive(Serialize)]
        struct Flat {
            a: u8,
            #[serde(flatten)]
            rest: BTreeMap<String, u8>,
        }
        let twice = Flat { a: 1, rest: BTreeMap::from([("a".to_owned(), 2)]) };
        assert!(directly(&twice).is_none());
        assert_eq!(canonical_bytes(&twice).unwrap(), br#"{"a":2}"#);
        let raw = serde_json::value::RawValue::from_string(r#"{"b": 1, "a": 2}"#.to_owned()).unwrap();
        assert!(directly(&raw).is_none());
        assert_eq!(canonical_bytes(&raw).unwrap(), br#"{"a":2,"b":1}"#);
        assert!(directly(&1.5_f64).is_none() && directly(&9_007_199_254_740_993_u64).is_none());
        assert!(canonical_bytes(&1.5_f64).is_err() && canonical_bytes(&9_007_199_254_740_993_u64).is_err());
        assert!(directly(&BTreeMap::from([(1, 2)])).is_none());
        assert_eq!(canonical_bytes(&BTreeMap::from([(1, 2)])).unwrap(), br#"{"1":2}"#);
        assert_eq!(canonical_bytes(&BTreeMap::from([("\n", 2), ("a", 1)])).unwrap(), br#"{"\n":2,"a":1}"#);
    }
}
