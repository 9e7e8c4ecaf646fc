//! The moderators' desk.

mod account;
mod lists;
pub(crate) mod models;
mod moderate;
mod prior;
mod shadow;
