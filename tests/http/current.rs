//! Staying current: deltas, events, the feed, and what answers say of their neighbours.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tanyin::bulk::apply_delta;
use tanyin::feed::EVENT_TYPES;

use super::{ok, refused};
use crate::site::consumers::python;
use crate::site::{PackageDraft, Site, row};
use crate::{on_both, on_bundled};

on_bundled!(
    /// Between any two releases of a dataset, there and back: the bytes that were released.
    fn a_delta_gives_the_exact_bytes(site: &Site) {
        let mut pairs = 0;
        for dataset in ["cn-electricity-co2", "cn-electricity-footprint", "ipcc-gwp"] {
            let home = format!("/v1/datasets/{dataset}");
            let versions = ok(site, &home).json()["releases"].clone();
            let lines = |version: &str| ok(site, &format!("{home}/releases/{version}/files/factors.ndjson")).body;
            for from in versions.as_array().unwrap().iter().map(|version| version.as_str().unwrap()) {
                for to in versions.as_array().unwrap().iter().map(|version| version.as_str().unwrap()) {
                    let delta = ok(site, &format!("{home}/delta/{from}...{to}"));
                    let mut next = Vec::new();
                    let (head, counts) = apply_delta(&lines(from), delta.body.as_slice(), &mut next).unwrap();
                    assert_eq!(next, lines(to), "{dataset} {from} {to}");
                    assert_eq!((head.from.version.to_string().as_str(), head.to.version.to_string().as_str()), (from, to));
                    assert_eq!(counts.puts + counts.deletes == 0, from == to);
                    assert_eq!(delta.header("content-type"), Some("application/x-ndjson"));
                    assert_eq!(delta.header("cache-control"), Some("public, max-age=31536000, immutable"));
                    pairs += 1;
                }
            }
        }
        assert_eq!(pairs, 9 + 4 + 1);
    }
);

on_bundled!(
    fn a_delta_is_a_file(site: &Site) {
        let path = "/v1/datasets/cn-electricity-co2/delta/1.1.0...1.2.0";
        let whole = ok(site, path);
        let etag = whole.header("etag").unwrap();
        assert!(etag.starts_with("\"sha256-"), "{etag}");
        assert_eq!(ok(site, path).header("etag"), Some(etag), "the same bytes every time");
        assert_eq!(site.get_with(path, &[("If-None-Match", etag)]).status, 304);
        let part = site.get_with(path, &[("Range", "bytes=10-19")]);
        assert_eq!((part.status, part.body.as_slice()), (206, &whole.body[10..20]));
        let moving = ok(site, "/v1/datasets/cn-electricity-co2/delta/1.1.0...latest");
        assert_eq!((moving.body == whole.body, moving.header("content-location")), (true, Some(path)));
        assert_eq!(moving.header("cache-control"), Some("public, max-age=5"));
        for (range, code) in [
            ("1.1.0", "invalid-parameter"),
            ("1.1.0...9.0.0", "no-release"),
            ("new...1.0.0", "invalid-parameter"),
            ("1.1.0...1.2.0?format=csv", "unknown-parameter"),
        ] {
            refused(site, &format!("/v1/datasets/cn-electricity-co2/delta/{range}"), code);
        }
        refused(site, "/v1/datasets/none/delta/1.0.0...1.1.0", "no-dataset");
    }
);

on_bundled!(
    fn events_in_pages(site: &Site) {
        let all = ok(site, "/v1/events").json();
        let events = all["events"].as_array().unwrap();
        let seqs: Vec<i64> = events.iter().map(|event| event["seq"].as_i64().unwrap()).collect();
        assert_eq!(seqs, (0..7).collect::<Vec<i64>>());
        assert_eq!((&all["next"], &all["more"]), (&json!(6), &json!(false)));
        let mut walked = Vec::new();
        let mut after = -1;
        loop {
            let page = ok(site, &format!("/v1/events?after={after}&limit=3")).json();
            walked.extend(page["events"].as_array().unwrap().clone());
            after = page["next"].as_i64().unwrap();
            if page["more"] == false {
                break;
            }
        }
        assert_eq!(json!(walked), all["events"]);
        let released = events.iter().find(|event| event["version"] == "1.2.0").unwrap();
        assert_eq!((&released["type"], &released["previous"], &released["factors"]), (&json!("release"), &json!("1.1.0"), &json!(120)));
        assert_eq!(released["links"]["delta"], "/v1/datasets/cn-electricity-co2/delta/1.1.0...1.2.0");
        for (name, link) in released["links"].as_object().unwrap() {
            ok(site, link.as_str().unwrap());
            assert_ne!(name, "successor");
        }
        let own = ok(site, released["links"]["self"].as_str().unwrap()).json();
        assert_eq!(&own["events"][0], released);
        let some = ok(site, "/v1/events?dataset=ipcc-gwp,cn-electricity-footprint&type=release").json();
        assert_eq!(some["events"].as_array().unwrap().len(), 3);
        assert_eq!(some["next"], 6, "what was looked at, whether it was wanted or not");
        assert_eq!(ok(site, "/v1/events?type=withdraw,flag").json()["events"], json!([]));
        let cached = ok(site, "/v1/events?limit=2");
        assert_eq!(cached.header("cache-control"), Some("public, max-age=60"));
        assert_eq!(site.get_with("/v1/events?limit=2", &[("If-None-Match", cached.header("etag").unwrap())]).status, 304);
    }
);

on_bundled!(
    fn what_cannot_be_asked_of_events(site: &Site) {
        for (query, code) in [
            ("after=7", "invalid-parameter"),
            ("after=-2", "invalid-parameter"),
            ("after=x", "invalid-parameter"),
            ("after=99999999999999999999", "invalid-parameter"),
            ("limit=0", "invalid-parameter"),
            ("limit=1001", "invalid-parameter"),
            ("wait=56", "invalid-parameter"),
            ("wait=-1", "invalid-parameter"),
            ("type=releases", "invalid-parameter"),
            ("dataset=cn-electricity", "no-dataset"),
            ("since=3", "unknown-parameter"),
            ("after=1&after=2", "bad-request"),
        ] {
            refused(site, &format!("/v1/events?{query}"), code);
        }
        assert_eq!(refused(site, "/v1/events?after=7", "invalid-parameter")["last"], 6);
        let typed = refused(site, "/v1/events?type=withdrawn", "invalid-parameter");
        assert_eq!((&typed["valid"], &typed["nearest"]), (&json!(EVENT_TYPES), &json!("withdraw")));
        assert_eq!(refused(site, "/v1/events?dataset=ipcc-gpw", "no-dataset")["nearest"], "ipcc-gwp");
        let stream = [("Accept", "text/event-stream")];
        for (path, headers) in [
            ("/v1/events?wait=3", vec![stream[0]]),
            ("/v1/events?limit=3", vec![stream[0]]),
            ("/v1/events", vec![stream[0], ("Last-Event-ID", "99")]),
            ("/v1/events", vec![stream[0], ("Last-Event-ID", "x")]),
        ] {
            assert_eq!(site.get_with(path, &headers).problem(), "invalid-parameter", "{path} {headers:?}");
        }
        for query in ["before=-1", "before=99", "before=x"] {
            refused(site, &format!("/v1/feed.atom?{query}"), "invalid-parameter");
        }
        refused(site, "/v1/feed.atom?dataset=none", "no-dataset");
        refused(site, "/v1/feed.atom?page=2", "unknown-parameter");
    }
);

fn withdraw(site: &Site, version: &str) {
    tanyin::release::withdraw(site.ground(), &"made".parse().unwrap(), &version.parse().unwrap(), "the unit < was & wrong", "li").unwrap();
}

on_both!(
    fn whoever_waits_is_told(site: &Site) {
        site.publish(&PackageDraft::new("made", "1.0.0", vec![row("a", &[])]));
        site.wait_for_facts(1);
        let empty = ok(site, "/v1/events?after=0&wait=1");
        assert_eq!((&empty.json()["events"], empty.header("cache-control")), (&json!([]), Some("no-store")));
        let address = site.address();
        let started = Instant::now();
        let waiting = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| site.get("/v1/events?after=0&wait=55"));
            let mut stream = listen(address, "/v1/events?type=withdraw", None);
            let mut other = listen(address, "/v1/events", Some(0));
            withdraw(site, "1.0.0");
            let (id, event) = next_event(&mut stream);
            assert_eq!((id, &event["reason"]), (1, &json!("the unit < was & wrong")));
            assert_eq!(next_event(&mut other).1, event);
            waiting.join().unwrap()
        });
        assert!(started.elapsed() < Duration::from_secs(50), "nobody waits to the end");
        assert_eq!(waiting.json()["events"][0]["type"], "withdraw");
        let (id, first) = next_event(&mut listen(address, "/v1/events", None));
        assert_eq!((id, &first["type"]), (0, &json!("release")));
        let head = site.send("HEAD", "/v1/events", &[("Accept", "text/event-stream")], None);
        assert_eq!((head.status, head.header("content-type")), (200, Some("text/event-stream")));
    }
);

on_both!(
    fn only_so_many_wait_at_once(site: &Site) {
        site.publish(&PackageDraft::new("made", "1.0.0", vec![row("a", &[])]));
        site.wait_for_facts(1);
        let full = |from: Option<&str>, words: &str| {
            for (path, accept) in [("/v1/events", "text/event-stream"), ("/v1/events?after=0&wait=9", "application/json")] {
                let mut headers = vec![("Accept", accept)];
                headers.extend(from.map(|from| ("X-Forwarded-For", from)));
                let refused = site.get_with(path, &headers);
                assert_eq!((refused.problem().as_str(), refused.header("retry-after")), ("queue-full", Some("5")), "{path}");
                assert!(refused.text().contains(words), "{}", refused.text());
            }
        };
        // a proxy on the same machine says who asks
        let from = |last: usize| format!("X-Forwarded-For: 192.0.2.{last}\r\n");
        let mut waiting: Vec<_> = (0..16).map(|_| listen_with(site.address(), "/v1/events", Some(0), &from(1))).collect();
        full(Some("192.0.2.1"), "from your address");
        waiting.extend((16..256).map(|place| listen_with(site.address(), "/v1/events", Some(0), &from(1 + place / 16))));
        full(None, "too many wait");
        full(Some("192.0.2.1"), "too many wait");
        assert_eq!(ok(site, "/v1/events?after=0").json()["events"], json!([]), "whoever does not wait is answered");
        withdraw(site, "1.0.0");
        assert!(waiting.iter_mut().all(|stream| next_event(stream).0 == 1));
    }
);

fn listen(address: &str, path: &str, last: Option<i64>) -> BufReader<TcpStream> {
    listen_with(address, path, last, "")
}

/// The same with more lines in the head of the request.
fn listen_with(address: &str, path: &str, last: Option<i64>, more: &str) -> BufReader<TcpStream> {
    let host = address.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let last = last.map(|last| format!("Last-Event-ID: {last}\r\n")).unwrap_or_default();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\n{last}{more}\r\n").unwrap();
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 200"), "{line}");
    reader
}

/// The id and the data of the next event of a stream.
fn next_event(stream: &mut BufReader<TcpStream>) -> (i64, Value) {
    let mut id = None;
    loop {
        let mut line = String::new();
        assert!(stream.read_line(&mut line).unwrap() > 0, "the stream ended");
        if let Some(text) = line.strip_prefix("id: ") {
            id = Some(text.trim().parse().unwrap());
        }
        if let Some(data) = line.strip_prefix("data: ") {
            return (id.unwrap(), serde_json::from_str(data).unwrap());
        }
    }
}

/// A feed as independent programs read it.
fn read_feed(site: &Site, path: &str) -> Value {
    let feed = ok(site, path);
    assert_eq!(feed.header("content-type"), Some("application/atom+xml; charset=utf-8"));
    assert_eq!(feed.header("cache-control"), Some("public, max-age=60"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("feed.atom");
    std::fs::write(&file, &feed.body).unwrap();
    serde_json::from_str(&python("feed.py", &[file.to_str().unwrap()])).unwrap()
}

on_both!(
    fn the_feed_is_read_by_others(site: &Site) {
        site.publish(&PackageDraft::new("made", "1.0.0", vec![row("a", &[])]));
        site.publish(&PackageDraft::new("made", "1.1.0", vec![row("a", &[]), row("b", &[("region", "CN-ZJ")])]));
        site.publish(&PackageDraft::new("other", "1.0.0", vec![row("a", &[])]));
        withdraw(site, "1.1.0");
        site.wait_for_facts(4);
        let feed = read_feed(site, "/v1/feed.atom");
        let entries = feed["entries"].as_array().unwrap();
        let ids: Vec<&str> = entries.iter().map(|entry| entry["id"].as_str().unwrap()).collect();
        let own = feed["id"].as_str().unwrap().strip_suffix("/feed").unwrap().to_owned();
        assert!(own.starts_with("tag:tanyin.local,20"), "{own}");
        assert_eq!(ids, [3, 2, 1, 0].map(|seq| format!("{own}/{seq}")));
        let base = site.address();
        let events = ok(site, "/v1/events").json()["events"].clone();
        let released = &entries[2];
        assert_eq!(released["updated"], events[1]["at"]);
        assert_eq!(released["categories"], json!(["release", "made"]));
        let linked = |rel: &str| -> Vec<&Value> { released["links"].as_array().unwrap().iter().filter(|link| link[0] == rel).collect() };
        let difference = format!("{base}/v1/datasets/made/diff/1.0.0...1.1.0?format=html");
        assert!(linked("related").iter().any(|link| link[2] == difference.as_str()), "{released}");
        for enclosure in linked("enclosure") {
            let path = enclosure[2].as_str().unwrap().strip_prefix(base).unwrap();
            let file = ok(site, path);
            assert_eq!(enclosure[3], file.body.len().to_string().as_str(), "{path}");
        }
        assert_eq!(linked("enclosure").len(), 2);
        assert!(entries[0]["title"].as_str().unwrap().contains("撤回"), "{}", entries[0]);

        let of_other = read_feed(site, "/v1/feed.atom?dataset=other");
        assert_eq!(of_other["entries"].as_array().unwrap().len(), 1);
        assert_eq!(of_other["id"], format!("{own}/feed/other"));
        let older = read_feed(site, "/v1/feed.atom?before=2");
        assert_eq!(older["entries"], json!(entries[2..]), "an entry is the same on every page");
        let listed = ok(site, "/v1/datasets/made");
        let link = "</v1/feed.atom?dataset=made>; rel=\"alternate\"; type=\"application/atom+xml\"";
        assert!(listed.all("link").contains(&link), "{:?}", listed.all("link"));
    }
);

on_both!(
    /// Of a restricted dataset name and version are told, and nothing of what is in it.
    fn what_is_not_open_is_told_by_name_alone(site: &Site) {
        site.publish(&PackageDraft::new("made", "1.0.0", vec![row("a", &[])]));
        tanyin::desk::set_restricted(site.ground(), &"made".parse().unwrap(), true, "operator").unwrap();
        let mut package = PackageDraft::new("made", "2.0.0", vec![row("secret-key", &[("value", "7.314")])]);
        package.description["title"] = json!("A hidden title");
        site.publish(&package);
        site.wait_for_facts(2);
        let event = ok(site, "/v1/events?after=0").json()["events"][0].clone();
        assert_eq!((&event["type"], &event["version"], &event["access"]), (&json!("sealed"), &json!("2.0.0"), &json!("restricted")));
        let told: Vec<&String> = event.as_object().unwrap().keys().collect();
        assert_eq!(told, ["seq", "type", "at", "dataset", "version", "access", "links"]);
        assert_eq!(event["links"].as_object().unwrap().len(), 3, "{event}");
        let feed = ok(site, "/v1/feed.atom").text();
        for hidden in [
            "hidden title",
            "secret-key",
            "7.314",
            "diff/1.0.0...2.0.0",
            "enclosure\" href=\"http://127.0.0.1/v1/datasets/made/releases/2.0.0",
        ] {
            assert!(!feed.contains(hidden) && !event.to_string().contains(hidden), "{hidden}");
        }
        let delta = site.get("/v1/datasets/made/delta/1.0.0...2.0.0");
        assert_eq!((delta.status, delta.problem().as_str()), (401, "unauthorized"));
    }
);

fn relation<'a>(links: &[&'a str], relation: &str) -> Option<&'a str> {
    let own = links.iter().find(|link| link.contains(&format!("rel=\"{relation}\"")))?;
    own.split(['<', '>']).nth(1)
}

on_both!(
    fn answers_name_what_came_before_and_after(site: &Site) {
        site.publish(&PackageDraft::new("made", "1.0.0", vec![row("a", &[])]));
        site.publish(&PackageDraft::new("made", "1.1.0", vec![row("a", &[]), row("b", &[("region", "CN-ZJ")])]));
        let ends = row("c", &[("region", "CN-BJ"), ("status", "deprecated")]);
        site.publish(&PackageDraft::new("made", "1.2.0", vec![row("a", &[]), row("b", &[("region", "CN-ZJ")]), ends]));
        site.publish(&PackageDraft::new("other", "1.0.0", vec![row("a", &[])]));
        site.wait_for_facts(4);
        let home = "/v1/datasets/made/releases";
        let ways = |version: &str| {
            ["", "/files/factors.csv", "/files/factors.ndjson", "/factors/a"]
                .map(|rest| format!("{home}/{version}{rest}"))
                .into_iter()
                .chain([format!("/v1/lookup?dataset=made@{version}&key=a")])
                .collect::<Vec<_>>()
        };
        let at = |version: &str| Some(format!("{home}/{version}"));
        let neighbours = |version: &str, before: Option<String>, after: Option<String>, deprecated: bool| {
            for path in ways(version) {
                let answer = ok(site, &path);
                let links = answer.all("link");
                let latest = format!("{home}/latest");
                assert_eq!(relation(&links, "latest-version"), Some(latest.as_str()), "{path}");
                assert_eq!(relation(&links, "predecessor-version").map(str::to_owned), before, "{path}");
                assert_eq!(relation(&links, "successor-version").map(str::to_owned), after, "{path}");
                assert_eq!(answer.all("deprecation").len(), usize::from(deprecated), "{path}");
            }
        };
        neighbours("1.0.0", None, at("1.1.0"), false);
        neighbours("1.1.0", at("1.0.0"), at("1.2.0"), false);
        neighbours("1.2.0", at("1.1.0"), None, false);
        for path in [format!("{home}/1.2.0/factors/c"), "/v1/lookup?dataset=made@1.2.0&key=c".to_owned()] {
            let answer = ok(site, &path);
            let since = ok(site, &format!("{home}/1.2.0")).json()["published_at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
            assert_eq!(answer.header("deprecation"), Some(format!("@{}", since.as_second()).as_str()), "{path}");
        }
        withdraw(site, "1.1.0");
        let notice = |dataset: &'static str| (dataset.parse().unwrap(), "1.0.0".parse().unwrap());
        let (made, other): ((_, _), (_, _)) = (notice("made"), notice("other"));
        let of = |own: &(tanyin::dataset::DatasetId, semver::Version)| own.clone();
        let ((made, first), (other, by)) = (of(&made), of(&other));
        let (own, by) =
            (tanyin::release::NoticeOf { dataset: &made, version: &first }, tanyin::release::NoticeOf { dataset: &other, version: &by });
        tanyin::release::supersede(site.ground(), own, by, "it moved", "li").unwrap();
        site.wait_for_facts(6);
        neighbours("1.0.0", None, Some("/v1/datasets/other/releases/1.0.0".to_owned()), true);
        neighbours("1.1.0", at("1.0.0"), at("1.2.0"), true);
        let event = ok(site, "/v1/events?after=4").json()["events"][0].clone();
        assert_eq!(
            (&event["successor"], &event["links"]["successor"]),
            (&json!("other@1.0.0"), &json!("/v1/datasets/other/releases/1.0.0"))
        );
    }
);
