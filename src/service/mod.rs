//! The use cases: one file each, one transaction each. State, log and outbox commit together; the outside is
//! told after.

pub mod accounts;
pub mod answer;
pub mod audit;
pub mod authors;
pub mod bulk;
pub mod campaign;
pub mod desk;
pub mod drift;
pub mod edit;
pub mod feed;
pub mod figures;
pub mod follow;
pub mod limiter;
pub mod live;
pub mod models;
pub mod moderate;
pub mod password;
pub mod promises;
pub mod report;
pub mod retrain;
pub mod rules;
pub mod second_factor;
mod senders;
pub mod shadow;
pub mod sign_in;
pub mod sites;
pub mod submit;
pub mod thread;
pub mod thresholds;
pub mod throttle;
pub mod tokens;
mod trial;
pub mod why;
