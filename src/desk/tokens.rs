//! Tokens: made once, shown once, kept as a digest, revoked for ever.
//!
//! `tanyin_<id>_<secret>`: 16 hexadecimal digits, and 256 random bits in base64url. The id may be shown and is recorded; the
//! secret is in no log, event or row.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::DeskError;
use crate::canon::Digest;
use crate::dataset::{Principal, Role};
use crate::release::{Ground, ReleaseError};
use crate::review::holder;
use crate::store::{self, Connection, NewEvent, Token, time_text};

/// What every token begins with, so that one that leaked is found.
pub const TOKEN_PREFIX: &str = "tanyin_";

const ID_BYTES: usize = 8;
const SECRET_BYTES: usize = 32;

/// A token as its holder shows it.
pub struct PresentedToken {
    id: String,
    secret: Zeroizing<String>,
}

impl PresentedToken {
    /// Reads `tanyin_<id>_<secret>`; nothing where it has another form.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(TOKEN_PREFIX)?.split_once('_')?;
        let is_id = id.len() == 2 * ID_BYTES && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let is_secret = URL_SAFE_NO_PAD.decode(secret).is_ok_and(|bytes| Zeroizing::new(bytes).len() == SECRET_BYTES);
        (is_id && is_secret).then(|| Self { id: id.to_owned(), secret: Zeroizing::new(secret.to_owned()) })
    }
}

/// Whose token it is to be.
#[derive(Debug, Clone, Copy)]
pub struct NewToken<'a> {
    /// The person.
    pub name: &'a str,
    /// What it lets them do.
    pub role: Role,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

/// Makes a token. What it gives beside the row is shown to nobody but its holder, and cannot be had again.
///
/// # Errors
/// [`DeskError::Words`] for a name that is not a person's; [`DeskError::Expired`] for a moment that has passed.
pub fn create_token(ground: &Ground, new: &NewToken<'_>, actor: &str) -> Result<(Token, Zeroizing<String>), DeskError> {
    let name = holder(new.name)?;
    let at = ground.now();
    let expires_at = new.expires_at.map(time_text);
    if expires_at.as_ref().is_some_and(|expires| *expires <= at) {
        return Err(DeskError::Expired);
    }
    let secret = Zeroizing::new(URL_SAFE_NO_PAD.encode(*random::<SECRET_BYTES>()?));
    let token = Token {
        id: hex::encode(*random::<ID_BYTES>()?),
        name,
        role: new.role,
        secret_digest: Digest::of(secret.as_bytes()),
        created_at: at.clone(),
        created_by: actor.to_owned(),
        expires_at,
        revoked_at: None,
    };
    ground.database()?.write(|connection| {
        store::token_insert(connection, &token)?;
        let detail = json!({"name": token.name, "role": token.role, "expires_at": token.expires_at});
        note(connection, &at, actor, "token.create", &token.id, &detail)
    })?;
    let shown = Zeroizing::new(format!("{TOKEN_PREFIX}{}_{}", token.id, *secret));
    Ok((token, shown))
}

/// All tokens, revoked and expired ones too; secrets are not among what is kept.
///
/// # Errors
/// When the database fails.
pub fn list_tokens(ground: &Ground) -> Result<Vec<Token>, DeskError> {
    Ok(ground.database()?.read(store::token_list)?)
}

/// The moment from which on a token is refused: after a day that is named, or that moment itself.
///
/// # Errors
/// What would be right, for a text that is neither `YYYY-MM-DD` nor a moment in RFC 3339.
pub fn expiry(text: &str) -> Result<Timestamp, String> {
    let shown: String = text.chars().take(40).collect();
    let wrong = || format!("`{shown}` is not a calendar date: write YYYY-MM-DD, the last day on which the token works (UTC)");
    if text.len() != 10 {
        return text.parse().map_err(|_| wrong());
    }
    let day: Date = text.parse().map_err(|_| wrong())?;
    let next = day.tomorrow().and_then(|next| next.to_zoned(TimeZone::UTC));
    next.map(|moment| moment.timestamp()).map_err(|_| wrong())
}

/// A token for whoever administers them; nothing in it helps to guess the secret.
pub fn token_members(token: &Token) -> Value {
    json!({
        "id": token.id, "name": token.name, "role": token.role, "created_at": token.created_at, "created_by": token.created_by,
        "expires_at": token.expires_at, "revoked_at": token.revoked_at
    })
}

/// Revokes a token: from now on it is refused, for ever.
///
/// # Errors
/// [`DeskError::NoToken`] where there is none, or it was revoked before.
pub fn revoke_token(ground: &Ground, id: &str, actor: &str) -> Result<(), DeskError> {
    let at = ground.now();
    ground.database()?.write(|connection| {
        let unknown = || DeskError::NoToken(id.chars().take(80).collect());
        let sound = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric());
        let token = if sound { store::token_get(connection, id)? } else { None };
        let token = token.ok_or_else(unknown)?;
        if !store::token_revoke(connection, id, &at)? {
            return Err(unknown());
        }
        note(connection, &at, actor, "token.revoke", id, &json!({"name": token.name, "role": token.role}))
    })
}

/// Whose token this is; nothing where it is unknown, wrong, revoked or expired, which are not told apart.
///
/// # Errors
/// When the database fails.
pub fn find_holder(ground: &Ground, presented: &PresentedToken) -> Result<Option<Principal>, DeskError> {
    Ok(find_token(ground, presented)?.map(|(_, holder)| holder))
}

/// The same, with the token itself.
pub(super) fn find_token(ground: &Ground, presented: &PresentedToken) -> Result<Option<(Token, Principal)>, DeskError> {
    let (known, grants) = ground.database()?.read(|connection| {
        Ok::<_, DeskError>((store::token_get(connection, &presented.id)?, store::grants_of(connection, &presented.id)?))
    })?;
    // an unknown id takes the same steps as a known one
    let stored = known.as_ref().map(|token| token.secret_digest);
    let right = is_secret(&presented.secret, stored);
    let now = ground.now();
    let token = known.filter(|token| right && stands(token, &now));
    Ok(token.map(|token| (token.clone(), principal(&token, &grants))))
}

/// Whether a secret is the one whose digest is kept.
pub(super) fn is_secret(shown: &str, stored: Option<Digest>) -> bool {
    let (shown, kept) = (Digest::of(shown.as_bytes()), stored.unwrap_or_else(|| Digest::of(b"")));
    same_bytes(shown.as_bytes(), kept.as_bytes()) & stored.is_some()
}

/// Whether a token is neither revoked nor expired.
pub(super) fn stands(token: &Token, now: &str) -> bool {
    token.revoked_at.is_none() && token.expires_at.as_ref().is_none_or(|expires| expires.as_str() > now)
}

/// The holder of a token.
pub(super) fn principal(token: &Token, grants: &[store::Grant]) -> Principal {
    let grants = grants.iter().filter_map(|grant| grant.dataset.parse().ok()).collect();
    Principal::Holder { name: token.name.clone(), role: token.role, grants }
}

/// Compares without stopping at the first difference.
fn same_bytes(one: &[u8; 32], other: &[u8; 32]) -> bool {
    let difference = one.iter().zip(other).fold(0_u8, |all, (a, b)| std::hint::black_box(all | (a ^ b)));
    std::hint::black_box(difference) == 0
}

pub(super) fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, DeskError> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|error| ReleaseError::Io(std::io::Error::other(error.to_string())))?;
    Ok(bytes)
}

fn note(connection: &mut Connection, at: &str, actor: &str, act: &str, id: &str, detail: &Value) -> Result<(), DeskError> {
    store::event_append(connection, &NewEvent { at, actor, act, dataset: None, subject: id, detail })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_a_token() {
        let secret = URL_SAFE_NO_PAD.encode([0xfb; 32]);
        assert!(secret.contains('-') || secret.contains('_'));
        let sound = format!("tanyin_0123456789abcdef_{secret}");
        let parsed = PresentedToken::parse(&sound).unwrap();
        assert_eq!((parsed.id.as_str(), parsed.secret.as_str()), ("0123456789abcdef", secret.as_str()));
        for bad in ["", "tanyin_", "tanyin__", &sound[7..], &sound.to_uppercase(), &format!("{sound}A"), &format!("{sound}="), &sound[..40]]
        {
            assert!(PresentedToken::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_day_is_included() {
        assert_eq!(expiry("2026-12-31").unwrap().to_string(), "2027-01-01T00:00:00Z");
        assert_eq!(expiry("2026-12-31T12:00:00+08:00").unwrap().to_string(), "2026-12-31T04:00:00Z");
        for bad in ["", "2026", "2026-02-30", "31.12.2026", "9999-12-31", "tomorrow", "2026-12-31T12:00:00"] {
            assert!(expiry(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn bytes_are_compared_whole() {
        let (one, mut other) = ([7; 32], [7; 32]);
        assert!(same_bytes(&one, &other));
        other[31] ^= 1;
        assert!(!same_bytes(&one, &other));
    }
}
