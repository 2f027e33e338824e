//! Which parts of the picture the edge runs through, row by row.

use raster::Plane;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// Columns looked at together.
const BLOCK: usize = 32;

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
    let columns: Vec<Kind> = row
        .iter()
        .zip(below)
        .map(|(&a, &b)| {
            let (inside, outside) = ((a >= limit) & (b >= limit), (a <= -limit) & (b <= -limit));
            if inside {
                Kind::Inside
            } else if outside {
                Kind::Outside
            } else {
                Kind::Edge
            }
        })
        .collect();
    let mut runs: Vec<Run> = Vec::new();
    let mut x = 0;
    while let Some(&this) = columns.get(x) {
        let same = x + alike(&columns[x..], this);
        // A cell reaches to the next column; behind the last one the column repeats.
        let whole = if same == columns.len() { same } else { same - 1 };
        push(&mut runs, x, whole, this);
        push(&mut runs, whole, same, Kind::Edge);
        x = same;
    }
    runs
}

/// How many of the first columns are of one kind.
fn alike(columns: &[Kind], kind: Kind) -> usize {
    let blocks = columns.chunks(BLOCK).take_while(|block| block.iter().fold(true, |all, &other| all & (other == kind)));
    let start = blocks.map(<[Kind]>::len).sum::<usize>();
    start + columns[start..].iter().take_while(|&&other| other == kind).count()
}

fn push(runs: &mut Vec<Run>, start: usize, end: usize, kind: Kind) {
    if start == end {
        return;
    }
    match runs.last_mut() {
        Some(run) if run.kind == kind => run.end = end as u32,
        _ => runs.push(Run { end: end as u32, kind }),
    }
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
