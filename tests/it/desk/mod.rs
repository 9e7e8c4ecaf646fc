//! The moderators' desk.

mod abuse;
mod account;
mod bulk;
mod campaign;
mod flow;
mod lists;
pub(crate) mod models;
mod moderate;
mod prior;
mod shadow;
