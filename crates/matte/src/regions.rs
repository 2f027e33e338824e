//! Removes specks and fills holes of a matte by their area.

use crate::workspace::{fit_vec, safe_alpha};
use raster::Plane;

/// Alphas up to this (one step of eight bits) are empty; so far below 1, they are full.
const EMPTY: f32 = 1.0 / 255.0;

/// Finds connected regions; keeps its memory from frame to frame.
#[derive(Debug, Default)]
pub struct Regions {
    runs: Vec<Run>,
    /// The run a run is connected to; a region's first run is its own.
    parents: Vec<u32>,
    /// Pixels of the region, at its first run.
    areas: Vec<u64>,
}

/// Neighbouring pixels of a row that belong to a region.
#[derive(Debug, Clone, Copy, Default)]
struct Run {
    row: u32,
    start: u32,
    end: u32,
}

impl Regions {
    /// Empties islands (pixels above 1/255, connected across sides or corners) of at most `area` pixels.
    pub fn remove_specks(&mut self, alpha: &mut Plane<f32>, area: f64) {
        self.replace(alpha, area, |alpha| safe_alpha(alpha) > EMPTY, 0.0);
    }

    /// Fills holes (pixels below 1 - 1/255, connected across sides or corners) of at most `area` pixels.
    pub fn fill_holes(&mut self, alpha: &mut Plane<f32>, area: f64) {
        self.replace(alpha, area, |alpha| 1.0 - safe_alpha(alpha) > EMPTY, 1.0);
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        self.runs.capacity() * size_of::<Run>() + self.parents.capacity() * 4 + self.areas.capacity() * 8
    }

    fn replace(&mut self, alpha: &mut Plane<f32>, area: f64, belongs: impl Fn(f32) -> bool, by: f32) {
        if area.is_nan() || area < 1.0 {
            return;
        }
        self.connect(alpha, belongs);
        for index in 0..self.runs.len() {
            let run = self.runs[index];
            let first = self.first(index as u32);
            if self.areas[first as usize] as f64 <= area {
                alpha.row_mut(run.row as usize)[run.start as usize..run.end as usize].fill(by);
            }
        }
    }

    /// Finds the runs, which of them touch, and the regions' areas.
    fn connect(&mut self, alpha: &Plane<f32>, belongs: impl Fn(f32) -> bool) {
        self.runs.clear();
        self.parents.clear();
        let mut above = 0..0;
        for (y, row) in alpha.rows().enumerate() {
            let begin = self.runs.len();
            let mut x = 0;
            while x < row.len() {
                let start = x + row[x..].iter().take_while(|&&alpha| !belongs(alpha)).count();
                let end = start + row[start..].iter().take_while(|&&alpha| belongs(alpha)).count();
                if end > start {
                    self.parents.push(self.runs.len() as u32);
                    self.runs.push(Run { row: y as u32, start: start as u32, end: end as u32 });
                }
                x = end;
            }
            self.join(above, begin..self.runs.len());
            above = begin..self.runs.len();
        }
        fit_vec(&mut self.areas, self.runs.len());
        self.areas[..self.runs.len()].fill(0);
        for index in 0..self.runs.len() {
            let first = self.first(index as u32);
            self.areas[first as usize] += u64::from(self.runs[index].end - self.runs[index].start);
        }
    }

    /// Connects the runs of two rows, both from left to right.
    fn join(&mut self, above: std::ops::Range<usize>, here: std::ops::Range<usize>) {
        let (mut upper, mut lower) = (above.start, here.start);
        while upper < above.end && lower < here.end {
            let (a, b) = (self.runs[upper], self.runs[lower]);
            if a.start <= b.end && b.start <= a.end {
                let (a, b) = (self.first(upper as u32), self.first(lower as u32));
                self.parents[a.max(b) as usize] = a.min(b);
            }
            if a.end < b.end { upper += 1 } else { lower += 1 }
        }
    }

    /// The first run of a run's region; shortens the way there.
    fn first(&mut self, mut run: u32) -> u32 {
        while self.parents[run as usize] != run {
            let next = self.parents[run as usize];
            self.parents[run as usize] = self.parents[next as usize];
            run = next;
        }
        run
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(rows: [&str; 6]) -> Plane<f32> {
        let samples = rows.iter().flat_map(|row| row.bytes().map(|byte| f32::from(byte == b'#'))).collect();
        Plane::from_vec(rows[0].len(), 6, samples).unwrap()
    }

    #[test]
    fn islands_up_to_the_area_go_and_larger_ones_stay_whole() {
        let mut alpha = plane(["##......#", ".##....#.", "......#..", "##.......", "#.#....##", "###....#."]);
        Regions::default().remove_specks(&mut alpha, 3.0);
        assert_eq!(alpha, plane(["##.......", ".##......", ".........", "##.......", "#.#......", "###......"]));
    }

    #[test]
    fn holes_are_the_islands_of_the_inverted_matte() {
        let rows = ["##......#", ".##....#.", "......#..", "##.......", "#.#....##", "###....#."];
        for area in [0.0, 1.0, 2.0, 3.0, 7.0, 100.0] {
            let (mut filled, mut removed) = (plane(rows), plane(rows).map(|alpha| 1.0 - alpha));
            Regions::default().fill_holes(&mut filled, area);
            Regions::default().remove_specks(&mut removed, area);
            assert_eq!(filled, removed.map(|alpha| 1.0 - alpha));
        }
    }
}
