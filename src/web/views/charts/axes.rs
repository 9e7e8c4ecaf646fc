//! Days, scales and curves that several figures share.

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, Duration};

use super::super::figures::{count, few, share};
use crate::drawing::{Drawing, Frame};
use crate::service::figures::Period;

/// The days that are drawn.
pub(super) struct Days {
    pub(super) first: Date,
    pub(super) step: i64,
}

pub(super) const SHORT: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:short]");
pub(super) const LONG: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:short] [year]");

impl Days {
    pub(super) fn begin(&self, period: usize) -> Date {
        self.first + Duration::days(self.step * i64::try_from(period).unwrap_or_default())
    }

    pub(super) fn unit(&self) -> &'static str {
        if self.step == 1 { "Day" } else { "Week from" }
    }

    pub(super) fn name(&self, period: usize) -> String {
        self.begin(period).format(LONG).unwrap_or_default()
    }

    /// About four dates to read, each at the middle of its period.
    pub(super) fn ticks(&self, periods: usize) -> Vec<(f64, String)> {
        let apart = ((periods + 2) / 4).max(1);
        (0..periods)
            .step_by(apart)
            .map(|period| (middle(period, periods), self.begin(period).format(SHORT).unwrap_or_default()))
            .collect()
    }

    pub(super) fn draw(&self, drawing: &mut Drawing, frame: Frame, periods: usize) {
        let ticks = self.ticks(periods);
        drawing.columns(frame, &refs(&ticks));
    }
}

pub(super) fn refs(ticks: &[(f64, String)]) -> Vec<(f64, &str)> {
    ticks.iter().map(|(place, name)| (*place, name.as_str())).collect()
}

pub(super) fn middle(place: usize, of: usize) -> f64 {
    (place as f64 + 0.5) / of as f64
}

/// Counts above and below a line, on one scale with round steps.
pub(super) struct Scale {
    pub(super) down: f64,
    pub(super) up: f64,
    pub(super) step: f64,
}

impl Scale {
    pub(super) fn new(down: u64, up: u64) -> Self {
        let step = round_up(up.max(down).max(1) as f64 / 2.0).max(1.0);
        let whole = |most: u64| (most as f64 / step).ceil() * step;
        let (down, up) = (whole(down), whole(up));
        Self { down, up: if up + down > 0.0 { up } else { step }, step }
    }

    pub(super) fn y(&self, value: f64) -> f64 {
        (value + self.down) / (self.up + self.down)
    }

    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let mut ticks = Vec::new();
        let mut value = -self.down;
        while value <= self.up + self.step / 2.0 {
            ticks.push((self.y(value), few(value.abs())));
            value += self.step;
        }
        ticks
    }
}

/// The next number of 1, 2 and 5 times a power of ten.
pub(super) fn round_up(number: f64) -> f64 {
    let power = 10_f64.powf(number.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|of| of * power)
        .find(|round| *round >= number * 0.999)
        .unwrap_or(number)
}

/// Bars of one period, outwards from the line; each with its class and what it counts.
pub(super) type Bars = Vec<(&'static str, &'static str, u64)>;

/// Draws bars up and down from a line, one pair a period.
pub(super) fn mirrored(drawing: &mut Drawing, frame: Frame, days: &Days, bars: &[(Bars, Bars)]) {
    let sum = |bars: &Bars| bars.iter().map(|(_, _, number)| number).sum::<u64>();
    let up = bars.iter().map(|(up, _)| sum(up)).max().unwrap_or(0);
    let down = bars.iter().map(|(_, down)| sum(down)).max().unwrap_or(0);
    let scale = Scale::new(down, up);
    drawing.rows(frame, &refs(&scale.ticks()));
    for (place, (up, down)) in bars.iter().enumerate() {
        let side = 0.42 / bars.len() as f64;
        let (left, right) = (middle(place, bars.len()) - side, middle(place, bars.len()) + side);
        for (bars, way) in [(up, 1.0), (down, -1.0)] {
            let mut from = 0.0;
            for (class, what, number) in bars {
                let to = from + way * *number as f64;
                if *number > 0 {
                    let title = format!("{}: {} {what}", days.name(place), count(*number));
                    drawing.bar(class, frame, (left, scale.y(from)), (right, scale.y(to)), title);
                }
                from = to;
            }
        }
    }
    drawing.line("middle", frame, [(0.0, scale.y(0.0)), (1.0, scale.y(0.0))]);
}

pub(super) const MAIN: Frame = Frame { top: 24.0, height: 170.0 };
pub(super) const BELOW: Frame = Frame { top: 232.0, height: 44.0 };
pub(super) const LOW: f64 = 222.0;

/// A line of the table for each period, the newest first.
pub(super) fn rows(
    days: &Days,
    periods: &[Period],
    cells: impl Fn(&Period) -> Vec<String>,
) -> Vec<Vec<String>> {
    let row = |(place, period)| [vec![days.name(place)], cells(period)].concat();
    periods.iter().enumerate().rev().map(row).collect()
}

pub(super) fn portion(part: u64, whole: u64) -> String {
    if whole == 0 { "none".to_owned() } else { share(part as f64 / whole as f64) }
}

pub(super) const SHARES: [(f64, &str); 5] =
    [(0.0, "0"), (0.25, "25 %"), (0.5, "50 %"), (0.75, "75 %"), (1.0, "100 %")];

/// Lines between points that are known, with a dot at each.
pub(super) fn course(
    drawing: &mut Drawing,
    class: &str,
    frame: Frame,
    points: &[Option<(f64, f64, String)>],
) {
    for known in points.split(Option::is_none) {
        drawing.line(&format!("curve {class}"), frame, known.iter().flatten().map(|(x, y, _)| (*x, *y)));
    }
    // Of many points a line says enough.
    for (x, y, title) in points.iter().flatten().filter(|_| points.len() <= 28) {
        drawing.dot(&format!("dot {class}"), frame, (*x, *y), title);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_have_round_steps_and_hold_everything() {
        for (down, up) in [(0, 0), (0, 1), (3, 41), (112, 7), (1_000_000, 999)] {
            let scale = Scale::new(down, up);
            assert!(scale.up >= up as f64 && scale.down >= down as f64, "{down} {up}");
            let ticks = scale.ticks();
            assert!((2..=5).contains(&ticks.len()), "{down} {up}: {ticks:?}");
            assert!(ticks.iter().all(|(place, _)| (-1e-9..=1.0 + 1e-9).contains(place)));
        }
    }
}
