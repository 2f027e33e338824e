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

/// Has room for `count` samples, whatever size the plane has now.
pub(crate) fn hold_plane<T: Clone + Default>(plane: &mut Plane<T>, count: usize) {
    let (width, height) = (plane.width(), plane.height());
    let mut samples = std::mem::replace(plane, no_plane()).into_vec();
    samples.reserve_exact(count.saturating_sub(samples.len()));
    if let Ok(held) = Plane::from_vec(width, height, samples) {
        *plane = held;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_with_room_changes_its_size_where_it_lies() {
        let mut plane = no_plane::<f32>();
        hold_plane(&mut plane, 1200);
        fit_plane(&mut plane, 10, 20);
        let place = plane.data().as_ptr();
        for (width, height) in [(40, 30), (3, 2), (30, 40)] {
            hold_plane(&mut plane, 1200);
            fit_plane(&mut plane, width, height);
            assert_eq!((plane.width(), plane.height(), plane.data().as_ptr()), (width, height, place));
        }
    }
}
