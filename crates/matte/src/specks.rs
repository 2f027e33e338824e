//! Removes specks from a mask: the small weak islands and holes that upsampling decoders leave in places they are
//! undecided about, often in a lattice.

use raster::Plane;

/// A speck's logits stay within this of the edge; whatever the model is surer of is a part of the picture.
const WEAK: f32 = 2.0;
/// Specks are told from their surroundings at the edge, then once more this far before it: dips that do not quite reach
/// the edge would show as grey dots. At the edge first, because further off neighbouring specks run into one.
const MARGINS: [f32; 2] = [0.0, 1.0];
/// A speck has at most this share of the largest part of its kind: a small object alone is no speck.
const SHARE: usize = 16;

/// Replaces islands and holes of at most `most` cells by the mean of the cells round them. `logits`: 0 is the edge.
///
/// Islands are connected cells above 0 (then: above -1) that stay below 2, holes the same with the signs changed; cells
/// are neighbours across their sides.
pub(crate) fn remove_specks(logits: &mut Plane<f32>, most: usize) {
    if most == 0 {
        return;
    }
    for margin in MARGINS {
        let islands = specks(logits, most, |logit| logit, margin);
        let holes = specks(logits, most, |logit| -logit, margin);
        for (cells, level) in islands.into_iter().chain(holes) {
            for cell in cells {
                logits.data_mut()[cell] = level;
            }
        }
    }
}

/// The specks' cells, and the logit to put there; `side` turns logits so that specks are positive.
fn specks(logits: &Plane<f32>, most: usize, side: impl Fn(f32) -> f32, margin: f32) -> Vec<(Vec<usize>, f32)> {
    let parts = parts(logits, |logit| side(logit) > -margin);
    let largest = parts.iter().map(|part| part.cells.len()).max().unwrap_or(0);
    let weak = |part: &Part| part.cells.iter().all(|&cell| side(logits.data()[cell]) < WEAK);
    let small = |part: &Part| part.cells.len() <= most.min(largest / SHARE);
    parts
        .into_iter()
        .filter(|part| small(part) && weak(part))
        .filter_map(|part| Some((part.cells, mean(part.border.iter().map(|&cell| logits.data()[cell]))?)))
        .collect()
}

/// Connected cells, and the cells next to them that do not belong to them (one for each side they share).
struct Part {
    cells: Vec<usize>,
    border: Vec<usize>,
}

fn parts(logits: &Plane<f32>, belongs: impl Fn(f32) -> bool) -> Vec<Part> {
    let mut open: Vec<bool> = logits.data().iter().map(|&logit| belongs(logit)).collect();
    let member = open.clone();
    let mut parts = Vec::new();
    for start in 0..open.len() {
        if !std::mem::take(&mut open[start]) {
            continue;
        }
        let mut part = Part { cells: vec![start], border: Vec::new() };
        let mut next = 0;
        while let Some(&cell) = part.cells.get(next) {
            next += 1;
            for neighbour in neighbours(cell, logits.width(), logits.height()) {
                if std::mem::take(&mut open[neighbour]) {
                    part.cells.push(neighbour);
                } else if !member[neighbour] {
                    part.border.push(neighbour);
                }
            }
        }
        parts.push(part);
    }
    parts
}

fn neighbours(cell: usize, width: usize, height: usize) -> impl Iterator<Item = usize> {
    let (x, y) = (cell % width, cell / width);
    let left = (x > 0).then(|| cell - 1);
    let right = (x + 1 < width).then_some(cell + 1);
    let up = (y > 0).then(|| cell - width);
    let down = (y + 1 < height).then_some(cell + width);
    [left, right, up, down].into_iter().flatten()
}

fn mean(values: impl Iterator<Item = f32>) -> Option<f32> {
    let (sum, count) = values.fold((0f32, 0usize), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An object of 8 x 8 cells in a ground of 24 x 12, with single cells changed.
    fn with(cells: &[(usize, usize, f32)]) -> Plane<f32> {
        let mut plane = Plane::new(24, 12, -6.0);
        for y in 2..10 {
            plane.row_mut(y)[2..10].fill(5.0);
        }
        for &(x, y, logit) in cells {
            plane.row_mut(y)[x] = logit;
        }
        plane
    }

    #[test]
    fn weak_islands_holes_and_dips_go() {
        let mut logits = with(&[(5, 5, -0.7), (7, 7, 0.3), (7, 4, -1.2), (8, 4, 0.1), (18, 6, 1.0), (20, 3, -0.4)]);
        remove_specks(&mut logits, 4);
        for (logit, clean) in logits.data().iter().zip(with(&[]).data()) {
            assert!(logit * clean > 0.0 && logit.abs() > 2.0, "{logit} where {clean} belongs");
        }
    }

    #[test]
    fn sure_large_and_connected_parts_stay_and_so_does_a_small_object_alone() {
        let kept = with(&[(18, 6, 4.0), (5, 5, -3.0), (10, 5, 0.5), (15, 3, 1.0), (15, 4, 1.0), (16, 4, 1.0)]);
        let mut logits = kept.clone();
        remove_specks(&mut logits, 2);
        assert_eq!(logits, kept);
        let mut alone = Plane::new(24, 12, -6.0);
        alone.row_mut(6)[12] = 1.5;
        let kept = alone.clone();
        remove_specks(&mut alone, 12);
        assert_eq!(alone, kept);
    }

    #[test]
    fn nothing_is_removed_when_not_asked_for() {
        let kept = with(&[(18, 6, 1.0)]);
        let mut logits = kept.clone();
        remove_specks(&mut logits, 0);
        assert_eq!(logits, kept);
        let mut empty = Plane::new(0, 3, 0.0);
        remove_specks(&mut empty, 12);
        assert!(empty.is_empty());
    }
}
