//! Signatures of notices, as the Standard Webhooks specification has them: HMAC-SHA-256 over `id.timestamp.body`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// What every secret begins with, so that one that leaked is found.
pub const SECRET_PREFIX: &str = "whsec_";

const SECRET_BYTES: usize = 32;

/// A new secret: 256 random bits in base64, behind [`SECRET_PREFIX`].
///
/// # Errors
/// When the system gives no random bits.
pub(super) fn new_secret() -> std::io::Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new([0_u8; SECRET_BYTES]);
    random(bytes.as_mut_slice())?;
    Ok(Zeroizing::new(format!("{SECRET_PREFIX}{}", STANDARD.encode(*bytes))))
}

/// Fills with random bits.
pub(super) fn random(bytes: &mut [u8]) -> std::io::Result<()> {
    getrandom::fill(bytes).map_err(|error| std::io::Error::other(error.to_string()))
}

/// `v1,BASE64`, once for each secret, parted by spaces; a secret that does not read signs nothing.
pub fn signature<'a>(secrets: impl IntoIterator<Item = &'a str>, id: &str, timestamp: i64, body: &[u8]) -> String {
    let signed = secrets.into_iter().filter_map(|secret| {
        let key = Zeroizing::new(STANDARD.decode(secret.strip_prefix(SECRET_PREFIX)?).ok()?);
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    });
    signed.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks specification's own libraries.
    #[test]
    fn the_vector_of_the_specification() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let body = br#"{"test": 2432232314}"#;
        let signed = signature([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let both = signature([secret, "whsec_AAAA"], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert!(both.starts_with(&format!("{signed} v1,")), "{both}");
        assert_eq!(signature(["AAAA", "whsec_!"], "m", 0, b""), "");
    }

    #[test]
    fn secrets_differ() {
        let (one, other) = (new_secret().unwrap(), new_secret().unwrap());
        assert!(one.starts_with(SECRET_PREFIX) && one.len() == 50 && *one != *other);
    }
}
