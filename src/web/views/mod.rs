//! What pages show: plain values in, HTML out. A handler fills one of these structs and renders it.
//!
//! Everything printed is escaped, with two exceptions that the types name: [`SafeHtml`] and views inside views.
//! No template may use askama's `safe` filter (a test holds them to it). Every page works without JavaScript
//! and under a policy that allows no inline script and no inline style.

mod api;
mod authors;
mod bulk;
mod charts;
mod comparison;
mod desk;
mod error;
mod figures;
mod form;
mod keys;
mod log_only;
mod marked;
mod models;
mod notices;
mod parts;
mod people;
mod reader;
mod rules;
mod score;
mod shadow;
mod thread;
mod thresholds;
mod why;
mod write;

pub use api::{ApiAnswer, ApiCall, ApiField, ApiPage, ApiResource, ApiShape, Words};
pub use authors::{AuthorPage, Note, Used};
pub use bulk::{BulkFailure, BulkFailures, BulkPreview};
pub use charts::{FiguresPage, Section, sections};
pub use comparison::{Bin, Comparison, Confusion, Figures};
pub use desk::{
    Alike, BulkForm, Choice, Chosen, CommentCard, CommentPage, DeskAuthor, Filters, Flash, HistoryRow,
    OwnList, OwnLists, Parent, QueuePage, Revision, Setup, SignIn, Tab, Told, VERDICTS, Verdicts, Website,
};
pub use error::ErrorPage;
pub(super) use figures::plural;
pub use form::{CommentForm, FieldError, FieldLimits, Replying};
pub use keys::{KeyPanel, KeyWay, KeysPage, MadeKey};
pub use log_only::{Disagreement, LogOnlyPage};
pub use models::{
    BadRow, BadRows, Failure, ModelCard, ModelVersion, ModelsPage, Outcome, Progress, Refused, Sign, Signs,
    SitePromise, Stage, TrainingPage, UploadForm,
};
pub use notices::{
    Delivery, LinkPage, MailTrouble, NoticesPanel, Quoted, VerdictTrouble, WebhookCard, WebhookForm,
    WebhookPage, WebhooksPage,
};
pub use parts::{Hidden, Layout, Link, Moment, PostButton, SafeHtml, User};
pub(super) use parts::{Said, Shown};
pub use people::{
    AccountPage, AuditPage, AuditRow, ChoosePassword, CodeAsked, Factor, NewLink, PeoplePage, Person, QrCode,
    Session,
};
pub use reader::{
    ArticlePage, FormPage, OwnComment, PrivacyPage, ReportPage, Retention, Standing, StatusPage,
};
pub use rules::{BanOption, BanPage, Example, RuleForm, RuleLine, RulePreview, RulesPage};
pub use score::{Reason, Reasons, Score};
pub use shadow::{Difference, Move, ShadowPage, ShadowPanel};
pub use thread::{Feed, FeedEntry, Posted, Thread};
pub use thresholds::{Audit, Outlook, ScoreBar, ThresholdFields, ThresholdsPage};
pub use why::{Account, LeftOut, NearestComment, Part, Sum, WhyPage};
pub use write::{Who, WritePage};
