//! Sessions of browsers. Signing in shows a token once; from then on the browser shows a session, which stands for the token for
//! some hours, has its role and grants, and ends with it, or when its holder signs out.
//!
//! A session rests in the database, so that every server of a cluster knows it. Its cookie is `<id>_<secret>`, as a token is, and
//! is no token: the API does not take it. What forms carry against forgery follows from the secret and is kept nowhere.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::tokens::{find_token, is_secret, principal, random, stands};
use super::{DeskError, PresentedToken};
use crate::canon::Digest;
use crate::dataset::Principal;
use crate::release::Ground;
use crate::store::{self, NewEvent, Session, Token, time_text};

/// How long a session lasts at most.
pub const SESSION_HOURS: i64 = 12;

const ID_BYTES: usize = 16;
const SECRET_BYTES: usize = 32;

/// A session as a browser shows it.
pub struct PresentedSession {
    id: String,
    secret: Zeroizing<String>,
}

impl PresentedSession {
    /// Reads `<id>_<secret>`; nothing where it has another form.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.split_once('_')?;
        let is_id = id.len() == 2 * ID_BYTES && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let is_secret = URL_SAFE_NO_PAD.decode(secret).is_ok_and(|bytes| Zeroizing::new(bytes).len() == SECRET_BYTES);
        (is_id && is_secret).then(|| Self { id: id.to_owned(), secret: Zeroizing::new(secret.to_owned()) })
    }

    /// What the forms of this session carry: no other site can know it.
    fn csrf(&self) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).map(|mut mac| {
            mac.update(b"tanyin forms v1");
            mac.finalize().into_bytes()
        });
        mac.map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).unwrap_or_default()
    }
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Who they are.
    pub who: Principal,
    /// What their forms carry.
    pub csrf: String,
}

/// Begins a session of whoever shows a token; gives what the browser keeps. Nothing for a token that does not stand.
///
/// # Errors
/// When the database fails.
pub fn begin_session(ground: &Ground, shown: &PresentedToken) -> Result<Option<Zeroizing<String>>, DeskError> {
    match find_token(ground, shown)? {
        Some((token, _)) => begin(ground, &token).map(Some),
        None => Ok(None),
    }
}

fn ends_at(ground: &Ground) -> Timestamp {
    let now: Timestamp = ground.now().parse().unwrap_or_else(|_| Timestamp::now());
    now.checked_add(SignedDuration::from_hours(SESSION_HOURS)).unwrap_or(now)
}

fn begin(ground: &Ground, token: &Token) -> Result<Zeroizing<String>, DeskError> {
    let at = ground.now();
    let secret = Zeroizing::new(URL_SAFE_NO_PAD.encode(*random::<SECRET_BYTES>()?));
    let longest = time_text(ends_at(ground));
    let session = Session {
        id: hex::encode(*random::<ID_BYTES>()?),
        token: token.id.clone(),
        secret_digest: Digest::of(secret.as_bytes()),
        created_at: at.clone(),
        expires_at: token.expires_at.clone().map_or(longest.clone(), |own| own.min(longest)),
    };
    ground.database()?.write(|connection| {
        store::session_insert(connection, &session)?;
        let detail = json!({"by": "token", "expires_at": session.expires_at});
        let event = NewEvent { at: &at, actor: &token.name, act: "session.begin", dataset: None, subject: &token.id, detail: &detail };
        store::event_append(connection, &event)?;
        Ok::<_, DeskError>(())
    })?;
    Ok(Zeroizing::new(format!("{}_{}", session.id, *secret)))
}

/// Who is signed in by a session; nothing where it is unknown, wrong, over, or its token does not stand any more.
///
/// # Errors
/// When the database fails.
pub fn find_session(ground: &Ground, shown: &PresentedSession) -> Result<Option<Signed>, DeskError> {
    let now = ground.now();
    let known = ground.database()?.read(|connection| {
        let Some(session) = store::session_get(connection, &shown.id)? else { return Ok(None) };
        let grants = store::grants_of(connection, &session.token)?;
        Ok::<_, DeskError>(store::token_get(connection, &session.token)?.map(|token| (session, token, grants)))
    })?;
    let right = is_secret(&shown.secret, known.as_ref().map(|(session, ..)| session.secret_digest));
    let found = known.filter(|(session, token, _)| right && session.expires_at > now && stands(token, &now));
    Ok(found.map(|(_, token, grants)| Signed { who: principal(&token, &grants), csrf: shown.csrf() }))
}

/// Ends a session; its token stands.
///
/// # Errors
/// When the database fails.
pub fn end_session(ground: &Ground, shown: &PresentedSession) -> Result<(), DeskError> {
    let at = ground.now();
    ground.database()?.write(|connection| {
        let session = store::session_get(connection, &shown.id)?;
        let Some(session) = session.filter(|session| is_secret(&shown.secret, Some(session.secret_digest))) else { return Ok(()) };
        store::session_delete(connection, &session.id)?;
        let Some(token) = store::token_get(connection, &session.token)? else { return Ok(()) };
        let detail = json!({});
        let event = NewEvent { at: &at, actor: &token.name, act: "session.end", dataset: None, subject: &token.id, detail: &detail };
        store::event_append(connection, &event)?;
        Ok::<_, DeskError>(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_a_session_and_what_its_forms_carry() {
        let secret = URL_SAFE_NO_PAD.encode([7; 32]);
        let text = format!("{}_{secret}", "0a".repeat(16));
        let parsed = PresentedSession::parse(&text).unwrap();
        assert_eq!(parsed.csrf().len(), 43);
        let other = PresentedSession::parse(&format!("{}_{}", "0a".repeat(16), URL_SAFE_NO_PAD.encode([8; 32]))).unwrap();
        assert_ne!(parsed.csrf(), other.csrf());
        assert!(!parsed.csrf().contains(&secret[..8]));
        for bad in ["", "_", &text[1..], &text.to_uppercase(), &format!("{text}A"), &format!("tanyin_{text}")] {
            assert!(PresentedSession::parse(bad).is_none(), "{bad}");
        }
    }
}
