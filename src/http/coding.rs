//! Which stored coding of a file a client takes (RFC 9110, 12.5.3).

/// The codings that files are stored in, the smaller first; ties of weight go to it.
const STORED: [&str; 2] = ["zstd", "gzip"];

/// The coding to send for an `Accept-Encoding`: `zstd`, `gzip` or `identity`.
pub(super) fn choose(accept: Option<&str>) -> &'static str {
    let best = STORED.into_iter().map(|coding| (weight(accept, coding), coding)).max_by_key(|(q, coding)| (*q, *coding == STORED[0]));
    match best {
        Some((q, coding)) if q > 0 => coding,
        _ => "identity",
    }
}

/// Whether a client takes gzip.
pub(super) fn takes_gzip(accept: Option<&str>) -> bool {
    weight(accept, "gzip") > 0
}

/// How much a client wants a coding, in thousandths.
fn weight(accept: Option<&str>, coding: &str) -> u32 {
    let mut any = 0;
    for item in accept.unwrap_or_default().split(',') {
        let mut parts = item.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let q = parts.find_map(|part| part.strip_prefix("q=")).map_or(1000, thousandths);
        if name == coding || (coding == "gzip" && name == "x-gzip") {
            return q;
        }
        if name == "*" {
            any = q;
        }
    }
    any
}

/// A weight such as `0.5` in thousandths; anything unreadable counts nothing.
fn thousandths(q: &str) -> u32 {
    let (whole, fraction) = q.split_once('.').unwrap_or((q, ""));
    let digits = format!("{fraction:0<3}");
    match (whole, digits.get(..3).and_then(|digits| digits.parse::<u32>().ok())) {
        ("1", _) => 1000,
        ("0", Some(thousandths)) => thousandths,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn the_heaviest_stored_coding_is_sent() {
        let table = [
            (None, "identity"),
            (Some(""), "identity"),
            (Some("gzip"), "gzip"),
            (Some("gzip, deflate, br, zstd"), "zstd"),
            (Some("gzip;q=1.0, zstd;q=0.5"), "gzip"),
            (Some("zstd;q=0, gzip;q=0"), "identity"),
            (Some("*"), "zstd"),
            (Some("zstd;q=0, *"), "gzip"),
            (Some("identity"), "identity"),
            (Some("br"), "identity"),
        ];
        for (accept, coding) in table {
            assert_eq!(choose(accept), coding, "{accept:?}");
        }
    }
}
