//! What is true of many routes at once, written into the OpenAPI document in one place: what a problem looks like, the
//! statuses that any route can answer, and the form and an example of what stands in paths and parameters.

use serde_json::{Map, Value, json};

const PROBLEM: &str = "#/components/schemas/Problem";

/// Parameters by name: where they stand, their form (none: any text), an example (none: none lasts).
const PARAMETERS: &[(&str, &str, Option<&str>, Option<&str>)] = &[
    ("id", "/v1/datasets/{id}", Some("^[a-z0-9-]{2,64}$"), Some("cn-electricity-co2")),
    ("version", "/v1/datasets/{id}/releases/{version}", None, Some("1.2.0")),
    ("key", "/{key}", Some("^[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*$"), Some("grid-average/cn-zj/2022")),
    ("artefact", "/files/{artefact}", None, Some("factors.csv")),
    ("range", "/{range}", None, Some("1.1.0...1.2.0")),
    (
        "sha256",
        "/v1/digests/",
        Some("^(sha256:)?[0-9A-Fa-f]{64}$"),
        Some("8835dc305e8f36022a3f8d2e10a3af47788a21dd779eedd4faf7ab697cae0bd6"),
    ),
    ("code", "/problems/", None, Some("no-match")),
    ("transitive", "/dependents", Some("^(true|false)?$"), None),
    ("limit", "/dependents", Some("^0*([1-9][0-9]{0,2}|1000)?$"), Some("50")),
    ("limit", "/diff", Some("^0*([1-9][0-9]{0,5}|1000000)?$"), None),
    ("format", "/diff", Some("^(json|ndjson|csv|html)?$"), Some("json")),
    ("sort", "/diff", Some("^(key|magnitude)?$"), None),
    ("lang", "/diff", Some("^(en|zh)?$"), None),
    ("format", "/quality", Some("^(json|html)?$"), Some("json")),
    ("lang", "/quality", Some("^(en|zh)?$"), None),
    ("format", "/provenance/", Some("^(json|prov)$"), Some("json")),
    ("from", "/crosswalk", None, Some("1.1.0")),
    ("from", "/v1/log/consistency", Some("^[0-9]+$"), Some("1")),
    ("to", "/v1/log/consistency", Some("^[0-9]+$"), None),
    ("dataset", "/v1/log/proof", None, Some("cn-electricity-co2")),
    ("version", "/v1/log/proof", None, Some("1.2.0")),
    ("key", "/v1/log/proof", None, Some("grid-average/cn-zj/2022")),
];

/// Parameters without which there is no answer.
const REQUIRED: &[(&str, &str)] =
    &[("from", "/crosswalk"), ("from", "/v1/log/consistency"), ("dataset", "/v1/log/proof"), ("version", "/v1/log/proof")];

/// Routes whose files are of many media types, each told by its name.
const FILES: &[&str] = &["/files/{artefact}", "/source"];

/// Completes the document.
pub(super) fn complete(document: &mut Value) {
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        schemas.entry("Problem").or_insert_with(problem);
    }
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (path, item) in paths {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            let Some(operation) = operation.as_object_mut() else { continue };
            let statuses = statuses(path, method, operation);
            if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
                statuses.into_iter().for_each(|(status, about)| {
                    responses.entry(status).or_insert_with(|| json!({"description": about}));
                });
                describe(responses);
                if FILES.iter().any(|end| path.ends_with(end)) {
                    any_media_type(responses);
                }
                responses.sort_keys();
            }
            for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
                shape(path, parameter);
            }
        }
    }
}

/// A problem as JSON Schema.
fn problem() -> Value {
    json!({
        "type": "object",
        "description": "A refusal or fault (RFC 9457). Some kinds have members of their own beside these.",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "description": "`/problems/{code}`, which says what to do.", "pattern": "^/problems/[a-z-]+$"},
            "title": {"type": "string", "description": "Short, the same for every problem of the kind."},
            "status": {"type": "integer", "description": "The HTTP status.", "minimum": 400, "maximum": 599},
            "detail": {"type": "string", "description": "What is wrong here, and what would be right."}
        }
    })
}

/// What a route of its kind can answer besides what it names.
fn statuses(path: &str, method: &str, operation: &Map<String, Value>) -> Vec<(&'static str, &'static str)> {
    let tagged = |tags: &[&str]| {
        operation.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).any(|tag| tags.contains(&tag))
    };
    let secured = operation.contains_key("security");
    let mut found = vec![("400", "`unknown-parameter`, `bad-request`"), ("500", "`fault`")];
    if path.contains('{') {
        found.push(("404", "`not-found`"));
    }
    if ["{version}", "{range}", "/v1/log/proof"].iter().any(|part| path.contains(part)) {
        found.push(("422", "`invalid-parameter`: this is no version and no range"));
    }
    if method != "get" {
        found.push(("413", "`body-too-large`"));
    } else if !secured && !["/healthz", "/readyz"].contains(&path) {
        found.push(("304", "Unchanged"));
        found.push(("412", "`precondition-failed`"));
    }
    if method == "get" && !secured && (tagged(&["lookup", "factors", "datasets", "files"]) || path == "/v1/log/proof") {
        found.push(("401", "`unauthorized`: the dataset is restricted, and no valid token was shown"));
        found.push(("403", "`forbidden`, `not-redistributable`"));
        found.push(("503", "`database-unavailable`: the token cannot be looked up"));
    }
    found
}

/// Says of every refusal that it is a problem.
fn describe(responses: &mut Map<String, Value>) {
    for (status, response) in responses {
        let (Some(response), true) = (response.as_object_mut(), status.starts_with(['4', '5'])) else { continue };
        response.entry("content").or_insert_with(|| json!({"application/problem+json": {"schema": {"$ref": PROBLEM}}}));
    }
}

/// Says of files that they are of any media type.
fn any_media_type(responses: &mut Map<String, Value>) {
    for status in ["200", "206"] {
        if let Some(response) = responses.get_mut(status).and_then(Value::as_object_mut) {
            response.insert("content".to_owned(), json!({"*/*": {"schema": {"type": "string", "format": "binary"}}}));
        }
    }
}

/// The form and the example of a parameter that is known here, where its route says none.
fn shape(path: &str, parameter: &mut Value) {
    let Some(parameter) = parameter.as_object_mut() else { return };
    let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    if REQUIRED.iter().any(|(own, part)| *own == name && path.contains(part)) {
        parameter.insert("required".to_owned(), true.into());
    }
    let known = PARAMETERS.iter().find(|(own, part, ..)| *own == name && path.contains(part));
    let Some((_, _, pattern, example)) = known else { return };
    if let (Some(pattern), Some(schema)) = (pattern, parameter.get_mut("schema").and_then(Value::as_object_mut)) {
        schema.entry("pattern").or_insert_with(|| (*pattern).into());
    }
    if let Some(example) = example {
        parameter.entry("example").or_insert_with(|| (*example).into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_completed_and_what_it_says_itself_stays() {
        let mut document = json!({"components": {"schemas": {}}, "paths": {"/v1/datasets/{id}": {"get": {"tags": ["datasets"],
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
            "responses": {"404": {"description": "`no-dataset`"}, "200": {"description": "It"}}}}}});
        complete(&mut document);
        let operation = &document["paths"]["/v1/datasets/{id}"]["get"];
        let statuses: Vec<&String> = operation["responses"].as_object().unwrap().keys().collect();
        assert_eq!(statuses, ["200", "304", "400", "401", "403", "404", "412", "500", "503"]);
        assert_eq!(operation["responses"]["404"]["description"], "`no-dataset`");
        assert_eq!(operation["responses"]["404"]["content"]["application/problem+json"]["schema"]["$ref"], PROBLEM);
        assert!(operation["responses"]["304"].get("content").is_none());
        assert_eq!(operation["parameters"][0]["example"], "cn-electricity-co2");
        assert!(document["components"]["schemas"]["Problem"].is_object());
    }
}
