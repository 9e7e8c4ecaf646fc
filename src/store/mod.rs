//! Postgres: everything that is kept, and the only place that knows SQL.

pub mod embedded;
