//! What is shown beside the refined matte.

use flow::{Flow, FlowError, Sampling, sample};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};

use super::solve::Step;

/// What the node shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// The refined matte.
    Result,
    /// Motion to the next frame: hue for its direction, saturation for its length.
    FlowColours,
    /// The same as numbers: pixels to the right in red, pixels up in green.
    Vectors,
    /// How far that motion is trusted.
    Confidence,
    /// What refining took away and what it added.
    Difference,
}

impl View {
    /// The views in the order of the parameter's choices.
    pub const ALL: [Self; 5] = [Self::Result, Self::FlowColours, Self::Vectors, Self::Confidence, Self::Difference];

    /// The view at an index of the parameter; an index out of range is the first.
    pub fn from_index(index: usize) -> Self {
        Self::ALL.get(index).copied().unwrap_or(Self::Result)
    }
}

/// Motion of a frame's longer side over this is shown in full colour.
const FULL_COLOUR: f32 = 24.0;
/// How bright the matte is seen behind what changed.
const BACKDROP: f32 = 0.3;

/// The picture of a view at the size of the frame, opaque, row 0 at the top. `before` and `after` are the matte unrefined
/// and refined. Black where there is no motion to show.
///
/// # Errors
/// [`FlowError::Empty`] for frames without pixels.
pub fn picture(
    view: View,
    step: Option<&Step>,
    before: &Plane<f32>,
    after: &Plane<f32>,
) -> Result<Plane<[f32; 4]>, FlowError> {
    let (width, height) = (before.width(), before.height());
    let mut out = Plane::new(width, height, [0.0, 0.0, 0.0, 1.0]);
    match (view, step) {
        (View::Difference, _) => {
            for (out, (before, after)) in out.data_mut().iter_mut().zip(before.data().iter().zip(after.data())) {
                *out = difference(*before, *after);
            }
        }
        (View::Result, _) | (_, None) => {}
        (View::Confidence, Some(step)) => {
            let known = &step.confidence;
            let scale = [known.width() as f32 / width as f32, known.height() as f32 / height as f32];
            out.par_rows_mut().enumerate().for_each(|(y, row)| {
                for (x, out) in row.iter_mut().enumerate() {
                    let place = [(x as f32 + 0.5) * scale[0] - 0.5, (y as f32 + 0.5) * scale[1] - 0.5];
                    let trust = sample(known, place[0], place[1], Sampling::Bilinear);
                    *out = [trust, trust, trust, 1.0];
                }
            });
        }
        (View::FlowColours | View::Vectors, Some(step)) => {
            let flow: Flow = step.flow.resized(width, height)?;
            let full = (width.max(height) as f32 / FULL_COLOUR).max(1.0);
            out.par_rows_mut().enumerate().for_each(|(y, row)| {
                for (out, &[u, v]) in row.iter_mut().zip(flow.row(y)) {
                    let [u, v] = [u, v].map(|part| if part.is_finite() { part } else { 0.0 });
                    *out = if view == View::Vectors { [u, -v, 0.0, 1.0] } else { colour(u / full, v / full) };
                }
            });
        }
    }
    Ok(out)
}

fn difference(before: f32, after: f32) -> [f32; 4] {
    let before = if before > 0.0 { before.min(1.0) } else { 0.0 };
    let grey = BACKDROP * after;
    let (taken, added) = ((before - after).max(0.0), (after - before).max(0.0));
    [grey + (1.0 - grey) * taken, grey + (1.0 - grey) * added, grey, 1.0]
}

/// A vector as a colour: white for none, full at a length of 1. Red to the right, then yellow-green up, cyan to the left.
fn colour(u: f32, v: f32) -> [f32; 4] {
    let length = u.hypot(v).min(1.0);
    // Sixths of the circle, counted from the right upwards.
    let hue = (-v).atan2(u).rem_euclid(std::f32::consts::TAU) * (6.0 / std::f32::consts::TAU);
    let part = |shift: f32| {
        let place = (hue + shift).rem_euclid(6.0);
        let full = ((place - 3.0).abs() - 1.0).clamp(0.0, 1.0);
        1.0 - length * (1.0 - full)
    };
    [part(0.0), part(4.0), part(2.0), 1.0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_have_their_colours_and_no_motion_is_white() {
        assert_eq!(colour(0.0, 0.0), [1.0; 4]);
        let right = colour(1.0, 0.0);
        assert_eq!(right, [1.0, 0.0, 0.0, 1.0]);
        let left = colour(-1.0, 0.0);
        assert!(left[0] < 0.01 && left[1] > 0.99 && left[2] > 0.99, "{left:?}");
        assert_eq!(colour(50.0, 0.0), right, "longer motion is no other colour");
    }

    #[test]
    fn vectors_are_pixels_of_the_frame_with_y_up() {
        let step = Step { flow: Flow::from_fn(4, 2, |_, _| [1.0, 2.0]), confidence: Plane::new(4, 2, 0.5) };
        let matte = Plane::new(8, 4, 0f32);
        let vectors = picture(View::Vectors, Some(&step), &matte, &matte).unwrap();
        assert!(vectors.data().iter().all(|pixel| *pixel == [2.0, -4.0, 0.0, 1.0]));
        let trust = picture(View::Confidence, Some(&step), &matte, &matte).unwrap();
        assert!(trust.data().iter().all(|pixel| *pixel == [0.5, 0.5, 0.5, 1.0]));
        let alone = picture(View::FlowColours, None, &matte, &matte).unwrap();
        assert!(alone.data().iter().all(|pixel| *pixel == [0.0, 0.0, 0.0, 1.0]));
    }

    #[test]
    fn what_goes_is_red_and_what_comes_is_green() {
        let [taken, added] = [difference(1.0, 0.0), difference(f32::NAN, 1.0)];
        assert_eq!(taken, [1.0, 0.0, 0.0, 1.0]);
        assert!(added[1] == 1.0 && added[0] < 0.5, "{added:?}");
        assert_eq!(difference(1.0, 1.0), [BACKDROP, BACKDROP, BACKDROP, 1.0]);
    }

    #[test]
    fn every_view_has_its_choice() {
        assert_eq!(View::ALL.len(), crate::refine::parameters::output::VIEWS.len());
        assert_eq!(View::from_index(77), View::Result);
    }
}
