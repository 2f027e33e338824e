//! A grid split like a chessboard, so that a cell's neighbours all lie in the other half.

/// How the cells of one colour lie in memory: cell `j` of row `y` is pixel `x = 2 j + phase`. A border of one cell all
/// round stays zero.
#[derive(Clone, Copy)]
pub(super) struct Board {
    pub width: usize,
    pub height: usize,
}

impl Board {
    /// Cells from one row to the next.
    pub fn stride(self) -> usize {
        self.width.div_ceil(2) + 2
    }

    /// Cells of one colour with their border.
    pub fn len(self) -> usize {
        self.stride() * (self.height + 2)
    }

    /// The column of the first cell of a colour in row `y`: 0 or 1.
    pub fn phase(self, colour: usize, y: usize) -> usize {
        (y + colour) & 1
    }

    /// Cells of a colour in row `y`.
    pub fn cells(self, colour: usize, y: usize) -> usize {
        (self.width + 1 - self.phase(colour, y)) / 2
    }

    /// The rows without the border above and below, to write to.
    pub fn inner(self, field: &mut [f32]) -> &mut [f32] {
        let stride = self.stride();
        &mut field[stride..stride * (self.height + 1)]
    }

    /// Row `y`, from the border cell at its left.
    pub fn row(self, field: &[f32], y: usize) -> &[f32] {
        self.bordered_row(field, y + 1)
    }

    /// Row `y - 1`: row 0 is the border.
    fn bordered_row(self, field: &[f32], y: usize) -> &[f32] {
        &field[y * self.stride()..(y + 1) * self.stride()]
    }

    /// What lies round a colour's cells in row `y` of a field of the other colour.
    pub fn neighbours<'a>(self, field: &'a [f32], colour: usize, y: usize) -> Neighbours<'a> {
        let (phase, cells) = (self.phase(colour, y), self.cells(colour, y));
        let same = self.row(field, y);
        Neighbours {
            left: &same[phase..phase + cells],
            right: &same[phase + 1..phase + 1 + cells],
            above: &self.bordered_row(field, y)[1..1 + cells],
            below: &self.bordered_row(field, y + 2)[1..1 + cells],
        }
    }
}

/// Cells of the other colour round the cells of a row.
#[derive(Clone, Copy)]
pub(super) struct Neighbours<'a> {
    pub left: &'a [f32],
    pub right: &'a [f32],
    pub above: &'a [f32],
    pub below: &'a [f32],
}

/// A row's pixels to its cells: even columns, odd columns. The slices begin at the first cell.
pub(super) fn deal(row: &[f32], even: &mut [f32], odd: &mut [f32]) {
    let (pairs, rest) = row.as_chunks::<2>();
    for ((pair, even), odd) in pairs.iter().zip(even.iter_mut()).zip(odd.iter_mut()) {
        (*even, *odd) = (pair[0], pair[1]);
    }
    if let (Some(last), Some(even)) = (rest.first(), even.get_mut(pairs.len())) {
        *even = *last;
    }
}

/// The inverse of [`deal`].
pub(super) fn gather(even: &[f32], odd: &[f32], row: &mut [f32]) {
    let count = row.len() / 2;
    let (pairs, rest) = row.as_chunks_mut::<2>();
    for ((pair, even), odd) in pairs.iter_mut().zip(even).zip(odd) {
        *pair = [*even, *odd];
    }
    if let (Some(last), Some(even)) = (rest.first_mut(), even.get(count)) {
        *last = *even;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_the_pixels_next_to_a_cell() {
        for (width, height) in [(5, 4), (6, 3), (1, 1), (2, 1)] {
            let board = Board { width, height };
            let number = |x: usize, y: usize| (y * 100 + x + 1) as f32;
            let mut fields = [vec![0f32; board.len()], vec![0f32; board.len()]];
            for y in 0..height {
                let row: Vec<f32> = (0..width).map(|x| number(x, y)).collect();
                let [mut even, mut odd] = [vec![0f32; board.stride() - 2], vec![0f32; board.stride() - 2]];
                deal(&row, &mut even, &mut odd);
                let mut back = vec![0f32; width];
                gather(&even, &odd, &mut back);
                assert_eq!(back, row);
                for (colour, field) in fields.iter_mut().enumerate() {
                    let cells = if board.phase(colour, y) == 0 { &even } else { &odd };
                    let start = (y + 1) * board.stride() + 1;
                    field[start..start + cells.len()].copy_from_slice(cells);
                }
            }
            for (colour, y) in (0..2).flat_map(|colour| (0..height).map(move |y| (colour, y))) {
                let round = board.neighbours(&fields[1 - colour], colour, y);
                for cell in 0..board.cells(colour, y) {
                    let x = 2 * cell + board.phase(colour, y);
                    let expect = |inside: bool, x: usize, y: usize| if inside { number(x, y) } else { 0.0 };
                    assert_eq!(round.left[cell], expect(x > 0, x.wrapping_sub(1), y));
                    assert_eq!(round.right[cell], expect(x + 1 < width, x + 1, y));
                    assert_eq!(round.above[cell], expect(y > 0, x, y.wrapping_sub(1)));
                    assert_eq!(round.below[cell], expect(y + 1 < height, x, y + 1));
                }
            }
        }
    }
}
