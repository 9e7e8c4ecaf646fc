//! What readers reach.

mod failing;
mod post;
mod report;
mod status;
mod thread;
