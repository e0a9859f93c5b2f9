//! Who asks, and whether the answer depends on it.
//!
//! What everybody may read is read for everybody: no token is looked at and no database is asked, so that open data are served
//! as ever, and every cache may keep them. Only where something in question is not open is a token looked up; the answer is
//! then the caller's own, and says so to caches.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest};

use super::auth::Credentials;
use super::{App, Problem};
use crate::dataset::{Act, Principal};
use crate::lookup::with_metadata;
use crate::release::PublishedRelease;

/// Whom an answer is the same for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// Everybody: caches may share it.
    Everybody,
    /// The caller, as their token says.
    Caller,
}

/// The sender of a request, who is looked up where it matters and not before.
#[derive(Debug, Clone)]
pub(super) struct Asker(HttpRequest);

impl FromRequest for Asker {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.clone())))
    }
}

/// For whom something is read, and whom the answer is the same for.
#[derive(Debug, Clone)]
pub(super) struct Sight {
    pub(super) who: Principal,
    pub(super) audience: Audience,
}

impl Sight {
    pub(super) const EVERYBODY: Self = Self { who: Principal::Anonymous, audience: Audience::Everybody };

    /// Whether the numbers of a factor may be read; a refusal tells what the factor is of.
    pub(super) fn numbers(&self, release: &PublishedRelease, number: usize) -> Result<(), Problem> {
        release.permit(&self.who, Act::ReadNumbers).map_err(|denied| with_metadata(denied, release, number).into())
    }
}

impl Asker {
    /// Whether anything was shown that may be a token.
    pub(super) fn shows_token(&self) -> bool {
        self.0.headers().contains_key(AUTHORIZATION)
    }

    /// Who asks, by the token that they show; nobody without one.
    pub(super) async fn principal(&self, app: &App) -> Result<Principal, Problem> {
        Credentials::of(&self.0).principal(app).await.map_err(|problem| match problem.code() {
            "read-only" => Problem::new("database-unavailable", "this server has no database open, so it knows no tokens"),
            _ => problem,
        })
    }

    /// For whom to read these releases: for everybody where all are open.
    pub(super) async fn sight<'r>(&self, app: &App, releases: impl IntoIterator<Item = &'r PublishedRelease>) -> Result<Sight, Problem> {
        if releases.into_iter().all(PublishedRelease::is_open) {
            return Ok(Sight::EVERYBODY);
        }
        Ok(Sight { who: self.principal(app).await?, audience: Audience::Caller })
    }

    /// The same for one release whose names, at least, must be readable.
    pub(super) async fn look(&self, app: &App, release: &PublishedRelease) -> Result<Sight, Problem> {
        let sight = self.sight(app, [release]).await?;
        release.permit(&sight.who, Act::ReadNames)?;
        Ok(sight)
    }

    /// For whom to do something that is permitted for a release, or the refusal.
    pub(super) async fn permit(&self, app: &App, release: &PublishedRelease, act: Act) -> Result<Sight, Problem> {
        if release.may(&Principal::Anonymous, act).is_ok() {
            return Ok(Sight::EVERYBODY);
        }
        let who = self.principal(app).await?;
        release.permit(&who, act)?;
        Ok(Sight { who, audience: Audience::Caller })
    }
}
