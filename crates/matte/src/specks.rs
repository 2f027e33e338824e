//! Removes specks from a mask: the small weak islands and holes that upsampling decoders leave in places they are
//! undecided about, often in a lattice.

use raster::Plane;
use std::ops::Range;

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
    let member: Vec<bool> = logits.data().iter().map(|&logit| side(logit) > -margin).collect();
    let strong: Vec<bool> = logits.data().iter().map(|&logit| side(logit) >= WEAK).collect();
    let parts = measured_parts(&member, &strong, logits.width());
    let largest = parts.iter().map(|part| part.cells).max().unwrap_or(0);
    let weak_and_small = parts.iter().filter(|part| !part.strong && part.cells <= most.min(largest / SHARE));
    weak_and_small
        .filter_map(|part| {
            let Part { cells, border } = part_from(part.first, &member, logits.width(), logits.height());
            Some((cells, mean(border.iter().map(|&cell| logits.data()[cell]))?))
        })
        .collect()
}

/// How large a connected part is, without its cells.
#[derive(Debug, Clone, Copy)]
struct Measure {
    /// Its topmost, then leftmost cell.
    first: usize,
    cells: usize,
    /// Whether it has a strong cell.
    strong: bool,
}

/// The connected parts of the cells that are members, in the order of their first cells.
fn measured_parts(member: &[bool], strong: &[bool], width: usize) -> Vec<Measure> {
    // Stretches of members in a row, those of the row above, and for each the part it belongs to: the number of its
    // first stretch in the end (union-find).
    let mut parents: Vec<usize> = Vec::new();
    let mut measures: Vec<Measure> = Vec::new();
    let (mut above, mut row): (Vec<(Range<usize>, usize)>, Vec<_>) = (Vec::new(), Vec::new());
    for (y, cells) in member.chunks_exact(width.max(1)).enumerate() {
        row.clear();
        let mut overhead = above.iter().peekable();
        let mut x = 0;
        while let Some(gap) = cells[x..].iter().position(|&member| member) {
            let start = x + gap;
            let end = start + cells[start..].iter().take_while(|&&member| member).count();
            x = end;
            let own = parents.len();
            parents.push(own);
            let from = y * width + start;
            let strong = strong[from..from + end - start].iter().any(|&strong| strong);
            measures.push(Measure { first: from, cells: end - start, strong });
            while let Some((touching, number)) = overhead.peek() {
                if touching.end > start && touching.start < end {
                    join(&mut parents, &mut measures, *number, own);
                }
                // One that ends beyond this stretch may touch the next one too.
                if touching.end > end {
                    break;
                }
                overhead.next();
            }
            row.push((start..end, own));
        }
        std::mem::swap(&mut above, &mut row);
    }
    (0..parents.len()).filter(|&number| parents[number] == number).map(|number| measures[number]).collect()
}

fn root(parents: &mut [usize], mut number: usize) -> usize {
    while parents[number] != number {
        parents[number] = parents[parents[number]];
        number = parents[number];
    }
    number
}

/// Makes two parts one, under the number that is the lesser one: its first cell comes first.
fn join(parents: &mut [usize], measures: &mut [Measure], a: usize, b: usize) {
    let (a, b) = (root(parents, a), root(parents, b));
    if a != b {
        let (kept, gone) = (a.min(b), a.max(b));
        parents[gone] = kept;
        measures[kept].cells += measures[gone].cells;
        measures[kept].strong |= measures[gone].strong;
    }
}

/// Connected cells, and the cells next to them that do not belong to them (one for each side they share).
struct Part {
    cells: Vec<usize>,
    border: Vec<usize>,
}

/// The small part that `first` belongs to.
fn part_from(first: usize, member: &[bool], width: usize, height: usize) -> Part {
    let mut part = Part { cells: vec![first], border: Vec::new() };
    let mut next = 0;
    while let Some(&cell) = part.cells.get(next) {
        next += 1;
        for neighbour in neighbours(cell, width, height) {
            if !member[neighbour] {
                part.border.push(neighbour);
            } else if !part.cells.contains(&neighbour) {
                part.cells.push(neighbour);
            }
        }
    }
    part
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
