//! Memory that is kept from one frame to the next.

use raster::Plane;

/// Makes `plane` `width` x `height`. Allocates only when it has never been as large; what the samples hold is not defined.
pub(crate) fn fit_plane<T: Clone + Default>(plane: &mut Plane<T>, width: usize, height: usize) {
    if (plane.width(), plane.height()) == (width, height) {
        return;
    }
    let mut samples = std::mem::replace(plane, no_plane()).into_vec();
    let count = width.saturating_mul(height);
    samples.reserve_exact(count.saturating_sub(samples.len()));
    samples.resize(count, T::default());
    if let Ok(fitted) = Plane::from_vec(width, height, samples) {
        *plane = fitted;
    }
}

/// Makes `samples` at least `count` long. Allocates only when it has to grow.
pub(crate) fn fit_vec<T: Clone + Default>(samples: &mut Vec<T>, count: usize) {
    if samples.len() < count {
        samples.resize(count, T::default());
    }
}

/// An empty plane, to be fitted on first use.
pub(crate) fn no_plane<T: Clone + Default>() -> Plane<T> {
    Plane::new(0, 0, T::default())
}

/// An alpha that is a number within 0..1; what is none counts as 0.
pub(crate) fn safe_alpha(alpha: f32) -> f32 {
    if alpha.is_nan() { 0.0 } else { alpha.clamp(0.0, 1.0) }
}
