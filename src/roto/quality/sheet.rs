//! The figures of a shot as they are saved with the node: a line for each frame and object, in hundredths, so that a long
//! shot stays small in the project.

use std::collections::HashSet;
use std::fmt::Write;

use super::{Aspect, FrameQuality};

/// The figures of one object on one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// The frame.
    pub time: f64,
    /// The object, counted from 0.
    pub object: usize,
    /// Its figures.
    pub quality: FrameQuality,
}

/// The figures of a shot, by frame, then by object.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sheet(Vec<Row>);

impl Sheet {
    /// The sheet of saved lines; what makes no line is passed over.
    pub fn parse(text: &str) -> Self {
        Self(text.lines().filter_map(row).collect())
    }

    /// As lines: `frame object sure size motion border`, objects counted from 1, figures 0 to 100.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for Row { time, object, quality } in &self.0 {
            let _ = write!(text, "{time} {}", object + 1);
            for (_, figure) in quality.each() {
                let _ = write!(text, " {}", (100.0 * figure.clamp(0.0, 1.0)).round());
            }
            text.push('\n');
        }
        text
    }

    /// Puts what was found in the place of what was known of the same frames, of whatever object.
    pub fn replace(&mut self, found: &[Row]) {
        // One zero for both of its signs.
        let bits = |row: &Row| (row.time + 0.0).to_bits();
        let times: HashSet<u64> = found.iter().map(bits).collect();
        self.0.retain(|known| !times.contains(&bits(known)));
        self.0.extend_from_slice(found);
        self.0.sort_by(|a, b| a.time.total_cmp(&b.time).then(a.object.cmp(&b.object)));
    }

    /// Whether nothing was reviewed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each frame with its lowest score, ascending.
    pub fn curve(&self) -> Vec<(f64, f32)> {
        let mut curve: Vec<(f64, f32)> = Vec::new();
        for row in &self.0 {
            let score = row.quality.score();
            match curve.last_mut() {
                Some((time, least)) if *time == row.time => *least = least.min(score),
                _ => curve.push((row.time, score)),
            }
        }
        curve
    }

    /// The nearest frame after `time`, or before it, with a score below `limit`.
    pub fn suspicious(&self, time: f64, after: bool, limit: f32) -> Option<f64> {
        let bad = self.curve().into_iter().filter(|(_, score)| *score < limit).map(|(time, _)| time);
        if after { bad.into_iter().find(|&at| at > time) } else { bad.into_iter().take_while(|&at| at < time).last() }
    }

    /// What is the matter on a frame: object by object every figure below `limit`, in words.
    pub fn reasons(&self, time: f64, limit: f32) -> String {
        let of_row = |row: &Row| {
            let bad = row.quality.each().into_iter().filter(|(_, figure)| *figure < limit);
            let words: Vec<String> = bad.map(|(aspect, figure): (Aspect, f32)| aspect.reason(figure)).collect();
            (!words.is_empty()).then(|| format!("Object {}: {}", row.object + 1, words.join(", ")))
        };
        self.0.iter().filter(|row| row.time == time).filter_map(of_row).collect::<Vec<_>>().join("; ")
    }
}

fn row(line: &str) -> Option<Row> {
    let mut words = line.split_ascii_whitespace();
    let time: f64 = words.next()?.parse().ok()?;
    let object = words.next()?.parse::<usize>().ok()?.checked_sub(1)?;
    let mut figure = || Some(words.next()?.parse::<u8>().ok().filter(|figure| *figure <= 100)? as f32 / 100.0);
    let quality = FrameQuality { sure: figure()?, size: figure()?, motion: figure()?, border: figure()? };
    time.is_finite().then_some(Row { time, object, quality })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(time: f64, object: usize, size: f32) -> Row {
        Row { time, object, quality: FrameQuality { sure: 0.9, size, motion: 1.0, border: 1.0 } }
    }

    fn sheet() -> Sheet {
        let mut sheet = Sheet::default();
        sheet.replace(&[row(3.5, 0, 0.2), row(-1.0, 0, 0.8), row(-1.0, 1, 0.4), row(7.0, 0, 0.95)]);
        sheet
    }

    #[test]
    fn a_saved_sheet_comes_back_the_same() {
        assert_eq!(Sheet::parse(&sheet().to_text()), sheet());
        assert!(sheet().to_text().starts_with("-1 1 90 80 100 100\n-1 2 90 40 100 100\n3.5 1 90 20"));
    }

    #[test]
    fn lines_that_are_none_are_passed_over() {
        assert!(Sheet::parse("x\n1\n1 0 9 9 9 9\n1 1 101 0 0 0\nNaN 1 1 1 1 1\n").is_empty());
    }

    #[test]
    fn what_is_found_anew_takes_the_place_of_its_frames_alone() {
        let mut sheet = sheet();
        sheet.replace(&[row(-1.0, 0, 1.0)]);
        let scores: Vec<(f64, f32)> = sheet.curve();
        assert_eq!(scores, [(-1.0, 0.9), (3.5, 0.2), (7.0, 0.9)]);
    }

    #[test]
    fn suspicious_frames_are_found_in_both_directions() {
        let (sheet, limit) = (sheet(), 0.7);
        assert_eq!(sheet.suspicious(-10.0, true, limit), Some(-1.0));
        assert_eq!(sheet.suspicious(-1.0, true, limit), Some(3.5));
        assert_eq!(sheet.suspicious(3.5, true, limit), None);
        assert_eq!(sheet.suspicious(100.0, false, limit), Some(3.5));
        assert_eq!(sheet.suspicious(3.5, false, limit), Some(-1.0));
        assert_eq!(sheet.suspicious(-1.0, false, limit), None);
    }

    #[test]
    fn reasons_name_the_object_and_what_is_the_matter() {
        assert_eq!(sheet().reasons(-1.0, 0.7), "Object 2: its size changes by 60 %");
        assert_eq!(sheet().reasons(7.0, 0.7), "");
    }
}
