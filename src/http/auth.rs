//! Who asks: the token of a request, and what it lets its holder do.
//!
//! A request without `Authorization` never touches the database. Unknown, wrong, revoked and expired tokens get one and the
//! same answer.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, web};
use serde_json::json;

use super::{App, Problem};
use crate::dataset::{Act, DatasetId, Denial, Principal, Role, Subject, may};
use crate::desk::{PresentedToken, find_holder};

/// What a request shows, before the database was asked.
#[derive(Default)]
pub(super) enum Credentials {
    /// No `Authorization`.
    #[default]
    None,
    /// A token of the right form.
    Token(PresentedToken),
    /// Anything else.
    Unreadable,
}

impl Credentials {
    /// Those of a request.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let mut shown = request.headers().get_all(header::AUTHORIZATION);
        let Some(first) = shown.next() else { return Self::None };
        let token = first.to_str().ok().and_then(|text| text.split_once(' '));
        let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer") && shown.next().is_none());
        token.and_then(|(_, token)| PresentedToken::parse(token.trim())).map_or(Self::Unreadable, Self::Token)
    }

    /// Who it is; one look into the database where a token is shown.
    ///
    /// # Errors
    /// `unauthorized`; `database-unavailable`, `read-only` where the token cannot be looked up.
    pub(super) async fn principal(self, app: &App) -> Result<Principal, Problem> {
        let token = match self {
            Self::None => return Ok(Principal::Anonymous),
            Self::Unreadable => return Err(refused_token()),
            Self::Token(token) => token,
        };
        let ground = app.ground().clone();
        let found = web::block(move || find_holder(&ground, &token)).await.map_err(|error| Problem::fault(&error))?;
        found?.ok_or_else(refused_token)
    }
}

/// Whoever asks: anonymous without `Authorization`, the holder of the token with one.
pub(super) struct Caller(pub(super) Principal);

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let credentials = Credentials::of(request);
        let app = request.app_data::<Data<App>>().cloned();
        Box::pin(async move {
            let app = app.ok_or_else(|| Problem::new("fault", "the server has no state"))?;
            credentials.principal(&app).await.map(Self)
        })
    }
}

impl Caller {
    /// Whether they may do something to a dataset; gives the name that is recorded.
    ///
    /// # Errors
    /// `unauthorized` without a token; `forbidden`, with the roles that may.
    pub(super) fn may(&self, act: Act, dataset: &DatasetId) -> Result<&str, Problem> {
        may(&self.0, act, Subject { dataset, restricted: false, licences: &[] }).map_err(|denial| denied(denial, act))?;
        Ok(self.name())
    }

    /// Whether they may do something that belongs to no dataset.
    ///
    /// # Errors
    /// As [`Caller::may`].
    pub(super) fn may_anywhere(&self, act: Act) -> Result<&str, Problem> {
        roles(act).iter().find(|role| self.role() == Some(**role)).map(|_| self.name()).ok_or_else(|| {
            let denial = if self.0 == Principal::Anonymous { Denial::NoToken } else { Denial::Role };
            denied(denial, act)
        })
    }

    fn role(&self) -> Option<Role> {
        match &self.0 {
            Principal::Holder { role, .. } => Some(*role),
            _ => None,
        }
    }

    fn name(&self) -> &str {
        match &self.0 {
            Principal::Holder { name, .. } => name,
            Principal::Operator | Principal::Anonymous => crate::review::UNNAMED,
        }
    }
}

/// The roles that do something.
fn roles(act: Act) -> Vec<Role> {
    // no act that belongs to a role depends on the dataset
    let Ok(any) = "any-dataset".parse::<DatasetId>() else { return Vec::new() };
    let subject = Subject { dataset: &any, restricted: false, licences: &[] };
    let holds = |role: &Role| Principal::Holder { name: String::new(), role: *role, grants: std::collections::BTreeSet::new() };
    Role::ALL.into_iter().filter(|role| may(&holds(role), act, subject).is_ok()).collect()
}

/// The answer to a denial.
pub(super) fn denied(denial: Denial, act: Act) -> Problem {
    match denial {
        Denial::NoToken => Problem::new("unauthorized", "this needs a token: send `Authorization: Bearer tanyin_…`"),
        Denial::Role => {
            let roles = roles(act);
            let names = roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" or ");
            Problem::with("forbidden", format!("this needs a token of the role {names}"), json!({"roles": roles}))
        }
        Denial::NoGrant | Denial::Licence => Problem::new("forbidden", denial.to_string()),
    }
}

fn refused_token() -> Problem {
    Problem::new("unauthorized", "the token is not valid: it is unknown, was revoked, has expired, or is not written as it was given")
}
