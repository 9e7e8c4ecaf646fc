//! The moderators' desk.

mod account;
mod lists;
mod models;
mod moderate;
