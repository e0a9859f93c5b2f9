//! The short way for what calculators ask most, one factor and one lookup, before any route is looked through.
//!
//! Only what is plain goes this way: a GET without a token, of an open release, in an address in which nothing is escaped.
//! Everything else, and whatever is refused, takes the way of the routes, where it is told why; both end in the same functions.

use std::future::{Ready, ready};
use std::task::{Context, Poll};

use actix_http::{Request, Response};
use actix_service::{Service, ServiceFactory};
use actix_web::body::BoxBody;
use actix_web::dev::{AppConfig, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, HeaderValue, SERVER, X_CONTENT_TYPE_OPTIONS};
use actix_web::web::Query;
use actix_web::{Error, HttpResponse};
use futures_core::future::LocalBoxFuture;
use futures_util::TryFutureExt;
use futures_util::future::{Either, MapOk};

use super::access::Sight;
use super::caching::Conditions;
use super::{App, factors, lookups};
use crate::lookup::LookupQuery;

/// What every answer says of its server.
pub(super) const SAID: [(&str, &str); 2] = [("X-Content-Type-Options", "nosniff"), ("Server", "tanyin")];

/// The routes, with the short way before them.
pub(super) struct Lane<R> {
    pub(super) app: App,
    pub(super) routes: R,
}

impl<R> ServiceFactory<Request> for Lane<R>
where
    R: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>,
    R::Future: 'static,
{
    type Response = Response<BoxBody>;
    type Error = Error;
    type Config = AppConfig;
    type Service = Lane<R::Service>;
    type InitError = ();
    type Future = LocalBoxFuture<'static, Result<Self::Service, ()>>;

    fn new_service(&self, config: AppConfig) -> Self::Future {
        let (app, routes) = (self.app.clone(), self.routes.new_service(config));
        Box::pin(async move { Ok(Lane { app, routes: routes.await? }) })
    }
}

/// An answer that is there, or one that a route gives.
type Answering<F> = Either<Ready<Result<Response<BoxBody>, Error>>, MapOk<F, fn(ServiceResponse<BoxBody>) -> Response<BoxBody>>>;

impl<R> Service<Request> for Lane<R>
where
    R: Service<Request, Response = ServiceResponse<BoxBody>, Error = Error>,
{
    type Response = Response<BoxBody>;
    type Error = Error;
    type Future = Answering<R::Future>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.routes.poll_ready(context)
    }

    fn call(&self, request: Request) -> Self::Future {
        match at_once(&self.app, &request) {
            Some(mut answer) => {
                answer.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static(SAID[0].1));
                answer.headers_mut().insert(SERVER, HeaderValue::from_static(SAID[1].1));
                Either::Left(ready(Ok(answer.into())))
            }
            None => Either::Right(self.routes.call(request).map_ok(Response::from as fn(ServiceResponse<BoxBody>) -> Response<BoxBody>)),
        }
    }
}

/// The answer to a plain question.
fn at_once(app: &App, request: &Request) -> Option<HttpResponse> {
    if request.method() != Method::GET || request.head().headers.contains_key(AUTHORIZATION) {
        return None;
    }
    let (path, query) = (request.uri().path(), request.uri().query().unwrap_or_default());
    let catalogue = app.catalogue();
    let answer = if path == "/v1/lookup" {
        let Query(asked) = Query::<LookupQuery>::from_query(query).ok()?;
        let asked = asked.understand().ok()?;
        let open = catalogue.resolve(&asked.dataset).is_ok_and(|resolved| resolved.release.is_open());
        lookups::answer_to(&catalogue, &asked, Some(&Sight::EVERYBODY).filter(|_| open)?).ok()?
    } else {
        let rest = path.strip_prefix("/v1/datasets/").filter(|rest| query.is_empty() && !rest.contains('%'))?;
        let mut parts = rest.splitn(5, '/');
        let (id, releases, version, factors, key) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if releases != "releases" || factors != "factors" {
            return None;
        }
        let resolved = catalogue.dataset(id).ok()?.resolve(id, version).ok().filter(|resolved| resolved.release.is_open())?;
        factors::answer_of(&catalogue, &resolved, key, &Sight::EVERYBODY).ok()?
    };
    answer.respond(Conditions::from(request)).ok()
}
