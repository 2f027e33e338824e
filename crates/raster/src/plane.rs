//! A tightly packed two-dimensional array of samples.

use rayon::iter::IndexedParallelIterator;
use rayon::slice::{ParallelSlice, ParallelSliceMut};

/// Why a plane could not be made from a vector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaneError {
    /// The vector's length is not width x height.
    #[error("a plane of {width}x{height} needs {expected} samples, {found} were given")]
    Length {
        /// Width asked for, in samples.
        width: usize,
        /// Height asked for, in rows.
        height: usize,
        /// width x height (saturated).
        expected: usize,
        /// Length of the vector.
        found: usize,
    },
}

/// Samples of type `T` in rows, the top row first, without padding.
///
/// A plane may be empty (`width` or `height` zero).
#[derive(Debug, Clone, PartialEq)]
pub struct Plane<T> {
    width: usize,
    height: usize,
    data: Vec<T>,
}

impl<T: Clone> Plane<T> {
    /// A plane of `width` x `height` samples, all equal to `fill`.
    pub fn new(width: usize, height: usize, fill: T) -> Self {
        Self { width, height, data: vec![fill; width.saturating_mul(height)] }
    }
}

impl<T> Plane<T> {
    /// A plane over samples that lie row after row, the top row first.
    ///
    /// # Errors
    /// [`PlaneError::Length`] when `data` does not hold exactly `width * height` samples.
    pub fn from_vec(width: usize, height: usize, data: Vec<T>) -> Result<Self, PlaneError> {
        let expected = width.saturating_mul(height);
        if data.len() != expected {
            return Err(PlaneError::Length { width, height, expected, found: data.len() });
        }
        Ok(Self { width, height, data })
    }

    /// Samples in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Number of rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Whether there is no sample at all.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// All samples, row after row.
    pub fn data(&self) -> &[T] {
        &self.data
    }

    /// All samples, row after row.
    pub fn data_mut(&mut self) -> &mut [T] {
        &mut self.data
    }

    /// The samples' vector, row after row.
    pub fn into_vec(self) -> Vec<T> {
        self.data
    }

    /// The sample at column `x` of row `y`, or nothing outside.
    pub fn get(&self, x: usize, y: usize) -> Option<&T> {
        if x < self.width && y < self.height { self.data.get(y * self.width + x) } else { None }
    }

    /// Row `y`; an empty slice when there is no such row.
    pub fn row(&self, y: usize) -> &[T] {
        if y < self.height { &self.data[y * self.width..(y + 1) * self.width] } else { &[] }
    }

    /// Row `y`; an empty slice when there is no such row.
    pub fn row_mut(&mut self, y: usize) -> &mut [T] {
        if y < self.height { &mut self.data[y * self.width..(y + 1) * self.width] } else { &mut [] }
    }

    /// The rows from top to bottom. Nothing for an empty plane.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[T]> + DoubleEndedIterator {
        self.data.chunks_exact(self.width.max(1))
    }

    /// The rows from top to bottom, to write to. Nothing for an empty plane.
    pub fn rows_mut(&mut self) -> impl ExactSizeIterator<Item = &mut [T]> + DoubleEndedIterator {
        self.data.chunks_exact_mut(self.width.max(1))
    }

    /// A plane of the same size whose samples are `f` of these.
    pub fn map<U>(&self, f: impl FnMut(&T) -> U) -> Plane<U> {
        Plane { width: self.width, height: self.height, data: self.data.iter().map(f).collect() }
    }
}

impl<T: Sync> Plane<T> {
    /// The rows as a rayon iterator.
    pub fn par_rows(&self) -> impl IndexedParallelIterator<Item = &[T]> {
        self.data.par_chunks_exact(self.width.max(1))
    }
}

impl<T: Send> Plane<T> {
    /// The rows as a rayon iterator, to write to.
    pub fn par_rows_mut(&mut self) -> impl IndexedParallelIterator<Item = &mut [T]> {
        self.data.par_chunks_exact_mut(self.width.max(1))
    }
}

impl<T: bytemuck::NoUninit> Plane<T> {
    /// The samples as bytes in the machine's order, for hashing and for writing.
    pub fn as_bytes(&self) -> &[u8] {
        bytemuck::cast_slice(&self.data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_of_the_wrong_length_is_refused_with_the_numbers() {
        let error = Plane::from_vec(3, 2, vec![0u8; 5]).unwrap_err();
        assert_eq!(error, PlaneError::Length { width: 3, height: 2, expected: 6, found: 5 });
        assert!(Plane::from_vec(usize::MAX, 2, vec![0u8; 5]).is_err());
    }

    #[test]
    fn rows_follow_each_other_from_top_to_bottom() {
        let mut plane = Plane::from_vec(2, 3, vec![0, 1, 2, 3, 4, 5]).unwrap();
        assert_eq!(plane.row(1), [2, 3]);
        plane.row_mut(2)[0] = 9;
        assert_eq!(plane.rows().map(|row| row[0]).collect::<Vec<_>>(), [0, 2, 9]);
        assert_eq!(plane.get(1, 2), Some(&5));
        assert_eq!(plane.get(2, 2), None);
    }

    #[test]
    fn outside_and_empty_planes_give_empty_rows() {
        let plane = Plane::new(0, 4, 0f32);
        assert!(plane.is_empty());
        assert_eq!(plane.rows().count(), 0);
        assert!(plane.row(1).is_empty());
        assert!(Plane::new(3, 2, 0u8).row(2).is_empty());
    }
}
