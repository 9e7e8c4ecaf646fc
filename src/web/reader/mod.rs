//! What readers reach: the form's target, the thread, their own comment, the privacy page.

pub(super) mod origin;
pub(super) mod post;
pub(super) mod privacy;
pub(super) mod status;
pub(super) mod thread;
