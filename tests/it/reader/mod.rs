//! What readers reach.

mod failing;
mod post;
mod status;
mod thread;
