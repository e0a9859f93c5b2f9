//! What forms send: read up to a bound, and believed only where no other site can have sent it.
//!
//! A form of somebody who is signed in carries what follows from their session ([`Visitor::session`]); every form, signed in or
//! not, comes from a page of this server (`Origin`, `Sec-Fetch-Site`). Whoever shows a token in `Authorization` needs neither: no
//! other site can make a browser send it.

use actix_web::http::header::{CONTENT_LENGTH, HOST, HeaderName, LOCATION, ORIGIN};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use url::{Url, form_urlencoded};

use super::super::visitor::Visitor;
use crate::http::body::{Arriving, media_type};
use crate::http::{App, Problem};

/// The most that a form holds: a whole factor with long notes.
const FORM_BYTES: usize = 512 << 10;

/// The field that carries what follows from the session.
pub(super) const CSRF: &str = "csrf";

/// What a form sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// The text of a field; blank where it is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }

    /// The same without what stands around it; nothing where that is blank.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        Some(self.text(name).trim()).filter(|text| !text.is_empty())
    }

    /// Every value of a field.
    pub(super) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// A number in a field.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.filled(name).and_then(|text| text.parse().ok())
    }

    /// Fields and what was typed, to be shown again; secrets are not.
    pub(super) fn typed(&self) -> Vec<(String, String)> {
        self.0.iter().filter(|(name, _)| ![CSRF, "token"].contains(&name.as_str())).cloned().collect()
    }

    /// The fields whose names begin so, without that beginning.
    pub(super) fn under<'f>(&'f self, start: &'f str) -> impl Iterator<Item = (&'f str, &'f str)> {
        self.0.iter().filter_map(move |(name, value)| name.strip_prefix(start).map(|rest| (rest, value.as_str())))
    }
}

/// Reads a form of somebody who acts.
///
/// # Errors
/// `forged` where another site may have sent it; `body-too-large`, `bad-request`.
pub(super) async fn read(request: &HttpRequest, visitor: &Visitor, body: Arriving) -> Result<Form, Problem> {
    from_here(request)?;
    let form = read_fields(request, body).await?;
    belongs(visitor, form.text(CSRF))?;
    Ok(form)
}

/// Reads a form of somebody who is not signed in yet.
///
/// # Errors
/// As [`read`].
pub(super) async fn read_unsigned(request: &HttpRequest, body: Arriving) -> Result<Form, Problem> {
    from_here(request)?;
    read_fields(request, body).await
}

async fn read_fields(request: &HttpRequest, body: Arriving) -> Result<Form, Problem> {
    if media_type(request) != "application/x-www-form-urlencoded" {
        return Err(Problem::new("bad-request", "a form is sent as application/x-www-form-urlencoded"));
    }
    let declared = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<usize>().ok());
    let too_large = || Problem::new("body-too-large", format!("a form has at most {FORM_BYTES} bytes"));
    if declared.is_some_and(|length| length > FORM_BYTES) {
        return Err(too_large());
    }
    let bytes = body.read(FORM_BYTES).await.map_err(|_| too_large())?;
    Ok(Form(form_urlencoded::parse(&bytes).map(|(name, value)| (name.into_owned(), lines(&value))).collect()))
}

/// Browsers send line ends as CR LF.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// Refuses what a browser says that another site's page sent.
///
/// # Errors
/// `forged`.
pub(super) fn from_here(request: &HttpRequest) -> Result<(), Problem> {
    let header = |name: HeaderName| request.headers().get_all(name).map(|value| value.to_str().unwrap_or("?")).collect::<Vec<_>>();
    let fetched = header(HeaderName::from_static("sec-fetch-site"));
    if fetched.iter().any(|site| !["same-origin", "none"].contains(site)) {
        return Err(forged());
    }
    let origins = header(ORIGIN);
    let own = header(HOST).first().map(|host| (*host).to_owned()).or_else(|| request.uri().authority().map(ToString::to_string));
    let public = request.app_data::<Data<App>>().and_then(|app| app.public_url().map(|url| url.as_str().to_owned()));
    let of_public =
        |origin: &Url| public.as_deref().and_then(|url| Url::parse(url).ok()).is_some_and(|url| url.origin() == origin.origin());
    // a proxy may end TLS, so the scheme is not compared
    let is_own = |origin: &str| {
        let Ok(origin) = Url::parse(origin) else { return false };
        let named = origin.host_str().map(|host| origin.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")));
        of_public(&origin) || (named.is_some() && named == own.as_deref().map(without_default_port))
    };
    if origins.iter().all(|origin| is_own(origin)) { Ok(()) } else { Err(forged()) }
}

fn without_default_port(host: &str) -> String {
    host.strip_suffix(":443").or_else(|| host.strip_suffix(":80")).unwrap_or(host).to_ascii_lowercase()
}

/// Refuses a form that does not carry what follows from the session.
///
/// # Errors
/// `forged`.
pub(super) fn belongs(visitor: &Visitor, carried: &str) -> Result<(), Problem> {
    match &visitor.session {
        Some(session) if !session.carried(carried) => Err(forged()),
        _ => Ok(()),
    }
}

fn forged() -> Problem {
    Problem::new("forged", "the form does not come from a page that this server made for you: open the page again, then send it")
}

/// The answer to a form that did what it says: another page, which may be loaded again without harm.
pub(super) fn see(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, address)).insert_header(("Cache-Control", "no-store")).finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn only_pages_of_this_server_send_forms() {
        let of = |headers: &[(&'static str, &'static str)]| {
            let mut request = TestRequest::post().insert_header(("Host", "factors.example:8080"));
            for header in headers {
                request = request.insert_header(*header);
            }
            from_here(&request.to_http_request()).is_ok()
        };
        assert!(of(&[]));
        assert!(of(&[("Origin", "http://factors.example:8080"), ("Sec-Fetch-Site", "same-origin")]));
        assert!(of(&[("Origin", "https://FACTORS.example:8080")]));
        for origin in ["null", "http://evil.example", "http://factors.example", "http://factors.example:8080.evil.example", "x"] {
            assert!(!of(&[("Origin", origin)]), "{origin}");
        }
        for site in ["cross-site", "same-site"] {
            assert!(!of(&[("Sec-Fetch-Site", site)]), "{site}");
        }
    }
}
