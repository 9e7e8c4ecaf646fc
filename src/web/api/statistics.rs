//! Figures of a site: what came in, what became of it, and how well the scores told spam from ham.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use time::{Date, Duration, OffsetDateTime};
use utoipa::openapi::schema::ObjectBuilder;
use utoipa::{IntoParams, ToSchema};

use super::gate::{By, ToRead};
use super::models::EvaluationFigures;
use super::read::Parameters;
use super::shape::{Answer, Problem, one_of};
use crate::policy::End;
use crate::service::figures::{self, Figures, Period, Span};
use crate::web::router::Shared;

/// Of how long.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what `show` reads")]
pub(super) struct Which {
    #[param(required = false, schema_with = span)]
    span: String,
}

fn name(span: Span) -> &'static str {
    match span {
        Span::Week => "week",
        Span::Month => "month",
        Span::Quarter => "quarter",
        Span::Year => "year",
    }
}

fn span() -> ObjectBuilder {
    one_of(Span::ALL.map(name)).description(Some(
        "One week or four by the day, 13 weeks or 52 by the week; without it four weeks by the day.",
    ))
}

/// Figures of a site.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Statistics {
    /// The first day, in UTC.
    #[schema(value_type = String, format = Date)]
    first: String,
    /// Today, in UTC.
    #[schema(value_type = String, format = Date)]
    last: String,
    /// Day by day or week by week, the oldest first.
    periods: Vec<PeriodFigures>,
    /// All of them together.
    whole: PeriodFigures,
    /// Comments that wait for a person now.
    waiting: u64,
    /// Since when the oldest of them waits.
    #[serde(with = "time::serde::rfc3339::option")]
    oldest_waiting: Option<OffsetDateTime>,
    /// What was published without a person; its errors are spam.
    published: EndFigures,
    /// What was turned away without a person; its errors are genuine.
    turned_away: EndFigures,
    /// How well the scores told spam from ham, by what people decided; nothing with too few of either.
    evaluation: Option<EvaluationFigures>,
}

/// What happened in some days.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PeriodFigures {
    /// The first of these days.
    #[schema(value_type = String, format = Date)]
    first: String,
    /// Comments that came in.
    came_in: u64,
    /// Of these: are published.
    approved: u64,
    /// Are spam.
    spam: u64,
    /// Are rejected, or deleted.
    rejected: u64,
    /// Wait for a person.
    held: u64,
    /// Were published or turned away without a person.
    decided_alone: u64,
    /// Were published without a person, and people say they are spam.
    missed_spam: u64,
    /// Were turned away without a person, and people say they are good.
    blocked_ham: u64,
    /// So many seconds at most did half of those wait that a person decided on.
    median_wait: Option<f64>,
}

/// What was decided without a person, and how often that is known to have been wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EndFigures {
    /// Comments.
    comments: u64,
    /// Labels by people that speak for them.
    labels: u64,
    /// Errors among these.
    errors: u64,
    /// The rate of errors, as far as it can be told.
    error_rate: Option<f64>,
    /// Its upper bound.
    error_rate_at_most: Option<f64>,
}

fn period(first: Date, period: &Period) -> PeriodFigures {
    PeriodFigures {
        first: first.to_string(),
        came_in: period.came_in(),
        approved: period.approved,
        spam: period.spam,
        rejected: period.rejected,
        held: period.held,
        decided_alone: period.alone,
        missed_spam: period.missed,
        blocked_ham: period.blocked,
        median_wait: period.waited(0.5),
    }
}

fn end(end: &End) -> EndFigures {
    EndFigures {
        comments: end.comments,
        labels: end.labels,
        errors: end.errors,
        error_rate: end.rate.map(|rate| rate.estimate),
        error_rate_at_most: end.rate.map(|rate| rate.at_most),
    }
}

/// Read the statistics
///
/// What came in and what became of it. Days are those of UTC; the numbers are exact.
#[utoipa::path(get, path = "/statistics", tag = "Site", operation_id = "readStatistics",
    security(("key" = ["read"])), params(Which),
    responses((status = 200, description = "The figures", body = Statistics),
              (status = 422, description = "There is no such span", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn show(
    State(shared): State<Shared>,
    By(caller, _): By<ToRead>,
    mut parameters: Parameters,
) -> Answer<Json<Statistics>> {
    let span = parameters.parsed("span", "none of week, month, quarter and year", |sent| {
        Span::ALL.into_iter().find(|span| name(*span) == sent)
    });
    parameters.done()?;
    let span = span.unwrap_or(Span::Month);
    let Figures { first, last, periods, whole, published, turned_away, waiting, measured, .. } =
        figures::read(&shared.app, None, &[caller.site.id], span).await?;
    let steps = (0..).map(|step| first + Duration::days(i64::from(step * span.step())));
    Ok(Json(Statistics {
        first: first.to_string(),
        last: last.to_string(),
        periods: steps.zip(&periods).map(|(first, figures)| period(first, figures)).collect(),
        whole: period(first, &whole),
        waiting: waiting.ages.iter().sum(),
        oldest_waiting: waiting.oldest,
        published: end(&published),
        turned_away: end(&turned_away),
        evaluation: measured.evaluation.map(EvaluationFigures::from),
    }))
}
