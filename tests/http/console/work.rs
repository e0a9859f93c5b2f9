//! Signing in, forms and what protects them, roles, and the whole way from a file to a release over forms.

use std::time::{Duration, Instant};

use tanyin::dataset::Role;
use tanyin::desk::{self, NewToken, VersionWish};
use tanyin::http::PAGES;

use super::super::{ask, bearer};
use crate::site::{PackageDraft, Response, Site, row};
use crate::{on_both, site::Kind};

/// Somebody with a browser.
struct Browser<'s> {
    site: &'s Site,
    cookie: String,
}

fn token(site: &Site, name: &str, role: Role) -> String {
    desk::create_token(site.ground(), &NewToken { name, role, expires_at: None }, "operator").unwrap().1.to_string()
}

fn encoded(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn posted(site: &Site, path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Response {
    let headers: Vec<_> = [("Content-Type", "application/x-www-form-urlencoded")].into_iter().chain(headers.iter().copied()).collect();
    site.send("POST", path, &headers, Some(encoded(fields).as_bytes()))
}

/// The value of the cookie that an answer sets.
fn kept(answer: &Response) -> String {
    let set = answer.all("set-cookie").into_iter().find(|set| set.contains("tanyin=")).unwrap_or_else(|| panic!("{:?}", answer.headers));
    set.split(';').next().unwrap().to_owned()
}

impl<'s> Browser<'s> {
    #[track_caller]
    fn of(site: &'s Site, name: &str, role: Role) -> Self {
        Self::with(site, &token(site, name, role))
    }

    #[track_caller]
    fn with(site: &'s Site, token: &str) -> Self {
        let answer = posted(site, "/sign-in", &[], &[("token", token), ("next", "/work")]);
        assert_eq!((answer.status, answer.header("location")), (303, Some("/work")), "{}", answer.text());
        Self { site, cookie: kept(&answer) }
    }

    fn get(&self, path: &str) -> Response {
        self.site.get_with(path, &[("Cookie", &self.cookie), ("Accept", "text/html")])
    }

    /// What the forms of a page carry.
    #[track_caller]
    fn csrf(&self) -> String {
        let page = self.get("/sign-in").text();
        let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap_or_else(|| panic!("{page}"));
        rest.split('"').next().unwrap().to_owned()
    }

    #[track_caller]
    fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let csrf = self.csrf();
        let fields: Vec<_> = [("csrf", csrf.as_str())].into_iter().chain(fields.iter().copied()).collect();
        posted(self.site, path, &[("Cookie", &self.cookie)], &fields)
    }

    /// Posts, and asserts that it was done.
    #[track_caller]
    fn does(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.post(path, fields);
        assert_eq!(answer.status, 303, "{path}: {}", answer.text());
        answer.header("location").unwrap().to_owned()
    }

    #[track_caller]
    fn sees(&self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert!(answer.header("content-security-policy").unwrap().contains("script-src 'self'"));
        answer.text()
    }

    /// Uploads a file, and gives the address of its preview.
    #[track_caller]
    fn uploads(&self, dataset: &str, name: &str, bytes: &[u8]) -> Response {
        let csrf = self.csrf();
        let head = format!(
            "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        );
        let body = [head.as_bytes(), bytes, b"\r\n--x--\r\n"].concat();
        let headers = [("Cookie", self.cookie.as_str()), ("Content-Type", "multipart/form-data; boundary=x")];
        self.site.send("POST", &format!("/work/datasets/{dataset}/import"), &headers, Some(&body))
    }

    #[track_caller]
    fn ended(&self, place: &str) -> String {
        let begun = Instant::now();
        loop {
            let page = self.sees(place);
            if !page.contains("data-import=") {
                return page;
            }
            assert!(begun.elapsed() < Duration::from_secs(120), "{page}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The revision that the forms of a page name.
fn revision(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"revision\" value=\"").unwrap_or_else(|| panic!("{page}"));
    rest.split('"').next().unwrap().to_owned()
}

fn zipped(package: &PackageDraft) -> Vec<u8> {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    package.write(folder.path());
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["datapackage.json", "factors.csv"] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&std::fs::read(folder.path().join(name)).unwrap()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A draft of `made`, as if it had been imported.
fn drafted(site: &Site, rows: Vec<std::collections::BTreeMap<String, String>>) {
    let folder = tempfile::tempdir().unwrap();
    PackageDraft::new("made", "1.0.0", rows).write(folder.path());
    let report = site.import(folder.path(), "made").unwrap().report;
    assert!(!report.has_errors(), "{report:?}");
}

on_both!(
    fn a_session_stands_for_a_token_and_ends(site: &Site) {
        let shown = token(site, "li", Role::Steward);
        let answer = posted(site, "/sign-in", &[], &[("token", &shown), ("next", "//evil.example")]);
        assert_eq!((answer.status, answer.header("location")), (303, Some("/work")));
        let set = answer.all("set-cookie").join("\n");
        assert!(set.contains("tanyin=") && set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/"), "{set}");
        assert!(!set.contains("Secure") && !set.contains(&shown[24..]), "{set}");
        let secure = posted(site, "/sign-in", &[("X-Forwarded-Proto", "https")], &[("token", &shown)]);
        let set = secure.all("set-cookie").join("\n");
        assert!(set.contains("__Host-tanyin=") && set.contains("; Secure"), "{set}");
        // the cookie of one does not count for the other
        let https = kept(&secure);
        assert_eq!(site.get_with("/work", &[("Cookie", &https), ("Accept", "text/html")]).status, 401);
        let as_seen = [("Cookie", https.as_str()), ("X-Forwarded-Proto", "https"), ("Accept", "text/html")];
        assert_eq!(site.get_with("/work", &as_seen).status, 200);

        let li = Browser::with(site, &shown);
        assert!(li.sees("/work").contains("<bdi>li</bdi>"));
        assert_eq!(li.get("/work").header("cache-control"), Some("no-store"));
        // the API knows no cookies
        assert_eq!(site.get_with("/v1/datasets/made/draft", &[("Cookie", &li.cookie)]).status, 401);
        assert_eq!(site.get_with("/v1/tokens", &[("Cookie", &li.cookie)]).problem(), "unauthorized");
        let (name, value) = li.cookie.split_once('=').unwrap();
        for wrong in [format!("{name}={value}x"), format!("{name}={}", "0".repeat(76)), format!("{name}={value}; {name}={value}")] {
            assert_eq!(site.get_with("/work", &[("Cookie", &wrong), ("Accept", "text/html")]).status, 401, "{wrong}");
        }
        assert!(li.does("/sign-out", &[]).starts_with("/sign-in"));
        assert_eq!(li.get("/work").status, 401);

        // a session ends with its token
        let again = Browser::with(site, &shown);
        let id = shown.split('_').nth(1).unwrap();
        desk::revoke_token(site.ground(), id, "operator").unwrap();
        assert_eq!(again.get("/work").status, 401);
        let revoked = posted(site, "/sign-in", &[], &[("token", &shown)]);
        let unknown = posted(site, "/sign-in", &[], &[("token", &shown.replace(id, "0123456789abcdef"))]);
        let garbage = posted(site, "/sign-in", &[], &[("token", "x")]);
        assert_eq!((revoked.status, unknown.status, garbage.status), (401, 401, 401));
        assert_eq!((revoked.text(), unknown.text()), (garbage.text(), garbage.text()));
    }
);

on_both!(
    fn forms_of_other_sites_do_nothing(site: &Site) {
        drafted(site, vec![row("a", &[]), row("b", &[])]);
        let li = Browser::of(site, "li", Role::Steward);
        let other = Browser::of(site, "li", Role::Steward);
        let path = "/work/datasets/made/draft";
        let (csrf, theirs) = (li.csrf(), other.csrf());
        assert_ne!(csrf, theirs);
        let fields =
            |csrf: &str| vec![("csrf".to_owned(), csrf.to_owned()), ("act".into(), "discard".into()), ("sure".into(), "yes".into())];
        let send = |csrf: &str, headers: &[(&str, &str)]| {
            let fields = fields(csrf);
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let headers: Vec<_> = [("Cookie", li.cookie.as_str())].into_iter().chain(headers.iter().copied()).collect();
            posted(site, path, &headers, &fields)
        };
        for wrong in ["", "x", &theirs, &csrf[1..]] {
            let answer = send(wrong, &[]);
            assert_eq!(answer.status, 403, "{wrong}");
            assert!(answer.text().contains("forged"), "{}", answer.text());
        }
        for headers in
            [("Origin", "https://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site")]
        {
            assert_eq!(send(&csrf, &[headers]).status, 403, "{headers:?}");
            assert_eq!(posted(site, "/sign-in", &[headers], &[("token", "x")]).status, 403, "{headers:?}");
        }
        let json = site.send("POST", path, &[("Cookie", &li.cookie), ("Content-Type", "text/plain")], Some(b"csrf=x"));
        assert_eq!(json.status, 400);
        // a file is not received of a form that cannot be believed
        let body = b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nkey\r\n--x--\r\n";
        let headers = [("Cookie", li.cookie.as_str()), ("Content-Type", "multipart/form-data; boundary=x")];
        assert_eq!(site.send("POST", "/work/datasets/made/import", &headers, Some(body)).status, 403);
        assert!(std::fs::read_dir(site.ground().uploads()).map_or(0, Iterator::count) == 0);
        let origin = site.address().to_owned();
        assert!(li.sees(path).contains("made"));
        assert_eq!(send(&csrf, &[("Origin", &origin), ("Sec-Fetch-Site", "same-origin")]).status, 303);
        assert_eq!(li.get(path).status, 404);
    }
);

/// Every page of work and every form, and who may.
const ACTS: &[(&str, &str, [bool; 4])] = &[
    ("GET", "/work", [false, true, true, true]),
    ("GET", "/work/import?dataset=made", [false, true, false, true]),
    ("GET", "/work/datasets/made", [false, true, true, true]),
    ("POST", "/work/datasets/made", [false, false, false, true]),
    ("GET", "/work/datasets/made/import", [false, true, false, true]),
    ("POST", "/work/datasets/made/import", [false, true, false, true]),
    ("GET", "/work/datasets/made/import/00", [false, true, false, true]),
    ("POST", "/work/datasets/made/import/00", [false, true, false, true]),
    ("GET", "/work/imports/1", [false, true, true, true]),
    ("GET", "/work/imports/1/events", [false, true, true, true]),
    ("GET", "/work/datasets/made/draft", [false, true, true, true]),
    ("POST", "/work/datasets/made/draft", [false, true, false, true]),
    ("GET", "/work/datasets/made/draft/new", [false, true, false, true]),
    ("POST", "/work/datasets/made/draft/new", [false, true, false, true]),
    ("POST", "/work/datasets/made/draft/check", [false, true, false, true]),
    ("GET", "/work/datasets/made/draft/factors/a", [false, true, false, true]),
    ("POST", "/work/datasets/made/draft/factors/a", [false, true, false, true]),
    ("GET", "/work/datasets/made/flags", [false, true, true, true]),
    ("POST", "/work/datasets/made/flags", [false, true, false, true]),
    ("GET", "/work/datasets/made/review", [false, true, true, true]),
    ("POST", "/work/datasets/made/review", [false, true, true, true]),
    ("GET", "/work/datasets/made/publish", [false, true, true, true]),
    ("POST", "/work/datasets/made/publish", [false, true, true, true]),
    ("GET", "/work/datasets/made/releases/1.0.0", [false, true, true, true]),
    ("POST", "/work/datasets/made/releases/1.0.0", [false, false, true, true]),
    ("GET", "/work/tokens", [false, false, false, true]),
    ("POST", "/work/tokens", [false, false, false, true]),
    ("GET", "/work/webhooks", [false, true, true, true]),
    ("POST", "/work/webhooks", [false, true, true, true]),
    ("GET", "/work/webhooks/wh_0", [false, true, true, true]),
    ("POST", "/work/webhooks/wh_0", [false, true, true, true]),
    ("GET", "/work/events", [false, true, true, true]),
];

on_both!(
    fn who_may_what(site: &Site) {
        drafted(site, vec![row("a", &[]), row("b", &[])]);
        for page in PAGES.iter().filter(|page| page.path.starts_with("/work")) {
            let like = |path: &str| {
                let path = path.split('?').next().unwrap();
                let (own, other): (Vec<_>, Vec<_>) = (path.split('/').collect(), page.path.split('/').collect());
                own.len() == other.len() && own.iter().zip(&other).all(|(own, other)| own == other || other.starts_with('{'))
            };
            assert!(ACTS.iter().any(|(method, path, _)| *method == page.method && like(path)), "{page:?} has no row");
        }
        let roles = [Role::Reader, Role::Steward, Role::Reviewer, Role::Admin];
        let people = roles.map(|role| Browser::of(site, role.as_str(), role));
        for (method, path, may) in ACTS {
            let send = |person: &Browser<'_>| match *method {
                "GET" => person.get(path),
                _ => person.post(path, &[("act", "nothing")]),
            };
            let anonymous = site.send(method, path, &[("Accept", "text/html")], (*method == "POST").then_some(b"" as &[u8]));
            assert_eq!(anonymous.status, 401, "{method} {path}");
            assert!(anonymous.text().contains("/sign-in?next="), "{method} {path}");
            for (person, may) in people.iter().zip(may) {
                let answer = send(person);
                assert_eq!(answer.status != 403, *may, "{method} {path}: {} {}", answer.status, answer.text());
                assert!(answer.status < 500, "{method} {path}: {}", answer.text());
                assert_ne!(answer.status, 401, "{method} {path}");
            }
        }
        // nothing of it did anything
        assert!(people[1].sees("/work/datasets/made/draft").contains("<bdi>b</bdi>"));
    }
);

const PUBLISH: &str = "/work/datasets/made/publish";
const REVIEW: &str = "/work/datasets/made/review";

fn imports(site: &Site, li: &Browser<'_>) {
    // a wrong cell is seen before anything is stored
    let wrong = PackageDraft::new("made", "1.0.0", vec![row("a", &[("value", "0,5")]), row("b", &[])]);
    let preview = li.uploads("made", "made.zip", &zipped(&wrong));
    assert_eq!(preview.status, 303, "{}", preview.text());
    let page = li.sees(preview.header("location").unwrap());
    assert!(page.contains("href=\"#row-2\"") && page.contains("id=\"row-2\"") && page.contains("<code>value</code>"), "{page}");
    assert!(!page.contains("Import 1 factors") && li.sees("/work").contains("There are no drafts"));
    // nobody else decides on what somebody uploaded
    let zhao = Browser::of(site, "zhao", Role::Steward);
    assert_eq!(zhao.get(preview.header("location").unwrap()).status, 404);
    // a sound one becomes the draft
    let sound = PackageDraft::new("made", "1.0.0", vec![row("a", &[("value", "0.5")]), row("b", &[])]);
    let preview = li.uploads("made", "made.zip", &zipped(&sound));
    let place = preview.header("location").unwrap();
    let page = li.sees(place);
    assert!(page.contains("<b>0.5</b>") && page.contains("Import 2 factors"), "{page}");
    let job = li.does(place, &[("profile", "")]);
    assert!(li.ended(&job).contains("It is the draft now"));
    assert_eq!(li.post(place, &[("profile", "")]).status, 404, "an upload is imported once");
}

fn edits(site: &Site, li: &Browser<'_>) {
    // an edit with a wrong cell loses nothing of what was typed
    let factor = "/work/datasets/made/draft/factors/a";
    let form = li.sees(factor);
    assert!(form.contains("value=\"0.5\""));
    let seen = revision(&form);
    let answer = li.post(factor, &[("act", "save"), ("revision", &seen), ("cell.key", "a"), ("cell.value", "0,7"), ("reason", "表三")]);
    assert_eq!(answer.status, 422);
    let page = answer.text();
    assert!(page.contains("value=\"0,7\"") && page.contains("value=\"表三\"") && page.contains("aria-invalid"), "{page}");
    let judged = li.post("/work/datasets/made/draft/check", &[("cell.key", "a"), ("cell.value", "x")]).json();
    assert!(judged["items"].as_array().unwrap().iter().any(|item| item["field"] == "value"), "{judged}");
    let wordless = li.post(factor, &[("act", "save"), ("revision", &seen), ("cell.key", "a"), ("cell.value", "0.7"), ("reason", "")]);
    assert_eq!(wordless.status, 422);
    li.does(factor, &[("act", "save"), ("revision", &seen), ("cell.key", "a"), ("cell.value", "0.7"), ("reason", "表三")]);
    let stale = li.post(factor, &[("act", "save"), ("revision", &seen), ("cell.key", "a"), ("cell.value", "0.8"), ("reason", "x")]);
    assert_eq!(stale.status, 412);
    // undone, and done again
    let page = li.sees("/work/datasets/made/draft");
    assert!(page.contains("<b>0.7</b>") && page.contains("表三"));
    let undo = [("act", "undo"), ("edit", "1"), ("revision", &*revision(&page)), ("reason", "it was right")];
    assert!(li.does("/work/datasets/made/draft", &undo).ends_with("done=undone"));
    let page = li.sees("/work/datasets/made/draft");
    assert!(page.contains("<b>0.5</b>") && page.contains("<bdi>b</bdi>"));
    let found = li.sees("/work/datasets/made/draft?q=B");
    assert!(found.contains("<bdi>b</bdi>") && !found.contains("<b>0.5</b>"), "{found}");
    let again = [("act", "undo"), ("edit", "1"), ("revision", &*revision(&page)), ("reason", "x")];
    assert_eq!(li.post("/work/datasets/made/draft", &again).status, 409);
    assert_eq!(desk::draft_edits(site.ground(), &"made".parse().unwrap()).unwrap().len(), 2);
}

fn is_reviewed(site: &Site, li: &Browser<'_>, wang: &Browser<'_>) {
    // submitted, commented on, sent back, submitted again
    desk::set_policy(site.ground(), &"made".parse().unwrap(), 1, None, "operator").unwrap();
    assert!(li.sees(PUBLISH).contains("1.0.0"));
    let submit = |browser: &Browser<'_>| {
        let seen = revision(&browser.sees(PUBLISH));
        browser.does(PUBLISH, &[("act", "submit"), ("wish", "auto"), ("revision", &seen)])
    };
    assert!(submit(li).starts_with("/work/datasets/made/review"));
    assert!(!li.sees(REVIEW).contains("value=\"approve\""), "a steward is not offered to decide");
    wang.does(REVIEW, &[("act", "comment"), ("key", "a"), ("words", "对照原文第三页")]);
    assert_eq!(wang.post(REVIEW, &[("act", "reject"), ("comment", "")]).status, 422);
    wang.does(REVIEW, &[("act", "reject"), ("comment", "missing a source"), ("revision", &revision(&wang.sees(REVIEW)))]);
    assert!(li.sees(REVIEW).contains("对照原文第三页"));
    submit(li);
    let seen = revision(&wang.sees(REVIEW));
    wang.does(REVIEW, &[("act", "approve"), ("comment", "好"), ("revision", &seen)]);
    assert_eq!(wang.post(REVIEW, &[("act", "approve"), ("comment", "")]).status, 409);
}

fn is_published(site: &Site, li: &Browser<'_>, wang: &Browser<'_>) {
    // published by its name
    let page = wang.sees(PUBLISH);
    assert!(page.contains("made</bdi>@1.0.0") && page.contains("cannot be taken back"));
    let seen = revision(&page);
    assert_eq!(wang.post(PUBLISH, &[("act", "publish"), ("sure", "made@9.9.9"), ("revision", &seen)]).status, 422);
    assert_eq!(li.post(PUBLISH, &[("act", "publish"), ("sure", "made@1.0.0")]).status, 403);
    assert!(wang.does(PUBLISH, &[("act", "publish"), ("sure", "made@1.0.0"), ("revision", &seen)]).contains("releases/1.0.0"));
    assert_eq!(site.get("/v1/datasets/made/releases/1.0.0/factors/a").json()["factor"]["value"], "0.5");
}

fn is_withdrawn(wang: &Browser<'_>) {
    // withdrawn with its reach seen, and restored
    let release = "/work/datasets/made/releases/1.0.0";
    assert!(wang.sees(release).contains("has no “latest” release"));
    assert_eq!(wang.post(release, &[("act", "withdraw"), ("reason", "wrong unit")]).status, 422);
    wang.does(release, &[("act", "withdraw"), ("reason", "wrong unit"), ("sure", "yes")]);
    assert!(wang.sees(release).contains("wrong unit"));
    assert_eq!(wang.post(release, &[("act", "withdraw"), ("reason", "again"), ("sure", "yes")]).status, 409);
    wang.does(release, &[("act", "restore"), ("reason", "it was right")]);
    assert!(wang.sees("/work/events").contains("wrong unit"));
}

on_both!(
    fn from_a_file_to_a_release_over_forms(site: &Site) {
        let li = Browser::of(site, "li", Role::Steward);
        let wang = Browser::of(site, "wang", Role::Reviewer);
        imports(site, &li);
        edits(site, &li);
        is_reviewed(site, &li, &wang);
        is_published(site, &li, &wang);
        is_withdrawn(&wang);
    }
);

on_both!(
    fn nobody_decides_on_their_own(site: &Site) {
        drafted(site, vec![row("a", &[])]);
        let chen = Browser::of(site, "chen", Role::Admin);
        chen.does("/work/datasets/made", &[("act", "policy"), ("approvals", "1")]);
        assert_eq!(chen.post("/work/datasets/made", &[("act", "policy"), ("approvals", "-1")]).status, 422);
        let seen = revision(&chen.sees("/work/datasets/made/publish"));
        chen.does("/work/datasets/made/publish", &[("act", "submit"), ("wish", "auto"), ("revision", &seen)]);
        let page = chen.sees("/work/datasets/made/review");
        assert!(page.contains("You submitted it yourself") && !page.contains("value=\"approve\""));
        let answer = chen.post("/work/datasets/made/review", &[("act", "approve"), ("comment", "mine")]);
        assert_eq!(answer.status, 409);
        assert!(answer.text().contains("review") && !answer.text().contains("cannot be believed"));
    }
);

on_both!(
    fn tokens_and_webhooks(site: &Site) {
        drafted(site, vec![row("a", &[])]);
        let chen = Browser::of(site, "chen", Role::Admin);
        let made = chen.post("/work/tokens", &[("act", "create"), ("name", "Li <b>"), ("role", "reader")]);
        assert_eq!(made.status, 200);
        let page = made.text();
        let shown = page.split("id=\"made\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
        assert!(shown.starts_with("tanyin_") && page.contains("Li &#60;b&#62;") && !page.contains("Li <b>"), "{page}");
        assert!(!chen.sees("/work/tokens").contains(&shown), "shown once");
        let id = shown.split('_').nth(1).unwrap();
        chen.does("/work/tokens", &[("act", "grant"), ("id", id), ("dataset", "made")]);
        assert_eq!(chen.post("/work/tokens", &[("act", "grant"), ("id", id), ("dataset", "nowhere")]).status, 422);
        assert_eq!(chen.post("/work/tokens", &[("act", "revoke"), ("id", id)]).status, 422);
        assert!(ask(site, &format!("Bearer {shown}"), "GET", "/v1/datasets", None).status == 200);
        chen.does("/work/tokens", &[("act", "revoke"), ("id", id), ("sure", "yes")]);
        let past = chen.post("/work/tokens", &[("act", "create"), ("name", "x"), ("role", "reader"), ("expires", "2001-01-01")]);
        assert_eq!(past.status, 422);
        assert_eq!(chen.post("/work/webhooks", &[("url", "ftp://receiver.example/")]).status, 422);
        let made = chen.post("/work/webhooks", &[("url", "https://receiver.example/"), ("type", "release")]);
        assert!(made.text().contains("whsec_"), "{}", made.text());
        let (_, rest) = made.text().split_once("/work/webhooks/wh_").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let place = format!("/work/webhooks/wh_{}", rest.split('"').next().unwrap());
        assert!(!chen.sees(&place).contains("whsec_"));
        chen.does(&place, &[("act", "off")]);
        assert!(chen.post(&place, &[("act", "rotate")]).text().contains("whsec_"));
        assert_eq!(chen.post(&place, &[("act", "delete")]).status, 422);
        chen.does(&place, &[("act", "delete"), ("sure", "yes")]);
    }
);

#[test]
fn hostile_data_stay_data() {
    let site = Site::new(Kind::Sqlite);
    let hostile = "<script>alert(1)</script>\u{202e}=cmd";
    drafted(&site, vec![row("a", &[("name_en", hostile), ("description_en", "long ".repeat(2000).trim_end())]), row("b", &[])]);
    let li = Browser::of(&site, "li", Role::Steward);
    for path in ["/work", "/work/datasets/made/draft", "/work/datasets/made/draft/factors/a", "/work/datasets/made/review", "/work/events"]
    {
        let page = li.sees(path);
        assert!(!page.contains("<script>alert") && !page.contains(" style=\"") && !page.contains(" onclick"), "{path}");
    }
    for path in [
        "/work/datasets/%00/draft",
        "/work/datasets/..%2f/draft",
        "/work/imports/9999999999999999999",
        "/work/webhooks/%00",
        "/work/datasets/made/draft/factors/%00",
        "/work/datasets/made/releases/x",
    ] {
        let answer = li.get(path);
        assert!(answer.status == 404, "{path}: {} {}", answer.status, answer.text());
    }
    for query in ["?page=0", "?page=99999999999999999999", "?only=x", "?q=%00%F0%9F%92%A9"] {
        assert_eq!(li.get(&format!("/work/datasets/made/draft{query}")).status, 200, "{query}");
    }
    let large = "x".repeat(600_000);
    assert_eq!(li.post("/work/datasets/made/draft/check", &[("cell.key", "a"), ("cell.note_en", &large)]).status, 413);
    let folder = format!("/work/datasets/made/import/{}", "0".repeat(32));
    assert_eq!((li.get(&folder).status, li.get("/work/datasets/made/import/..%2f..").status), (404, 404));
    let upload = li.uploads("made", "../../x.csv", b"key\n");
    assert_eq!(upload.status, 422, "{}", upload.text());
}

#[test]
fn a_token_in_the_header_goes_before_the_cookie() {
    let site = Site::new(Kind::Sqlite);
    drafted(&site, vec![row("a", &[])]);
    let reader = Browser::of(&site, "r", Role::Reader);
    let steward = bearer(&site, "li", Role::Steward);
    let both = [("Cookie", reader.cookie.as_str()), ("Authorization", steward.as_str()), ("Accept", "text/html")];
    assert_eq!(site.get_with("/work", &both).status, 200);
    assert_eq!(reader.get("/work").status, 403);
    desk::submit(site.ground(), &"made".parse().unwrap(), &VersionWish::Auto, "li").unwrap();
}
