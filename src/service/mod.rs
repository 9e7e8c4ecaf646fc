//! The use cases: one file each, one transaction each. State, log and outbox commit together; the outside is
//! told after.

pub mod accounts;
pub mod desk;
pub mod drift;
pub mod follow;
pub mod limiter;
pub mod live;
pub mod models;
pub mod moderate;
pub mod promises;
pub mod retrain;
pub mod shadow;
pub mod sites;
pub mod submit;
pub mod thread;
pub mod thresholds;
pub mod tokens;
mod trial;
