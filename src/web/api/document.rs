//! The API's description (`OpenAPI` 3.1), made from the routes themselves and served at `/openapi.json`.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response as Answer};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr, Response,
    ResponseBuilder,
};

use super::{BELOW, described};

/// The resources, in the order they are told of.
pub(super) const TAGS: [(&str, &str); 4] = [
    (
        "Checks",
        "Comments that are shown elsewhere: what the filter makes of them, and what they really were.",
    ),
    ("Comments", "The site's comments: submitting, reading, deciding, taking them all away."),
    ("Site", "The site that the key is for: its queues, its thresholds, its figures."),
    ("Models", "Model versions and how well they were measured to do."),
];

const ABOUT: &str = "Comments judged, submitted, read and decided on by programs. Every request carries a key of one site in the \
    header `Authorization: Bearer KEY`; what belongs to other sites does not exist for it. Errors are problem details (RFC 9457).";

/// The document as it is served.
struct Document {
    openapi: OpenApi,
    json: Bytes,
    etag: String,
}

static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
    let openapi = describe();
    let json = serde_json::to_vec_pretty(&openapi).unwrap_or_default();
    let etag = format!("\"{}\"", &blake3::hash(&json).to_hex()[..16]);
    Document { openapi, json: json.into(), etag }
});

/// The description of the API.
pub(super) fn openapi() -> &'static OpenApi {
    &DOCUMENT.openapi
}

pub(in crate::web) async fn show(headers: HeaderMap) -> Answer {
    let Document { json, etag, .. } = &*DOCUMENT;
    let about = [(ETAG, etag.as_str()), (CACHE_CONTROL, "public, no-cache")];
    let here = headers.get(axum::http::header::IF_NONE_MATCH).and_then(|sent| sent.to_str().ok());
    if here.is_some_and(|sent| sent.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag)) {
        return (StatusCode::NOT_MODIFIED, about).into_response();
    }
    (about, [(CONTENT_TYPE, "application/json")], json.clone()).into_response()
}

fn describe() -> OpenApi {
    let mut api = described().1;
    for item in api.paths.paths.values_mut() {
        for operation in operations_mut(item) {
            complete(operation);
        }
    }
    let components = api.components.get_or_insert_with(Components::new);
    components.add_security_scheme("key", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    components
        .responses
        .extend(ANSWERS.iter().map(|answer| (answer.name.to_owned(), answer.response().into())));
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Moderato")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(ABOUT))
                .build(),
        )
        .tags(Some(TAGS.map(|(name, about)| TagBuilder::new().name(name).description(Some(about)).build())))
        .build()
        .nest(BELOW, api)
}

fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post].into_iter().flatten()
}

/// An answer that calls share.
struct Shared {
    status: &'static str,
    name: &'static str,
    when: &'static str,
    headers: &'static [(&'static str, &'static str)],
    /// Only of calls with a body.
    body: bool,
}

const RETRY: (&str, &str) = ("Retry-After", "Seconds to wait");
const ANSWERS: [Shared; 9] = [
    shared("400", "Unreadable", "The body is no JSON, and the detail says where", &[], true),
    shared(
        "401",
        "NoKey",
        "No key was sent, or it does not work",
        &[("WWW-Authenticate", "The scheme: Bearer")],
        false,
    ),
    shared(
        "403",
        "WrongKey",
        "The key may not do that, and the detail says which scope it lacks",
        &[],
        false,
    ),
    shared("413", "TooLarge", "The body is larger than 8 MiB", &[], true),
    shared("415", "NoJson", "The body is no JSON by its Content-Type", &[], true),
    shared(
        "422",
        "Invalid",
        "Something in the request is wrong, with an entry each under “errors”",
        &[],
        true,
    ),
    shared("429", "TooOften", "The key has asked too often", &[RETRY], false),
    shared("500", "Broken", "A bug; the server's log has the cause", &[], false),
    shared("503", "Away", "The database cannot be reached just now", &[RETRY], false),
];

const fn shared(
    status: &'static str,
    name: &'static str,
    when: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: bool,
) -> Shared {
    Shared { status, name, when, headers, body }
}

impl Shared {
    fn response(&self) -> Response {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response =
            ResponseBuilder::new().description(self.when).content("application/problem+json", content);
        self.headers
            .iter()
            .fold(response, |response, (name, about)| response.header(*name, header(about)))
            .build()
    }
}

fn header(about: &str) -> utoipa::openapi::Header {
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .description(Some(about))
        .build()
}

/// Adds what every call can answer, and what the answers tell of the key's allowance.
fn complete(operation: &mut Operation) {
    let responses = &mut operation.responses.responses;
    for response in responses.values_mut() {
        if let RefOr::T(response) = response {
            for (name, about) in [
                ("RateLimit-Policy", "How often the key may ask: q requests in w seconds"),
                ("RateLimit", "How much of that is left: r requests; all of it after t seconds without any"),
            ] {
                response.headers.insert(name.to_owned(), header(about).into());
            }
        }
    }
    for answer in ANSWERS.iter().filter(|answer| operation.request_body.is_some() || !answer.body) {
        responses
            .entry(answer.status.to_owned())
            .or_insert_with(|| RefOr::Ref(Ref::from_response_name(answer.name)));
    }
}
