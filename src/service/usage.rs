//! What keys were used for.

use std::collections::{BTreeMap, HashMap};
use std::ops::Add;

use time::{Date, Duration, OffsetDateTime};

use super::keys::Key;
use super::sites::Site;
use crate::app::App;
use crate::store::usage::{self, MonthRow, UsageRow};
use crate::store::{Conn, StoreError};

/// How often a key has asked, and how often the answer was wrong, as far as was reported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Checks.
    pub calls: i64,
    /// Those answered with spam.
    pub spam: i64,
    /// Spam that was answered with ham.
    pub missed_spam: i64,
    /// Ham that was answered with spam.
    pub false_positives: i64,
}

impl Usage {
    /// A check.
    pub fn checked(spam: bool) -> Self {
        Self { calls: 1, spam: spam.into(), ..Self::default() }
    }

    /// A report that an answer was wrong, or that such a report was.
    pub fn corrected(missed_spam: i64, false_positives: i64) -> Self {
        Self { missed_spam, false_positives, ..Self::default() }
    }

    /// Checks answered with ham.
    pub fn ham(self) -> i64 {
        self.calls - self.spam
    }

    /// Share of answers that nobody has corrected; 1 where nothing was asked.
    #[expect(clippy::cast_precision_loss, reason = "counts of answers")]
    pub fn accuracy(self) -> f64 {
        let wrong = self.missed_spam + self.false_positives;
        if self.calls == 0 { 1.0 } else { (1.0 - wrong as f64 / self.calls as f64).max(0.0) }
    }
}

impl Add for Usage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            spam: self.spam + other.spam,
            missed_spam: self.missed_spam + other.missed_spam,
            false_positives: self.false_positives + other.false_positives,
        }
    }
}

/// Adds to the counts of a key and blog in the month of this moment.
pub async fn add(
    conn: &mut Conn,
    key_id: i64,
    blog: &str,
    counted: Usage,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    let row = UsageRow {
        key_id,
        month: first_day(at.date()),
        blog: blog.to_owned(),
        calls: counted.calls,
        spam: counted.spam,
        missed_spam: counted.missed_spam,
        false_positives: counted.false_positives,
    };
    usage::add(conn, &row).await
}

/// A key's counts of this month.
pub async fn this_month(app: &App, key: &Key) -> Result<Usage, StoreError> {
    let rows = by_blog(app, key, first_day(app.now().date())).await?;
    Ok(rows.into_iter().fold(Usage::default(), |sum, (_, usage)| sum + usage))
}

/// A key's counts by blog in a month, given by its first day.
pub async fn by_blog(app: &App, key: &Key, month: Date) -> Result<Vec<(String, Usage)>, StoreError> {
    let rows = usage::of_key(&mut *app.db.conn().await?, key.id, Some(month)).await?;
    Ok(rows
        .into_iter()
        .filter(|row| row.month == month)
        .map(|row| (row.blog.clone(), counts(&row)))
        .collect())
}

/// A key's counts by month, those before `since` left out.
pub async fn by_month(
    app: &App,
    key: &Key,
    since: Option<Date>,
) -> Result<BTreeMap<Date, Usage>, StoreError> {
    let mut months: BTreeMap<Date, Usage> = BTreeMap::new();
    for row in usage::of_key(&mut *app.db.conn().await?, key.id, since.map(first_day)).await? {
        let month = months.entry(row.month).or_default();
        *month = *month + counts(&row);
    }
    Ok(months)
}

/// So many months are told of, this one included.
const MONTHS: u16 = 12;

/// The counts of the keys of a site, key by key, month by month, of the last twelve months.
pub async fn of_site(app: &App, site: &Site) -> Result<Vec<MonthRow>, StoreError> {
    let mut since = first_day(app.now().date());
    for _ in 1..MONTHS {
        since = first_day(since - Duration::days(1));
    }
    usage::by_key(&mut *app.db.conn().await?, Some(site.id), since).await
}

/// How often each key has asked this month.
pub async fn calls_this_month(app: &App) -> Result<HashMap<i64, i64>, StoreError> {
    let this = first_day(app.now().date());
    let rows = usage::by_key(&mut *app.db.conn().await?, None, this).await?;
    Ok(rows.into_iter().map(|row| (row.key_id, row.calls)).collect())
}

fn first_day(day: Date) -> Date {
    day.replace_day(1).unwrap_or(day)
}

fn counts(row: &UsageRow) -> Usage {
    Usage {
        calls: row.calls,
        spam: row.spam,
        missed_spam: row.missed_spam,
        false_positives: row.false_positives,
    }
}
