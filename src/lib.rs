//! Moderato: a self-hosted comment-moderation and spam-filter service.
//!
//! The folders are the architecture, and arrows only point down:
//!
//! ```text
//!   web        cli        jobs          how the outside reaches in
//!    └──────────┴──────────┘
//!            service                    one file a use case, one transaction each
//!    ┌──────────┼──────────┬─────────┬─────────┐
//! comment   classifier   policy   training   store
//! what it   text → score decision rows →     Postgres
//! is        and why      + reasons model
//! ```
//!
//! `policy → classifier → comment`, `training → classifier`, `training → drawing` and `store → comment` are the only arrows in
//! the bottom row. `comment`, `classifier` and `policy` are pure: no I/O, no clock, no database. `sqlx` is
//! named in [`store`] only, `axum` in [`web`] only, `linfa` in [`training`] only. `tests/architecture.rs`
//! holds the code to this.

pub mod app;
pub mod classifier;
pub mod cli;
pub mod comment;
pub mod drawing;
pub mod jobs;
pub mod policy;
pub mod service;
pub mod settings;
pub mod store;
pub mod training;
pub mod web;
