//! What readers reach: the form's target, the thread, their own comment, reporting one, the privacy page.

pub(super) mod origin;
pub(super) mod post;
pub(super) mod privacy;
pub(super) mod report;
pub(super) mod status;
pub(super) mod thread;
