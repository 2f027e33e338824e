//! A finished alpha plane in the few bytes that its flat parts leave of it.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// Marks a token whose values follow one by one; without it, one value follows for the whole run.
const LITERAL: u32 = 1 << 31;
/// The shortest run that is worth ending a literal for: a run takes two words, the literal after it one more.
const SHORTEST_RUN: usize = 4;
/// Values looked at together.
const BLOCK: usize = 32;

/// An alpha plane, bit for bit, as runs of equal values. A matte is 0 or 1 nearly everywhere: a frame of 1920x1080 takes
/// some hundred kilobytes instead of eight megabytes, and a row is read back as fast as memory is filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlphaRuns {
    width: usize,
    /// Where each row's tokens begin, and where the last one's end.
    starts: Vec<u64>,
    /// Tokens: a count, [`LITERAL`] or not, then the bits of one value or of `count` values.
    words: Vec<u32>,
}

impl AlphaRuns {
    /// Makes a plane of `width` (below 2^31) x `height` out of rows that `row(y, alpha)` fills, in parallel.
    pub fn from_rows(width: usize, height: usize, row: impl Fn(usize, &mut [f32]) + Sync) -> Self {
        let rows: Vec<Vec<u32>> = (0..height)
            .into_par_iter()
            .map_init(
                || vec![0.0; width],
                |alpha, y| {
                    row(y, alpha);
                    encode(alpha)
                },
            )
            .collect();
        let mut starts = Vec::with_capacity(height + 1);
        let mut end = 0;
        starts.push(end);
        for row in &rows {
            end += row.len() as u64;
            starts.push(end);
        }
        Self { width, starts, words: rows.concat() }
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Writes the values of row `y` from column `x` on into `out`; 0 beyond the plane.
    pub fn read(&self, y: usize, x: usize, out: &mut [f32]) {
        out.fill(0.0);
        let Some(tokens) = self.row(y) else { return };
        // What is still to be passed over, then where the next value goes.
        let (mut skip, mut at) = (x, 0);
        for token in Tokens(tokens) {
            let passed = skip.min(token.count);
            skip -= passed;
            let count = (token.count - passed).min(out.len() - at);
            let target = &mut out[at..at + count];
            match token.values {
                Values::Same(bits) => target.fill(f32::from_bits(bits)),
                Values::Each(values) => {
                    for (target, &bits) in target.iter_mut().zip(&values[passed..]) {
                        *target = f32::from_bits(bits);
                    }
                }
            }
            at += count;
            if at == out.len() {
                break;
            }
        }
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> u64 {
        (size_of_val(&self.starts[..]) + size_of_val(&self.words[..])) as u64
    }

    /// Appends width, height, where rows begin, and the rows, little-endian, for a file.
    pub fn write(&self, out: &mut Vec<u8>) {
        let header = [self.width as u64, self.height() as u64];
        out.extend(header.iter().chain(&self.starts).flat_map(|number| number.to_le_bytes()));
        out.extend(self.words.iter().flat_map(|word| word.to_le_bytes()));
    }

    /// Reads what [`Self::write`] wrote; `None` for anything else. Never trusts a number it was given.
    pub fn read_from(bytes: &[u8]) -> Option<Self> {
        let (&[width, height], rest) = bytes.as_chunks::<8>().0.split_first_chunk::<2>()?;
        let [width, height] = [width, height].map(|number| usize::try_from(u64::from_le_bytes(number)));
        let (width, height) = (width.ok()?, height.ok()?);
        let (rows, _) = rest.split_at_checked(height.checked_add(1)?)?;
        let (words, odd) = bytes.get((rows.len() + 2) * 8..)?.as_chunks::<4>();
        let runs = Self {
            width,
            starts: rows.iter().map(|&start| u64::from_le_bytes(start)).collect(),
            words: words.iter().map(|&word| u32::from_le_bytes(word)).collect(),
        };
        let whole = odd.is_empty()
            && runs.starts.first() == Some(&0)
            && runs.starts.last().is_some_and(|&end| end == runs.words.len() as u64);
        let fits = |y| runs.row(y).is_some_and(|row| is_row_of(row, width));
        (whole && (0..height).all(fits)).then_some(runs)
    }

    fn row(&self, y: usize) -> Option<&[u32]> {
        let word = |start: u64| usize::try_from(start).ok();
        self.words.get(word(*self.starts.get(y)?)?..word(*self.starts.get(y + 1)?)?)
    }
}

/// Some equal or some single values.
struct Token<'a> {
    count: usize,
    values: Values<'a>,
}

enum Values<'a> {
    Same(u32),
    Each(&'a [u32]),
}

/// The tokens of a row; ends at the first word that makes none.
struct Tokens<'a>(&'a [u32]);

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let (&head, rest) = self.0.split_first()?;
        let count = (head & !LITERAL) as usize;
        let taken = if head & LITERAL == 0 { 1 } else { count };
        let (values, rest) = rest.split_at_checked(taken)?;
        self.0 = rest;
        let values = if head & LITERAL == 0 { Values::Same(values[0]) } else { Values::Each(values) };
        Some(Token { count, values })
    }
}

fn is_row_of(row: &[u32], width: usize) -> bool {
    let mut tokens = Tokens(row);
    let mut count = 0usize;
    for token in &mut tokens {
        count = count.saturating_add(token.count);
    }
    tokens.0.is_empty() && count == width
}

fn encode(alpha: &[f32]) -> Vec<u32> {
    let mut words = Vec::new();
    // Where the values not yet written begin.
    let mut pending = 0;
    let mut at = 0;
    while at < alpha.len() {
        let bits = alpha[at].to_bits();
        let run = alike(&alpha[at..], bits);
        if run >= SHORTEST_RUN {
            push_literal(&mut words, &alpha[pending..at]);
            words.extend([run as u32, bits]);
            pending = at + run;
        }
        at += run;
    }
    push_literal(&mut words, &alpha[pending..]);
    words
}

/// How many of the first values have these bits.
fn alike(values: &[f32], bits: u32) -> usize {
    let same = |value: &f32| value.to_bits() == bits;
    // A short run, mostly a single value, is not worth a look at a whole block.
    let short = values.iter().take(SHORTEST_RUN).take_while(|value| same(value)).count();
    if short < SHORTEST_RUN {
        return short;
    }
    let blocks = values.chunks(BLOCK).take_while(|block| block.iter().fold(true, |all, value| all & same(value)));
    let start = blocks.map(<[f32]>::len).sum::<usize>();
    start + values[start..].iter().take_while(|value| same(value)).count()
}

fn push_literal(words: &mut Vec<u32>, values: &[f32]) {
    if !values.is_empty() {
        words.push(values.len() as u32 | LITERAL);
        words.extend(values.iter().map(|value| value.to_bits()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use raster::Plane;

    fn runs(plane: &Plane<f32>) -> AlphaRuns {
        AlphaRuns::from_rows(plane.width(), plane.height(), |y, alpha| alpha.copy_from_slice(plane.row(y)))
    }

    fn bits(plane: &Plane<f32>) -> Vec<u32> {
        plane.data().iter().map(|value| value.to_bits()).collect()
    }

    fn read_all(runs: &AlphaRuns) -> Plane<f32> {
        let mut plane = Plane::new(runs.width(), runs.height(), 9.0);
        plane.rows_mut().enumerate().for_each(|(y, row)| runs.read(y, 0, row));
        plane
    }

    fn planes() -> impl Strategy<Value = Plane<f32>> {
        let value = prop_oneof![
            4 => Just(0.0f32), 4 => Just(1.0f32), 1 => Just(-0.0f32), 1 => Just(f32::NAN), 3 => 0.0..1.0f32
        ];
        let stretch = (value, 1..9usize).prop_map(|(value, count)| vec![value; count]);
        (1..40usize, 0..6usize).prop_flat_map(move |(width, height)| {
            prop::collection::vec(stretch.clone(), width * height).prop_map(move |stretches| {
                let values = stretches.concat()[..width * height].to_vec();
                Plane::from_vec(width, height, values).unwrap()
            })
        })
    }

    proptest! {
        #[test]
        fn every_plane_comes_back_bit_for_bit_also_from_bytes(plane in planes()) {
            let runs = runs(&plane);
            prop_assert_eq!(bits(&read_all(&runs)), bits(&plane));
            let mut bytes = Vec::new();
            runs.write(&mut bytes);
            prop_assert_eq!(AlphaRuns::read_from(&bytes), Some(runs));
        }

        #[test]
        fn any_window_of_a_row_reads_as_it_stands(plane in planes(), y in 0..6usize, x in 0..50usize, count in 0..60usize) {
            let mut out = vec![9.0; count];
            runs(&plane).read(y, x, &mut out);
            for (i, value) in out.iter().enumerate() {
                let expected = plane.get(x + i, y).copied().unwrap_or(0.0);
                prop_assert_eq!(value.to_bits(), expected.to_bits());
            }
        }

        #[test]
        fn damaged_bytes_are_refused_or_still_make_a_plane_of_that_size(
            plane in planes(), place in any::<prop::sample::Index>(), flip in 1..=255u8, cut in any::<prop::sample::Index>()
        ) {
            let mut bytes = Vec::new();
            runs(&plane).write(&mut bytes);
            let shortened = &bytes[..cut.index(bytes.len())];
            prop_assert_eq!(AlphaRuns::read_from(shortened), None);
            let at = place.index(bytes.len());
            bytes[at] ^= flip;
            if let Some(read) = AlphaRuns::read_from(&bytes) {
                prop_assert_eq!(read_all(&read).data().len(), read.width() * read.height());
            }
        }
    }

    #[test]
    fn a_flat_matte_takes_next_to_nothing() {
        let runs = runs(&Plane::new(1920, 1080, 1.0));
        assert_eq!(runs.byte_size(), 8 * 1081 + 4 * 2 * 1080);
    }
}
