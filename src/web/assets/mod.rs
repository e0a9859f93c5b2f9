//! Files that pages ask for: styles, scripts, the icon. All are inside the binary, under addresses that change with their bytes.

use std::io::Write;
use std::sync::LazyLock;

use crate::canon::Digest;

/// One file.
#[derive(Debug)]
pub struct Asset {
    /// Its name, as templates ask for it: `console.css`.
    pub name: &'static str,
    /// Its address: `/assets/console-0123456789ab.css`.
    pub address: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: &'static [u8],
    /// The same, packed with gzip.
    pub packed: Vec<u8>,
    /// Digest of the bytes.
    pub digest: Digest,
}

macro_rules! assets {
    ($($name:literal $media_type:literal;)+) => {
        static ASSETS: LazyLock<Vec<Asset>> =
            LazyLock::new(|| vec![$(asset($name, $media_type, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/web/assets/", $name)))),+]);
    };
}

assets! {
    "console.css" "text/css; charset=utf-8";
    "console.js" "text/javascript; charset=utf-8";
    "proof.js" "text/javascript; charset=utf-8";
    "verify.js" "text/javascript; charset=utf-8";
    "charts.css" "text/css; charset=utf-8";
    "factor.css" "text/css; charset=utf-8";
    "icon.svg" "image/svg+xml";
    "work.js" "text/javascript; charset=utf-8";
}

fn asset(name: &'static str, media_type: &'static str, bytes: &'static [u8]) -> Asset {
    let digest = Digest::of(bytes);
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let tag: String = digest.to_hex().chars().take(12).collect();
    Asset { name, address: format!("/assets/{stem}-{tag}.{extension}"), media_type, bytes, packed: pack(bytes), digest }
}

/// Bytes packed with gzip; nothing where that fails, which writing into memory does not.
pub fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    packer.write_all(bytes).and_then(|()| packer.finish()).unwrap_or_default()
}

/// The file with this name.
pub fn asset_named(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// The file at this address.
pub fn asset_at(address: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.address == address)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every asset that a template asks for is there.
    #[test]
    fn templates_ask_for_what_there_is() {
        let mut asked = 0;
        let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/web/templates"))];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                for name in text.split("asset(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                    asked += 1;
                    assert!(asset_named(name).is_some(), "{}: {name}", path.display());
                }
                assert!(!text.contains(" style=\"") || text.contains("page_style.html"), "{}: styles stand in console.css", path.display());
            }
        }
        assert!(asked >= 3);
    }

    #[test]
    fn addresses_name_the_bytes() {
        let style = asset_named("console.css").unwrap();
        assert!(style.address.starts_with("/assets/console-") && style.address.ends_with(".css"));
        assert_eq!(asset_at(&style.address).unwrap().name, "console.css");
        assert!(style.packed.len() < style.bytes.len());
    }
}
