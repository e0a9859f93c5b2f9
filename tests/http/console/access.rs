//! What is not for everybody: the pages show no more of it than the API does.

use serde_json::json;
use tanyin::dataset::Role;
use tanyin::desk::{NewToken, create_token, grant, set_restricted};

use super::{look, page};
use crate::on_both;
use crate::site::{PackageDraft, Site, row};

const SECRET: &str = "0.918273645";

fn hidden(site: &Site) {
    let mut package = PackageDraft::new("hidden", "1.0.0", vec![row("secret-key", &[("value", SECRET), ("name_en", "Secret name")])]);
    package.description["title"] = json!("Secret title");
    package.description["description"] = json!("Secret words");
    let dataset = "hidden".parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    package.write(folder.path());
    site.import(folder.path(), "hidden").unwrap();
    set_restricted(site.ground(), &dataset, true, "admin").unwrap();
    tanyin::desk::submit(site.ground(), &dataset, &tanyin::desk::VersionWish::Package, "steward").unwrap();
    tanyin::release::publish(site.ground(), &dataset, "steward").unwrap();
    site.wait_for_facts(1);
}

const OWN: [&str; 5] = [
    "/datasets/hidden/releases/1.0.0/factors",
    "/datasets/hidden/releases/1.0.0/factors/secret-key",
    "/datasets/hidden/releases/1.0.0/quality",
    "/datasets/hidden/diff/1.0.0...1.0.0",
    "/search?dataset=hidden",
];

on_both!(
    fn a_restricted_dataset_shows_its_name_alone(site: &Site) {
        hidden(site);
        let new = NewToken { name: "reader", role: Role::Reader, expires_at: None };
        let (made, token) = create_token(site.ground(), &new, "operator").unwrap();
        let token = format!("Bearer {}", *token);
        for path in ["/", "/datasets", "/datasets/hidden", "/datasets/hidden/releases/1.0.0", "/search", "/search?q=secret", "/log"] {
            let shown = [("Authorization", token.as_str())];
            for headers in [&shown[..0], &shown[..]] {
                let response = site.get_with(path, headers);
                let text = response.text();
                assert_eq!(response.status, 200, "{path}");
                for secret in [SECRET, "secret-key", "Secret name", "Secret title", "Secret words"] {
                    assert!(!text.contains(secret), "{path}: {secret}");
                }
            }
        }
        assert!(page(site, "/datasets/hidden", "en").contains("the rest takes a grant"));
        for path in OWN {
            let anonymous = look(site, path, "en");
            assert_eq!(anonymous.status, 401, "{path}");
            let text = anonymous.text();
            assert!(text.contains("href=\"/sign-in?next=") && !text.contains(SECRET) && !text.contains("Secret"), "{path}: {text}");
            assert_eq!(site.get_with(path, &[("Authorization", token.as_str())]).status, 403, "{path}");
        }
        grant(site.ground(), &made.id, &"hidden".parse().unwrap(), "admin").unwrap();
        for path in OWN {
            let granted = site.get_with(path, &[("Authorization", token.as_str())]);
            assert_eq!((granted.status, granted.header("cache-control")), (200, Some("no-store")), "{path}");
        }
        let told = site.get_with("/datasets/hidden", &[("Authorization", token.as_str())]).text();
        assert!(told.contains("Secret title") && told.contains("Secret words"));
        let wrong = [("Authorization", "Bearer tanyin_wrong")];
        assert_eq!(site.get_with(OWN[0], &wrong).status, 401);
    }
);

on_both!(
    fn numbers_that_may_not_be_passed_on_are_on_no_page(site: &Site) {
        let mut package = PackageDraft::new("licensed", "1.0.0", vec![row("k", &[("value", SECRET), ("name_en", "Licensed thing")])]);
        package.description["licenses"] = json!([{"name": "LicenseRef-paid", "redistribution": "metadata_only"}]);
        site.publish(&package);
        site.wait_for_facts(1);
        let found = page(site, "/search?q=licensed", "en");
        assert!(found.contains("Licensed") && found.contains("value not open") && !found.contains(SECRET), "{found}");
        let told = page(site, "/datasets/licensed", "en");
        assert!(told.contains("numbers may not be passed on") && !told.contains("id=\"downloads\""));
        assert!(!page(site, "/datasets/licensed/releases/1.0.0/factors", "en").contains(SECRET));
        assert_eq!(look(site, "/datasets/licensed/releases/1.0.0/quality", "en").status, 403);
    }
);
