//! Whether two frames show the same object along the motion that is used.

use super::Neighbour;
use super::coarse::Cells;
use super::object_motion::ObjectMotion;
use super::shrunk::shrunk;
use super::sides::alpha_at;
use crate::field::between;
use raster::Plane;

/// Width of the patches that are compared, in cells: 6 pixels of a picture of 480 rows.
const SIGMA: f32 = 1.5;
/// How much a pixel counts that is not of the object: enough to compare something in a hole.
const ELSEWHERE: f32 = 0.02;
/// The most that a pixel's difference counts. Differences are sums over red, green and blue, each 0..255.
const MOST: f32 = 100.0;
/// Difference at which agreement is half, beyond the usual difference of the object in this pair of frames: that is grain,
/// blur and a change of light.
const DIFFERENCE: f32 = 25.0;
/// How much a difference of alpha counts beside that of colour where motions are compared. A contour that is missed by a pixel
/// then counts as some grain does, so jitter does not choose the motion, and one that is missed by ten settles it.
const SHAPE: f32 = 200.0;
/// Pixels of a picture of 480 rows round the object in which pictures are compared.
const ROUND: f32 = 24.0;

/// The object's motion in a frame of size `frame`, to a neighbour; `matte` is the frame's at the flow's size.
///
/// Flow may be consistent and the object's smooth motion wrong all the same: a foot does not move as the leg does, cloth not
/// as the body. So patches of both pictures are compared along the motion that is used, the object's pixels alone. Where what
/// the flow says in one place fits pictures and mattes better than the smooth motion, it is taken; where neither fits the
/// pictures, confidence falls. Mattes have no say in that: one that jitters or has a hole is what others are to correct.
pub(super) fn agreeing_motion(frame: (usize, usize), matte: &Plane<f32>, neighbour: &Neighbour) -> ObjectMotion {
    let trust = Some(neighbour.confidence);
    let Some(pictures) = neighbour.pictures else {
        return ObjectMotion::of(frame, matte, neighbour.motion, trust);
    };
    let (mut motion, local) = ObjectMotion::smooth_and_local(frame, matte, neighbour.motion, trust);
    let cells = motion.cells;
    let round = cells.within(ROUND * cells.unit(), None, |x, y| matte.row(y)[x] > 0.0);
    let moved = shrunk(neighbour.matte, (matte.width(), matte.height()));
    let compare = |motion: &ObjectMotion| Compared::along(motion, [matte, &*moved], pictures, &round);
    let (mut smooth, alone) = (compare(&motion), compare(&local));
    for (cell, misfit) in alone.misfit.data().iter().enumerate() {
        if *misfit < smooth.misfit.data()[cell] {
            smooth.difference.data_mut()[cell] = alone.difference.data()[cell];
            for (part, local) in motion.motion.iter_mut().zip(&local.motion) {
                part.data_mut()[cell] = local.data()[cell];
            }
            let confidence = &mut motion.confidence.data_mut()[cell];
            *confidence = confidence.max(local.confidence.data()[cell]);
        }
    }
    let half = DIFFERENCE + smooth.usual();
    for (confidence, difference) in motion.confidence.data_mut().iter_mut().zip(smooth.difference.data()) {
        *confidence /= 1.0 + (difference / half).powi(4);
    }
    motion
}

/// How patches of two frames differ along a motion, by cells; 0 where they are not compared.
struct Compared {
    /// Of the pictures, over the object.
    difference: Plane<f32>,
    /// Of pictures and mattes.
    misfit: Plane<f32>,
    /// How much of a cell is of the object.
    object: Plane<f32>,
}

impl Compared {
    fn along(
        motion: &ObjectMotion,
        [matte, moved]: [&Plane<f32>; 2],
        [here, there]: [&Plane<[u8; 3]>; 2],
        among: &Plane<bool>,
    ) -> Self {
        let cells: Cells = motion.cells;
        let means = cells.means(SIGMA, Some(among), |y, columns, [sums, weights, shapes]| {
            cells.spread(&motion.motion[0], y, columns.clone(), sums);
            cells.spread(&motion.motion[1], y, columns.clone(), weights);
            let (alphas, colours) = (matte.row(y), here.row(y));
            for x in columns {
                let (to_x, to_y) = (x as f32 + sums[x], y as f32 + weights[x]);
                let found = colour_at(there, to_x, to_y);
                let apart: f32 = found.iter().zip(colours[x]).map(|(a, b)| (a - f32::from(b)).abs()).sum();
                weights[x] = alphas[x] + ELSEWHERE;
                sums[x] = weights[x] * apart.min(MOST);
                shapes[x] = (alpha_at(moved, to_x, to_y) - alphas[x]).abs();
            }
        });
        let [mut difference, object, mut misfit] = means;
        let values = difference.data_mut().iter_mut().zip(misfit.data_mut());
        for ((difference, misfit), weight) in values.zip(object.data()) {
            *difference = if *weight > 1e-6 { *difference / weight } else { 0.0 };
            *misfit = *difference + SHAPE * *misfit;
        }
        Self { difference, misfit, object }
    }

    /// The median over the object.
    fn usual(&self) -> f32 {
        let of_object = self.difference.data().iter().zip(self.object.data()).filter(|(_, object)| **object > 0.5);
        let mut differences: Vec<f32> = of_object.map(|(difference, _)| *difference).collect();
        let middle = differences.len() / 2;
        if differences.is_empty() { 0.0 } else { *differences.select_nth_unstable_by(middle, f32::total_cmp).1 }
    }
}

/// The colour at a place between pixels, bilinear, the border repeated.
#[inline(always)]
fn colour_at(picture: &Plane<[u8; 3]>, x: f32, y: f32) -> [f32; 3] {
    let ((left, right, across), (top, bottom, down)) = (between(x, picture.width()), between(y, picture.height()));
    let (above, below) = (picture.row(top), picture.row(bottom));
    std::array::from_fn(|channel| {
        let value = |pixel: [u8; 3]| f32::from(pixel[channel]);
        let upper = value(above[left]) + across * (value(above[right]) - value(above[left]));
        let lower = value(below[left]) + across * (value(below[right]) - value(below[left]));
        upper + down * (lower - upper)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Flow;

    /// Two stripes of colour over a dark ground; the right one is moved.
    fn picture(right: usize) -> Plane<[u8; 3]> {
        let colour = |i: usize| {
            let (x, y) = (i % 160, i / 160);
            if (8..72).contains(&x) || (right..right + 32).contains(&x) {
                [200, (40 + 8 * (y % 8)) as u8, 60]
            } else {
                [20, 30, 40]
            }
        };
        Plane::from_vec(160, 120, (0..160 * 120).map(colour).collect()).unwrap()
    }

    fn confidence(motion: impl Fn(usize) -> f32) -> (ObjectMotion, usize) {
        let (here, there) = (picture(80), picture(112));
        let [matte, moved] = [&here, &there].map(|shown| shown.map(|colour| if colour[0] > 100 { 1.0 } else { 0.0 }));
        let motion = Flow::from_fn(160, 120, |x, _| [motion(x), 0.0]);
        let trust = Plane::new(160, 120, 1f32);
        let pictures = Some([&here, &there]);
        let neighbour = Neighbour { distance: 1, matte: &moved, motion: &motion, confidence: &trust, pictures };
        let found = agreeing_motion((160, 120), &matte, &neighbour);
        let side = found.cells.side;
        (found, side)
    }

    #[test]
    fn motion_that_is_sure_and_shows_something_else_is_not_trusted() {
        let (found, side) = confidence(|_| 0.0);
        let at = |x: usize| found.confidence.row(60 / side)[x / side];
        assert!(at(32) > 0.9 && at(96) < 0.1, "{} where it stands and {} where it moves", at(32), at(96));
    }

    #[test]
    fn motion_that_fits_is_trusted() {
        let (found, side) = confidence(|x| if x < 76 { 0.0 } else { 32.0 });
        let at = |x: usize| found.confidence.row(60 / side)[x / side];
        assert!(at(32) > 0.9 && at(96) > 0.9, "{} and {}", at(32), at(96));
    }

    #[test]
    fn where_pictures_show_nothing_the_mattes_choose_the_motion() {
        let grey = Plane::new(160, 120, [90u8; 3]);
        // A limb beside a body that stands.
        let drawn = |limb: usize| {
            let alpha = |i: usize| f32::from((8..72).contains(&(i % 160)) || (limb..limb + 4).contains(&(i % 160)));
            Plane::from_vec(160, 120, (0..160 * 120).map(alpha).collect()).unwrap()
        };
        let (matte, moved, trust) = (drawn(72), drawn(80), Plane::new(160, 120, 1f32));
        let motion = Flow::from_fn(160, 120, |x, _| [if x < 72 { 0.0 } else { 8.0 }, 0.0]);
        let pictures = Some([&grey, &grey]);
        let neighbour = Neighbour { distance: 1, matte: &moved, motion: &motion, confidence: &trust, pictures };
        let found = agreeing_motion((160, 120), &matte, &neighbour);
        let along_x = found.motion[0].row(60 / found.cells.side)[74 / found.cells.side];
        assert!((along_x - 8.0).abs() < 0.01, "{along_x}");
    }
}
