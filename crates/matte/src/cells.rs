//! Which parts of the picture the edge runs through, row by row.

use raster::Plane;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// What a stretch of a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Wholly background: alpha is 0.
    Outside,
    /// Wholly object: alpha is 1.
    Inside,
    /// The edge is near: alpha has to be computed.
    Edge,
}

/// A stretch of cells of one kind, from the end of the one before up to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub end: u32,
    pub kind: Kind,
}

/// For each row of cells, its runs. Cell (x, y) is the square between the samples (x, y), (x + 1, y), (x, y + 1) and
/// (x + 1, y + 1); past the last column and row, samples repeat.
#[derive(Debug)]
pub(crate) struct Cells {
    runs: Vec<Run>,
    /// Where each row's runs begin, and the end.
    rows: Vec<usize>,
}

impl Cells {
    /// A cell is inside when all four samples are at least `limit`, outside when all are at most `-limit`.
    pub fn new(distance: &Plane<f32>, limit: f32) -> Self {
        let height = distance.height();
        let rows: Vec<Vec<Run>> = (0..height)
            .into_par_iter()
            .map(|y| row_runs(distance.row(y), distance.row((y + 1).min(height - 1)), limit))
            .collect();
        let mut cells = Self { runs: Vec::new(), rows: vec![0] };
        for row in rows {
            cells.runs.extend(row);
            cells.rows.push(cells.runs.len());
        }
        cells
    }

    /// The runs of row `y`, which cover it from left to right. Nothing for rows there are not.
    pub fn row(&self, y: usize) -> &[Run] {
        match (self.rows.get(y), self.rows.get(y + 1)) {
            (Some(&start), Some(&end)) => &self.runs[start..end],
            _ => &[],
        }
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        self.runs.capacity() * size_of::<Run>() + self.rows.capacity() * size_of::<usize>()
    }
}

fn row_runs(row: &[f32], below: &[f32], limit: f32) -> Vec<Run> {
    let column = |x: usize| match (row[x], below[x]) {
        (a, b) if a >= limit && b >= limit => Kind::Inside,
        (a, b) if a <= -limit && b <= -limit => Kind::Outside,
        _ => Kind::Edge,
    };
    let mut runs: Vec<Run> = Vec::new();
    let mut next = if row.is_empty() { Kind::Edge } else { column(0) };
    for x in 0..row.len() {
        let this = next;
        next = if x + 1 < row.len() { column(x + 1) } else { this };
        let kind = if this == next { this } else { Kind::Edge };
        match runs.last_mut() {
            Some(run) if run.kind == kind => run.end = x as u32 + 1,
            _ => runs.push(Run { end: x as u32 + 1, kind }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_cover_each_row_and_put_the_edge_between_its_sides() {
        let distance = Plane::from_vec(8, 2, [-9.0, -9.0, -9.0, -1.0, 2.0, 9.0, 9.0, 9.0].repeat(2)).unwrap();
        let expected =
            [Run { end: 2, kind: Kind::Outside }, Run { end: 5, kind: Kind::Edge }, Run { end: 8, kind: Kind::Inside }];
        let cells = Cells::new(&distance, 5.0);
        assert_eq!(cells.row(0), expected);
        assert_eq!(cells.row(1), expected);
        assert!(cells.row(2).is_empty());
    }

    #[test]
    fn sides_that_meet_without_a_band_still_have_an_edge_between_them() {
        let distance = Plane::from_vec(4, 2, vec![-9.0, -9.0, 9.0, 9.0, -9.0, -9.0, -9.0, -9.0]).unwrap();
        let cells = Cells::new(&distance, 5.0);
        assert_eq!(cells.row(0)[0], Run { end: 1, kind: Kind::Outside });
        assert_eq!(cells.row(0)[1], Run { end: 4, kind: Kind::Edge });
        assert_eq!(cells.row(1), [Run { end: 4, kind: Kind::Outside }]);
    }
}
