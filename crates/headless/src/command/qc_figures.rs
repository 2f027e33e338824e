//! What the effect found of a track, as text, JSON and a page.

use super::table::{Align, table};
use serde_json::{Value as Json, json};
use std::fmt::Write;

/// The names of the figures in their order.
const FIGURES: [&str; 4] = ["sure", "size", "motion", "border"];

/// The figures of one object on one frame, in per cent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) frame: f64,
    pub(super) object: usize,
    pub(super) figures: [u8; 4],
}

impl Row {
    /// The lowest figure.
    pub(super) fn score(&self) -> u8 {
        self.figures.into_iter().min().unwrap_or_default()
    }

    /// What speaks against the frame, in words.
    pub(super) fn reasons(&self, below: u8) -> Vec<String> {
        let words = |index: usize, found: u8| match index {
            0 => format!("{found} % sure"),
            1 => format!("size changes by {} %", 100 - found),
            2 => format!("{found} % moves with the picture"),
            _ => "runs to the border".to_owned(),
        };
        let bad = self.figures.into_iter().enumerate().filter(|(_, found)| *found < below);
        bad.map(|(index, found)| words(index, found)).collect()
    }
}

/// The figures of a shot.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figures {
    pub(super) rows: Vec<Row>,
    /// Scores below this are suspicious.
    pub(super) below: u8,
}

impl Figures {
    /// The lines that the effect saves: frame, object and four figures in per cent.
    pub(super) fn parse(text: &str, below: u8) -> Self {
        let row = |line: &str| {
            let mut words = line.split_ascii_whitespace();
            let (frame, object) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            let mut figure = || words.next()?.parse().ok();
            Some(Row { frame, object, figures: [figure()?, figure()?, figure()?, figure()?] })
        };
        Self { rows: text.lines().filter_map(row).collect(), below }
    }

    /// Rows with a score that is too low.
    fn suspicious(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.score() < self.below)
    }

    /// The worst row of each frame, the worst frames first.
    pub(super) fn worst(&self, count: usize) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        rows.sort_by(|a, b| a.score().cmp(&b.score()).then(a.frame.total_cmp(&b.frame)));
        let mut worst: Vec<&Row> = Vec::new();
        for row in rows {
            if worst.len() < count && worst.iter().all(|other| other.frame != row.frame) {
                worst.push(row);
            }
        }
        worst
    }

    /// A table with a last line that counts.
    pub(super) fn text(&self, brief: bool) -> String {
        let head = ["frame", "object"].into_iter().chain(FIGURES).chain(["score", ""]).map(str::to_owned).collect();
        let mut lines = vec![head];
        for row in self.rows.iter().filter(|row| !brief || row.score() < self.below) {
            let numbers = row.figures.into_iter().chain([row.score()]).map(|number| number.to_string());
            let mut line: Vec<String> =
                [row.frame.to_string(), row.object.to_string()].into_iter().chain(numbers).collect();
            line.push(row.reasons(self.below).join(", "));
            lines.push(line);
        }
        let mut aligns = [Align::Right; 8];
        aligns[7] = Align::Left;
        let total = format!("  {}\n", self.summary());
        table(&aligns, &lines) + &total
    }

    /// How many frames there are, and how many of them are suspicious.
    pub(super) fn summary(&self) -> String {
        let count = |rows: &mut dyn Iterator<Item = &Row>| {
            rows.map(|row| row.frame.to_bits()).collect::<std::collections::HashSet<_>>().len()
        };
        let (bad, all) = (count(&mut self.suspicious()), count(&mut self.rows.iter()));
        format!("{bad} of {all} frames suspicious (score below {})", self.below)
    }

    /// Everything.
    pub(super) fn json(&self) -> Json {
        let row = |row: &Row| {
            let mut fields = json!({ "frame": row.frame, "object": row.object, "score": row.score() });
            for (name, figure) in FIGURES.into_iter().zip(row.figures) {
                fields[name] = figure.into();
            }
            fields["suspicious"] = (row.score() < self.below).into();
            fields["reasons"] = row.reasons(self.below).into();
            fields
        };
        json!({ "below": self.below, "frames": self.rows.iter().map(row).collect::<Vec<_>>() })
    }

    /// A page for a browser; `sheet` is the contact sheet's place as seen from the page.
    pub(super) fn page(&self, title: &str, sheet: Option<&str>) -> String {
        let mut page = format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{0}</title>\n<style>\
             body{{font:15px sans-serif;margin:2em;max-width:75em}}table{{border-collapse:collapse}}\
             td,th{{padding:.15em .8em;text-align:right}}td:last-child{{text-align:left}}\
             .bad{{background:#fbe3d6}}img,svg{{max-width:100%}}</style>\n<h1>{0}</h1>\n<p>{1}.</p>\n",
            escaped(title),
            escaped(&self.summary())
        );
        page.push_str(&self.curve());
        if let Some(sheet) = sheet {
            let _ = writeln!(page, "<p><img src=\"{}\" alt=\"The worst frames\"></p>", escaped(sheet));
        }
        page.push_str("<table><tr><th>frame<th>object");
        FIGURES.iter().for_each(|name| page.extend(["<th>", name]));
        page.push_str("<th>score<th></tr>\n");
        for row in &self.rows {
            let class = if row.score() < self.below { " class=\"bad\"" } else { "" };
            let _ = write!(page, "<tr{class}><td>{}<td>{}", row.frame, row.object);
            for figure in row.figures.into_iter().chain([row.score()]) {
                let _ = write!(page, "<td>{figure}");
            }
            let _ = writeln!(page, "<td>{}</tr>", escaped(&row.reasons(self.below).join(", ")));
        }
        page + "</table></html>\n"
    }

    /// The score over the frames, one line for each object, and the limit.
    fn curve(&self) -> String {
        const SIZE: (f64, f64) = (1000.0, 160.0);
        let frames = || self.rows.iter().map(|row| row.frame);
        let (first, last) = (frames().fold(f64::MAX, f64::min), frames().fold(f64::MIN, f64::max));
        let x = |frame: f64| SIZE.0 * (frame - first) / (last - first).max(1.0);
        let y = |score: u8| SIZE.1 * (1.0 - f64::from(score) / 100.0);
        let (width, height, limit) = (SIZE.0, SIZE.1, y(self.below));
        let mut curve = format!(
            "<p><svg viewBox=\"-4 -4 {} {}\" role=\"img\"><title>Score over the frames</title>\
             <path d=\"M0 {limit:.1}H{width}\" stroke=\"#d66818\" stroke-dasharray=\"7 5\"/>",
            width + 8.0,
            height + 8.0
        );
        let mut objects: Vec<usize> = self.rows.iter().map(|row| row.object).collect();
        objects.sort_unstable();
        objects.dedup();
        for object in objects {
            let of_object = self.rows.iter().filter(|row| row.object == object);
            let points: Vec<String> =
                of_object.map(|row| format!("{:.1},{:.1}", x(row.frame), y(row.score()))).collect();
            let _ = write!(
                curve,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"#1f6eb4\" stroke-width=\"2\"/>",
                points.join(" ")
            );
        }
        let _ = writeln!(curve, "</svg><br>Frames {first} to {last}</p>");
        curve
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> Figures {
        Figures::parse("1 1 95 99 98 100\n2 1 95 40 60 100\n2 2 50 90 90 100\nno line\n3 1 90 91 92 20\n", 70)
    }

    #[test]
    fn the_worst_frames_come_first_and_each_once() {
        let worst: Vec<(f64, u8)> = figures().worst(9).into_iter().map(|row| (row.frame, row.score())).collect();
        assert_eq!(worst, [(3.0, 20), (2.0, 40), (1.0, 95)]);
        assert_eq!(figures().worst(1).len(), 1);
    }

    #[test]
    fn the_table_gives_reasons_and_counts_frames() {
        let text = figures().text(true);
        assert!(text.contains("size changes by 60 %, 60 % moves with the picture\n"), "{text}");
        assert!(text.contains("runs to the border\n") && !text.contains("99"), "{text}");
        assert!(text.ends_with("  2 of 3 frames suspicious (score below 70)\n"), "{text}");
    }

    #[test]
    fn json_has_every_frame() {
        let found = figures().json();
        assert_eq!(found["frames"].as_array().map(Vec::len), Some(4));
        assert_eq!(found["frames"][1]["reasons"][0], "size changes by 60 %");
        assert_eq!(found["frames"][0]["suspicious"], false);
    }

    #[test]
    fn the_page_marks_suspicious_frames_and_escapes_names() {
        let page = figures().page("a<b>.toml", Some("worst.png"));
        assert!(page.contains("a&lt;b&gt;.toml") && page.contains("src=\"worst.png\""), "{page}");
        assert_eq!(page.matches("class=\"bad\"").count(), 3);
    }
}
