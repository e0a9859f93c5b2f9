//! The files of a release: bytes as stored, with everything that HTTP can say about them.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tanyin::canon::Digest;

use super::{ok, refused, texts};
use crate::on_bundled;
use crate::site::{Response, Site};

const FILE: &str = "/v1/datasets/cn-electricity-co2/releases/1.2.0/files/factors.ndjson";
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

fn etag_of(bytes: &[u8]) -> String {
    format!("\"sha256-{}\"", Digest::of(bytes).to_hex())
}

fn digest_field(bytes: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Digest::of(bytes).as_bytes()))
}

#[track_caller]
fn ranged(site: &Site, range: &str, more: &[(&str, &str)]) -> Response {
    site.get_with(FILE, &[&[("Range", range)], more].concat())
}

on_bundled!(
    fn bytes_with_validator_digest_and_name(site: &Site) {
        let table = [
            ("factors.csv", "text/csv; charset=utf-8"),
            ("factors.ndjson", "application/x-ndjson"),
            ("manifest.json", "application/json"),
            ("SHA256SUMS", "text/plain; charset=utf-8"),
        ];
        for (name, media_type) in table {
            let response = ok(site, &FILE.replace("factors.ndjson", name));
            let wanted = [
                ("etag", etag_of(&response.body)),
                ("repr-digest", digest_field(&response.body)),
                ("cache-control", IMMUTABLE.to_owned()),
                ("accept-ranges", "bytes".to_owned()),
                ("vary", "Accept-Encoding".to_owned()),
                ("content-type", media_type.to_owned()),
                ("content-length", response.body.len().to_string()),
                ("content-disposition", format!("inline; filename=\"cn-electricity-co2-1.2.0-{name}\"")),
                ("x-content-type-options", "nosniff".to_owned()),
            ];
            for (header, value) in wanted {
                assert_eq!(response.all(header), [value.as_str()], "{name}: {header}");
            }
            assert_eq!(response.header("content-encoding"), None);
            assert!(response.all("link").iter().any(|link| link.contains("rel=\"describedby\"")));
        }
    }
);

on_bundled!(
    fn sums_are_those_of_the_files(site: &Site) {
        for (dataset, versions) in [
            ("cn-electricity-co2", vec!["1.0.0", "1.1.0", "1.2.0"]),
            ("cn-electricity-footprint", vec!["1.0.0", "1.1.0"]),
            ("ipcc-gwp", vec!["1.0.0"]),
            ("ipcc-stationary-combustion", vec!["1.0.0"]),
        ] {
            for version in versions {
                let home = format!("/v1/datasets/{dataset}/releases/{version}/files");
                let sums = ok(site, &format!("{home}/SHA256SUMS")).text();
                let mut names = Vec::new();
                for line in sums.lines() {
                    let (sum, name) = line.split_once("  ").unwrap();
                    assert_eq!(Digest::of(&ok(site, &format!("{home}/{name}")).body).to_hex(), sum, "{name}");
                    names.push(name);
                }
                assert_eq!(names, ["factors.csv", "factors.ndjson", "manifest.json"]);
            }
        }
    }
);

on_bundled!(
    fn codings_are_representations_of_their_own(site: &Site) {
        let plain = ok(site, FILE);
        let gzip = site.get_with(FILE, &[("Accept-Encoding", "gzip")]);
        let zstd = site.get_with(FILE, &[("Accept-Encoding", "gzip, zstd")]);
        for (response, coding) in [(&gzip, "gzip"), (&zstd, "zstd")] {
            assert_eq!((response.status, response.header("content-encoding")), (200, Some(coding)));
            assert_eq!(response.header("etag"), Some(etag_of(&response.body).as_str()));
            assert_eq!(response.header("repr-digest"), Some(digest_field(&response.body).as_str()));
            assert_eq!(response.header("vary"), Some("Accept-Encoding"));
            assert_eq!(response.header("content-type"), plain.header("content-type"));
            assert!(response.body.len() < plain.body.len() / 4, "{coding}");
            assert_ne!(response.header("etag"), plain.header("etag"));
        }
        assert_ne!(gzip.header("etag"), zstd.header("etag"));
        let mut decoded = Vec::new();
        flate2::read::GzDecoder::new(gzip.body.as_slice()).read_to_end(&mut decoded).unwrap();
        assert_eq!(decoded, plain.body);
        assert_eq!(zstd::decode_all(zstd.body.as_slice()).unwrap(), plain.body);
        for refusing in ["identity", "br", "gzip;q=0", "zstd;q=0, gzip;q=0.000"] {
            let response = site.get_with(FILE, &[("Accept-Encoding", refusing)]);
            assert_eq!(response.header("etag"), plain.header("etag"), "{refusing}");
        }
        // A validator of one coding says nothing about another, and a range is one of the coded bytes.
        let known = [("Accept-Encoding", "gzip"), ("If-None-Match", plain.header("etag").unwrap())];
        assert_eq!(site.get_with(FILE, &known).status, 200);
        let part = site.get_with(FILE, &[("Accept-Encoding", "gzip"), ("Range", "bytes=0-9")]);
        assert_eq!((part.status, part.body.as_slice()), (206, &gzip.body[..10]));
        assert_eq!(part.header("content-encoding"), Some("gzip"));
        assert_eq!(part.header("repr-digest"), gzip.header("repr-digest"));
        let sums = site.get_with(&FILE.replace("factors.ndjson", "SHA256SUMS"), &[("Accept-Encoding", "gzip")]);
        assert_eq!((sums.status, sums.header("content-encoding")), (200, None));
    }
);

on_bundled!(
    fn ranges(site: &Site) {
        let whole = ok(site, FILE).body;
        let length = whole.len();
        let last = length - 1;
        let table = [
            ("bytes=0-99".to_owned(), 0, 99),
            ("bytes=100-".to_owned(), 100, last),
            ("bytes=-100".to_owned(), length - 100, last),
            ("bytes=-99999999".to_owned(), 0, last),
            (format!("bytes=10-{}", length * 2), 10, last),
            (format!("bytes={last}-{last}"), last, last),
        ];
        for (range, from, to) in table {
            let response = ranged(site, &range, &[]);
            assert_eq!(response.status, 206, "{range}");
            assert_eq!(response.body, &whole[from..=to], "{range}");
            assert_eq!(response.header("content-range"), Some(format!("bytes {from}-{to}/{length}").as_str()));
            assert_eq!(response.header("repr-digest"), Some(digest_field(&whole).as_str()));
            assert_eq!(response.header("content-digest"), Some(digest_field(&whole[from..=to]).as_str()));
            assert_eq!(response.header("etag"), Some(etag_of(&whole).as_str()));
            assert_eq!(response.header("cache-control"), Some(IMMUTABLE));
        }
        for range in ["bytes=5-2", "bytes=a-b", "lines=0-1", "bytes=0-1,4-5", "bytes", "bytes=-"] {
            let response = ranged(site, range, &[]);
            assert_eq!((response.status, response.body.len()), (200, length), "{range}");
        }
        for range in [format!("bytes={length}-"), "bytes=-0".to_owned(), "bytes=999999999999999999999-".to_owned()] {
            let response = ranged(site, &range, &[]);
            assert_eq!(response.problem(), "range-not-satisfiable", "{range}");
            assert_eq!(response.header("content-range"), Some(format!("bytes */{length}").as_str()));
            assert_eq!(response.header("cache-control"), Some("no-store"));
        }
    }
);

on_bundled!(
    fn a_download_resumes_only_into_the_same_bytes(site: &Site) {
        let whole = ok(site, FILE).body;
        let etag = etag_of(&whole);
        let resumed = ranged(site, "bytes=1000-", &[("If-Range", &etag)]);
        assert_eq!((resumed.status, resumed.body.as_slice()), (206, &whole[1000..]));
        for stale in ["\"sha256-00\"", &format!("W/{etag}"), "Wed, 21 Oct 2015 07:28:00 GMT"] {
            let response = ranged(site, "bytes=1000-", &[("If-Range", stale)]);
            assert_eq!((response.status, response.body.len()), (200, whole.len()), "{stale}");
        }
    }
);

on_bundled!(
    fn preconditions(site: &Site) {
        let whole = ok(site, FILE).body;
        let etag = etag_of(&whole);
        let weak = format!("W/{etag}");
        let list = format!("\"other\", {etag}");
        for known in [etag.as_str(), &weak, &list, "*"] {
            let response = site.get_with(FILE, &[("If-None-Match", known)]);
            assert_eq!((response.status, response.body.len()), (304, 0), "{known}");
            assert_eq!(response.header("etag"), Some(etag.as_str()));
            assert_eq!(response.header("cache-control"), Some(IMMUTABLE));
            assert_eq!(response.header("vary"), Some("Accept-Encoding"));
        }
        assert_eq!(site.get_with(FILE, &[("If-None-Match", "\"other\"")]).status, 200);
        for wanted in [etag.as_str(), &list, "*"] {
            assert_eq!(site.get_with(FILE, &[("If-Match", wanted)]).status, 200, "{wanted}");
        }
        for wanted in ["\"other\"", &weak] {
            assert_eq!(site.get_with(FILE, &[("If-Match", wanted)]).problem(), "precondition-failed", "{wanted}");
        }
        // RFC 9110, 13.2.2: If-Match first, then If-None-Match, and a range last.
        assert_eq!(site.get_with(FILE, &[("If-Match", "\"other\""), ("If-None-Match", &etag)]).status, 412);
        assert_eq!(ranged(site, "bytes=0-1", &[("If-None-Match", &etag)]).status, 304);
        assert_eq!(ranged(site, "bytes=0-1", &[("If-Match", "\"other\"")]).status, 412);
    }
);

on_bundled!(
    fn heads(site: &Site) {
        let get = ok(site, FILE);
        let head = site.send("HEAD", FILE, &[], None);
        assert_eq!((head.status, head.body.len()), (200, 0));
        for name in ["etag", "repr-digest", "content-length", "content-type", "cache-control", "accept-ranges", "content-disposition"] {
            assert_eq!(head.all(name), get.all(name), "{name}");
        }
        let ranged = site.send("HEAD", FILE, &[("Range", "bytes=0-9")], None);
        assert_eq!((ranged.status, ranged.header("content-length")), (200, get.header("content-length")));
        let gzip = site.send("HEAD", FILE, &[("Accept-Encoding", "gzip")], None);
        assert_eq!(gzip.header("content-encoding"), Some("gzip"));
        assert_eq!(site.send("HEAD", "/v1/datasets/ipcc-gwp/releases/1.0.0/files/none", &[], None).status, 404);
    }
);

on_bundled!(
    fn names_that_move_are_kept_shortly(site: &Site) {
        let pinned = ok(site, FILE);
        for version in ["latest", "^1", "%5E1"] {
            let response = ok(site, &FILE.replace("1.2.0", version));
            assert_eq!(response.body, pinned.body);
            assert_eq!(response.header("etag"), pinned.header("etag"));
            assert_eq!(response.header("cache-control"), Some("public, max-age=5"));
            assert_eq!(response.header("content-location"), Some(FILE));
        }
        assert_eq!(pinned.header("content-location"), None);
    }
);

on_bundled!(
    fn files_that_do_not_exist(site: &Site) {
        for name in [
            "factors.txt",
            "FACTORS.CSV",
            "..%2Fmanifest.json",
            "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
            "factors.csv%00",
            "factors.ndjson.gz",
            "%FF",
        ] {
            let problem = refused(site, &FILE.replace("factors.ndjson", name), "no-artefact");
            let stored = ["factors.csv", "factors.ndjson", "manifest.json", "SHA256SUMS"];
            let derived = tanyin::bulk::Format::derived().map(tanyin::bulk::Format::file_name);
            let beside = ["release.tlog-proof", "release.record.json", "release.places.ndjson"];
            let all: Vec<&str> = stored.into_iter().chain(derived).chain(beside).collect();
            assert_eq!(texts(&problem["files"]), all, "{name}");
        }
        refused(site, &FILE.replace("1.2.0", "1.2.9"), "no-release");
    }
);
