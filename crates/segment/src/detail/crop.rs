//! Which part of the picture the second look is at.

use raster::PixelView;

use crate::segmentation::Segmentation;

/// The crop is larger than the mask's box by this share of its longer side on each side. The network wants to see what
/// the object is not.
const MARGIN: f64 = 0.15;

/// Sides come in steps of this share of the picture's longer side, and places in half as large ones: an object that stays
/// where it is is always looked at in the same crop, so that its edge does not boil.
const SIDE_STEP: f64 = 1.0 / 16.0;
const PLACE_STEP: f64 = 1.0 / 32.0;

/// The smallest side: closer than that there is little left that tells what the object is.
const LEAST: f64 = 3.0 / 16.0;

/// The largest side: beyond it the network's samples lie not much closer than in the whole picture.
const MOST: f64 = 10.0 / 16.0;

/// Pixels on the shorter side of a crop below which there is nothing to see.
const FEWEST: usize = 16;

/// A part of a picture, in whole pixels of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crop {
    /// Pixels from the left edge and from the top edge.
    pub(super) at: [usize; 2],
    /// Width and height.
    pub(super) size: [usize; 2],
    /// Those of the picture.
    pub(super) of: [usize; 2],
}

impl Crop {
    /// The crop round a mask on a picture of so many pixels, whose width is `pixel_aspect` times their height: square, but
    /// where the picture is narrower. `None` where the mask is empty, where it is so large that a second look shows no
    /// more than the first, and in pictures of next to no pixels.
    pub fn round(mask: &Segmentation, of: [usize; 2], pixel_aspect: f64) -> Option<Self> {
        let bounds = bounds(mask)?;
        // In shares of the longer side.
        let square = [of[0] as f64 * pixel_aspect, of[1] as f64];
        let picture = square.map(|side| side / square[0].max(square[1]).max(f64::MIN_POSITIVE));
        let box_: [[f64; 2]; 2] = std::array::from_fn(|axis| bounds[axis].map(|share| share * picture[axis]));
        let longer = box_.iter().fold(0f64, |longer, [low, high]| longer.max(high - low));
        // Beyond the picture there is no room to be had: a tall object in a wide picture needs no more than its height.
        let needed = [0, 1].map(|axis| (box_[axis][1] - box_[axis][0] + 2.0 * MARGIN * longer).min(picture[axis]));
        let side = ((needed[0].max(needed[1]) / SIDE_STEP).ceil() * SIDE_STEP).max(LEAST);
        if side > MOST {
            return None;
        }
        let mut crop = Self { at: [0; 2], size: [0; 2], of };
        for axis in 0..2 {
            let [low, high] = box_[axis];
            let length = side.min(picture[axis]);
            let start = (((low + high - side) / 2.0 / PLACE_STEP).round() * PLACE_STEP).min(picture[axis] - length);
            let pixel = |at: f64| ((at / picture[axis] * of[axis] as f64).round() as usize).min(of[axis]);
            let (first, end) = (pixel(start.max(0.0)), pixel(start.max(0.0) + length));
            (crop.at[axis], crop.size[axis]) = (first, end.saturating_sub(first));
        }
        (crop.size[0].min(crop.size[1]) >= FEWEST).then_some(crop)
    }

    /// Width and height in pixels.
    pub fn size(&self) -> [usize; 2] {
        self.size
    }

    /// This part of the picture.
    pub fn view<'a>(&self, picture: &PixelView<'a>) -> PixelView<'a> {
        picture.window(self.at[0], self.at[1], self.size[0], self.size[1])
    }

    /// A place on one axis of the picture, 0 to 1, in shares of the crop: beyond 0 to 1 outside of it.
    pub(super) fn share(&self, axis: usize, of_picture: f64) -> f64 {
        (of_picture * self.of[axis] as f64 - self.at[axis] as f64) / self.size[axis] as f64
    }

    /// The crop on one axis, in shares of the picture: where it begins, and its length.
    pub(super) fn within(&self, axis: usize) -> (f64, f64) {
        let of = self.of[axis] as f64;
        (self.at[axis] as f64 / of, self.size[axis] as f64 / of)
    }
}

/// The box of what is inside of the mask on each axis, 0 to 1; `None` where nothing is.
pub(super) fn bounds(mask: &Segmentation) -> Option<[[f64; 2]; 2]> {
    let (mut low, mut high) = ([usize::MAX; 2], [0; 2]);
    for (y, row) in mask.logits.rows().enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, logit)| **logit > 0.0) {
            low = [low[0].min(x), low[1].min(y)];
            high = [high[0].max(x + 1), high[1].max(y + 1)];
        }
    }
    let extent = [mask.extent.0, mask.extent.1].map(f64::from);
    let share = |axis: usize, sample: usize| (sample as f64 / extent[axis]).min(1.0);
    (high[0] > 0).then(|| [0, 1].map(|axis| [share(axis, low[axis]), share(axis, high[axis])]))
}
