//! The use cases: one file each, one transaction each. State, log and outbox commit together; the outside is
//! told after.

pub mod accounts;
pub mod action_links;
pub mod answer;
pub mod audit;
pub mod bulk;
pub mod campaign;
pub mod desk;
pub mod drift;
pub mod edit;
pub mod feed;
pub mod follow;
pub mod limiter;
pub mod live;
pub mod mail;
pub mod models;
pub mod moderate;
pub mod notices;
pub mod outbound;
pub mod outbox;
pub mod password;
pub mod promises;
pub mod retrain;
pub mod second_factor;
pub mod shadow;
pub mod sign_in;
pub mod sites;
pub mod submit;
pub mod thread;
pub mod thresholds;
pub mod throttle;
pub mod tokens;
mod trial;
pub mod webhooks;
pub mod why;
