//! `/docs`: the same description for people, with an example of every call. Made from the document, so that it tells of all there
//! is and of nothing else.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::response::Response as Answer;
use utoipa::Number;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::request_body::RequestBody;
use utoipa::openapi::schema::{ArrayItems, Schema, SchemaType, Type};
use utoipa::openapi::{Components, OpenApi, Ref, RefOr, Required, Response};

use super::document::openapi;
use crate::web::error::html;
use crate::web::views::{ApiAnswer, ApiCall, ApiField, ApiPage, ApiResource, ApiShape, Layout, Words};

static PAGE: LazyLock<ApiPage> = LazyLock::new(|| page(openapi()));

pub(in crate::web) async fn show() -> Answer {
    html(&*PAGE)
}

fn page(api: &OpenApi) -> ApiPage {
    let empty = Components::new();
    let components = api.components.as_ref().unwrap_or(&empty);
    let tags = api.tags.iter().flatten();
    let calls: Vec<(&str, ApiCall)> = api
        .paths
        .paths
        .iter()
        .flat_map(|(path, item)| [("GET", path, &item.get), ("POST", path, &item.post)])
        .filter_map(|(method, path, operation)| Some((method, path, operation.as_ref()?)))
        .map(|(method, path, operation)| {
            let tag = operation.tags.iter().flatten().next().map_or("", String::as_str);
            (tag, call(method, path, operation, components))
        })
        .collect();
    // By their status; only calls that take a body answer all of them.
    let shared = api.paths.paths.values().flat_map(|item| [&item.get, &item.post]).flatten().flat_map(shared);
    let shared: BTreeMap<&String, &RefOr<Response>> = shared.collect();
    let resource = |name: &str, about: &str| ApiResource {
        name: name.to_owned(),
        about: Words::of(about),
        calls: calls.iter().filter(|(tag, _)| *tag == name).map(|(_, call)| call.clone()).collect(),
    };
    ApiPage {
        layout: Layout { lang: "en".to_owned(), site: None, user: None },
        version: api.info.version.clone(),
        about: Words::of(api.info.description.as_deref().unwrap_or_default()),
        answers: shared.into_iter().map(|(status, response)| answer(status, response, components)).collect(),
        resources: tags
            .map(|tag| resource(&tag.name, tag.description.as_deref().unwrap_or_default()))
            .collect(),
        shapes: components.schemas.iter().map(|(name, schema)| shape(name, schema, components)).collect(),
    }
}

/// The answers of a call that are the same for others.
fn shared(operation: &Operation) -> impl Iterator<Item = (&String, &RefOr<Response>)> {
    operation.responses.responses.iter().filter(|(_, response)| matches!(response, RefOr::Ref(_)))
}

fn call(method: &'static str, path: &str, operation: &Operation, components: &Components) -> ApiCall {
    let words = |text: &Option<String>| text.clone().unwrap_or_default();
    let body = operation.request_body.as_ref().and_then(|body| match body {
        RefOr::T(body) => Some(body),
        RefOr::Ref(_) => None,
    });
    let mut scopes =
        operation.security.iter().flatten().filter_map(|needed| serde_json::to_value(needed).ok());
    let scope = scopes.find_map(|needed| Some(needed["key"][0].as_str()?.to_owned()));
    let parameters: Vec<&Parameter> = operation
        .parameters
        .iter()
        .flatten()
        .filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(parameter),
            RefOr::Ref(_) => None,
        })
        .collect();
    let answers = operation
        .responses
        .responses
        .iter()
        .filter(|(_, response)| matches!(response, RefOr::T(_)))
        .map(|(status, response)| answer(status, response, components));
    ApiCall {
        id: words(&operation.operation_id),
        method,
        path: path.to_owned(),
        title: words(&operation.summary),
        about: Words::of(&words(&operation.description)),
        scope: scope.unwrap_or_default(),
        body: body.and_then(|body| {
            let content = body.content.values().next()?;
            named(content_schema(content)?)
        }),
        example: example(method, path, &parameters, body),
        parameters: parameters.into_iter().map(parameter).collect(),
        answers: answers.collect(),
    }
}

fn content_schema(content: &RefOr<utoipa::openapi::Content>) -> Option<&RefOr<Schema>> {
    match content {
        RefOr::T(content) => content.schema.as_ref(),
        RefOr::Ref(_) => None,
    }
}

/// A request for a shell, by the examples of the description.
fn example(method: &str, path: &str, parameters: &[&Parameter], body: Option<&RequestBody>) -> String {
    let mut lines =
        vec![format!("curl -H \"Authorization: Bearer $KEY\" \"$URL{}\"", path.replace("{id}", "$ID"))];
    for parameter in parameters.iter().filter(|parameter| parameter.parameter_in == ParameterIn::Header) {
        let written = serde_json::to_value(parameter).unwrap_or_default();
        if let Some(value) = written["example"].as_str() {
            lines.push(format!("  -H '{}: {value}'", parameter.name));
        }
    }
    let content = body.and_then(|body| match body.content.values().next()? {
        RefOr::T(content) => content.example.as_ref(),
        RefOr::Ref(_) => None,
    });
    if let Some(content) = content {
        lines.push("  -H 'Content-Type: application/json'".to_owned());
        let json = serde_json::to_string_pretty(content).unwrap_or_default();
        // A quote would end the shell's text.
        lines.push(format!("  -d '{}'", json.replace('\'', "'\\''")));
    } else if method == "POST" {
        lines.push("  -X POST".to_owned());
    }
    lines.join(" \\\n")
}

fn parameter(parameter: &Parameter) -> ApiField {
    let place = match parameter.parameter_in {
        ParameterIn::Header => "header, ",
        ParameterIn::Path => "in the path, ",
        _ => "",
    };
    let (kind, shape) = parameter.schema.as_ref().map(kind).unwrap_or_default();
    let about = parameter.description.clone().or_else(|| parameter.schema.as_ref().and_then(about));
    ApiField {
        name: parameter.name.clone(),
        required: parameter.required == Required::True,
        kind: format!("{place}{kind}"),
        shape,
        about: Words::of(&about.unwrap_or_default()),
    }
}

fn answer(status: &str, response: &RefOr<Response>, components: &Components) -> ApiAnswer {
    let response = match response {
        RefOr::T(response) => Some(response),
        RefOr::Ref(reference) => match components.responses.get(last(reference)) {
            Some(RefOr::T(response)) => Some(response),
            _ => None,
        },
    };
    let schema = response.and_then(|response| content_schema(response.content.values().next()?));
    ApiAnswer {
        status: status.to_owned(),
        when: Words::of(response.map(|response| response.description.as_str()).unwrap_or_default()),
        shape: schema.and_then(named),
    }
}

fn shape(name: &str, schema: &RefOr<Schema>, components: &Components) -> ApiShape {
    ApiShape {
        name: name.to_owned(),
        about: Words::of(&about(schema).unwrap_or_default()),
        fields: fields(schema, components),
    }
}

/// The fields of a shape, those of the shapes that it is put together from included.
fn fields(schema: &RefOr<Schema>, components: &Components) -> Vec<ApiField> {
    match schema {
        RefOr::Ref(reference) => components
            .schemas
            .get(last(reference))
            .map(|schema| fields(schema, components))
            .unwrap_or_default(),
        RefOr::T(Schema::AllOf(all)) => all.items.iter().flat_map(|part| fields(part, components)).collect(),
        RefOr::T(Schema::Object(object)) => object
            .properties
            .iter()
            .map(|(name, field)| {
                let (kind, shape) = kind(field);
                ApiField {
                    name: name.clone(),
                    required: object.required.contains(name),
                    kind,
                    shape,
                    about: Words::of(&about(field).unwrap_or_default()),
                }
            })
            .collect(),
        RefOr::T(_) => Vec::new(),
    }
}

/// The last part of a reference: the name of what it leads to.
fn last(reference: &Ref) -> &str {
    reference.ref_location.rsplit('/').next().unwrap_or_default()
}

fn named(schema: &RefOr<Schema>) -> Option<String> {
    match schema {
        RefOr::Ref(reference) => Some(last(reference).to_owned()),
        RefOr::T(_) => None,
    }
}

fn about(schema: &RefOr<Schema>) -> Option<String> {
    match schema {
        RefOr::Ref(reference) => Some(reference.description.clone()).filter(|text| !text.is_empty()),
        RefOr::T(Schema::Object(object)) => object.description.clone(),
        RefOr::T(Schema::Array(array)) => array.description.clone(),
        RefOr::T(Schema::OneOf(one)) => one.description.clone(),
        RefOr::T(Schema::AllOf(all)) => all.description.clone(),
        RefOr::T(_) => None,
    }
}

/// What a value is written as, and the shape it has.
fn kind(schema: &RefOr<Schema>) -> (String, Option<String>) {
    match schema {
        RefOr::Ref(reference) => (String::new(), Some(last(reference).to_owned())),
        RefOr::T(Schema::Array(array)) => {
            let (kind, shape) = match &array.items {
                ArrayItems::RefOrSchema(items) => kind(items),
                ArrayItems::False => Default::default(),
            };
            (format!("list of {kind}").trim_end().to_owned(), shape)
        }
        RefOr::T(Schema::OneOf(one)) => {
            let shape = one.items.iter().find_map(named);
            ("nothing, or".to_owned(), shape)
        }
        RefOr::T(Schema::Object(object)) => {
            let written: Vec<String> = object
                .enum_values
                .iter()
                .flatten()
                .map(|value| value.as_str().map_or_else(|| "nothing".to_owned(), str::to_owned))
                .collect();
            if !written.is_empty() {
                return (written.join(" | "), None);
            }
            let types: &[Type] = match &object.schema_type {
                SchemaType::Type(one) => std::slice::from_ref(one),
                SchemaType::Array(all) => all,
                SchemaType::AnyValue => &[],
            };
            let names: Vec<&str> = types.iter().map(name).collect();
            let format = object.format.as_ref().and_then(|format| serde_json::to_value(format).ok());
            let format = match format.as_ref().and_then(serde_json::Value::as_str) {
                Some("date-time") => ", as 2026-11-28T12:00:00Z",
                Some("date") => ", as 2026-11-28",
                Some("uuid") => ", a UUID",
                _ => "",
            };
            let range = match (&object.minimum, &object.maximum) {
                (Some(least), Some(most)) => format!(" from {} to {}", number(least), number(most)),
                _ => String::new(),
            };
            (format!("{}{range}{format}", names.join(" or ")), None)
        }
        RefOr::T(_) => (String::new(), None),
    }
}

fn number(number: &Number) -> String {
    serde_json::to_string(number).unwrap_or_default()
}

fn name(kind: &Type) -> &'static str {
    match kind {
        Type::String => "text",
        Type::Integer => "whole number",
        Type::Number => "number",
        Type::Boolean => "true or false",
        Type::Null => "nothing",
        Type::Object => "object",
        Type::Array => "list",
    }
}
