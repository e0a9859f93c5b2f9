//! Files that are made when they are asked for.

use tanyin::bulk::Format;
use tanyin::canon::Digest;

use super::file;
use crate::on_bundled;
use crate::site::Site;

const RELEASE: &str = "cn-electricity-co2@1.2.0";

on_bundled! {
    fn each_has_the_digest_that_it_says(site: &Site) {
        for format in Format::derived() {
            let response = file(site, RELEASE, format.file_name());
            let digest = Digest::of(&response.body);
            assert_eq!(response.header("etag"), Some(format!("\"sha256-{}\"", digest.to_hex()).as_str()));
            assert_eq!(response.header("content-type"), Some(format.media_type()));
            assert_eq!(response.header("cache-control"), Some("public, max-age=31536000, immutable"));
            assert_eq!(file(site, RELEASE, format.file_name()).body, response.body);
        }
    }
}
