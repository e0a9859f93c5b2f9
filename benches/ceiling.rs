//! What this machine can do at best: a bare actix-web server that has every answer ready in memory.
//!
//! `ceiling ANSWERS PORT`, where ANSWERS holds one whole answer of `/v1/datasets/…/factors/{key}` a line.
//! It answers the same addresses as the server that it is compared with, and checks nothing: the one factor
//! of a key, with `ETag` and 304; the first 50 of region, year and category, from a table made for exactly that;
//! a batch of keys.

use std::collections::HashMap;
use std::error::Error;
use std::hash::{DefaultHasher, Hash, Hasher};

use actix_web::http::header::{ContentType, ETAG, IF_NONE_MATCH};
use actix_web::web::{Data, Path, Query, get, post};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use bytes::Bytes;
use serde::Deserialize;

/// Factors of one page.
const PAGE: usize = 50;

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    factor: Factor<'a>,
}

#[derive(Deserialize)]
struct Factor<'a> {
    key: &'a str,
    region: &'a str,
    year: u16,
    category: &'a str,
}

/// An answer, where in it the part ends that a page shows, and its validator.
#[derive(Clone, Copy)]
struct Ready {
    body: &'static [u8],
    shown: &'static [u8],
    tag: u64,
}

type Place = (&'static str, u16, &'static str);

struct Memory {
    by_key: HashMap<&'static str, Ready>,
    by_place: HashMap<Place, Vec<Ready>>,
}

impl Memory {
    /// The lines are in order of key, and so are the pages.
    fn read(path: &str) -> Result<Self, Box<dyn Error>> {
        let text: &'static str = Box::leak(std::fs::read_to_string(path)?.into_boxed_str());
        let mut memory = Self { by_key: HashMap::new(), by_place: HashMap::new() };
        for line in text.lines() {
            let Line { factor } = serde_json::from_str(line)?;
            let (shown, _) = line.rsplit_once(",\"flags\":").ok_or("a line that is no answer")?;
            let mut hasher = DefaultHasher::new();
            line.hash(&mut hasher);
            let ready = Ready { body: line.as_bytes(), shown: shown.as_bytes(), tag: hasher.finish() };
            memory.by_key.insert(factor.key, ready);
            memory.by_place.entry((factor.region, factor.year, factor.category)).or_default().push(ready);
        }
        Ok(memory)
    }
}

async fn hello() -> HttpResponse {
    const BODY: [u8; 600] = [b'x'; 600];
    HttpResponse::Ok().content_type(ContentType::json()).body(Bytes::from_static(&BODY))
}

async fn one(memory: Data<Memory>, path: Path<(String, String, String)>, request: HttpRequest) -> HttpResponse {
    let Some(ready) = memory.by_key.get(path.2.as_str()) else { return HttpResponse::NotFound().finish() };
    let tag = format!("\"{:016x}\"", ready.tag);
    if request.headers().get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return HttpResponse::NotModified().insert_header((ETAG, tag)).finish();
    }
    HttpResponse::Ok().content_type(ContentType::json()).insert_header((ETAG, tag)).body(Bytes::from_static(ready.body))
}

#[derive(Deserialize)]
struct Asked {
    region: String,
    year: u16,
    category: String,
}

async fn page(memory: Data<Memory>, asked: Query<Asked>) -> HttpResponse {
    let found = memory.by_place.get(&(asked.region.as_str(), asked.year, asked.category.as_str()));
    let mut body = Vec::with_capacity(64 << 10);
    body.extend_from_slice(b"{\"factors\":[");
    for (position, ready) in found.into_iter().flatten().take(PAGE).enumerate() {
        body.extend_from_slice(if position > 0 { b"," } else { b"" });
        body.extend_from_slice(ready.shown);
        body.push(b'}');
    }
    body.extend_from_slice(b"]}");
    HttpResponse::Ok().content_type(ContentType::json()).body(body)
}

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    lookups: Vec<Wish<'a>>,
}

#[derive(Deserialize)]
struct Wish<'a> {
    key: &'a str,
}

async fn batch(memory: Data<Memory>, asked: Bytes) -> HttpResponse {
    let Ok(Batch { lookups }) = serde_json::from_slice(&asked) else { return HttpResponse::BadRequest().finish() };
    let mut body = Vec::with_capacity(lookups.len() * 1200);
    body.extend_from_slice(b"{\"results\":[");
    for (position, wish) in lookups.iter().enumerate() {
        let Some(ready) = memory.by_key.get(wish.key) else { return HttpResponse::NotFound().finish() };
        body.extend_from_slice(if position > 0 { b",{\"status\":200,\"answer\":" } else { b"{\"status\":200,\"answer\":" });
        body.extend_from_slice(ready.body);
        body.push(b'}');
    }
    body.extend_from_slice(b"]}");
    HttpResponse::Ok().content_type(ContentType::json()).body(body)
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [answers, port] = arguments.as_slice() else {
        println!("usage: ceiling ANSWERS PORT; scripts/bench runs it");
        return Ok(());
    };
    let memory = Data::new(Memory::read(answers)?);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(memory.clone())
            .route("/hello", get().to(hello))
            .route("/v1/datasets/{id}/releases/{version}/factors/{key:.*}", get().to(one))
            .route("/v1/factors", get().to(page))
            .route("/v1/lookup/batch", post().to(batch))
    });
    Ok(server.workers(2).bind(("127.0.0.1", port.parse()?))?.run().await?)
}
