//! Figures a day, kept by triggers: see the migration. A figure is a total and what has changed since it was folded.

use sqlx::PgConnection;
use time::Date;

use super::StoreError;
use crate::comment::State;

/// So many of something in some days.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    /// Which of the periods asked for, from 0 on.
    pub period: usize,
    /// Of what.
    pub what: What,
    /// How many.
    pub count: u64,
}

/// What is tallied.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Comments that came in then.
    CameIn {
        /// What was decided of them when they did; `None` where that was not noted.
        entered: Option<State>,
        /// Where they stand.
        state: State,
        /// What people say they are: `spam`, `ham` or nothing.
        label: Option<String>,
        /// For what was decided without a person: the share of the audit sample, if there was one.
        audit_share: Option<f64>,
        /// Whether they are in the sample.
        sampled: bool,
    },
    /// Decisions that ended a wait: of 2^(n/4) to 2^((n+1)/4) seconds.
    Waited(i32),
    /// Decisions of this moderator.
    Decided(i64),
    /// Decisions of this moderator that were taken back.
    Undone(i64),
}

/// The figures of some sites from one day to another, both included, in periods of so many days.
pub async fn read(
    conn: &mut PgConnection,
    site_ids: &[i64],
    first: Date,
    last: Date,
    days: i32,
) -> Result<Vec<Tally>, StoreError> {
    let rows = sqlx::query!(
        r#"select (day - $2) / $4 as "period!", measure as "measure!", what as "what!", sum(count)::bigint as "count!"
           from (select day, measure, what, count from tallies
                 where site_id = any($1) and day between $2 and $3
                 union all
                 select day, measure, what, change from tally_changes
                 where site_id = any($1) and day between $2 and $3) added
           group by 1, 2, 3 having sum(count) <> 0"#,
        site_ids,
        first,
        last,
        days
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Tally {
                period: usize::try_from(row.period).unwrap_or_default(),
                what: parse(&row.measure, &row.what).ok_or_else(|| StoreError::Inconsistent {
                    table: "tallies",
                    row: format!("{} {:?}", row.measure, row.what),
                    what: "the figure is not one this version knows",
                })?,
                count: u64::try_from(row.count).unwrap_or_default(),
            })
        })
        .collect()
}

fn parse(measure: &str, what: &[String]) -> Option<What> {
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    match (measure, what) {
        ("came in", [entered, state, label, audit_share, sampled]) => Some(What::CameIn {
            entered: State::parse(entered),
            state: State::parse(state)?,
            label: given(label),
            audit_share: audit_share.parse().ok(),
            sampled: sampled == "true",
        }),
        ("waited", [step]) => step.parse().ok().map(What::Waited),
        ("decided", [moderator]) => moderator.parse().ok().map(What::Decided),
        ("undone", [moderator]) => moderator.parse().ok().map(What::Undone),
        _ => None,
    }
}

/// Folds the changes into the totals, if there are more than `above`. Readers see the same sums before and after;
/// several processes at once fold different changes, and meet the totals in one order.
pub async fn fold(conn: &mut PgConnection, above: i64) -> Result<(), StoreError> {
    sqlx::query!(
        "with gone as (
             delete from tally_changes
             where ctid = any(array(select ctid from tally_changes for update skip locked))
               and (select count(*) from tally_changes) > $1
             returning site_id, day, measure, what, change
         )
         insert into tallies as total
         select site_id, day, measure, what, sum(change) from gone
         group by 1, 2, 3, 4 having sum(change) <> 0 order by 1, 2, 3, 4
         on conflict (site_id, day, measure, what) do update set count = total.count + excluded.count",
        above
    )
    .execute(conn)
    .await?;
    Ok(())
}
