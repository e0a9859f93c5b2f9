//! The inner pieces, each by itself and as often as it is told, for a counter of instructions.
//!
//! `inner pieces` lists them with how often each is worth running; `inner prepare FOLDER` publishes FOLDER/package/1.0.0 and 1.1.0
//! in FOLDER/data; `inner run FOLDER PIECE TIMES` runs one. `scripts/bench --instructions` calls them.

use std::error::Error;
use std::hint::black_box;
use std::path::Path;

use actix_web::body::{BoxBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::{ETAG, IF_NONE_MATCH};
use actix_web::test::{TestRequest, init_service};
use actix_web::web::Data;
use actix_web::{App as Actix, http::StatusCode};
use tanyin::bulk::{Sides, difference};
use tanyin::dataset::DatasetId;
use tanyin::desk::{ImportRequest, Reading, VersionWish, check, import, submit};
use tanyin::http::{App, configure};
use tanyin::release::{Catalogue, Ground, publish};
use tanyin::validate::Sinks;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Each piece, and how often it is worth running.
const PIECES: [(&str, usize); 9] = [
    ("key", 200),
    ("unchanged", 200),
    ("lookup", 100),
    ("fallback", 100),
    ("filter", 20),
    ("search", 10),
    ("batch", 3),
    ("import", 1),
    ("difference", 1),
];

const DATASET: &str = "synthetic";
const ACTIVITIES: [&str; 4] = ["electricity/grid-01", "fuel/diesel-01", "materials/cement-01", "materials/steel-01"];
const REGIONS: [&str; 4] = ["CN", "CN-AH", "CN-BJ", "GLO"];
const WORDS: [&str; 4] = ["wind power anhui", "安徽 热轧卷板", "flat glass route 01 2020", "柴油供应 北京 2023"];

fn prepare(folder: &Path) -> Outcome<()> {
    let ground = Ground::open(&folder.join("data"), None, None)?;
    let dataset: DatasetId = DATASET.parse().map_err(|_| "the name of the dataset")?;
    for version in ["1.0.0", "1.1.0"] {
        let path = folder.join("package").join(version);
        let request = ImportRequest {
            path: &path,
            dataset: &dataset,
            actor: "bench",
            dry_run: false,
            discard_edits: false,
            reading: Reading::default(),
        };
        import(&ground, &request, &mut |_| {})?;
        submit(&ground, &dataset, &VersionWish::Package, "bench")?;
        publish(&ground, &dataset, "bench")?;
    }
    // the index of the words is made by the first search
    serve(&ground, &["/v1/factors?q=steel".to_owned()], 1)
}

/// The addresses of a piece that is asked over HTTP.
fn addresses(piece: &str) -> Vec<String> {
    let places = (0..16).map(|number| (ACTIVITIES[number % 4], REGIONS[number / 4], 2015 + number % 10));
    match piece {
        "key" | "unchanged" => places
            .map(|(activity, region, year)| {
                format!("/v1/datasets/{DATASET}/releases/1.1.0/factors/{activity}/{}/{year}", region.to_lowercase())
            })
            .collect(),
        "lookup" => places
            .map(|(activity, region, year)| format!("/v1/lookup?dataset={DATASET}&activity={activity}&region={region}&year={year}"))
            .collect(),
        "fallback" => places
            .map(|(activity, _, year)| {
                let year = year + 10;
                format!(
                    "/v1/lookup?dataset={DATASET}&activity={activity}&region=CN-ZJ&year={year}&region_fallback=parent&year_fallback=earlier"
                )
            })
            .collect(),
        "filter" => REGIONS
            .iter()
            .map(|region| format!("/v1/factors?dataset={DATASET}&region={region}&year=2015..2024&category=Energy/Electricity"))
            .collect(),
        _ => WORDS
            .iter()
            .map(|words| {
                format!("/v1/factors?dataset={DATASET}&q={}", url::form_urlencoded::byte_serialize(words.as_bytes()).collect::<String>())
            })
            .collect(),
    }
}

fn batch() -> String {
    let keys = ACTIVITIES.iter().flat_map(|activity| (2015..2025).map(move |year| format!("{activity}/cn/{year}")));
    let lookups: Vec<String> = keys.map(|key| format!("{{\"dataset\":\"{DATASET}\",\"key\":\"{key}\"}}")).collect();
    format!("{{\"lookups\":[{}]}}", lookups.join(","))
}

/// Asks so often, by turns; behind `POST` the batch.
fn serve(ground: &Ground, addresses: &[String], times: usize) -> Outcome<()> {
    let app = App::new(ground.clone())?;
    actix_web::rt::System::new().block_on(async {
        let service = init_service(Actix::new().app_data(Data::new(app)).configure(configure)).await;
        for address in addresses.iter().cycle().take(times) {
            let request = match address.strip_prefix("POST ") {
                Some(path) => TestRequest::post().uri(path).insert_header(("Content-Type", "application/json")).set_payload(batch()),
                None => TestRequest::get().uri(address),
            };
            answered(&service, request.to_request(), StatusCode::OK).await?;
        }
        Ok(())
    })
}

/// Asks each address once, then so often with the validators that came.
fn serve_unchanged(ground: &Ground, addresses: &[String], times: usize) -> Outcome<()> {
    let app = App::new(ground.clone())?;
    actix_web::rt::System::new().block_on(async {
        let service = init_service(Actix::new().app_data(Data::new(app)).configure(configure)).await;
        let mut known = Vec::new();
        for address in addresses {
            let response = answered(&service, TestRequest::get().uri(address).to_request(), StatusCode::OK).await?;
            known.push((address, response.ok_or("an answer without a validator")?));
        }
        for (address, tag) in known.iter().cycle().take(times) {
            let request = TestRequest::get().uri(address).insert_header((IF_NONE_MATCH, tag.as_str()));
            answered(&service, request.to_request(), StatusCode::NOT_MODIFIED).await?;
        }
        Ok(())
    })
}

/// Asks, reads the answer to its end, and gives its validator.
async fn answered<R, S>(service: &S, request: R, wanted: StatusCode) -> Outcome<Option<String>>
where
    S: Service<R, Response = ServiceResponse<BoxBody>, Error = actix_web::Error>,
{
    let response = service.call(request).await?;
    let status = response.status();
    let tag = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
    black_box(to_bytes(response.into_body()).await?);
    if status == wanted { Ok(tag) } else { Err(format!("{status} where {wanted} was expected").into()) }
}

fn read_table(folder: &Path, times: usize) -> Outcome<()> {
    for _ in 0..times {
        let mut rows = 0u32;
        let mut line = |line| {
            black_box(line);
            rows += 1;
            Ok(())
        };
        check(&folder.join("rows"), &Reading::default(), None, &mut Sinks { line: &mut line, progress: &mut |_| {} })?;
        if rows == 0 {
            return Err("the table has no sound row".into());
        }
    }
    Ok(())
}

fn compare(ground: &Ground, times: usize) -> Outcome<()> {
    let catalogue = Catalogue::load(ground)?;
    let releases = catalogue.dataset(DATASET)?;
    let (old, new) = (releases.resolve(DATASET, "1.0.0")?, releases.resolve(DATASET, "1.1.0")?);
    for _ in 0..times {
        let sides = Sides::of_releases(releases, &old.release, &new.release);
        black_box(difference(&sides, |row| {
            black_box(row);
            Ok(())
        })?);
    }
    Ok(())
}

fn run(folder: &Path, piece: &str, times: usize) -> Outcome<()> {
    let ground = Ground::open_read_only(&folder.join("data"), None)?;
    match piece {
        "unchanged" => serve_unchanged(&ground, &addresses(piece), times),
        "batch" => serve(&ground, &["POST /v1/lookup/batch".to_owned()], times),
        "import" => read_table(folder, times),
        "difference" => compare(&ground, times),
        _ => serve(&ground, &addresses(piece), times),
    }
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["pieces"] => PIECES.iter().for_each(|(piece, times)| println!("{piece} {times}")),
        ["prepare", folder] => prepare(Path::new(folder))?,
        ["run", folder, piece, times] => run(Path::new(folder), piece, times.parse()?)?,
        _ => println!("usage: inner pieces | prepare FOLDER | run FOLDER PIECE TIMES; scripts/bench --instructions runs it"),
    }
    Ok(())
}
