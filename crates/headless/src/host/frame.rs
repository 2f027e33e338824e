//! Pictures on the host's side of the API.

use super::{Components, Depth, Field, Premultiplication, RectI};
use std::sync::Arc;

/// Why pixels do not make a frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The data does not have the size that bounds and format ask for.
    #[error("a {width}x{height} {components:?} {depth:?} frame takes {expected} bytes, but {found} were given")]
    Size {
        /// Pixels in a row.
        width: usize,
        /// Rows.
        height: usize,
        /// Channels.
        components: Components,
        /// Sample type.
        depth: Depth,
        /// Bytes asked for.
        expected: usize,
        /// Bytes given.
        found: usize,
    },
    /// The frame is too large to be addressed.
    #[error("a {width}x{height} frame is too large to be addressed")]
    TooLarge {
        /// Pixels in a row.
        width: usize,
        /// Rows.
        height: usize,
    },
    /// There is not enough memory.
    #[error("there is not enough memory for an image of {bytes} bytes")]
    Memory {
        /// Bytes asked for.
        bytes: usize,
    },
}

/// A picture: tightly packed interleaved samples in native byte order, the TOP row of the picture first, as image files have them.
/// Bounds are OFX pixel coordinates, y up: the first row of the data is y = `bounds().y2 - 1`. Cloning shares the pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    bounds: RectI,
    depth: Depth,
    components: Components,
    premultiplication: Premultiplication,
    pixel_aspect: f64,
    render_scale: (f64, f64),
    field: Field,
    data: Arc<Vec<u8>>,
}

impl Frame {
    /// A frame of `data` (top row first, tightly packed). Square pixels, scale 1, no field; premultiplied where there is alpha, else
    /// opaque.
    ///
    /// # Errors
    /// When the data does not have exactly the size of the bounds in this format.
    pub fn new(bounds: RectI, depth: Depth, components: Components, data: Vec<u8>) -> Result<Self, FrameError> {
        let expected = byte_size(&bounds, depth, components)?;
        if data.len() != expected {
            return Err(FrameError::Size {
                width: bounds.width(),
                height: bounds.height(),
                components,
                depth,
                expected,
                found: data.len(),
            });
        }
        let premultiplication =
            if components == Components::Rgb { Premultiplication::Opaque } else { Premultiplication::Premultiplied };
        Ok(Self {
            bounds,
            depth,
            components,
            premultiplication,
            pixel_aspect: 1.0,
            render_scale: (1.0, 1.0),
            field: Field::None,
            data: Arc::new(data),
        })
    }

    /// The same picture, with another meaning of alpha (pixels are not touched).
    #[must_use]
    pub fn with_premultiplication(mut self, premultiplication: Premultiplication) -> Self {
        self.premultiplication = premultiplication;
        self
    }

    /// The same picture with another pixel aspect ratio (width over height of a pixel).
    #[must_use]
    pub fn with_pixel_aspect(mut self, pixel_aspect: f64) -> Self {
        self.pixel_aspect = pixel_aspect;
        self
    }

    /// The same picture, said to be at a render scale.
    #[must_use]
    pub fn with_render_scale(mut self, render_scale: (f64, f64)) -> Self {
        self.render_scale = render_scale;
        self
    }

    /// The same picture, said to be a field.
    #[must_use]
    pub fn with_field(mut self, field: Field) -> Self {
        self.field = field;
        self
    }

    /// Covered pixels, y up, at the render scale.
    pub fn bounds(&self) -> RectI {
        self.bounds
    }

    /// Pixels in a row.
    pub fn width(&self) -> usize {
        self.bounds.width()
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.bounds.height()
    }

    /// Sample type.
    pub fn depth(&self) -> Depth {
        self.depth
    }

    /// Channels.
    pub fn components(&self) -> Components {
        self.components
    }

    /// What alpha means.
    pub fn premultiplication(&self) -> Premultiplication {
        self.premultiplication
    }

    /// Width of a pixel over its height.
    pub fn pixel_aspect(&self) -> f64 {
        self.pixel_aspect
    }

    /// Horizontal and vertical scale against full size.
    pub fn render_scale(&self) -> (f64, f64) {
        self.render_scale
    }

    /// Which field this is.
    pub fn field(&self) -> Field {
        self.field
    }

    /// All samples: top row first, tightly packed.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Bytes of one pixel.
    pub fn pixel_bytes(&self) -> usize {
        self.depth.bytes() * self.components.channels()
    }

    /// One row of samples, counted from the TOP; empty below the last row.
    pub fn row(&self, from_top: usize) -> &[u8] {
        let stride = self.width() * self.pixel_bytes();
        let start = from_top.saturating_mul(stride);
        self.data.get(start..start.saturating_add(stride)).unwrap_or_default()
    }
}

/// Bytes that a frame of this format takes.
pub(super) fn byte_size(bounds: &RectI, depth: Depth, components: Components) -> Result<usize, FrameError> {
    let (width, height) = (bounds.width(), bounds.height());
    width
        .checked_mul(height)
        .and_then(|pixels| pixels.checked_mul(depth.bytes() * components.channels()))
        .filter(|size| isize::try_from(*size).is_ok())
        .ok_or(FrameError::TooLarge { width, height })
}
