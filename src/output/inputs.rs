//! The host's images as rows of one frame: that of the source's picture.

use matte::{Frame, LearnedAlpha};
use openfx::{Components, RectI};
use raster::{SourceEncoding, display_row};

use crate::picture::compose::straight;
use crate::picture::matte_channel::MatteChannel;
use crate::picture::placed::Placed;

/// Pixels read at a time, on the stack.
const BLOCK: usize = 128;

/// The images of a frame.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// The picture, cut to its region of definition: the frame.
    pub source: Placed<'a>,
    /// How its colours are encoded.
    pub encoding: SourceEncoding,
    /// The matte and what of it counts; without one the source's alpha.
    pub matte: Option<(Placed<'a>, MatteChannel)>,
    /// Whether there is a matte at all: a clip that was asked for may have no picture.
    pub has_matte: bool,
    /// A painted trimap.
    pub trimap: Option<Placed<'a>>,
    /// A new background.
    pub background: Option<Placed<'a>>,
}

impl Inputs<'_> {
    /// Where the frame lies in the host's pixels.
    pub fn bounds(&self) -> RectI {
        self.source.bounds
    }

    /// Whether the matte is the picture's own alpha.
    pub fn is_cut_out(&self) -> bool {
        self.has_matte && self.matte.is_none() && self.source.view.layout().components == Components::Rgba
    }

    /// Runs `work` on the frame. `learned`: who knows alphas by heart.
    pub fn with_frame<T>(
        &self,
        invert: bool,
        learned: Option<LearnedAlpha<'_>>,
        work: impl FnOnce(&Frame<'_>) -> T,
    ) -> T {
        let matte = |y: usize, row: &mut [f32]| self.matte_row(y, row);
        let trimap = |y: usize, row: &mut [f32]| {
            if let Some(trimap) = &self.trimap {
                self.channel_row(trimap, MatteChannel::Luminance, y, row);
            }
        };
        let picture = |y: usize, row: &mut [[f32; 3]]| self.colour_row(&self.source, y, row);
        let guide = |y: usize, row: &mut [[f32; 3]]| {
            display_row(&self.source.view, self.encoding, self.source.premultiplied, y, 0, row);
        };
        let background = |y: usize, row: &mut [[f32; 3]]| {
            if let Some(background) = &self.background {
                self.colour_row(background, y, row);
            }
        };
        work(&Frame {
            width: self.source.view.width(),
            height: self.source.view.height(),
            matte: &matte,
            trimap: self.trimap.is_some().then_some(&trimap),
            picture: &picture,
            guide: &guide,
            background: self.background.is_some().then_some(&background),
            learned,
            cut_out: self.is_cut_out() && !invert,
        })
    }

    /// Colours of row `y` of the frame, straight.
    pub fn colour_row(&self, image: &Placed<'_>, y: usize, row: &mut [[f32; 3]]) {
        self.pixels(image, y, row, |pixel| straight(pixel, image.premultiplied));
    }

    fn matte_row(&self, y: usize, row: &mut [f32]) {
        match &self.matte {
            _ if !self.has_matte => row.fill(0.0),
            Some((matte, channel)) => self.channel_row(matte, *channel, y, row),
            None => self.source.view.read_alpha(y, 0, row),
        }
    }

    fn channel_row(&self, image: &Placed<'_>, channel: MatteChannel, y: usize, row: &mut [f32]) {
        let channel = channel.of(image.view.layout().components);
        self.pixels(image, y, row, |pixel| channel.take(pixel));
    }

    fn pixels<T>(&self, image: &Placed<'_>, y: usize, row: &mut [T], make: impl Fn([f32; 4]) -> T) {
        let RectI { x1, y2, .. } = self.source.bounds;
        let mut block = [[0f32; 4]; BLOCK];
        for (index, out) in row.chunks_mut(BLOCK).enumerate() {
            let block = &mut block[..out.len()];
            image.read(y2 - 1 - y as i32, x1 + (index * BLOCK) as i32, block);
            for (out, pixel) in out.iter_mut().zip(block.iter()) {
                *out = make(*pixel);
            }
        }
    }
}
