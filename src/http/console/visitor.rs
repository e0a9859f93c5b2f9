//! Whoever looks at a page: their language, and who they are.
//!
//! Where neither a token nor a session is shown, nobody is looked up and no database is asked. Where one is, it is looked up
//! once a page; that it cannot be (the database is down, the session has ended) is told only where something is not for
//! everybody, so that open data are shown all the same.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, COOKIE};
use actix_web::web::{Data, Query};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::form_urlencoded;

use super::work::shown;
use crate::dataset::{Act, DatasetId, Principal};
use crate::desk::find_session;
use crate::http::access::{Audience, Sight};
use crate::http::auth::{Caller, Credentials};
use crate::http::routes::query_problem_of;
use crate::http::tokens::at_the_desk;
use crate::http::{App, Problem};
use crate::release::PublishedRelease;
use crate::web::{Frame, Lang, Refused, Signed, problem_page};

/// The cookie that keeps the language that was chosen.
pub(super) const LANGUAGE_COOKIE: &str = "lang";

/// Whoever looks at a page.
#[derive(Debug, Clone)]
pub(in crate::http) struct Visitor {
    /// The language of their pages.
    pub(in crate::http) lang: Lang,
    /// Set where the address names the language, which is then remembered.
    pub(super) chose: bool,
    /// Who they are; nobody where nothing was shown, or it could not be looked up.
    pub(in crate::http) who: Principal,
    /// Why what they showed could not be looked up.
    unknown: Option<(&'static str, String)>,
    /// Whether they are signed in by the cookie of a session, and what their forms carry then.
    pub(super) session: Option<Session>,
    /// Path of the page.
    path: String,
    /// Its parameters without the language.
    query: String,
}

/// A session that a cookie names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Session {
    /// What forms carry so that no other site can send them.
    pub(super) csrf: String,
}

impl Session {
    /// Whether a form carries what follows from the session; compared without stopping at the first difference.
    pub(super) fn carried(&self, text: &str) -> bool {
        let differs = self.csrf.bytes().zip(text.bytes()).fold(0_u8, |all, (own, other)| std::hint::black_box(all | (own ^ other)));
        !self.csrf.is_empty() && self.csrf.len() == text.len() && differs == 0
    }
}

impl Visitor {
    /// Whoever sent a request; known already where the page's surroundings looked them up.
    pub(super) async fn of(request: &HttpRequest) -> Self {
        if let Some(known) = request.extensions().get::<Self>() {
            return known.clone();
        }
        let (lang, chose) = language(request);
        let mut visitor = Self {
            lang,
            chose,
            who: Principal::Anonymous,
            unknown: None,
            session: None,
            path: request.path().to_owned(),
            query: without_language(request.query_string()),
        };
        visitor.recognise(request).await;
        visitor
    }

    /// Looks up what the request shows: a token in `Authorization`, which goes before the cookie of a session.
    async fn recognise(&mut self, request: &HttpRequest) {
        let Some(app) = request.app_data::<Data<App>>().cloned() else { return };
        if request.headers().contains_key(AUTHORIZATION) {
            match Credentials::of(request).principal(&app).await {
                Ok(who) => self.who = who,
                Err(problem) => self.unknown = Some((problem.code(), problem.detail().to_owned())),
            }
            return;
        }
        let Some(shown) = shown(&app, request) else { return };
        match at_the_desk(&app, move |app| find_session(app.ground(), &shown)).await {
            Ok(Some(signed)) => {
                self.who = signed.who;
                self.session = Some(Session { csrf: signed.csrf });
            }
            Ok(None) => self.unknown = Some(("unauthorized", "the session is over: sign in again".to_owned())),
            Err(problem) => self.unknown = Some((problem.code(), problem.detail().to_owned())),
        }
    }

    /// What stands around their page.
    pub(in crate::http) fn frame(&self) -> Frame {
        let signed = match &self.who {
            Principal::Holder { name, role, .. } => Some(Signed { name: name.clone(), role: role.as_str() }),
            _ => None,
        };
        Frame {
            lang: self.lang,
            path: self.path.clone(),
            query: self.query.clone(),
            signed,
            csrf: self.session.as_ref().map(|session| session.csrf.clone()).unwrap_or_default(),
            ..Frame::default()
        }
    }

    /// The parameters of the page, without the language, which every page has.
    pub(in crate::http) fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        Query::<T>::from_query(&self.query).map(Query::into_inner).map_err(|error| query_problem_of(&error))
    }

    /// The same where one parameter is the page's alone; gives that too.
    pub(in crate::http) fn read_without<T: DeserializeOwned>(&self, name: &str) -> Result<(T, Option<String>), Problem> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(self.query.as_bytes()).into_owned().collect();
        let own = pairs.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone());
        let rest = pairs.iter().filter(|(own, _)| own != name);
        let rest = form_urlencoded::Serializer::new(String::new()).extend_pairs(rest).finish();
        let read = Query::<T>::from_query(&rest).map(Query::into_inner).map_err(|error| query_problem_of(&error))?;
        Ok((read, own))
    }

    /// A page without parameters.
    pub(in crate::http) fn takes_nothing(&self) -> Result<(), Problem> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Nothing {}
        self.read::<Nothing>().map(drop)
    }

    /// Who they are, or why that is not known.
    pub(in crate::http) fn principal(&self) -> Result<&Principal, Problem> {
        match &self.unknown {
            Some((code, detail)) => Err(Problem::new(code, detail.clone())),
            None => Ok(&self.who),
        }
    }

    /// The name that is recorded of somebody who may do something to a dataset.
    ///
    /// # Errors
    /// `unauthorized`, `forbidden`.
    pub(in crate::http) fn may(&self, act: Act, dataset: &DatasetId) -> Result<String, Problem> {
        Caller(self.principal()?.clone()).may(act, dataset).map(str::to_owned)
    }

    /// The same of what belongs to no dataset.
    ///
    /// # Errors
    /// As [`Visitor::may`].
    pub(in crate::http) fn may_anywhere(&self, act: Act) -> Result<String, Problem> {
        Caller(self.principal()?.clone()).may_anywhere(act).map(str::to_owned)
    }

    /// Whether to offer something.
    pub(in crate::http) fn offers(&self, act: Act) -> bool {
        Caller(self.who.clone()).may_anywhere(act).is_ok()
    }

    /// For whom to read these releases: for everybody where all are open.
    pub(in crate::http) fn sight<'r>(&self, releases: impl IntoIterator<Item = &'r PublishedRelease>) -> Result<Sight, Problem> {
        if releases.into_iter().all(PublishedRelease::is_open) {
            return Ok(Sight::EVERYBODY);
        }
        Ok(Sight { who: self.principal()?.clone(), audience: Audience::Caller })
    }

    /// The answer with a page.
    pub(in crate::http) fn page(&self, page: Result<String, askama::Error>) -> Result<HttpResponse, Problem> {
        let page = page.map_err(|error| Problem::fault(&error))?;
        Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page))
    }

    /// The page of a refusal.
    pub(super) fn refused(&self, problem: &Problem) -> HttpResponse {
        let told = problem.to_json();
        let word = |name: &str| told.get(name).and_then(Value::as_str).unwrap_or_default();
        let list = |name: &str| told.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        let nearest: Vec<String> = ["nearest", "valid", "files"]
            .into_iter()
            .flat_map(list)
            .filter_map(|value| value.as_str().map(str::to_owned))
            .take(24)
            .collect();
        let status = problem.status();
        let detail = match told.get("instance").and_then(Value::as_str) {
            Some(instance) => format!("{} ({instance})", word("detail")),
            None => word("detail").to_owned(),
        };
        let refused = Refused {
            code: problem.code(),
            status: status.as_u16(),
            title: word("title"),
            about: problem.about(),
            detail: &detail,
            nearest: &nearest,
            sign_in: matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) && self.session.is_none(),
        };
        let mut response = actix_web::ResponseError::error_response(problem);
        let page = problem_page(self.frame(), refused).unwrap_or_default();
        response
            .headers_mut()
            .insert(actix_web::http::header::CONTENT_TYPE, actix_web::http::header::HeaderValue::from_static("text/html; charset=utf-8"));
        response.set_body(actix_web::body::BoxBody::new(page))
    }
}

impl FromRequest for Visitor {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(Self::of(&request).await) })
    }
}

/// The language of a page: that of its address, of the cookie, of the browser, English; and whether the address names it.
fn language(request: &HttpRequest) -> (Lang, bool) {
    let named = form_urlencoded::parse(request.query_string().as_bytes()).filter(|(name, _)| name == "lang").last();
    if let Some(lang) = named.and_then(|(_, value)| Lang::from_name(&value)) {
        return (lang, true);
    }
    let accepted = || Lang::accepted(request.headers().get(ACCEPT_LANGUAGE)?.to_str().ok()?);
    let kept = cookie(request, LANGUAGE_COOKIE).and_then(|value| Lang::from_name(&value));
    (kept.or_else(accepted).unwrap_or_default(), false)
}

/// Parameters without the language, each as it was written.
fn without_language(query: &str) -> String {
    query.split('&').filter(|pair| !pair.is_empty() && *pair != "lang" && !pair.starts_with("lang=")).collect::<Vec<_>>().join("&")
}

/// The value of a cookie (RFC 6265, 4.2); nothing where two have its name.
pub(super) fn cookie(request: &HttpRequest, name: &str) -> Option<String> {
    let headers = request.headers().get_all(COOKIE).filter_map(|value| value.to_str().ok());
    let pairs = headers.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(own, _)| *own == name).map(|(_, value)| value.trim().to_owned());
    values.next().filter(|_| values.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn the_address_goes_before_the_cookie_and_that_before_the_browser() {
        let of = |address: &str, cookie: &str, browser: &str| {
            let request = TestRequest::with_uri(address).insert_header(("Cookie", cookie)).insert_header(("Accept-Language", browser));
            language(&request.to_http_request())
        };
        assert_eq!(of("/?lang=zh", "lang=en", "en"), (Lang::Zh, true));
        assert_eq!(of("/?lang=xx", "a=b; lang=zh", "en"), (Lang::Zh, false));
        assert_eq!(of("/", "lang=xx", "zh-CN"), (Lang::Zh, false));
        assert_eq!(of("/", "", ""), (Lang::En, false));
    }

    #[test]
    fn the_language_is_no_parameter_of_a_page() {
        assert_eq!(without_language("q=a%20b&lang=zh&&kind=x"), "q=a%20b&kind=x");
        assert_eq!(without_language("language=x&lang"), "language=x");
    }

    #[test]
    fn cookies() {
        let request = TestRequest::default().insert_header(("Cookie", "a=1; b=2=3;c=4; c=5")).to_http_request();
        assert_eq!((cookie(&request, "a").as_deref(), cookie(&request, "b").as_deref()), (Some("1"), Some("2=3")));
        assert_eq!((cookie(&request, "c"), cookie(&request, "d")), (None, None));
    }
}
