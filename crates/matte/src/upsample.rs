//! A model's coarse logits to a matte at the frame's size, guided by the picture.

use crate::affine::{Fit, FitSettings, fit};
use crate::cells::{Cells, Kind};
use crate::contours::contours;
use crate::distance::{cell_size, centred, signed_distance};
use crate::feather::feather;
use crate::moments::Mask;
use crate::polyline::Polyline;
use crate::settings::{EdgeMeasures, EdgeSettings};
use crate::specks::remove_specks;
use crate::vote::vote;
use raster::Plane;

/// Rounds of votes: the second one asks again with the edge the first one found.
const ROUNDS: usize = 2;
/// Edge pixels computed at a time.
const BLOCK: usize = 64;

/// A matte at the guide's size that can be read, row by row, at any frame size.
///
/// 1. Specks go, and the logits become a signed distance from the model's edge.
/// 2. Pixels near that edge vote by colour which side they are on, and the edge moves by up to about one cell.
/// 3. The new mask is fitted by the picture's colours in small windows; at full size the fit is evaluated on the full
///    resolution picture, so the matte has the picture's own sharpness. Where colour explains nothing, the mask itself
///    is used, with a clean narrow edge.
///
/// Only a band round the edge is worked on. Outside of it the matte is exactly 0 or 1.
#[derive(Debug)]
pub struct EdgeUpsample {
    /// Signed distance from the edge found, in pixels of the guide; with a feather, its ramp about the edge.
    edge: Plane<f32>,
    /// How colours make the matte; nothing when the picture has no say.
    fit: Option<Fit>,
    cells: Cells,
    measures: EdgeMeasures,
}

impl EdgeUpsample {
    /// Finds the edge.
    ///
    /// * `logits`: the model's low-resolution mask without its padding, e.g. 256x144; 0 is probability 0.5, positive is
    ///   inside. It covers the same picture as the guide, in cells of any shape. Not-a-numbers are background.
    /// * `guide`: the display-referred picture in the frame's proportions, e.g. the 1024x576 the model saw.
    ///
    /// Without logits or without a guide the matte is 0. The same result for any number of threads.
    pub fn prepare(logits: &Plane<f32>, guide: &Plane<[u8; 3]>, settings: &EdgeSettings) -> Self {
        let (width, height) = (guide.width(), guide.height());
        let measures = settings.measures(cell_size(logits, width, height));
        let mut logits = centred(logits, measures.level);
        remove_specks(&mut logits, measures.specks);
        let distance = signed_distance(&logits, width, height);
        let cells = Cells::new(&distance, measures.band);
        let guided = measures.reach > 0.0;
        let rounds = if guided { ROUNDS } else { 0 };
        let mut edge = vote(guide, &distance, measures.reach, measures.radius, rounds);
        let settings = FitSettings { limit: measures.band, trust: measures.trust, contrast: measures.contrast };
        let fit = |mask| guided.then(|| fit(guide, mask, &distance, &settings));
        let fit = if measures.feather > 0.0 {
            let mask = feather(&edge.map(|distance| (distance + 0.5).clamp(0.0, 1.0)), measures.feather);
            edge = mask.map(|mask| (mask - 0.5) * (measures.feather + 1.0));
            fit(Mask::Soft(&mask))
        } else {
            fit(Mask::Edge(&edge))
        };
        Self { edge, fit, cells, measures }
    }

    /// Width and height of the guide.
    pub fn guide_size(&self) -> [usize; 2] {
        [self.edge.width(), self.edge.height()]
    }

    /// The edge as closed lines, in pixels of the guide (see [`contours`]).
    pub fn outline(&self) -> Vec<Polyline> {
        contours(&self.edge, 0.0)
    }

    /// Bytes held on the heap, for caches with a budget.
    pub fn byte_size(&self) -> u64 {
        let fit = self.fit.as_ref().map_or(0, Fit::byte_size);
        (size_of_val(self.edge.data()) + fit + self.cells.byte_size()) as u64
    }

    /// The alpha, 0..1, of row `y` of a frame of `frame_width` x `frame_height` pixels from column `x0` on, as many
    /// pixels as `out` holds. Pixels outside the frame get 0.
    ///
    /// `display` holds the colours of the same pixels, display-referred 0..1 ([`raster::display_row`]); missing ones
    /// count as black. Every pixel depends on its own colour only: any window, tile or row order gives the same values.
    pub fn alpha_row(
        &self,
        frame_width: usize,
        frame_height: usize,
        y: usize,
        x0: usize,
        display: &[[f32; 3]],
        out: &mut [f32],
    ) {
        let mut colours = |x: usize, to: &mut [[f32; 3]]| {
            let known = display.get(x - x0..).unwrap_or(&[]);
            let count = known.len().min(to.len());
            to[..count].copy_from_slice(&known[..count]);
            to[count..].fill([0.0; 3]);
        };
        self.alpha_row_from(frame_width, frame_height, y, x0, &mut colours, out);
    }

    /// As [`alpha_row`](Self::alpha_row), but asks for colours only where the matte needs them, which is a small part of
    /// most rows: `colours(x, to)` writes the display-referred colours of row `y` from column `x` on.
    pub fn alpha_row_from(
        &self,
        frame_width: usize,
        frame_height: usize,
        y: usize,
        x0: usize,
        colours: &mut dyn FnMut(usize, &mut [[f32; 3]]),
        out: &mut [f32],
    ) {
        let inside = if y < frame_height { frame_width.saturating_sub(x0).min(out.len()) } else { 0 };
        out[inside..].fill(0.0);
        if inside == 0 || self.edge.is_empty() {
            return out.fill(0.0);
        }
        let row = FrameRow::new(self, [frame_width, frame_height], y);
        let mut x = x0;
        for run in self.cells.row(row.y.cell) {
            let end = row.x.first_at(run.end as usize).clamp(x, x0 + inside);
            let part = &mut out[x - x0..end - x0];
            match run.kind {
                Kind::Outside => part.fill(0.0),
                Kind::Inside => part.fill(1.0),
                Kind::Edge => row.alpha(x, colours, part),
            }
            x = end;
        }
    }
}

/// Where a frame's pixels lie between the guide's, along one axis.
struct Axis {
    /// Pixels of the guide for each of the frame.
    step: f64,
    guide: usize,
    frame: usize,
}

/// Between the guide's samples `cell` and `next`, at `along` (0..1) of the way.
#[derive(Clone, Copy)]
struct Position {
    cell: usize,
    next: usize,
    along: f32,
}

impl Axis {
    fn new(guide: usize, frame: usize) -> Self {
        Self { step: guide as f64 / frame as f64, guide, frame }
    }

    /// The frame's pixel `index`, centre to centre, held at the border.
    fn at(&self, index: usize) -> Position {
        let position = ((index as f64 + 0.5) * self.step - 0.5).clamp(0.0, (self.guide - 1) as f64);
        let cell = position as usize;
        Position { cell, next: (cell + 1).min(self.guide - 1), along: (position - cell as f64) as f32 }
    }

    /// The first pixel of the frame that lies in the guide's cell `cell` or later; the frame's size when none does.
    fn first_at(&self, cell: usize) -> usize {
        if cell >= self.guide {
            return self.frame;
        }
        // Solved for the index, then put right where rounding went the other way.
        let mut index = (((cell as f64 + 0.5) / self.step - 0.5).ceil() as usize).min(self.frame);
        while index > 0 && self.at(index - 1).cell >= cell {
            index -= 1;
        }
        while index < self.frame && self.at(index).cell < cell {
            index += 1;
        }
        index
    }
}

/// What one row of the frame needs to know.
struct FrameRow<'a> {
    matte: &'a EdgeUpsample,
    x: Axis,
    y: Position,
    /// Change of alpha per pixel of the guide at an edge that the picture does not draw.
    slope: f32,
}

impl<'a> FrameRow<'a> {
    fn new(matte: &'a EdgeUpsample, [width, height]: [usize; 2], y: usize) -> Self {
        let [guide_width, guide_height] = matte.guide_size();
        let x = Axis::new(guide_width, width);
        let y_axis = Axis::new(guide_height, height);
        let measures = &matte.measures;
        let edge_width = if measures.feather > 0.0 {
            measures.feather + 1.0
        } else {
            let per_frame_pixel = (x.step * y_axis.step).sqrt() as f32;
            // No wider than the band, so that the edge ends where solid parts begin.
            (measures.plain_width * per_frame_pixel).min(2.0 * measures.band)
        };
        Self { matte, x, y: y_axis.at(y), slope: 1.0 / edge_width }
    }

    /// Alpha near the edge, from column `x` of the frame.
    fn alpha(&self, x: usize, colours: &mut dyn FnMut(usize, &mut [[f32; 3]]), out: &mut [f32]) {
        let Some(fit) = &self.matte.fit else {
            for (x, out) in (x..).zip(out) {
                *out = self.plain(self.x.at(x));
            }
            return;
        };
        let mut display = [[0f32; 3]; BLOCK];
        for (block, out) in out.chunks_mut(BLOCK).enumerate() {
            let start = x + block * BLOCK;
            let display = &mut display[..out.len()];
            colours(start, display);
            for ((x, out), colour) in (start..).zip(out).zip(display) {
                let at = self.x.at(x);
                let plain = self.plain(at);
                let [r, g, b, constant, trust] = self.blend(at, |x, y| fit.at(x, y));
                // The fit's numbers carry their trust, so a full vote for the object amounts to `trust`. A colour that
                // is no number says nothing: `max` drops it.
                #[allow(clippy::manual_clamp, reason = "`clamp` would keep the NaN")]
                let drawn = (r * colour[0] + g * colour[1] + b * colour[2] + constant).max(0.0).min(trust);
                *out = (drawn + (1.0 - trust) * plain).min(1.0);
            }
        }
    }

    /// The mask's own edge, as if there were no picture.
    fn plain(&self, at: Position) -> f32 {
        let [distance] = self.blend(at, |x, y| [self.matte.edge.row(y)[x]]);
        (distance * self.slope + 0.5).clamp(0.0, 1.0)
    }

    /// The value between four samples.
    #[inline(always)]
    fn blend<const N: usize>(&self, x: Position, sample: impl Fn(usize, usize) -> [f32; N]) -> [f32; N] {
        let [upper, lower] = [self.y.cell, self.y.next].map(|y| {
            let (left, right) = (sample(x.cell, y), sample(x.next, y));
            std::array::from_fn::<f32, N, _>(|i| left[i] + x.along * (right[i] - left[i]))
        });
        std::array::from_fn(|i| upper[i] + self.y.along * (lower[i] - upper[i]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_finds_the_first_pixel_of_every_cell() {
        for (guide, frame) in [(1, 1), (1, 9), (9, 1), (1024, 1920), (1024, 854), (7, 7), (1000, 3)] {
            let axis = Axis::new(guide, frame);
            for cell in 0..=guide {
                let expected = (0..frame).find(|&index| axis.at(index).cell >= cell).unwrap_or(frame);
                let expected = if cell == guide { frame } else { expected };
                assert_eq!(axis.first_at(cell), expected, "cell {cell} of {guide} over {frame}");
            }
        }
    }
}
