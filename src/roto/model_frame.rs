//! A source frame as a model is to see it, and the way back.

use inference::ByteSize;
use openfx::{Clip, Image, Instance, Result as HostResult};
use raster::{PixelView, Plane, SourceEncoding, model_picture};
use segment::ImageSegmenter;
use segment::detail::Crop;

use super::geometry::FrameGeometry;
use super::settings::Settings;
use crate::picture::placed::Placed;
use crate::stages::{self, Stage};

/// The source picture of a frame and how to read it.
#[derive(Clone, Copy)]
pub struct Picture<'a> {
    /// The pixels.
    pub placed: Placed<'a>,
    /// Pixels for each canonical unit.
    pub scale: [f64; 2],
    /// Width of a pixel over its height.
    pub pixel_aspect: f64,
    /// How its colours are encoded.
    pub encoding: SourceEncoding,
}

impl<'a> Picture<'a> {
    /// The picture of a source image at `time`; `scale` is that of the action.
    ///
    /// # Errors
    /// As [`Placed::whole`].
    pub fn of(
        instance: &Instance,
        clip: Clip<'_>,
        image: &'a Image<'_>,
        (time, scale): (f64, [f64; 2]),
        settings: &Settings,
    ) -> HostResult<Self> {
        let placed = Placed::whole(clip, image, time, scale)?;
        // What the file holds, not what the host made of it for the effect: EXR is linear, PNG is not.
        let depth = clip.unmapped_depth().unwrap_or(image.depth());
        Ok(Self { placed, scale, pixel_aspect: image.pixel_aspect(), encoding: settings.encoding(instance, depth) })
    }

    /// Where the frame lies for this model: its size is that of the frame in square pixels, so that an anamorphic
    /// picture is shown to the model unsqueezed.
    pub fn geometry(&self, segmenter: &dyn ImageSegmenter) -> FrameGeometry {
        let bounds = self.placed.bounds;
        let model_size = self.model_size(segmenter, [bounds.width(), bounds.height()]);
        FrameGeometry::new(bounds, self.scale, self.pixel_aspect, model_size)
    }

    /// The size of picture that a model wants of so many of these pixels.
    fn model_size(&self, segmenter: &dyn ImageSegmenter, [width, height]: [usize; 2]) -> [usize; 2] {
        let square_width = (width as f64 * self.pixel_aspect.max(f64::MIN_POSITIVE)).round().max(1.0);
        segmenter.input_size(square_width as usize, height).into()
    }

    /// The picture that the model sees.
    pub fn for_model(&self, geometry: &FrameGeometry) -> Plane<[u8; 3]> {
        self.shown(&self.placed.view, geometry.model_size())
    }

    /// A part of the picture that a model looks at alone.
    pub fn crop_for_model(&self, crop: &Crop, segmenter: &dyn ImageSegmenter) -> Plane<[u8; 3]> {
        self.shown(&crop.view(&self.placed.view), self.model_size(segmenter, crop.size()))
    }

    fn shown(&self, view: &PixelView<'_>, [width, height]: [usize; 2]) -> Plane<[u8; 3]> {
        let premultiplied = self.placed.premultiplied;
        stages::measure(Stage::ModelPicture, || model_picture(view, self.encoding, premultiplied, width, height))
    }
}

/// A source picture as a model sees it: display-referred RGB at the model's size.
#[derive(Debug)]
pub struct ModelPicture(pub Plane<[u8; 3]>);

impl ByteSize for ModelPicture {
    fn byte_size(&self) -> u64 {
        self.0.as_bytes().len() as u64
    }
}
