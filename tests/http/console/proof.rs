//! What the panel on a factor's page checks: the same proof as over the interface, for whoever may read the factor.

use tanyin::dataset::Role;
use tanyin::desk::{NewToken, create_token, grant, set_restricted};

use crate::http::ok;
use crate::site::{PackageDraft, row};
use crate::{on_both, on_bundled};

const PROOF: &str = "/datasets/cn-electricity-co2/releases/1.2.0/proof/grid-average/cn-zj/2022";

on_bundled!(
    fn it_is_the_proof_of_the_interface(site: &Site) {
        let page = ok(site, PROOF);
        let known = ok(site, "/v1/log/proof?dataset=cn-electricity-co2&version=1.2.0&key=grid-average/cn-zj/2022");
        assert_eq!(page.json(), known.json());
        assert_eq!(page.header("content-type"), Some("application/json"));
        assert!(page.header("content-security-policy").is_some_and(|policy| policy.starts_with("default-src 'none'")));
        for (path, status) in [
            (PROOF.replace("cn-zj", "cn-zz"), 404),
            (PROOF.replace("1.2.0", "9.9.9"), 404),
            (PROOF.replace("cn-electricity-co2", "nothing-here"), 404),
            (format!("{PROOF}?what=else"), 400),
        ] {
            assert_eq!(site.get(&path).status, status, "{path}");
        }
    }
);

on_both!(
    fn a_restricted_factor_is_proved_to_those_it_is_granted_to(site: &Site) {
        let folder = tempfile::tempdir().unwrap();
        let package = PackageDraft::new("shut-in", "1.0.0", vec![row("a/b", &[])]);
        package.write(folder.path());
        site.import(folder.path(), "shut-in").unwrap();
        set_restricted(site.ground(), &"shut-in".parse().unwrap(), true, "operator").unwrap();
        site.publish(&package);
        let path = "/datasets/shut-in/releases/1.0.0/proof/a/b";
        assert_eq!(site.get(path).status, 401);
        for (name, granted, status) in [("stranger", false, 403), ("reader", true, 200)] {
            let (token, shown) = create_token(site.ground(), &NewToken { name, role: Role::Reader, expires_at: None }, "operator").unwrap();
            if granted {
                grant(site.ground(), &token.id, &"shut-in".parse().unwrap(), "operator").unwrap();
            }
            let answer = site.get_with(path, &[("Authorization", &format!("Bearer {}", *shown))]);
            assert_eq!(answer.status, status, "{name}");
            assert_eq!(answer.text().contains("\"salt\""), granted, "the release is sealed");
        }
    }
);
