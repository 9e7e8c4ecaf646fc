//! The moderators' desk.

mod abuse;
mod account;
mod lists;
mod log;
pub(crate) mod models;
mod moderate;
mod prior;
mod shadow;
