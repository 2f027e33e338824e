//! How far motion can be trusted.

use crate::warp::{Sampling, sample};
use crate::{Flow, FlowError};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};

/// Share of the vectors' squared lengths that there and back may miss by (Sundaram, Brox, Keutzer 2010, equation 5).
const MISS_SHARE: f32 = 0.01;
/// Square of the pixels that there and back may always miss by (same place).
const MISS_FLOOR: f32 = 0.5;
/// Difference of brightness (of 255) at which agreement is half: some grain and a change of light are let through.
const BRIGHTNESS: f32 = 20.0;

/// How far there and back miss the start: the squared distance over what is allowed. Up to 1 the motion is consistent;
/// where it leaves the frame it is infinite.
///
/// # Errors
/// [`FlowError::Size`] when the fields differ in size, [`FlowError::Empty`] when they have no pixel.
pub fn inconsistency(there: &Flow, back: &Flow) -> Result<Plane<f32>, FlowError> {
    FlowError::unless_same("the motion back", (there.width, there.height), (back.width, back.height))?;
    if there.vectors.is_empty() {
        return Err(FlowError::Empty);
    }
    let mut out = Plane::new(there.width, there.height, 0f32);
    out.par_rows_mut().enumerate().for_each(|(y, out)| {
        for (x, (out, vector)) in out.iter_mut().zip(there.row(y)).enumerate() {
            *out = miss(x as f32, y as f32, *vector, back);
        }
    });
    Ok(out)
}

fn miss(x: f32, y: f32, [u, v]: [f32; 2], back: &Flow) -> f32 {
    let (to_x, to_y) = (x + u, y + v);
    let (last_x, last_y) = ((back.width - 1) as f32, (back.height - 1) as f32);
    // Half a pixel of the border pixels lies beyond their centres. A vector that is no number is outside.
    let inside = to_x >= -0.5 && to_y >= -0.5 && to_x <= last_x + 0.5 && to_y <= last_y + 0.5;
    if !inside {
        return f32::INFINITY;
    }
    let [back_u, back_v] = back.at(to_x, to_y);
    let square = |a: f32, b: f32| a * a + b * b;
    let allowed = MISS_SHARE * (square(u, v) + square(back_u, back_v)) + MISS_FLOOR;
    let miss = square(u + back_u, v + back_v) / allowed;
    if miss.is_nan() { f32::INFINITY } else { miss }
}

/// Where what is seen in one frame is hidden in the other, or outside of it: there and back miss the start.
///
/// # Errors
/// As [`inconsistency`].
pub fn occlusion(there: &Flow, back: &Flow) -> Result<Plane<bool>, FlowError> {
    Ok(inconsistency(there, back)?.map(|&miss| miss > 1.0))
}

/// Agreement of brightness (0..255) along the motion, 0..1: 1 where both frames show the same, half at a difference of
/// 20. What is not a number agrees with nothing.
///
/// # Errors
/// [`FlowError::Size`] when the three differ in size, [`FlowError::Empty`] when they have no pixel.
pub fn photometric_agreement(from: &Plane<f32>, to: &Plane<f32>, flow: &Flow) -> Result<Plane<f32>, FlowError> {
    let size = (from.width(), from.height());
    FlowError::unless_same("the second picture", size, (to.width(), to.height()))?;
    FlowError::unless_same("the field of motion", size, (flow.width, flow.height))?;
    if from.is_empty() {
        return Err(FlowError::Empty);
    }
    let mut out = Plane::new(size.0, size.1, 0f32);
    out.par_rows_mut().zip(from.par_rows()).enumerate().for_each(|(y, (out, from))| {
        for (x, ((out, from), [u, v])) in out.iter_mut().zip(from).zip(flow.row(y)).enumerate() {
            let difference = (sample(to, x as f32 + u, y as f32 + v, Sampling::Bilinear) - from) / BRIGHTNESS;
            let agreement = 1.0 / (1.0 + difference * difference);
            *out = if agreement.is_nan() { 0.0 } else { agreement };
        }
    });
    Ok(out)
}

/// Confidence in a motion, 0..1: falls from 1 as there and back miss the start (half where they miss by what is allowed,
/// none outside the frame), times the agreement of brightness.
///
/// # Errors
/// As [`inconsistency`] and [`photometric_agreement`].
pub fn confidence(there: &Flow, back: &Flow, from: &Plane<f32>, to: &Plane<f32>) -> Result<Plane<f32>, FlowError> {
    let mut confidence = photometric_agreement(from, to, there)?;
    let missed = inconsistency(there, back)?;
    for (confidence, miss) in confidence.data_mut().iter_mut().zip(missed.data()) {
        *confidence *= 1.0 / (1.0 + miss * miss);
    }
    Ok(confidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn motion_that_comes_back_is_trusted_and_motion_that_does_not_is_hidden() {
        let there = Flow::from_fn(20, 10, |_, _| [3.0, 0.0]);
        let back = Flow::from_fn(20, 10, |x, _| if x < 8 { [-3.0, 0.0] } else { [2.0, 1.0] });
        let hidden = occlusion(&there, &back).unwrap();
        assert_eq!(hidden.get(3, 5), Some(&false));
        assert_eq!(hidden.get(6, 5), Some(&true), "comes back elsewhere");
        assert_eq!(hidden.get(18, 5), Some(&true), "leaves the frame");
    }

    #[test]
    fn long_vectors_may_miss_by_more() {
        let miss = |length: f32| {
            let there = Flow::from_fn(200, 1, |_, _| [length, 0.0]);
            let back = Flow::from_fn(200, 1, |_, _| [-length - 2.0, 0.0]);
            inconsistency(&there, &back).unwrap().data()[0]
        };
        assert!(miss(1.0) > 1.0 && miss(100.0) < 1.0);
    }

    #[test]
    fn confidence_needs_both_agreements() {
        let (still, grey) = (Flow::still(6, 6), Plane::new(6, 6, 100f32));
        let all = confidence(&still, &still, &grey, &grey).unwrap();
        assert!(all.data().iter().all(|&value| value == 1.0));
        let brighter = confidence(&still, &still, &grey, &Plane::new(6, 6, 120f32)).unwrap();
        assert!(brighter.data().iter().all(|&value| (value - 0.5).abs() < 1e-6));
        let away = Flow::from_fn(6, 6, |_, _| [0.0, -50.0]);
        assert!(confidence(&away, &still, &grey, &grey).unwrap().data().iter().all(|&value| value == 0.0));
    }

    #[test]
    fn what_is_no_number_is_not_trusted() {
        let broken = Flow::from_fn(4, 4, |_, _| [f32::NAN, 0.0]);
        let (still, grey) = (Flow::still(4, 4), Plane::new(4, 4, 10f32));
        let dark = Plane::new(4, 4, f32::NAN);
        for (there, back, from) in [(&broken, &still, &grey), (&still, &broken, &grey), (&still, &still, &dark)] {
            assert!(confidence(there, back, from, &grey).unwrap().data().iter().all(|&value| value == 0.0));
        }
    }

    #[test]
    fn other_sizes_are_refused() {
        let (flow, grey) = (Flow::still(4, 4), Plane::new(4, 4, 0f32));
        assert!(occlusion(&flow, &Flow::still(4, 3)).is_err());
        assert!(photometric_agreement(&grey, &Plane::new(3, 4, 0f32), &flow).is_err());
        assert!(confidence(&flow, &flow, &grey, &Plane::new(4, 5, 0f32)).is_err());
        assert!(matches!(occlusion(&Flow::default(), &Flow::default()), Err(FlowError::Empty)));
    }
}
