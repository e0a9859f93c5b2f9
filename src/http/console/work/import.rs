//! `/work/datasets/{id}/import`: a file is uploaded, looked at under a profile, and imported once it is sound.

use std::collections::BTreeMap;

use actix_multipart::Multipart;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::super::visitor::Visitor;
use super::form::{self, Form, see};
use super::upload::Kept;
use super::{Done, Wrong, under};
use crate::dataset::{Act, DatasetId};
use crate::desk::{self, MAX_PREVIEW_BYTES, NewUpload};
use crate::http::body::Arriving;
use crate::http::draft::dataset_id;
use crate::http::imports::{next, small_field, unreadable};
use crate::http::tokens::at_the_desk;
use crate::http::upload::{Upload, sound_name};
use crate::http::{App, Problem};
use crate::import::Format;
use crate::web::Lang;
use crate::web::work::{Found, Import, PreviewOf, Profile, Seen, Told};

/// Findings that are listed beside the rows.
const LISTED: usize = 200;

/// Where a file is chosen.
pub(in crate::http::console) async fn import_page(app: Data<App>, visitor: Visitor, id: Path<String>) -> Result<HttpResponse, Problem> {
    let told = Done::of(&visitor)?;
    show(&app, &visitor, &dataset_id(&id)?, told).await
}

async fn show(app: &Data<App>, visitor: &Visitor, id: &DatasetId, told: Told) -> Result<HttpResponse, Problem> {
    visitor.may(Act::Prepare, id)?;
    let dataset = id.clone();
    let waiting = at_the_desk(app, move |app| desk::waiting(app.ground(), Some(&dataset))).await?;
    let draft = waiting.drafts.first();
    let frozen = draft.map(|one| one.draft.state.as_str()).filter(|state| ["submitted", "approved"].contains(state));
    let page = Import {
        frame: visitor.frame(),
        dataset: id.to_string(),
        known: app.catalogue().dataset(id.as_str()).is_ok(),
        edits: draft.map_or(0, |one| one.edits),
        frozen: frozen.map(str::to_owned),
        jobs: waiting.jobs,
        most: app.max_upload() >> 20,
        told,
    };
    visitor.page(page.render())
}

/// Takes a file.
pub(in crate::http::console) async fn receive(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let id = dataset_id(&id)?;
    let actor = visitor.may(Act::Prepare, &id)?;
    form::from_here(&request)?;
    let received = take(&request, &app, &visitor, payload).await;
    match received.map_err(Wrong::at("upload")) {
        Ok((finished, file_name)) => {
            let kept = Kept { actor, dataset: id.to_string(), file_name, bytes: finished.bytes() };
            let folder = at_the_desk(&app, move |app| {
                kept.write(app.ground(), finished.folder())?;
                let folder = finished.folder().to_owned();
                finished.keep();
                Ok::<_, Problem>(folder)
            })
            .await?;
            Ok(see(&format!("/work/datasets/{id}/import/{folder}")))
        }
        Err(wrong) => {
            let (told, status) = wrong.told(&visitor, Vec::new())?;
            Ok(under(status, show(&app, &visitor, &id, told).await?))
        }
    }
}

/// Reads the form: what carries the session first, then the file.
async fn take(
    request: &HttpRequest,
    app: &Data<App>,
    visitor: &Visitor,
    payload: Payload,
) -> Result<(crate::http::upload::Finished, String), Problem> {
    let limit = app.max_upload();
    let declared = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<u64>().ok());
    // the form around the file has some hundred bytes
    if declared.is_some_and(|length| length > limit.saturating_add(8192)) {
        return Err(Problem::new("invalid-body", format!("the file is too large: at most {limit} bytes")));
    }
    let mut form = Multipart::new(request.headers(), payload);
    let mut believed = false;
    while let Some(field) = next(&mut form).await? {
        let mut field = field.map_err(|error| unreadable(&error))?;
        let name = field.name().unwrap_or_default().to_owned();
        if name == form::CSRF {
            form::belongs(visitor, &small_field(&mut field).await?)?;
            believed = true;
            continue;
        }
        // nothing is kept of a form that cannot be believed
        if !believed {
            form::belongs(visitor, "")?;
        }
        if name != "file" {
            return Err(Problem::new("bad-request", "the form holds the file alone, as the field `file`"));
        }
        let named = field.content_disposition().and_then(|about| about.get_filename()).map(str::to_owned).unwrap_or_default();
        let mut upload = Upload::begin(app.ground().clone(), limit).await?;
        while let Some(part) = next(&mut field).await? {
            upload.write(&part.map_err(|error| unreadable(&error))?).await?;
        }
        if upload.bytes() == 0 {
            return Err(Problem::new("bad-request", "no file was chosen, or it is empty"));
        }
        let file_name = sound_name(&named)?;
        return Ok((upload.finish(file_name.clone()).await?, file_name));
    }
    Err(Problem::new("bad-request", "the form holds no file: choose one"))
}

/// What the file would become.
pub(in crate::http::console) async fn preview_page(
    app: Data<App>,
    visitor: Visitor,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, folder) = path.into_inner();
    let id = dataset_id(&id)?;
    let said: BTreeMap<String, String> = visitor.read()?;
    show_preview(&app, &visitor, &id, &folder, said, Told::default()).await
}

async fn show_preview(
    app: &Data<App>,
    visitor: &Visitor,
    id: &DatasetId,
    folder: &str,
    said: BTreeMap<String, String>,
    told: Told,
) -> Result<HttpResponse, Problem> {
    let actor = visitor.may(Act::Prepare, id)?;
    let said = Said::of(&said);
    let (dataset, place) = (id.clone(), folder.to_owned());
    let asked = said.clone();
    let (kept, profile, seen, fitting, edits) = at_the_desk(app, move |app| {
        let kept = Kept::read(app.ground(), &place, &dataset, &actor)?;
        let (profile, seen, fitting) = look(app, &dataset, &place, &kept, &asked)?;
        let edits = desk::waiting(app.ground(), Some(&dataset))?.drafts.first().map_or(0, |one| one.edits);
        Ok::<_, Problem>((kept, profile, seen, fitting, edits))
    })
    .await?;
    let page = PreviewOf {
        frame: visitor.frame(),
        dataset: id.to_string(),
        file_name: kept.file_name,
        bytes: kept.bytes,
        profile,
        facts: said.facts,
        profiles: profiles(&fitting, visitor.lang),
        seen,
        edits,
        told,
    };
    visitor.page(page.render())
}

/// How a file is to be read, as a form or an address says it.
#[derive(Debug, Clone, Default)]
struct Said {
    /// Nothing: whichever fits; blank: as a package.
    profile: Option<String>,
    facts: BTreeMap<String, String>,
}

impl Said {
    fn of(pairs: &BTreeMap<String, String>) -> Self {
        let fact = |(name, value): (&String, &String)| Some((name.strip_prefix("fact.")?.to_owned(), value.trim().to_owned()));
        Self {
            profile: pairs.get("profile").cloned(),
            facts: pairs.iter().filter_map(fact).filter(|(_, value)| !value.is_empty()).collect(),
        }
    }

    /// The profile with its facts, as imports name it; nothing for a package or table.
    fn named(&self, profile: &str) -> Option<String> {
        let facts: Vec<String> = self.facts.iter().map(|(name, value)| format!("{name}={}", value.replace(';', ","))).collect();
        match (profile, facts.is_empty()) {
            ("" | "package", _) => None,
            (profile, true) => Some(profile.to_owned()),
            (profile, false) => Some(format!("{profile}?{}", facts.join(";"))),
        }
    }
}

type Looked = (String, Option<Seen>, Vec<&'static str>);

/// Reads the file under the profile that is named, or else under the first that it looks made for.
fn look(app: &App, dataset: &DatasetId, folder: &str, kept: &Kept, said: &Said) -> Result<Looked, Problem> {
    let home = app.ground().uploads().join(folder);
    let read = |named: Option<&str>| -> Result<desk::Preview, Problem> {
        desk::preview(app.ground(), dataset, &home, &kept.file_name, named).map_err(Problem::from)
    };
    if kept.bytes > MAX_PREVIEW_BYTES {
        return Ok((said.profile.clone().unwrap_or_default(), None, Vec::new()));
    }
    let wish = said.profile.as_deref();
    let first = read(wish.and_then(|profile| said.named(profile)).as_deref())?;
    let fitting = first.fitting.clone();
    let (profile, preview) = match (wish, fitting.first()) {
        (None, Some(fits)) if first.refused.is_some() || first.report.has_errors() => {
            ((*fits).to_owned(), read(said.named(fits).as_deref())?)
        }
        _ => (wish.unwrap_or_default().to_owned(), first),
    };
    let items = preview.report.items.iter().take(LISTED).map(Found::from).collect();
    Ok((profile, Some(Seen { rows: preview.rows, report: preview.report, refused: preview.refused, items }), fitting))
}

/// Every format that a file can be read under, with its title and the facts that it asks for.
fn profiles(fitting: &[&'static str], lang: Lang) -> Vec<Profile> {
    let of = |name: &'static str| {
        let fits = fitting.contains(&name);
        match Format::open(name) {
            Ok(Format::Package) | Err(_) => None,
            Ok(Format::Profile(profile)) => Some(Profile {
                name: name.to_owned(),
                title: lang.text(profile.title()),
                asked: profile.asked().map(|(name, question)| (name.to_owned(), question.to_owned())).collect(),
                fits,
            }),
            Ok(Format::Lca(format)) => Some(Profile { name: name.to_owned(), title: format.name().to_owned(), asked: Vec::new(), fits }),
        }
    };
    Format::names().into_iter().filter_map(of).collect()
}

/// Puts the file among the imports.
pub(in crate::http::console) async fn confirm_import(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    path: Path<(String, String)>,
    body: Arriving,
) -> Result<HttpResponse, Problem> {
    let (id, folder) = path.into_inner();
    let id = dataset_id(&id)?;
    let actor = visitor.may(Act::Prepare, &id)?;
    let form = form::read(&request, &visitor, body).await?;
    let pairs: BTreeMap<String, String> = form.typed().into_iter().collect();
    match enqueue(&app, (&id, &folder), &actor, &form, Said::of(&pairs)).await.map_err(Wrong::at("import")) {
        Ok(number) => {
            app.imports().wake();
            Ok(see(&format!("/work/imports/{number}")))
        }
        Err(wrong) => {
            let (told, status) = wrong.told(&visitor, form.typed())?;
            Ok(under(status, show_preview(&app, &visitor, &id, &folder, pairs, told).await?))
        }
    }
}

async fn enqueue(app: &Data<App>, (id, folder): (&DatasetId, &str), actor: &str, form: &Form, said: Said) -> Result<i64, Problem> {
    let profile = said.named(said.profile.as_deref().unwrap_or_default());
    if let Some(named) = &profile {
        desk::named_format(named).map_err(|error| Problem::new("invalid-parameter", error.to_string()))?;
    }
    let discard_edits = form.text("discard_edits") == "true";
    let (dataset, folder, actor) = (id.clone(), folder.to_owned(), actor.to_owned());
    at_the_desk(app, move |app| {
        let kept = Kept::read(app.ground(), &folder, &dataset, &actor)?;
        let new = NewUpload {
            dataset: &dataset,
            actor: &actor,
            folder: &folder,
            file_name: &kept.file_name,
            bytes: kept.bytes,
            profile: profile.as_deref(),
            discard_edits,
        };
        let number = desk::enqueue(app.ground(), &new)?;
        // it is the import's now: nobody sends it twice
        Kept::forget(app.ground(), &folder);
        Ok::<_, Problem>(number)
    })
    .await
}
