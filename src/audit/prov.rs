//! Provenance as W3C PROV, in the JSON of its member submission (PROV-JSON, 2013-04-24).
//!
//! Bytes are named by their SHA-256 (`nih` URIs, RFC 6920, 7), everything else by the log's name, so that the document is the
//! same from whichever address it is asked for. A primary source is a derivation of type `prov:PrimarySource` (PROV-DM,
//! 5.2.4), as PROV-JSON has no relation of its own for it.

use serde_json::{Map, Value, json};

use super::Provenance;
use crate::canon::Digest;
use crate::dataset::SourceDocument;
use crate::desk::BUNDLED_ACTOR;
use crate::factor::{Text, Unit};
use crate::release::{ImportRecord, Input};

/// A PROV document in the making: member by member, each a JSON object by identifier.
#[derive(Default)]
struct Document {
    members: Map<String, Value>,
    relations: usize,
}

impl Document {
    /// An entity, activity or agent; a second one of the same name adds its attributes to the first.
    fn thing(&mut self, member: &str, id: &str, attributes: Value) {
        let things = self.members.entry(member).or_insert_with(|| json!({}));
        let known = things.get_mut(id).and_then(Value::as_object_mut);
        match (known, attributes) {
            (Some(known), Value::Object(more)) => {
                for (name, value) in more {
                    known.entry(name).or_insert(value);
                }
            }
            (_, attributes) => things[id] = attributes,
        }
    }

    /// A relation, under a blank name of its own.
    fn relate(&mut self, member: &str, arguments: &[(&str, &str)]) {
        self.relate_with(member, arguments, Map::new());
    }

    fn relate_with(&mut self, member: &str, arguments: &[(&str, &str)], mut attributes: Map<String, Value>) {
        self.relations += 1;
        attributes.extend(arguments.iter().map(|(name, id)| ((*name).to_owned(), json!(id))));
        let relations = self.members.entry(member).or_insert_with(|| json!({}));
        relations[format!("_:r{}", self.relations)] = Value::Object(attributes);
    }
}

/// A text as the local part of a qualified name (PROV-N, 3.7.1): what has no place there becomes `%` and two digits.
fn local(text: &str) -> String {
    let last = text.len().saturating_sub(1);
    let mut name = String::new();
    for (place, byte) in text.bytes().enumerate() {
        let within = place > 0 && (byte == b'-' || (byte == b'.' && place < last));
        if byte.is_ascii_alphanumeric() || b"_/@".contains(&byte) || within {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02X}"));
        }
    }
    name
}

fn here(text: &str) -> String {
    format!("here:{}", local(text))
}

fn hash(digest: &Digest) -> String {
    format!("sha256:{}", digest.to_hex())
}

fn typed(text: impl std::fmt::Display, kind: &str) -> Value {
    json!({"$": text.to_string(), "type": kind})
}

fn named(kind: &str) -> Value {
    typed(kind, "prov:QUALIFIED_NAME")
}

fn texts(text: &Text) -> Value {
    let both = [("en", &text.en), ("zh", &text.zh)].into_iter();
    Value::Array(both.filter_map(|(lang, text)| text.as_ref().map(|text| json!({"$": text, "lang": lang}))).collect())
}

/// Adds a member where there is one.
fn put(object: &mut Value, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        object[name] = value;
    }
}

/// Where a number came from, as PROV-JSON.
pub fn prov_json(from: &Provenance) -> Value {
    let mut document = Document::default();
    document.members.insert("prefix".to_owned(), prefixes(from));
    let line = hash(&from.digest);
    let manifest = hash(&from.release.manifest);
    let release = format!("datasets/{}/releases/{}", from.dataset, from.version);
    line_entity(&mut document, from, &line);
    source(&mut document, from, &line);
    imports(&mut document, from, &line);
    edits(&mut document, from, &line);
    for (input, digest) in from.inputs.iter().zip(&from.input_digests) {
        let id = input_entity(&mut document, input, digest.as_ref());
        document.relate("wasDerivedFrom", &[("prov:generatedEntity", &line), ("prov:usedEntity", &id)]);
    }
    release_entity(&mut document, from, &manifest);
    document.relate("hadMember", &[("prov:collection", &manifest), ("prov:entity", &line)]);
    acts(&mut document, from, &release, (&line, &manifest));
    Value::Object(document.members)
}

fn prefixes(from: &Provenance) -> Value {
    json!({
        "dct": "http://purl.org/dc/terms/",
        "here": format!("urn:tanyin:{}/", local(&from.checkpoint.origin)),
        "prov": "http://www.w3.org/ns/prov#",
        "sha256": "nih:sha-256;",
        "tanyin": "urn:tanyin:terms:",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    })
}

fn line_entity(document: &mut Document, from: &Provenance, id: &str) {
    let mut entity = json!({
        "prov:type": named("tanyin:Factor"),
        "prov:label": texts(&from.name),
        "prov:value": typed(&from.value, "xsd:decimal"),
        "tanyin:dataset": from.dataset,
        "tanyin:key": from.key,
        "tanyin:metric": from.metric.code(),
        "tanyin:per": from.per,
    });
    put(&mut entity, "tanyin:valueText", from.source.value_text.as_ref().map(|text| json!(text)));
    put(&mut entity, "tanyin:unitText", from.source.unit_text.as_ref().map(|text| json!(text)));
    put(&mut entity, "tanyin:locator", from.source.locator.as_ref().map(|text| json!(text)));
    put(&mut entity, "tanyin:sourceLevel", from.source.level.map(|level| json!(level.code())));
    if let Ok(unit) = Unit::parse(&from.per) {
        entity["tanyin:perKind"] = json!(if unit.is_currency() { "ISO 4217" } else { "UCUM" });
    }
    document.thing("entity", id, entity);
}

/// The document that the number stood in, its publisher, and the file that was imported.
fn source(document: &mut Document, from: &Provenance, line: &str) {
    let id = here(&format!("datasets/{}/sources/{}", from.dataset, from.factor.source.id));
    let mut entity = json!({"prov:type": named("tanyin:SourceDocument"), "dct:bibliographicCitation": from.source.citation});
    if let Some(declared) = &from.source.document {
        describe(&mut entity, declared);
        if !declared.publisher.is_empty() {
            let publisher = here(&format!("publishers/{}", declared.publisher.any()));
            let agent = json!({"prov:type": named("prov:Organization"), "prov:label": texts(&declared.publisher)});
            document.thing("agent", &publisher, agent);
            document.relate("wasAttributedTo", &[("prov:entity", &id), ("prov:agent", &publisher)]);
        }
    }
    document.thing("entity", &id, entity);
    let mut kind = Map::new();
    kind.insert("prov:type".to_owned(), named("prov:PrimarySource"));
    document.relate_with("wasDerivedFrom", &[("prov:generatedEntity", line), ("prov:usedEntity", &id)], kind);
}

fn describe(entity: &mut Value, declared: &SourceDocument) {
    entity["dct:title"] = texts(&declared.title);
    let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
    put(entity, "dct:identifier", text(&declared.document_no));
    put(entity, "dct:issued", text(&declared.date));
    put(entity, "dct:hasVersion", text(&declared.version));
    put(entity, "dct:format", text(&declared.media_type));
    put(entity, "prov:location", declared.url.as_ref().map(|url| typed(url, "xsd:anyURI")));
    put(entity, "tanyin:landingPage", declared.landing_page.as_ref().map(|url| typed(url, "xsd:anyURI")));
    put(entity, "tanyin:sha256", declared.sha256.as_ref().map(|digest| json!(digest.to_string())));
}

/// The import that made the line and, where it was kept since, the one that found it again.
fn imports(document: &mut Document, from: &Provenance, line: &str) {
    let first = import(document, &from.first.import);
    let mut row = Map::new();
    row.extend(from.first.row.map(|row| ("tanyin:row".to_owned(), typed(row, "xsd:integer"))));
    let file = hash(&from.first.import.source);
    document.relate_with("wasDerivedFrom", &[("prov:generatedEntity", line), ("prov:usedEntity", &file)], row);
    let time = Map::from_iter([("prov:time".to_owned(), json!(from.first.import.finished_at))]);
    document.relate_with("wasGeneratedBy", &[("prov:entity", line), ("prov:activity", &first)], time);
    document.relate("wasAttributedTo", &[("prov:entity", line), ("prov:agent", &person(document_name(&from.first.import.by)))]);
    if from.import.run != from.first.import.run {
        let again = import(document, &from.import);
        let mut attributes = Map::new();
        attributes.extend(from.read.as_ref().map(|read| ("tanyin:row".to_owned(), typed(read.row, "xsd:integer"))));
        document.relate_with("used", &[("prov:activity", &again), ("prov:entity", line)], attributes);
    }
}

/// Names are taken as they were recorded.
fn document_name(name: &str) -> &str {
    if name.is_empty() { "unnamed" } else { name }
}

fn person(name: &str) -> String {
    here(&format!("people/{name}"))
}

fn import(document: &mut Document, run: &ImportRecord) -> String {
    let id = here(&format!("imports/{}", run.run));
    let file = hash(&run.source);
    let activity = json!({
        "prov:type": named("tanyin:Import"),
        "prov:startTime": run.started_at,
        "prov:endTime": run.finished_at,
        "tanyin:fileName": run.file_name,
        "tanyin:profile": run.profile,
        "tanyin:report": run.report.to_string(),
        "tanyin:rows": typed(run.rows, "xsd:integer"),
        "tanyin:factors": typed(run.factors, "xsd:integer"),
        "tanyin:warnings": typed(run.warnings, "xsd:integer"),
    });
    document.thing("activity", &id, activity);
    let bytes = typed(run.source_bytes, "xsd:integer");
    document.thing("entity", &file, json!({"prov:type": named("tanyin:SourceFile"), "tanyin:bytes": bytes}));
    document.relate("used", &[("prov:activity", &id), ("prov:entity", &file)]);
    associate(document, &id, &run.by, Some(&run.program));
    id
}

/// Who did something, and with which program.
fn associate(document: &mut Document, activity: &str, by: &str, program: Option<&str>) {
    let by = document_name(by);
    let agent = person(by);
    let kind = if by == BUNDLED_ACTOR { "prov:SoftwareAgent" } else { "prov:Person" };
    document.thing("agent", &agent, json!({"prov:type": named(kind), "prov:label": by}));
    document.relate("wasAssociatedWith", &[("prov:activity", activity), ("prov:agent", &agent)]);
    if let Some(program) = program {
        let software = here(&format!("programs/{program}"));
        document.thing("agent", &software, json!({"prov:type": named("prov:SoftwareAgent"), "prov:label": program}));
        document.relate("wasAssociatedWith", &[("prov:activity", activity), ("prov:agent", &software)]);
    }
}

/// What people changed by hand, in the import that made the line.
fn edits(document: &mut Document, from: &Provenance, line: &str) {
    for (number, edit) in from.first.edits.iter().enumerate() {
        let id = here(&format!("imports/{}/edits/{}/{}", from.first.import.run, from.key, number + 1));
        let mut activity =
            json!({"prov:type": named("tanyin:Edit"), "prov:startTime": edit.at, "prov:endTime": edit.at, "tanyin:reason": edit.reason});
        for member in edit.fields.iter().filter(|member| member.field == "value") {
            put(&mut activity, "tanyin:valueBefore", member.from.as_str().map(|value| json!(value)));
            put(&mut activity, "tanyin:valueAfter", member.to.as_str().map(|value| json!(value)));
        }
        document.thing("activity", &id, activity);
        document.relate("wasGeneratedBy", &[("prov:entity", line), ("prov:activity", &id)]);
        associate(document, &id, &edit.by, None);
    }
}

fn input_entity(document: &mut Document, input: &Input, digest: Option<&Digest>) -> String {
    let name = format!("datasets/{}/releases/{}/factors/{}", input.dataset, input.version, input.key);
    let id = digest.map_or_else(|| here(&name), hash);
    let mut entity = json!({
        "prov:type": named("tanyin:Factor"),
        "tanyin:dataset": input.dataset,
        "tanyin:version": input.version.to_string(),
        "tanyin:key": input.key,
    });
    put(&mut entity, "tanyin:withdrawn", input.withdrawn.as_ref().map(|withdrawn| json!(withdrawn.reason)));
    document.thing("entity", &id, entity);
    id
}

fn release_entity(document: &mut Document, from: &Provenance, id: &str) {
    let mut entity = json!({
        "prov:type": [named("prov:Collection"), named("tanyin:Release")],
        "prov:label": format!("{}@{}", from.dataset, from.version),
        "tanyin:root": from.release.root.to_string(),
        "tanyin:factors": typed(from.release.factors, "xsd:integer"),
    });
    put(&mut entity, "tanyin:withdrawn", from.release.withdrawn.as_ref().map(|withdrawn| json!(withdrawn.reason)));
    document.thing("entity", id, entity);
}

/// Submission (which freezes the manifest), reviews, publication (which makes the leaf).
fn acts(document: &mut Document, from: &Provenance, release: &str, (line, manifest): (&str, &str)) {
    let act = |document: &mut Document, name: &str, kind: &str, at: &str| {
        let id = here(&format!("{release}/{name}"));
        document.thing("activity", &id, json!({"prov:type": named(kind), "prov:startTime": at, "prov:endTime": at}));
        id
    };
    let submission = act(document, "submission", "tanyin:Submission", &from.submitted.at);
    document.relate("used", &[("prov:activity", &submission), ("prov:entity", line)]);
    let time = |at: &str| Map::from_iter([("prov:time".to_owned(), json!(at))]);
    document.relate_with("wasGeneratedBy", &[("prov:entity", manifest), ("prov:activity", &submission)], time(&from.submitted.at));
    associate(document, &submission, &from.submitted.by, None);
    for (number, review) in from.reviews.iter().enumerate() {
        let id = act(document, &format!("reviews/{}", number + 1), "tanyin:Review", &review.at);
        let activity = document.members.get_mut("activity").and_then(|activities| activities.get_mut(&id));
        if let Some(activity) = activity {
            put(activity, "tanyin:key", review.key.as_ref().map(|key| json!(key)));
            put(activity, "tanyin:comment", Some(&review.comment).filter(|text| !text.is_empty()).map(|text| json!(text)));
        }
        document.relate("used", &[("prov:activity", &id), ("prov:entity", manifest)]);
        associate(document, &id, &review.by, None);
    }
    let publication = act(document, "publication", "tanyin:Publication", &from.published.at);
    document.relate("used", &[("prov:activity", &publication), ("prov:entity", manifest)]);
    associate(document, &publication, &from.published.by, Some(&from.program));
    let leaf = hash(&from.release.leaf_digest);
    let index = typed(from.release.leaf, "xsd:integer");
    document.thing(
        "entity",
        &leaf,
        json!({"prov:type": named("tanyin:Leaf"), "tanyin:index": index, "tanyin:log": from.checkpoint.origin}),
    );
    document.relate_with("wasGeneratedBy", &[("prov:entity", &leaf), ("prov:activity", &publication)], time(&from.published.at));
    document.relate("wasDerivedFrom", &[("prov:generatedEntity", &leaf), ("prov:usedEntity", manifest)]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_names_hold_what_prov_n_permits() {
        for (text, name) in [
            ("datasets/cn-electricity-co2/releases/1.2.0", "datasets/cn-electricity-co2/releases/1.2.0"),
            ("a@1.0.0#k/2.", "a@1.0.0%23k/2%2E"),
            (".a", "%2Ea"),
            ("-a", "%2Da"),
            ("people/operator/王 芳", "people/operator/%E7%8E%8B%20%E8%8A%B3"),
            ("a:b,c;d'(e)\"<f>%", "a%3Ab%2Cc%3Bd%27%28e%29%22%3Cf%3E%25"),
            ("", ""),
        ] {
            assert_eq!(local(text), name);
        }
    }

    #[test]
    fn a_thing_told_twice_is_one_thing() {
        let mut document = Document::default();
        document.thing("agent", "here:a", json!({"prov:label": "a"}));
        document.thing("agent", "here:a", json!({"prov:label": "b", "tanyin:more": 1}));
        assert_eq!(document.members["agent"], json!({"here:a": {"prov:label": "a", "tanyin:more": 1}}));
    }
}
