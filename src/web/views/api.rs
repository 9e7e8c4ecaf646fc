//! The API, described for people.

use askama::Template;

use super::parts::Layout;

/// Every call with an example, and every shape of what is sent and answered.
#[derive(Debug, Clone, Template)]
#[template(path = "api/index.html")]
pub struct ApiPage {
    /// Around the page.
    pub layout: Layout,
    /// Version of Moderato.
    pub version: String,
    /// What the API is.
    pub about: Words,
    /// What every call can answer.
    pub answers: Vec<ApiAnswer>,
    /// The resources.
    pub resources: Vec<ApiResource>,
    /// The shapes, by name.
    pub shapes: Vec<ApiShape>,
}

/// Calls that belong together.
#[derive(Debug, Clone)]
pub struct ApiResource {
    /// Its name.
    pub name: String,
    /// What it is.
    pub about: Words,
    /// Its calls.
    pub calls: Vec<ApiCall>,
}

/// A call.
#[derive(Debug, Clone)]
pub struct ApiCall {
    /// Its name in the description; a fragment of the page.
    pub id: String,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// `/api/v1/comments/{id}`
    pub path: String,
    /// What it does, in a few words.
    pub title: String,
    /// What it does.
    pub about: Words,
    /// The scope that its key needs.
    pub scope: String,
    /// Parameters and headers.
    pub parameters: Vec<ApiField>,
    /// Shape of the body, if it takes one.
    pub body: Option<String>,
    /// What it can answer besides what every call can.
    pub answers: Vec<ApiAnswer>,
    /// A request for a shell.
    pub example: String,
}

/// A parameter, or a field of a shape.
#[derive(Debug, Clone)]
pub struct ApiField {
    /// Its name.
    pub name: String,
    /// Whether it has to be there.
    pub required: bool,
    /// What it is written as: `text`, `list of`.
    pub kind: String,
    /// The shape that it has.
    pub shape: Option<String>,
    /// What it is.
    pub about: Words,
}

/// What can be answered.
#[derive(Debug, Clone)]
pub struct ApiAnswer {
    /// The status.
    pub status: String,
    /// When.
    pub when: Words,
    /// The shape of the answer.
    pub shape: Option<String>,
}

/// A shape of what is sent or answered.
#[derive(Debug, Clone)]
pub struct ApiShape {
    /// Its name.
    pub name: String,
    /// What it is.
    pub about: Words,
    /// Its fields.
    pub fields: Vec<ApiField>,
}

/// Words with code between them, the first piece without.
#[derive(Debug, Clone, Default)]
pub struct Words(Vec<String>);

impl Words {
    /// Of a text that has code between backticks.
    pub fn of(text: &str) -> Self {
        Self(text.split('`').map(str::to_owned).collect())
    }

    /// The pieces, and whether each is code.
    pub(super) fn pieces(&self) -> impl Iterator<Item = (&str, bool)> {
        self.0.iter().enumerate().map(|(place, piece)| (piece.as_str(), place % 2 == 1))
    }
}
