//! Keys of other programs.

use askama::Template;

use super::desk::{Choice, Flash};
use super::parts::{Layout, PostButton};

/// The keys, and making one.
#[derive(Debug, Clone, Template)]
#[template(path = "people/keys.html")]
pub struct KeysPage {
    /// Around the page.
    pub layout: Layout,
    /// What just happened.
    pub flash: Option<Flash>,
    /// Why something was not done.
    pub error: Option<String>,
    /// A key that was just made, shown this once.
    pub made: Option<MadeKey>,
    /// The keys, those that work first.
    pub keys: Vec<KeyPanel>,
    /// What was typed as its name.
    pub name: String,
    /// Sites to choose from.
    pub sites: Vec<Choice>,
    /// Protocols to choose from.
    pub kinds: Vec<Choice>,
    /// What a key of the API may do.
    pub scopes: Vec<Choice>,
}

/// A key that was just made.
#[derive(Debug, Clone)]
pub struct MadeKey {
    /// What it is for.
    pub name: String,
    /// The key itself.
    pub key: String,
    /// How programs are given it, ready to be copied.
    pub ways: Vec<KeyWay>,
}

/// How one program is given a key.
#[derive(Debug, Clone)]
pub struct KeyWay {
    /// The program.
    pub text: &'static str,
    /// What to do.
    pub how: &'static str,
    /// What to copy.
    pub code: String,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct KeyPanel {
    /// Its number.
    pub id: i64,
    /// What it is for.
    pub name: String,
    /// Title of its site.
    pub site: String,
    /// What it speaks, and what it may do.
    pub kind: String,
    /// Since when it works, or until when it did.
    pub standing: String,
    /// Lets it decide nothing, or decide again.
    pub switch: Option<PostButton>,
    /// Ends it.
    pub end: Option<PostButton>,
}
