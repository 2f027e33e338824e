//! Shot cuts: two frames that show different pictures.

use crate::FlowError;
use raster::Plane;

/// Columns and rows of the thumbnails that are compared.
const THUMBNAIL: [usize; 2] = [32, 18];
/// Brightness is counted in this many classes.
const CLASSES: usize = 16;
/// Cells of the thumbnail by which the picture may have moved as a whole.
const REACH: isize = 3;
/// From this score on it is a cut. Measured: neighbouring frames of fast motion score up to 0.06, frames three apart 0.16;
/// of frames of different clips nine in ten score more than 0.26, half of them more than 0.57.
const CUT: f32 = 0.3;

/// How much two frames look like different shots, 0..1: the smaller of how far their thumbnails fail to correlate (the best
/// of small shifts counts, so that a pan is no cut) and, weighed with how unlike their brightness is spread, half of it
/// again. A flash or a fade changes the brightness and not the picture; an object that crosses changes neither much.
///
/// # Errors
/// [`FlowError::Empty`] when a picture has no pixel. The sizes may differ.
pub fn cut_score(from: &Plane<f32>, to: &Plane<f32>) -> Result<f32, FlowError> {
    if from.is_empty() || to.is_empty() {
        return Err(FlowError::Empty);
    }
    Ok(Thumbnail::of(from).cut_score(&Thumbnail::of(to)))
}

/// Whether there is a cut between two frames of brightness 0..255.
///
/// # Errors
/// As [`cut_score`].
pub fn is_cut(from: &Plane<f32>, to: &Plane<f32>) -> Result<bool, FlowError> {
    Ok(cut_score(from, to)? > CUT)
}

/// All that is looked at to tell whether two frames are of one shot: means of brightness over the cells of a coarse grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Thumbnail(Vec<f32>);

impl Thumbnail {
    /// Of a picture of brightness 0..255; what is not a number counts as 0. All black for a picture without pixels.
    pub fn of(picture: &Plane<f32>) -> Self {
        if picture.is_empty() { Self(vec![0.0; THUMBNAIL[0] * THUMBNAIL[1]]) } else { Self(means(picture)) }
    }

    /// As [`cut_score`].
    pub fn cut_score(&self, other: &Self) -> f32 {
        let unlike = 1.0 - correlation(&self.0, &other.0).max(0.0);
        let spread = spread_difference(&self.0, &other.0);
        unlike * (0.5 + 0.5 * spread)
    }

    /// As [`is_cut`].
    pub fn is_cut(&self, other: &Self) -> bool {
        self.cut_score(other) > CUT
    }
}

fn means(picture: &Plane<f32>) -> Vec<f32> {
    let [columns, rows] = THUMBNAIL;
    let range = |index: usize, cells: usize, side: usize| {
        let start = index * side / cells;
        start..((index + 1) * side / cells).max(start + 1)
    };
    let cell = |index: usize| {
        let (x, y) = (range(index % columns, columns, picture.width()), range(index / columns, rows, picture.height()));
        let count = (x.len() * y.len()) as f32;
        let samples = y.flat_map(|y| &picture.row(y)[x.clone()]);
        samples.map(|value| if value.is_finite() { value.clamp(0.0, 255.0) } else { 0.0 }).sum::<f32>() / count
    };
    (0..columns * rows).map(cell).collect()
}

/// The best correlation of the thumbnails over small shifts; 1 for two flat ones.
fn correlation(first: &[f32], second: &[f32]) -> f32 {
    let shifts = (-REACH..=REACH).flat_map(|dy| (-REACH..=REACH).map(move |dx| (dx, dy)));
    shifts.map(|(dx, dy)| correlation_at(first, second, dx, dy)).fold(-1.0, f32::max)
}

fn correlation_at(first: &[f32], second: &[f32], dx: isize, dy: isize) -> f32 {
    let [columns, rows] = THUMBNAIL;
    let common = |by: isize, count: usize| by.max(0) as usize..(count as isize + by.min(0)) as usize;
    let cells = common(-dy, rows).flat_map(|y| common(-dx, columns).map(move |x| (x, y)));
    let shifted = |x: usize, y: usize| y.saturating_add_signed(dy) * columns + x.saturating_add_signed(dx);
    let pairs = cells.map(|(x, y)| (f64::from(first[y * columns + x]), f64::from(second[shifted(x, y)])));
    let [mut count, mut a, mut b, mut aa, mut bb, mut ab] = [0.0f64; 6];
    for (x, y) in pairs {
        count += 1.0;
        a += x;
        b += y;
        aa += x * x;
        bb += y * y;
        ab += x * y;
    }
    // A variance of one level of brightness, so that two flat pictures correlate and noise in them does not matter.
    let (aa, bb, ab) = (aa - a * a / count + count, bb - b * b / count + count, ab - a * b / count + count);
    (ab / (aa * bb).sqrt()) as f32
}

/// Half the sum of differences of the shares of brightness classes: 0 for the same spread, 1 for nothing in common.
fn spread_difference(first: &[f32], second: &[f32]) -> f32 {
    let spread = |thumbnail: &[f32]| {
        let mut shares = [0f32; CLASSES];
        for value in thumbnail {
            // Shared between two classes, so that a small change of light is a small change of the spread.
            let place = (value / 256.0 * CLASSES as f32 - 0.5).clamp(0.0, (CLASSES - 1) as f32);
            let (class, part) = (place as usize, place.fract());
            shares[class] += 1.0 - part;
            shares[(class + 1).min(CLASSES - 1)] += part;
        }
        shares.map(|share| share / thumbnail.len() as f32)
    };
    let (first, second) = (spread(first), spread(second));
    first.iter().zip(second).map(|(a, b)| (a - b).abs()).sum::<f32>() * 0.5
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Soft blobs of brightness that belong to a seed, seen from (x, y).
    fn scene(seed: u32, at: [f32; 2], gain: f32) -> Plane<f32> {
        let (width, height) = (160, 90);
        let blob = |x: u32, y: u32| {
            let hash = (x * 31 + y * 57 + seed * 101).wrapping_mul(2_654_435_761);
            (hash ^ (hash >> 15)).wrapping_mul(2_246_822_519) as f32 / u32::MAX as f32
        };
        let value = |i: usize| {
            let (x, y) = ((i % width) as f32 + at[0] + 100.0, (i / width) as f32 + at[1] + 100.0);
            let (column, row) = ((x / 20.0) as u32, (y / 20.0) as u32);
            let (fx, fy) = ((x / 20.0).fract(), (y / 20.0).fract());
            let above = blob(column, row) * (1.0 - fx) + blob(column + 1, row) * fx;
            let below = blob(column, row + 1) * (1.0 - fx) + blob(column + 1, row + 1) * fx;
            gain * 160.0 * (above * (1.0 - fy) + below * fy)
        };
        Plane::from_vec(width, height, (0..width * height).map(value).collect()).unwrap()
    }

    #[test]
    fn another_scene_is_a_cut() {
        for seed in 2..12 {
            assert!(is_cut(&scene(1, [0.0; 2], 1.0), &scene(seed, [0.0; 2], 1.0)).unwrap(), "{seed}");
        }
    }

    #[test]
    fn pans_flashes_and_noise_are_no_cuts() {
        let first = scene(1, [0.0; 2], 1.0);
        let mut grainy = first.clone();
        for (i, value) in grainy.data_mut().iter_mut().enumerate() {
            *value += ((i * 7919) % 41) as f32 - 20.0;
        }
        for second in [first.clone(), scene(1, [9.0, -5.0], 1.0), scene(1, [0.0; 2], 1.5), grainy] {
            let score = cut_score(&first, &second).unwrap();
            assert!(score < CUT, "{score}");
        }
    }

    #[test]
    fn black_frames_are_a_shot_of_their_own() {
        let black = Plane::new(160, 90, 0f32);
        assert!(!is_cut(&black, &black).unwrap());
        assert!(is_cut(&scene(1, [0.0; 2], 1.0), &black).unwrap());
    }

    #[test]
    fn tiny_broken_and_empty_pictures_are_judged_or_refused() {
        let (dot, broken) = (Plane::new(1, 1, 50f32), Plane::new(3, 200, f32::NAN));
        assert!(!is_cut(&dot, &dot).unwrap());
        assert!(cut_score(&dot, &broken).unwrap().is_finite());
        assert!(matches!(is_cut(&Plane::new(0, 4, 0f32), &dot), Err(FlowError::Empty)));
    }
}
