//! `/sign-in`, `/sign-out`: a token is shown once, a cookie stands for it from then on.
//!
//! The cookie is read by no script (`HttpOnly`), goes to this host alone (`__Host-` under https), and is not sent with what
//! other sites make a browser send, but for following a link (`SameSite=Lax`): a link in a mail leads to a review and not to the
//! sign-in, and reading changes nothing. It counts for pages alone; the API knows no cookies.

use actix_web::http::header::{HeaderValue, SET_COOKIE};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::super::visitor::{Visitor, cookie};
use super::form::{self, see};
use super::refused;
use crate::desk::{self, PresentedSession, PresentedToken, SESSION_HOURS};
use crate::http::address::public_base;
use crate::http::body::Arriving;
use crate::http::tokens::at_the_desk;
use crate::http::{App, Problem};
use crate::web::work::{SignIn, Told};

/// The names of the cookie: under https, and without.
const COOKIES: [&str; 2] = ["__Host-tanyin", "tanyin"];

/// Whether a request came, or its sender's browser sees it come, over https.
pub(super) fn is_secure(app: &App, request: &HttpRequest) -> bool {
    public_base(app, request).is_some_and(|base| base.starts_with("https:"))
}

/// The session that a request shows.
pub(in crate::http::console) fn shown(app: &App, request: &HttpRequest) -> Option<PresentedSession> {
    let [secure, plain] = COOKIES;
    cookie(request, if is_secure(app, request) { secure } else { plain }).and_then(|text| PresentedSession::parse(&text))
}

/// The header that keeps a session in a browser, or forgets it.
pub(super) fn kept(app: &App, request: &HttpRequest, session: Option<&str>) -> HeaderValue {
    let secure = is_secure(app, request);
    let [secured, plain] = COOKIES;
    let (name, also) = if secure { (secured, "; Secure") } else { (plain, "") };
    let seconds = if session.is_some() { SESSION_HOURS * 3600 } else { 0 };
    let text = format!("{name}={}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{also}", session.unwrap_or_default());
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Where a sign-in leads: a path of this server, and nowhere else.
pub(super) fn way(next: &str) -> &str {
    let inside = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\n', '\r', '\t']);
    if inside && !next.starts_with("/sign-") { next } else { "/work" }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    next: Option<String>,
    done: Option<String>,
}

/// The page that asks for a token.
pub(in crate::http::console) async fn sign_in(visitor: Visitor) -> Result<HttpResponse, Problem> {
    let Query { next, done } = visitor.read()?;
    let next = way(next.as_deref().unwrap_or_default()).to_owned();
    page(&visitor, next, Told::done(done.as_deref()))
}

pub(super) fn page(visitor: &Visitor, next: String, told: Told) -> Result<HttpResponse, Problem> {
    visitor.page(SignIn { frame: visitor.frame(), next, told }.render())
}

/// Takes the token that was shown.
pub(in crate::http::console) async fn signed_in(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    body: Arriving,
) -> Result<HttpResponse, Problem> {
    let form = form::read_unsigned(&request, body).await?;
    let next = way(form.text("next")).to_owned();
    let begun = match PresentedToken::parse(form.text("token").trim()) {
        Some(token) => at_the_desk(&app, move |app| desk::begin_session(app.ground(), &token)).await?,
        None => None,
    };
    let Some(session) = begun else {
        let problem = Problem::new("unauthorized", "");
        let mut answer = page(&visitor, next, refused("sign-in", &problem, &visitor, Vec::new()))?;
        *answer.status_mut() = actix_web::http::StatusCode::UNAUTHORIZED;
        return Ok(answer);
    };
    end_shown(&app, &request).await?;
    let mut answer = see(&next);
    answer.headers_mut().append(SET_COOKIE, kept(&app, &request, Some(&session)));
    Ok(answer)
}

/// Ends the session that a request shows, if any.
pub(super) async fn end_shown(app: &Data<App>, request: &HttpRequest) -> Result<(), Problem> {
    match shown(app, request) {
        Some(session) => at_the_desk(app, move |app| desk::end_session(app.ground(), &session)).await,
        None => Ok(()),
    }
}

/// Ends the session.
pub(in crate::http::console) async fn sign_out(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    body: Arriving,
) -> Result<HttpResponse, Problem> {
    form::read(&request, &visitor, body).await?;
    end_shown(&app, &request).await?;
    let mut answer = see("/sign-in?done=signed-out");
    answer.headers_mut().append(SET_COOKIE, kept(&app, &request, None));
    // what was shown before is not shown again by going back
    answer.headers_mut().insert(actix_web::http::header::HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""));
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_leads_nowhere_else() {
        for (next, to) in [
            ("/work/tokens?x=1", "/work/tokens?x=1"),
            ("", "/work"),
            ("//evil.example", "/work"),
            ("https://evil.example", "/work"),
            ("/\\evil.example", "/work"),
            ("/\t/evil.example", "/work"),
            ("/sign-in", "/work"),
            ("javascript:alert(1)", "/work"),
        ] {
            assert_eq!(way(next), to, "{next}");
        }
    }
}
