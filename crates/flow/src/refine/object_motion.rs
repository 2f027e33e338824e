//! The object's own motion, continued beyond its edge.

use super::coarse::Cells;
use super::soft_mean::soft_mean;
use crate::Flow;
use crate::field::between;
use raster::Plane;
use std::ops::Range;

/// Width of smoothing in cells: 8 pixels of a picture of 480 rows.
const SIGMA: f32 = 2.0;
/// How much a pixel counts that is not of the object: enough to have some motion everywhere.
const ELSEWHERE: f32 = 1e-3;

/// The motion of what a matte shows, and how far it can be trusted.
///
/// At an object's edge optical flow is at its worst: half of what it sees there is background, which moves otherwise and is
/// covered and uncovered. The edge moves with the object; so here the motion is the mean of that inside, weighted with the
/// matte and the confidence. It moves the true mattes of a smooth shot three times as exactly as the flow itself.
#[derive(Clone)]
pub(super) struct ObjectMotion {
    /// The flow's pixels, divided.
    pub cells: Cells,
    /// Pixels of the frame for each of the flow's, along x and along y.
    scale: [f32; 2],
    /// Parts along x and y of each cell's vector, in the flow's pixels.
    pub motion: [Plane<f32>; 2],
    /// Of each cell, 0..1.
    pub confidence: Plane<f32>,
}

impl ObjectMotion {
    /// The motion in a frame of size `frame`. `matte` is the frame's at the flow's size, `confidence` that of the flow, or
    /// everywhere 1.
    pub fn of(frame: (usize, usize), matte: &Plane<f32>, flow: &Flow, confidence: Option<&Plane<f32>>) -> Self {
        Self::smooth_and_local(frame, matte, flow, confidence).0
    }

    /// The same, and what each cell says for itself.
    pub fn smooth_and_local(
        frame: (usize, usize),
        matte: &Plane<f32>,
        flow: &Flow,
        confidence: Option<&Plane<f32>>,
    ) -> (Self, Self) {
        let cells = Cells::of(flow.width, flow.height);
        let sums = cells.sharp_means(None, |y, _, [us, vs, weights, trusted, inside]| {
            let (alphas, vectors) = (matte.row(y), flow.row(y));
            inside.copy_from_slice(alphas);
            match confidence {
                Some(confidence) => trusted.copy_from_slice(confidence.row(y)),
                None => trusted.fill(1.0),
            }
            let motion = us.iter_mut().zip(vs).zip(vectors);
            for ((((u, v), vector), weight), (trust, alpha)) in motion.zip(weights).zip(trusted.iter_mut().zip(alphas))
            {
                let known = (vector[0] + vector[1]).is_finite();
                *trust = if known { alpha * super::clean(*trust) } else { 0.0 };
                *weight = if known { *trust + ELSEWHERE } else { 0.0 };
                (*u, *v) = if known { (*weight * vector[0], *weight * vector[1]) } else { (0.0, 0.0) };
            }
        });
        let scale = [frame.0 as f32 / flow.width as f32, frame.1 as f32 / flow.height as f32];
        let smooth = sums.each_ref().map(|sum| soft_mean(sum, SIGMA));
        (Self::from_sums(cells, scale, smooth), Self::from_sums(cells, scale, sums))
    }

    fn from_sums(cells: Cells, scale: [f32; 2], [u, v, weight, trusted, inside]: [Plane<f32>; 5]) -> Self {
        let over = |mut sum: Plane<f32>, weight: &Plane<f32>, least: f32| {
            for (sum, weight) in sum.data_mut().iter_mut().zip(weight.data()) {
                *sum /= weight.max(0.0) + least;
            }
            sum
        };
        Self {
            cells,
            scale,
            motion: [over(u, &weight, 1e-9), over(v, &weight, 1e-9)],
            confidence: over(trusted, &inside, ELSEWHERE),
        }
    }

    /// Vectors (x and y parts) and confidence at the pixels of row `y` of the frame in `columns`, all in the frame's pixels.
    /// Each row of `out` is as long as the frame's.
    pub fn spread(&self, y: usize, columns: Range<usize>, out: &mut [Vec<f32>; 3]) {
        let [u, v, confidence] = out;
        self.cells.spread_to(&self.motion[0], y, columns.clone(), self.scale, u);
        self.cells.spread_to(&self.motion[1], y, columns.clone(), self.scale, v);
        self.cells.spread_to(&self.confidence, y, columns.clone(), self.scale, confidence);
        u[columns.clone()].iter_mut().for_each(|u| *u *= self.scale[0]);
        v[columns].iter_mut().for_each(|v| *v *= self.scale[1]);
    }

    /// The least and the most of both parts of the vectors in a rectangle of the frame's pixels.
    pub fn most(&self, [x, y]: [Range<usize>; 2]) -> [[f32; 2]; 2] {
        let columns = self.between(&x, self.scale[0], self.motion[0].width());
        let rows = self.between(&y, self.scale[1], self.motion[0].height());
        [0, 1].map(|axis| {
            let values = rows.clone().flat_map(|row| &self.motion[axis].row(row)[columns.clone()]);
            let bounds = values.fold([f32::MAX, f32::MIN], |[low, high], value| {
                // What is not a number shows in both.
                let known = value.is_finite();
                if known { [low.min(*value), high.max(*value)] } else { [f32::NEG_INFINITY, f32::INFINITY] }
            });
            bounds.map(|bound| bound * self.scale[axis])
        })
    }

    /// The cells between whose centres these pixels lie.
    fn between(&self, pixels: &Range<usize>, scale: f32, count: usize) -> Range<usize> {
        let (first, ..) = between(self.cells.place(pixels.start, scale), count);
        let (_, last, _) = between(self.cells.place(pixels.end - 1, scale), count);
        first..last + 1
    }
}
