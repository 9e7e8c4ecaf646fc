//! The moderators' desk.

mod abuse;
mod account;
mod audit;
mod authors;
mod bulk;
mod campaign;
mod figures;
mod flow;
mod lists;
mod log;
pub(crate) mod models;
mod moderate;
mod notices;
mod own_lists;
mod people;
mod prior;
mod race;
mod reversal;
mod rules;
mod shadow;
mod thresholds;
mod webhooks;
mod why;
mod writing;
