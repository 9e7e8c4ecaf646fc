//! The moderators' desk.

mod abuse;
mod account;
mod audit;
mod lists;
pub(crate) mod models;
mod moderate;
mod prior;
mod shadow;
mod thresholds;
