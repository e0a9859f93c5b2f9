//! What every answer of the console has: refusals as pages, headers that keep a browser safe, the language remembered,
//! validators, and a coding.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH, SET_COOKIE,
    VARY,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse};

use super::visitor::{LANGUAGE_COOKIE, Visitor};
use crate::canon::Digest;
use crate::dataset::Principal;
use crate::http::Problem;
use crate::http::coding::takes_gzip;
use crate::http::differences::accepts_page;
use crate::web::pack;

/// What browsers are held to (CSP3): this server alone, and nothing that stands inside a page.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const SAFE: [(&str, &str); 5] = [
    ("content-security-policy", POLICY),
    ("referrer-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// Smaller bodies are not worth packing.
const PACKED_FROM: usize = 1024;

/// Stands around every page.
pub(super) async fn around(request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    let visitor = Visitor::of(request.request()).await;
    request.extensions_mut().insert(visitor.clone());
    let answer = next.call(request).await?;
    let refused = answer.response().error().and_then(Error::as_error::<Problem>).map(|problem| visitor.refused(problem));
    let answer = match refused {
        Some(page) => answer.into_response(page),
        None => answer,
    };
    let (request, response) = answer.into_parts();
    let response = finish(&request, &visitor, response);
    Ok(ServiceResponse::new(request, response))
}

/// A page for an address where nothing is; the refusal itself for whoever does not look with a browser.
pub(in crate::http) async fn nowhere(request: &HttpRequest, problem: Problem) -> HttpResponse {
    let of_machines = ["/v1/", "/log/", "/3/", "/compat/", "/auth/"].iter().any(|start| request.path().starts_with(start));
    if of_machines || !accepts_page(request) {
        return actix_web::ResponseError::error_response(&problem);
    }
    let visitor = Visitor::of(request).await;
    let page = visitor.refused(&problem);
    finish(request, &visitor, page)
}

fn finish(request: &HttpRequest, visitor: &Visitor, response: HttpResponse) -> HttpResponse {
    let mut response = response;
    let page = response.headers().get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    let headers = response.headers_mut();
    for (name, value) in SAFE {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if visitor.chose {
        let kept = format!("{LANGUAGE_COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly", visitor.lang.name());
        if let Ok(kept) = HeaderValue::from_str(&kept) {
            headers.append(SET_COOKIE, kept);
        }
    }
    if !page {
        return response;
    }
    headers.append(VARY, HeaderValue::from_static("Accept-Language, Accept-Encoding, Authorization, Cookie"));
    if !headers.contains_key(CACHE_CONTROL) {
        // what somebody sees who is signed in does not stay on the machine
        let kept = if visitor.who == Principal::Anonymous { "private, no-cache" } else { "no-store" };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    }
    packed(request, response)
}

/// The page with an entity tag, packed where the browser takes that; nothing where it has the page already.
fn packed(request: &HttpRequest, response: HttpResponse) -> HttpResponse {
    let (mut response, body) = response.into_parts();
    let body = match body.try_into_bytes() {
        Ok(body) => body,
        Err(body) => return response.set_body(body),
    };
    let tag = format!("W/\"{}\"", Digest::of(&body).to_hex().chars().take(32).collect::<String>());
    let reads = [Method::GET, Method::HEAD].contains(request.method()) && response.status() == StatusCode::OK;
    if reads && let Ok(value) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(ETAG, value);
        if text(request.headers(), &IF_NONE_MATCH).is_some_and(|known| known.split(',').any(|own| own.trim() == tag)) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response.set_body(BoxBody::new(()));
        }
    }
    if body.len() < PACKED_FROM || !takes_gzip(text(request.headers(), &ACCEPT_ENCODING)) {
        return response.set_body(BoxBody::new(body));
    }
    response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response.set_body(BoxBody::new(pack(&body)))
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
