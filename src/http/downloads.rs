//! What a search finds, as a file.

use std::collections::BTreeSet;

use actix_web::web::{self, Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use serde_json::{Value, json};
use url::form_urlencoded;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{ContentBuilder, OpenApi, RefOr, Required};

use super::access::Asker;
use super::caching::{Freshness, Representation};
use super::files::export_problem;
use super::routes::query_problem_of;
use super::{App, Problem};
use crate::bulk::{BUNDLE_NAME, DerivedFile, Format, OF_PAGES, SELECTION_NAME, Selection, SelectionRefusal};
use crate::factor::nearest;
use crate::search::{FilterQuery, scope};

/// The longest link to a manifest, in bytes.
const LONGEST_LINK: usize = 2 << 10;

/// What of a selection is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// The factors alone.
    File,
    /// The factors, what they are, and the terms, in a zip.
    Bundle,
    /// What they are, alone.
    Manifest,
}

const WANTED: [(&str, Wanted); 3] = [("none", Wanted::File), ("zip", Wanted::Bundle), ("only", Wanted::Manifest)];

/// What is asked for.
struct Asked {
    format: Format,
    wanted: Wanted,
    filters: FilterQuery,
}

/// Every factor that the filters of `/v1/factors` find, as one file, in order of dataset and key
///
/// `manifest=zip` puts the file into a zip with `selection.json` and `LICENCES.txt`; `manifest=only` gives `selection.json`
/// alone: the query as it was understood, each release with its manifest's digest and how many of its factors are here, digest
/// and size of the file, the Merkle tree hash (RFC 6962) of the lines in their order, size and root of the log, licences and
/// how to cite. Factors whose licences do not let their numbers be handed on are left out and counted there. Downloads that were
/// cut short go on with `Range` and `If-Range`. The first request of a selection waits until it is made.
#[utoipa::path(get, path = "/v1/factors/download", tag = "factors",
    responses((status = 200, description = "The file; its media type is that of the format", content((Vec<u8> = "application/octet-stream"))),
        (status = 206, description = "A range of it"), (status = 304, description = "Unchanged"),
        (status = 400, description = "`missing-parameter`, `unknown-parameter`, `bad-request`"),
        (status = 401, description = "`unauthorized`"), (status = 403, description = "`not-redistributable`, `forbidden`"),
        (status = 404, description = "`no-dataset`, `no-release`"), (status = 412, description = "`precondition-failed`"),
        (status = 416, description = "`range-not-satisfiable`"), (status = 422, description = "`invalid-parameter`, `selection-too-large`"),
        (status = 503, description = "`queue-full`: too many files are being made; `database-unavailable`")))]
pub(super) async fn download_factors(request: HttpRequest, app: Data<App>, asker: Asker) -> Result<HttpResponse, Problem> {
    let asked = read(request.query_string())?;
    let catalogue = app.catalogue();
    let sight = asker.sight(&app, scope(&catalogue, &asked.filters)?.iter().map(AsRef::as_ref)).await?;
    let audience = sight.audience;
    let made = web::block(move || {
        let selection = Selection::of(&catalogue, &asked.filters, &sight.who, app.max_selection())?;
        answer(&app, &selection, &asked)
    });
    made.await.map_err(|error| Problem::fault(&error))??.to(audience).respond(&request)
}

fn answer(app: &App, selection: &Selection, asked: &Asked) -> Result<Representation, Problem> {
    let format = asked.format;
    let problem = |error| export_problem(error, format);
    let stored = |file: DerivedFile, media_type: &str, name: &str| {
        let stored = Representation::stored(Bytes::from_owner(file.bytes), file.digest, media_type).moving();
        stored.header("Content-Disposition", format!("attachment; filename=\"{name}\""))
    };
    Ok(match asked.wanted {
        Wanted::File => {
            let query = selection.query();
            let between = if query.is_empty() { "" } else { "&" };
            let manifest = format!("</v1/factors/download?{query}{between}format={}&manifest=only>; rel=\"describedby\"", format.name());
            let file = selection.file(app.selections(), format).map_err(problem)?;
            let answer = stored(file, format.media_type(), format.file_name());
            // proxies refuse heads that are much longer
            if manifest.len() > LONGEST_LINK { answer } else { answer.header("Link", manifest) }
        }
        Wanted::Bundle => stored(selection.bundle(app.selections(), format).map_err(problem)?, "application/zip", BUNDLE_NAME),
        Wanted::Manifest => Representation::json(selection.manifest(app.selections(), format).map_err(problem)?, Freshness::Moving)
            .header("Content-Disposition", format!("inline; filename=\"{SELECTION_NAME}\"")),
    })
}

/// The filters of a search that say what matches.
fn filters() -> Vec<String> {
    let Ok(Value::Object(members)) = serde_json::to_value(FilterQuery::default()) else { return Vec::new() };
    members.into_iter().map(|(name, _)| name).filter(|name| !OF_PAGES.contains(&name.as_str())).collect()
}

/// The formats of a selection.
fn formats() -> impl Iterator<Item = Format> {
    Format::ALL.iter().copied().filter(|format| format.takes_selections())
}

/// Reads the parameters: those of this route, the rest as filters.
fn read(query: &str) -> Result<Asked, Problem> {
    let (mut format, mut wanted) = (None, None);
    let mut rest = form_urlencoded::Serializer::new(String::new());
    let known: Vec<String> = ["format".to_owned(), "manifest".to_owned()].into_iter().chain(filters()).collect();
    for (name, text) in form_urlencoded::parse(query.as_bytes()) {
        let own = match &*name {
            "format" => &mut format,
            "manifest" => &mut wanted,
            other if known.iter().any(|name| name == other) => {
                rest.append_pair(&name, &text);
                continue;
            }
            other => return Err(unknown(other, &known)),
        };
        if own.replace(text.into_owned()).is_some() {
            return Err(Problem::new("bad-request", format!("`{name}` is given twice")));
        }
    }
    let names: Vec<&str> = formats().map(Format::name).collect();
    let format = format.ok_or_else(|| {
        Problem::with("missing-parameter", "say in which `format` the factors are wanted", json!({"parameter": "format", "valid": names}))
    })?;
    let filters = Query::<FilterQuery>::from_query(&rest.finish()).map_err(|error| query_problem_of(&error))?.into_inner();
    let wanted = wanted.as_deref().unwrap_or("none");
    let modes = WANTED.map(|(name, _)| name);
    Ok(Asked {
        format: formats().find(|own| own.name() == format).ok_or_else(|| invalid("format", &format, &names))?,
        wanted: WANTED
            .iter()
            .find(|(name, _)| *name == wanted)
            .map(|(_, mode)| *mode)
            .ok_or_else(|| invalid("manifest", wanted, &modes))?,
        filters,
    })
}

fn unknown(name: &str, known: &[String]) -> Problem {
    let name: String = name.chars().take(80).collect();
    let why = if OF_PAGES.contains(&name.as_str()) {
        format!("`{name}` is of pages: a download holds every match, in order of dataset and key")
    } else {
        let hint = nearest(&name, known.iter().map(String::as_str)).map(|hint| format!("; did you mean `{hint}`?"));
        format!("there is no parameter `{name}`{}", hint.unwrap_or_default())
    };
    Problem::with("unknown-parameter", why, json!({"parameter": name, "valid": known}))
}

fn invalid(parameter: &str, text: &str, valid: &[&str]) -> Problem {
    let shown: String = text.chars().take(80).collect();
    let hint = nearest(&shown, valid.iter().copied()).map(|hint| format!("; did you mean `{hint}`?")).unwrap_or_default();
    let detail = format!("`{shown}` is no {parameter} of a download{hint}");
    Problem::with("invalid-parameter", detail, json!({"parameter": parameter, "valid": valid}))
}

impl From<SelectionRefusal> for Problem {
    fn from(refusal: SelectionRefusal) -> Self {
        let detail = refusal.to_string();
        match refusal {
            SelectionRefusal::Filter(refusal) => refusal.into(),
            SelectionRefusal::Denied(denied) => denied.into(),
            SelectionRefusal::TooMany { found, most } => Self::with("selection-too-large", detail, json!({"found": found, "most": most})),
        }
    }
}

/// Says of which media types the files of a route are.
fn say_types<'a>(document: &mut OpenApi, path: &str, types: impl Iterator<Item = &'a str>) {
    let Some(get) = document.paths.paths.get_mut(path).and_then(|item| item.get.as_mut()) else { return };
    let binary = SchemaFormat::KnownFormat(KnownFormat::Binary);
    let bytes = ObjectBuilder::new().schema_type(Type::String).format(Some(binary)).build();
    let names: BTreeSet<&str> = types.filter_map(|name| name.split(';').next()).collect();
    for code in ["200", "206"] {
        if let Some(RefOr::T(response)) = get.responses.responses.get_mut(code) {
            response.content.clear();
            for name in &names {
                response.content.insert((*name).to_owned(), ContentBuilder::new().schema(Some(bytes.clone())).build().into());
            }
        }
    }
}

/// Describes the parameters, of which the filters are those of `/v1/factors`, and what the files of releases and selections are.
pub(super) fn describe(document: &mut OpenApi) {
    let choice = |name: &str, description: &str, required: Required, names: Vec<&str>| -> RefOr<Parameter> {
        let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build();
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Query)
            .description(Some(description))
            .required(required)
            .schema(Some(schema))
            .build()
            .into()
    };
    let manifest = "`none`: the file alone (the default); `zip`: with its manifest and terms; `only`: the manifest alone";
    let mut parameters = vec![
        choice("format", "Format of the file", Required::True, formats().map(Format::name).collect()),
        choice("manifest", manifest, Required::False, WANTED.map(|(name, _)| name).to_vec()),
    ];
    let files = "/v1/datasets/{id}/releases/{version}/files/{artefact}";
    say_types(document, files, ["text/plain", "application/json"].into_iter().chain(Format::ALL.iter().map(|format| format.media_type())));
    let bundled = ["application/json", "application/zip"];
    say_types(document, "/v1/factors/download", bundled.into_iter().chain(formats().map(Format::media_type)));
    let paths = &mut document.paths.paths;
    let listed = paths.get("/v1/factors").and_then(|item| item.get.as_ref()).and_then(|get| get.parameters.clone());
    let own = |parameter: &RefOr<Parameter>| match parameter {
        RefOr::T(parameter) => !OF_PAGES.contains(&parameter.name.as_str()),
        RefOr::Ref(_) => true,
    };
    parameters.extend(listed.into_iter().flatten().filter(own));
    if let Some(get) = paths.get_mut("/v1/factors/download").and_then(|item| item.get.as_mut()) {
        get.parameters = Some(parameters);
    }
}
