//! The host's frames, fetched one at a time: their pictures as motion is searched in them, and their mattes.

use std::sync::Arc;

use flow::{FlowEstimator, Thumbnail, luma_of_bytes};
use inference::{Abort, ByteSize, Key, KeyBuilder};
use openfx::{Clip, ClipKey, Components, Image, Instance};
use raster::{Plane, SourceEncoding};

use super::MATTE_CLIP;
use super::failure::RefineError;
use super::settings::Settings;
use crate::engine::Shared;
use crate::picture::grid::Grid;
use crate::picture::matte_channel::MatteChannel;
use crate::picture::placed::Placed;
use crate::picture::source_key::source_key;
use crate::stages::{self, Stage};

/// Both clips during one render.
#[derive(Clone, Copy)]
pub struct Film<'a> {
    /// The caches.
    pub shared: &'a Shared,
    /// The host's side.
    pub instance: &'a Instance,
    /// The panel.
    pub settings: &'a Settings,
    /// The frame that is refined: all others are brought onto it.
    pub grid: Grid,
    /// Pixels for each canonical unit, of the action.
    pub scale: [f64; 2],
    /// Whether the matte comes from the Matte clip.
    pub matte_clip: bool,
    /// Who finds motion.
    pub estimator: &'a dyn FlowEstimator,
    /// Whether the host gives up.
    pub abort: &'a dyn Abort,
}

/// One frame.
pub struct Frame {
    /// Its picture.
    pub look: Look,
    /// Its matte; `None` where the Matte clip has no picture.
    pub matte: Option<Plane<f32>>,
}

/// A picture as motion is searched in it, and its name.
#[derive(Clone)]
pub struct Look {
    /// What the picture depends on.
    pub key: Key,
    /// The picture.
    pub picture: Arc<FlowPicture>,
}

/// Display-referred colours at the working size, and what tells a cut.
#[derive(Debug)]
pub struct FlowPicture {
    /// The colours.
    pub colours: Plane<[u8; 3]>,
    /// The same, very small.
    pub thumbnail: Thumbnail,
}

impl ByteSize for FlowPicture {
    fn byte_size(&self) -> u64 {
        self.colours.as_bytes().len() as u64
    }
}

impl Film<'_> {
    /// The size of pictures and of the motion between them.
    pub fn working_size(&self) -> (usize, usize) {
        let (width, height) = self.grid.square_size();
        let (width, height) = flow::fitted(width, height, self.settings.working_width);
        self.estimator.working_size(width, height)
    }

    /// The frame at `time`; `None` where Source has no picture.
    ///
    /// # Errors
    /// The host's refusal; aborted.
    pub fn frame(&self, time: f64) -> Result<Option<Frame>, RefineError> {
        self.abort.check()?;
        let clip = self.instance.clip(ClipKey::SOURCE)?;
        let Some(image) = clip.image(time)? else {
            // Hosts hand out nothing, too, once they gave up.
            self.abort.check()?;
            return Ok(None);
        };
        self.frame_of(time, clip, &image).map(Some)
    }

    /// The frame at `time` from its Source image.
    ///
    /// # Errors
    /// As [`Film::frame`].
    pub fn frame_of(&self, time: f64, clip: Clip<'_>, image: &Image<'_>) -> Result<Frame, RefineError> {
        let placed = Placed::whole(clip, image, time, self.scale)?;
        let depth = clip.unmapped_depth().unwrap_or(image.depth());
        let look = self.look(&placed, self.settings.encoding(self.instance, depth))?;
        let matte = if self.matte_clip { self.matte(time)? } else { Some(self.own_alpha(&placed, image)) };
        Ok(Frame { look, matte })
    }

    /// The Matte clip's matte on the frame's pixels; `None` where it has no picture.
    ///
    /// # Errors
    /// As [`Film::frame`].
    pub fn matte(&self, time: f64) -> Result<Option<Plane<f32>>, RefineError> {
        matte_on(self.grid, self.instance, (time, self.scale), self.settings)
    }

    fn own_alpha(&self, placed: &Placed<'_>, image: &Image<'_>) -> Plane<f32> {
        alpha_on(self.grid, placed, image.pixel_aspect())
    }

    fn look(&self, placed: &Placed<'_>, encoding: SourceEncoding) -> Result<Look, RefineError> {
        let source = stages::measure(Stage::SourceKey, || source_key(placed, encoding));
        let (width, height) = self.working_size();
        let key = KeyBuilder::new("flow picture 1").bytes(&source.0.to_le_bytes());
        let mut key = key.number(width as u64).number(height as u64);
        if placed.bounds != self.grid.bounds {
            let (here, there) = (self.grid.bounds, placed.bounds);
            for number in [there.x1 - here.x1, here.y2 - there.y2, here.x2 - here.x1, here.y2 - here.y1] {
                key = key.number(i64::from(number) as u64);
            }
        }
        let key = key.finish();
        let picture = self.shared.flow_pictures.get_or_compute::<RefineError>(key, self.abort, || {
            let colours = stages::measure(Stage::ModelPicture, || self.grid.picture(placed, encoding, (width, height)));
            let thumbnail = Thumbnail::of(&luma_of_bytes(&colours));
            Ok(FlowPicture { colours, thumbnail })
        })?;
        Ok(Look { key, picture })
    }
}

/// The alpha of Source on the frame's pixels: 1 where it has no alpha.
pub fn alpha_on(grid: Grid, source: &Placed<'_>, pixel_aspect: f64) -> Plane<f32> {
    if source.view.layout().components == Components::Rgb {
        return Plane::new(grid.bounds.width(), grid.bounds.height(), 1.0);
    }
    grid.matte(source, pixel_aspect, MatteChannel::Alpha)
}

/// The Matte clip's matte at `time` on the frame's pixels; `None` where it has no picture.
///
/// # Errors
/// The host's refusal.
pub fn matte_on(
    grid: Grid,
    instance: &Instance,
    (time, scale): (f64, [f64; 2]),
    settings: &Settings,
) -> Result<Option<Plane<f32>>, RefineError> {
    let clip = instance.clip(MATTE_CLIP)?;
    let Some(image) = clip.image(time)? else { return Ok(None) };
    let placed = Placed::whole(clip, &image, time, scale)?;
    Ok(Some(grid.matte(&placed, image.pixel_aspect(), settings.matte_channel)))
}
