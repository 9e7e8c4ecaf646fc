//! What a comment is: the submission as parsed, its state and legal moves, its safe HTML, its fingerprint, what readers
//! report of it.
//! Pure: no I/O, no clock, no database.

mod article;
mod defuse;
mod fingerprint;
mod language;
mod likeness;
mod markdown;
mod queue;
mod rejection;
mod report;
mod state;
mod submission;

pub use article::{ArticleUrl, InvalidArticle, Origin, origin_of};
pub use defuse::{defuse, defuse_line};
pub use fingerprint::fingerprint;
pub use language::{language, language_name};
pub use likeness::Likeness;
pub use markdown::to_html;
pub use queue::{Order, Queue};
pub use rejection::RejectReason;
pub use report::{Ground, LONGEST_REPORT, Report};
pub use state::{IllegalMove, State, Verdict};
pub use submission::{Field, FieldError, RawSubmission, Submission, Wording, limits};
