//! The web server: the only code that names `axum`. Handlers extract, call one use case and render.

mod akismet;
mod api;
pub mod assets;
mod body;
mod client;
mod coral;
mod demo;
mod desk;
mod error;
mod mail;
mod markup;
mod operation;
mod reader;
mod router;
mod serve;
pub mod views;

pub use demo::install as install_demo;
pub use router::router;
pub use serve::{ServeError, listen, serve};
