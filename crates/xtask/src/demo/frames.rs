//! Numbered files.

use crate::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// A rendered frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub frame: i32,
    pub path: PathBuf,
}

/// The files `<before>NUMBER<after>` of a folder, by number.
pub fn numbered(folder: &Path, before: &str, after: &str) -> Result<Vec<Rendered>, Error> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file("list", folder))? {
        let path = entry.map_err(Error::file("list", folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let number =
            name.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).and_then(|text| text.parse().ok());
        found.extend(number.map(|frame| Rendered { frame, path: path.clone() }));
    }
    found.sort_by_key(|rendered| rendered.frame);
    Ok(found)
}

/// At most `most` frames spread evenly, the first and the last among them; prompt frames are preferred to their neighbours.
pub fn spread(frames: &[i32], prompted: &[i32], most: usize) -> Vec<i32> {
    if frames.len() <= most {
        return frames.to_vec();
    }
    let (Some(&first), Some(&last)) = (frames.first(), frames.last()) else { return Vec::new() };
    let step = f64::from(last - first) / (most - 1) as f64;
    let nearest_of = |candidates: &mut dyn Iterator<Item = i32>, wanted: f64| {
        candidates.min_by(|a, b| (f64::from(*a) - wanted).abs().total_cmp(&(f64::from(*b) - wanted).abs()))
    };
    let pick = |index: usize| {
        let wanted = f64::from(first) + step * index as f64;
        let is_near = |frame: &i32| (f64::from(*frame) - wanted).abs() <= step / 3.0;
        let mut near = frames.iter().copied().filter(|frame| prompted.contains(frame)).filter(is_near);
        nearest_of(&mut near, wanted).or_else(|| nearest_of(&mut frames.iter().copied(), wanted))
    };
    let mut picked: Vec<i32> = (1..most - 1).filter_map(pick).chain([first, last]).collect();
    picked.sort_unstable();
    picked.dedup();
    picked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_frames_are_all_shown() {
        assert_eq!(spread(&[3, 5, 9], &[], 10), [3, 5, 9]);
    }

    #[test]
    fn many_frames_are_spread_from_the_first_to_the_last() {
        let frames: Vec<i32> = (1..=100).collect();
        assert_eq!(spread(&frames, &[], 4), [1, 34, 67, 100]);
    }

    #[test]
    fn a_prompt_frame_nearby_is_preferred() {
        let frames: Vec<i32> = (1..=100).collect();
        assert_eq!(spread(&frames, &[30, 80], 4), [1, 30, 67, 100]);
    }

    #[test]
    fn files_are_found_by_number_and_others_passed_over() {
        let home = tempfile::tempdir().unwrap();
        for name in ["roto.0010.png", "roto.0002.png", "roto.png", "roto.x.png", "other.0001.png"] {
            fs::write(home.path().join(name), "").unwrap();
        }
        let frames: Vec<i32> =
            numbered(home.path(), "roto.", ".png").unwrap().iter().map(|found| found.frame).collect();
        assert_eq!(frames, [2, 10]);
    }
}
