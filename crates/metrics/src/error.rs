//! Why mattes cannot be compared.

use raster::Plane;

/// Why two mattes cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetricsError {
    /// The mattes have different sizes.
    #[error("{what} is {found_width}x{found_height}, {width}x{height} was expected")]
    Size {
        /// Which matte.
        what: &'static str,
        /// Width expected, in pixels.
        width: usize,
        /// Height expected, in pixels.
        height: usize,
        /// Width found.
        found_width: usize,
        /// Height found.
        found_height: usize,
    },
    /// There is no pixel.
    #[error("mattes without pixels cannot be compared")]
    Empty,
}

/// An error unless `found` is of the size of `expected` and has pixels.
pub(crate) fn same_size<A, B>(what: &'static str, expected: &Plane<A>, found: &Plane<B>) -> Result<(), MetricsError> {
    let (width, height) = (expected.width(), expected.height());
    if (width, height) != (found.width(), found.height()) {
        let (found_width, found_height) = (found.width(), found.height());
        return Err(MetricsError::Size { what, width, height, found_width, found_height });
    }
    if expected.is_empty() { Err(MetricsError::Empty) } else { Ok(()) }
}

/// An alpha 0..1; what is not a number counts as 0.
pub(crate) fn clean(alpha: f32) -> f64 {
    if alpha.is_nan() { 0.0 } else { f64::from(alpha.clamp(0.0, 1.0)) }
}
