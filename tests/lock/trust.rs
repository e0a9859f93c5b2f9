//! Keys and policies of one's own: whom a lockfile is checked against.

use tanyin::desk::{NewReview, VersionWish, approve, set_policy, submit, text_to_sign};
use tanyin::tlog::{KeyKind, SignerKey};

use super::{Calculator, error, package};
use crate::on_both;
use crate::site::Site;

fn key(name: &str, kind: KeyKind, seed: u8) -> SignerKey {
    SignerKey::generate(name, kind, &[seed; 32]).unwrap()
}

fn log_key(site: &Site) -> String {
    site.get("/log/key").text().lines().next().unwrap().to_owned()
}

on_both!(
    fn keys_of_ones_own(site: &Site) {
        site.publish(&package("grid", "1.0.0", &[("a", &[])]));
        let (own, other) = (log_key(site), key("tanyin.local/log", KeyKind::Ed25519, 9).verifier().to_string());
        let calculator = Calculator::new();
        let refused = calculator.ends(1, &["add", "grid#a", "--server", site.address(), "--key", &other, "--json"]);
        assert_eq!(error(&refused).0, "unproved");
        assert!(!calculator.path().exists());
        let pinned = calculator.pin(site, "grid#a", &["--key", &own]);
        assert!(!pinned.err().contains("TRUST"), "{}", pinned.err());
        assert!(calculator.ends(0, &["check"]).out().contains("keys in the file itself"));
        assert!(!calculator.ends(0, &["check", "--key", &own]).out().contains("keys in the file itself"));
        let told = calculator.ends(1, &["check", "--key", &other, "--json"]).json();
        assert_eq!(told["failures"][0]["link"], "checkpoint → keys");
        assert_eq!(told["failures"][0]["factors"][0], "grid@1.0.0#a");
    }
);

on_both!(
    fn reviewers_that_the_policy_wants(site: &Site) {
        let (wang, chen) = (key("wang.example", KeyKind::Ed25519, 1), key("chen.example", KeyKind::Ed25519, 2));
        let dataset = "grid".parse().unwrap();
        site.publish(&package("grid", "1.0.0", &[("a", &[])]));
        set_policy(site.ground(), &dataset, 1, Some(&[wang.verifier().clone(), chen.verifier().clone()]), "admin").unwrap();
        let folder = tempfile::tempdir().unwrap();
        package("grid", "1.1.0", &[("a", &[("value", "2")])]).write(folder.path());
        site.import(folder.path(), "grid").unwrap();
        submit(site.ground(), &dataset, &VersionWish::Package, "steward").unwrap();
        let line = wang.sign(&text_to_sign(site.ground(), &dataset).unwrap()).unwrap().to_string();
        approve(site.ground(), &dataset, &NewReview { reviewer: "wang", comment: "", signature: Some(&line) }).unwrap();
        tanyin::release::publish(site.ground(), &dataset, "op").unwrap();

        let calculator = Calculator::new();
        let policy = |reviewers: &str| {
            let text = format!(
                "log {}\nreviewer wang {}\nreviewer chen {}\n{reviewers}\nquorum none\n",
                log_key(site),
                wang.verifier(),
                chen.verifier()
            );
            std::fs::write(calculator.folder.path().join("policy"), text).unwrap();
        };
        policy("approvals wang");
        let add = |name| ["add", name, "--server", site.address(), "--policy", "policy", "--json"];
        let refused = calculator.ends(1, &add("grid@1.0.0#a"));
        assert_eq!(refused.json()["error"]["link"], "manifest → reviewers", "nobody signed the first: {}", refused.out());
        calculator.ends(0, &add("grid@^1#a"));
        calculator.ends(0, &["check", "--policy", "policy"]);
        policy("approvals chen");
        let told = calculator.ends(1, &["check", "--policy", "policy", "--json"]).json();
        assert_eq!(told["failures"][0]["link"], "manifest → reviewers", "{told}");
        // the signature that was taken along is checked even where no policy asks
        let mut file = calculator.file();
        let lines = file["releases"][0]["approvals"].as_array_mut().unwrap();
        let last = lines.len() - 1;
        lines.remove(last);
        std::fs::write(calculator.path(), file.to_string()).unwrap();
        assert_eq!(calculator.ends(1, &["check"]).code(), 1);
        std::fs::write(calculator.folder.path().join("policy"), "log x\n").unwrap();
        assert_eq!(error(&calculator.ends(1, &["check", "--policy", "policy", "--json"])).0, "policy");
    }
);

on_both!(
    fn witnesses_and_age(site: &Site) {
        site.publish(&package("grid", "1.0.0", &[("a", &[])]));
        let calculator = Calculator::new();
        calculator.pin(site, "grid#a", &[]);
        let witness = key("witness.example", KeyKind::Cosignature, 3);
        let write = |name: &str, text: &str| std::fs::write(calculator.folder.path().join(name), text).unwrap();
        write("policy", &format!("log {}\nwitness w {}\nquorum w\n", log_key(site), witness.verifier()));
        write("none", &format!("log {}\nquorum none\n", log_key(site)));
        calculator.ends(1, &["check", "--policy", "policy"]);
        calculator.ends(0, &["check", "--policy", "none"]);
        calculator.ends(2, &["check", "--policy", "none", "--max-age", "7d"]);
        let plain = calculator.file();
        let now = u64::try_from(jiff::Timestamp::now().as_second()).unwrap();
        for (age, within, code) in [(3600, "2h", 0), (3600, "50m", 1), (10 * 86_400, "9d", 1), (10 * 86_400, "11d", 0)] {
            let mut file = plain.clone();
            let lines: Vec<&str> = file["log"]["checkpoint"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
            let text = lines[..3].join("\n") + "\n";
            let line = witness.cosign(&text, now - age).unwrap().to_string();
            file["log"]["checkpoint"].as_array_mut().unwrap().push(line.trim_end().into());
            std::fs::write(calculator.path(), file.to_string()).unwrap();
            calculator.ends(0, &["check", "--policy", "policy"]);
            calculator.ends(code, &["check", "--policy", "policy", "--max-age", within]);
        }
    }
);
