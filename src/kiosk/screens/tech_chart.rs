//! A technician's plots, drawn on the server: times of the phases against the plan, misses by
//! cause. Numbers at the axis stand for the rows of the table beside it.

use std::collections::BTreeMap;

use plotters::prelude::{
    ChartBuilder, IntoDrawingArea as _, RGBColor, Rectangle, SVGBackend, WHITE,
};
use plotters::style::Color as _;

use crate::diag::history::{Fault, PhaseTimes};
use crate::station::view;

const SIZE: (u32, u32) = (720, 160);
/// Plan, middle, one in twenty: told apart by lightness and by place, too.
const PLAN: RGBColor = RGBColor(0x94, 0x94, 0x94);
const MIDDLE: RGBColor = RGBColor(0x00, 0x17, 0xc1);
const MOST: RGBColor = RGBColor(0x7a, 0xa0, 0xff);

/// One phase of the table.
pub(super) struct Row {
    /// Its number at the axis.
    pub(super) at: usize,
    /// Its name.
    pub(super) name: String,
    /// What it should take.
    pub(super) planned_ms: Option<u32>,
    /// What half of them took at most.
    pub(super) p50_ms: u32,
    /// What nineteen of twenty took at most.
    pub(super) p95_ms: u32,
    /// How many.
    pub(super) count: usize,
}

/// A phase's name, as people read it.
pub(super) fn name_of(phase: &str, japanese: bool) -> String {
    match view::Words::of(phase) {
        Some(words) if japanese => words.noun.to_owned(),
        Some(_) | None => phase.replace('_', " "),
    }
}

/// The phases in the order of the plan; what the plan does not know stands last.
pub(super) fn rows(times: &[PhaseTimes], plan: &[(&'static str, u32)], japanese: bool) -> Vec<Row> {
    let place = |phase: &str| plan.iter().position(|(name, _)| *name == phase);
    let mut sorted: Vec<&PhaseTimes> = times.iter().collect();
    sorted.sort_by_key(|one| place(&one.phase).unwrap_or(usize::MAX));
    let row = |(at, one): (usize, &PhaseTimes)| Row {
        at: at + 1,
        name: name_of(&one.phase, japanese),
        planned_ms: place(&one.phase).map(|place| plan[place].1),
        p50_ms: one.ms.median,
        p95_ms: one.ms.p95,
        count: one.ms.count,
    };
    sorted.into_iter().enumerate().map(row).collect()
}

/// How often each cause made something late, the most frequent first.
pub(super) fn causes(faults: &[Fault], japanese: bool, unknown: &str) -> Vec<(String, u32)> {
    let mut counted: BTreeMap<String, u32> = BTreeMap::new();
    for miss in faults.iter().filter_map(|fault| fault.late.as_ref()) {
        let words = miss.causes.iter().map(|cause| cause.why.words());
        let mut whys: Vec<&str> = words
            .map(|(ja, en)| if japanese { ja } else { en })
            .collect();
        if whys.is_empty() {
            whys.push(unknown);
        }
        for why in whys {
            *counted.entry(why.to_owned()).or_default() += 1;
        }
    }
    let mut rows: Vec<(String, u32)> = counted.into_iter().collect();
    rows.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    rows
}

/// Plan, p50 and p95 of each phase, in seconds.
pub(super) fn of_times(rows: &[Row]) -> Option<String> {
    let s = |ms: u32| f64::from(ms) / 1000.0;
    let bars = |row: &Row| {
        vec![
            (s(row.planned_ms.unwrap_or(0)), PLAN),
            (s(row.p50_ms), MIDDLE),
            (s(row.p95_ms), MOST),
        ]
    };
    drawn(&rows.iter().map(bars).collect::<Vec<_>>(), "s")
}

/// Misses by cause.
pub(super) fn of_causes(rows: &[(String, u32)]) -> Option<String> {
    let bar = |(_, times): &(String, u32)| vec![(f64::from(*times), MIDDLE)];
    drawn(&rows.iter().map(bar).collect::<Vec<_>>(), "")
}

/// Groups of bars, numbered from 1; none when nothing can be drawn.
fn drawn(groups: &[Vec<(f64, RGBColor)>], unit: &str) -> Option<String> {
    let heights = groups.iter().flatten().map(|(height, _)| *height);
    let top = heights.fold(0.0, f64::max);
    if top <= 0.0 {
        return None;
    }
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        root.fill(&WHITE).ok()?;
        let mut chart = ChartBuilder::on(&root)
            .margin(6)
            .x_label_area_size(26)
            .y_label_area_size(52)
            .build_cartesian_2d(0.5..groups.len() as f64 + 0.5, 0.0..top * 1.1)
            .ok()?;
        let number = |at: &f64| {
            let whole = (at - at.round()).abs() < 0.01;
            if whole {
                format!("{at:.0}")
            } else {
                String::new()
            }
        };
        chart
            .configure_mesh()
            .disable_x_mesh()
            .x_labels(groups.len() + 2)
            .x_label_formatter(&number)
            .y_labels(5)
            .y_label_formatter(&|y| format!("{y:.1} {unit}"))
            .label_style(("sans-serif", 19))
            .draw()
            .ok()?;
        for (at, group) in groups.iter().enumerate() {
            let width = 0.8 / group.len() as f64;
            let from = at as f64 + 0.6;
            let bars = group.iter().enumerate().map(|(n, (height, colour))| {
                let left = from + n as f64 * width;
                Rectangle::new([(left, 0.0), (left + width, *height)], colour.filled())
            });
            chart.draw_series(bars).ok()?;
        }
        root.present().ok()?;
    }
    Some(svg)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::statistics::Spread;

    #[test]
    fn phases_stand_in_the_plans_order_and_are_drawn_without_style_or_script() {
        let times = |phase: &str, ms| PhaseTimes {
            phase: phase.to_owned(),
            ms: Spread::of(&[ms]).expect("one"),
        };
        let plan = [("feed", 2000), ("back", 4000)];
        let measured = [times("back", 4100), times("feed", 2200), times("other", 10)];
        let rows = rows(&measured, &plan, false);
        let order: Vec<_> = rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(order, ["feed", "back", "other"]);
        assert_eq!(rows[2].planned_ms, None);
        let svg = of_times(&rows).expect("a plot");
        assert!(svg.starts_with("<svg") && svg.contains("<rect"));
        // The page's policy forbids both.
        assert!(!svg.contains("style=") && !svg.contains("<script"));
        assert_eq!(of_times(&[]), None);
    }
}
