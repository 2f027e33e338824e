//! The figures of a comparison, for people and for programs.

use super::compare_shot::{Comparison, Shots};
use super::software;
use super::table::{Align, table};
use metrics::FrameFigures;
use serde_json::{Map, Value as Json, json};

/// One figure of a frame.
pub(super) struct Figure {
    /// Its name in JSON.
    pub(super) key: &'static str,
    /// What people call it.
    pub(super) label: &'static str,
    /// What it tells, for the plot.
    pub(super) meaning: &'static str,
    /// Whether a greater one is a better one.
    pub(super) higher_is_better: bool,
    /// Digits behind the point.
    digits: usize,
    /// Its value, where the frame has it.
    pub(super) of: fn(&FrameFigures) -> Option<f64>,
}

/// All figures, in the order in which they are told.
pub(super) const FIGURES: [Figure; 8] = [
    figure("j", "J", "region overlap", 4, |frame| Some(frame.j)).higher(),
    figure("f", "F", "boundary found", 4, |frame| Some(frame.f)).higher(),
    figure("mad", "MAD", "mean difference x1000", 3, |frame| Some(frame.mad)),
    figure("mse", "MSE", "mean squared difference x1000", 3, |frame| Some(frame.mse)),
    figure("grad", "Grad", "gradient difference /1000", 3, |frame| Some(frame.grad)),
    figure("conn", "Conn", "connectivity difference /1000", 3, |frame| Some(frame.conn)),
    figure("dtssd", "dtSSD", "unlike steps in time x100", 3, |frame| frame.dtssd),
    figure("excess_warp", "warp", "change beyond motion x100", 3, |frame| frame.excess_warp),
];

const fn figure(
    key: &'static str,
    label: &'static str,
    meaning: &'static str,
    digits: usize,
    of: fn(&FrameFigures) -> Option<f64>,
) -> Figure {
    Figure { key, label, meaning, higher_is_better: false, digits, of }
}

impl Figure {
    const fn higher(mut self) -> Self {
        self.higher_is_better = true;
        self
    }

    /// As people read it; a dash where there is none.
    pub(super) fn text(&self, figures: &FrameFigures) -> String {
        let Some(value) = (self.of)(figures) else { return "-".to_owned() };
        let text = format!("{value:.*}", self.digits);
        // What rounds to nothing has no sign.
        match text.strip_prefix('-') {
            Some(rest) if rest.chars().all(|digit| matches!(digit, '0' | '.')) => rest.to_owned(),
            _ => text,
        }
    }

    /// The frame that is worst by this figure, the first of equals; none where no frame has it.
    fn worst<'a>(&self, comparison: &'a Comparison) -> Option<(i32, &'a FrameFigures)> {
        let mut worst: Option<(i32, &FrameFigures, f64)> = None;
        for (frame, figures) in comparison.rows() {
            let Some(value) = (self.of)(figures) else { continue };
            let badness = if self.higher_is_better { -value } else { value };
            if worst.is_none_or(|(_, _, most)| badness > most) {
                worst = Some((frame, figures, badness));
            }
        }
        worst.map(|(frame, figures, _)| (frame, figures))
    }
}

impl Comparison {
    /// Each frame with its figures.
    pub(super) fn rows(&self) -> impl Iterator<Item = (i32, &FrameFigures)> {
        self.frames.iter().copied().zip(&self.shot.frames)
    }

    /// The first frame's number; 0 where there is none.
    pub(super) fn first_frame(&self) -> i32 {
        self.frames.first().copied().unwrap_or_default()
    }

    /// A table: the frames unless it is to be brief, then the means, the worst, and where they are.
    pub(super) fn text(&self, brief: bool) -> String {
        let row = |name: &str, cell: &dyn Fn(&Figure) -> String| {
            std::iter::once(name.to_owned()).chain(FIGURES.iter().map(cell)).collect::<Vec<_>>()
        };
        let dash = || "-".to_owned();
        let mut rows = vec![row("frame", &|figure| figure.label.to_owned())];
        if !brief {
            rows.extend(self.rows().map(|(frame, figures)| row(&frame.to_string(), &|figure| figure.text(figures))));
            rows.push(Vec::new());
        }
        rows.push(row("mean", &|figure| figure.text(&self.shot.mean)));
        if self.frames.len() > 1 {
            rows.push(row("worst", &|figure| figure.worst(self).map_or_else(dash, |(_, found)| figure.text(found))));
            rows.push(row("at", &|figure| figure.worst(self).map_or_else(dash, |(frame, _)| frame.to_string())));
        }
        table(&[Align::Right; FIGURES.len() + 1], &rows)
    }

    /// For programs: what was compared, each frame's figures and their means; null for what a frame has not.
    pub(super) fn json(&self, shots: &Shots) -> Json {
        let figures = |of: &FrameFigures| -> Map<String, Json> {
            FIGURES.iter().map(|figure| (figure.key.to_owned(), json!((figure.of)(of)))).collect()
        };
        let frames: Vec<Json> = self
            .rows()
            .map(|(frame, found)| {
                let mut row = Map::from_iter([("frame".to_owned(), json!(frame))]);
                row.extend(figures(found));
                Json::Object(row)
            })
            .collect();
        let size = shots.truth.display();
        json!({
            "software": software(),
            "result": shots.result.text(),
            "truth": shots.truth.text(),
            "picture": shots.picture.as_ref().map(|picture| picture.text()),
            "width": size.width(),
            "height": size.height(),
            "frames": frames,
            "mean": figures(&self.shot.mean),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_their_digits_and_nothing_has_no_sign() {
        let text = |value: f64| {
            let warp = FIGURES
                .iter()
                .find(|figure| figure.key == "excess_warp")
                .map(|figure| figure.text(&FrameFigures { excess_warp: Some(value), ..FrameFigures::default() }));
            warp.unwrap_or_default()
        };
        assert_eq!([text(-0.0001), text(-0.05), text(1.23456)], ["0.000", "-0.050", "1.235"]);
        assert_eq!(FIGURES[0].text(&FrameFigures { j: 0.98765, ..FrameFigures::default() }), "0.9877");
        assert_eq!(FIGURES[6].text(&FrameFigures::default()), "-");
    }
}
