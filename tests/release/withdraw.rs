//! A withdrawal is a new fact: the bytes stay, `latest` and ranges pass over them, the number is gone for ever.

use semver::Version;
use tanyin::desk::VersionWish;
use tanyin::release::{Catalogue, ReleaseError, withdraw};
use tanyin::store::StoreError;

use super::{id, import, package, release, released, submit};
use crate::on_both;

fn v(text: &str) -> Version {
    text.parse().unwrap()
}

on_both!(
    fn a_withdrawn_release_stays_readable_and_is_passed_over(site: &Site) {
        let dataset = id("pulled");
        for (version, value) in [("1.0.0", "1"), ("1.1.0", "2"), ("1.2.0", "3")] {
            site.publish(&package("pulled", version, &[("a", value)]));
        }
        let before = released(site.ground());
        for reason in ["", "  \n "] {
            let error = withdraw(site.ground(), &dataset, &v("1.2.0"), reason, "reviewer").unwrap_err();
            assert!(matches!(error, ReleaseError::NoReason) && error.is_refusal());
        }
        let error = withdraw(site.ground(), &dataset, &v("1.3.0"), "wrong", "reviewer").unwrap_err();
        assert!(matches!(&error, ReleaseError::NoRelease(name) if name == "pulled@1.3.0") && error.is_refusal());
        assert!(withdraw(site.ground(), &id("nobodys"), &v("1.0.0"), "wrong", "reviewer").unwrap_err().is_refusal());
        assert_eq!(released(site.ground()), before);

        assert_eq!(withdraw(site.ground(), &dataset, &v("1.2.0"), " the unit was MJ ", "reviewer").unwrap(), 3);
        let after = released(site.ground());
        let twice = withdraw(site.ground(), &dataset, &v("1.2.0"), "again", "reviewer").unwrap_err();
        assert!(matches!(twice, ReleaseError::Store(StoreError::AlreadyWithdrawn { .. })) && twice.is_refusal(), "{twice}");
        assert_eq!(released(site.ground()), after);

        let catalogue = Catalogue::load(site.ground()).unwrap();
        let found = |wanted: &str| catalogue.resolve(wanted).map(|found| found.release.version.to_string());
        for (wanted, version) in [
            ("pulled", "1.1.0"),
            ("pulled@latest", "1.1.0"),
            ("pulled@^1", "1.1.0"),
            ("pulled@>=1.0.0", "1.1.0"),
            ("pulled@~1.0", "1.0.0"),
            ("pulled@1.2.0", "1.2.0"),
        ] {
            assert_eq!(found(wanted).as_deref(), Ok(version), "{wanted}");
        }
        assert!(found("pulled@~1.2").is_err());
        let pulled = catalogue.resolve("pulled@1.2.0").unwrap().release;
        let withdrawn = pulled.withdrawn.as_ref().unwrap();
        assert_eq!((withdrawn.reason.as_str(), withdrawn.seq), ("the unit was MJ", 3));
        assert!(String::from_utf8_lossy(&pulled.data.line(0)).contains("\"value\":\"3\""));
        // as it was before the withdrawal
        assert_eq!(catalogue.resolve_as_of("pulled", 3).unwrap().release.version, v("1.2.0"));
    }
);

on_both!(
    fn a_withdrawn_number_is_never_used_again(site: &Site) {
        let dataset = id("numbers");
        site.publish(&package("numbers", "1.0.0", &[("a", "1")]));
        site.publish(&package("numbers", "1.1.0", &[("a", "2")]));
        withdraw(site.ground(), &dataset, &v("1.1.0"), "wrong", "reviewer").unwrap();
        // the same again: compared with 1.0.0, it would be 1.1.0, but that number is taken
        let outcome = import(site, &package("numbers", "1.1.0", &[("a", "2")]));
        let difference = outcome.difference.unwrap();
        assert_eq!((difference.base, difference.next), (Some(v("1.0.0")), Some(v("1.2.0"))));
        let error = submit(site, "numbers", &VersionWish::Package).unwrap_err();
        assert!(error.is_refusal() && error.to_string().contains("the next is 1.2.0"), "{error}");
        submit(site, "numbers", &VersionWish::Auto).unwrap();
        assert_eq!(release(site.ground(), "numbers").unwrap().version, v("1.2.0"));
        // all withdrawn: nothing is compared with, and still no number comes twice
        withdraw(site.ground(), &dataset, &v("1.2.0"), "wrong", "reviewer").unwrap();
        withdraw(site.ground(), &dataset, &v("1.0.0"), "wrong", "reviewer").unwrap();
        assert!(Catalogue::load(site.ground()).unwrap().resolve("numbers").is_err());
        for (version, allowed) in [("1.0.0", false), ("1.1.0", false), ("0.9.0", false), ("1.3.0", true)] {
            import(site, &package("numbers", version, &[("a", "3")]));
            assert_eq!(submit(site, "numbers", &VersionWish::Package).is_ok(), allowed, "{version}");
        }
        assert_eq!(release(site.ground(), "numbers").unwrap().version, v("1.3.0"));
        let catalogue = Catalogue::load(site.ground()).unwrap();
        assert_eq!(catalogue.resolve("numbers").unwrap().release.manifest.previous, None);
    }
);
