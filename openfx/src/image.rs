//! Images of clips, as views of the host's own pixels.

use std::ptr::NonNull;
use std::slice;

use openfx_sys as sys;
use raster::{Components, Depth, PixelLayout, PixelView, PixelViewMut, RectI};

use crate::clip::ClipKey;
use crate::entry::Loaded;
use crate::error::{Error, Result};
use crate::geometry::RectD;
use crate::names;
use crate::pixels::{Field, Premultiplication, aspect, components_of, depth_of};
use crate::properties::PropertySet;
use crate::status::Status;
use crate::suites::call;

/// An image of an input clip; given back to the host when dropped, which must be before the action ends.
pub struct Image<'a> {
    loaded: &'a Loaded,
    handle: sys::OfxPropertySetHandle,
    clip: ClipKey,
    pixels: Pixels,
}

// SAFETY: the pixels are plain memory that the host leaves alone until the release; the handle is opaque, and the API
// lets any thread of the action use and release it.
unsafe impl Send for Image<'_> {}
// SAFETY: as above; shared access only reads.
unsafe impl Sync for Image<'_> {}

/// Where an image's pixels lie.
#[derive(Clone, Copy)]
struct Pixels {
    /// The BOTTOM-LEFT pixel: column `bounds.x1`, row `bounds.y1`.
    data: NonNull<u8>,
    /// From a row to the next HIGHER one; negative in MLT.
    row_bytes: isize,
    bounds: RectI,
    depth: Depth,
    components: Components,
}

impl<'a> Image<'a> {
    /// Fetches; `None` for no image and for an image without pixels.
    pub(crate) fn fetch(
        loaded: &'a Loaded,
        clip: sys::OfxImageClipHandle,
        key: ClipKey,
        time: f64,
    ) -> Result<Option<Self>> {
        let suite = loaded.suites.effect;
        let mut handle = std::ptr::null_mut();
        // SAFETY: the clip is the host's own, no region means the whole one, the target is a local.
        let status = unsafe { call!(suite.clipGetImage(clip, time, std::ptr::null(), &raw mut handle)) };
        match status {
            Status::OK if !handle.is_null() => {}
            // "The image could not be fetched because it does not exist", or the host gave up the render.
            Status::OK | Status::FAILED => return Ok(None),
            other => {
                return Err(other.check("clipGetImage", key.name().to_string_lossy()).err().unwrap_or(Error::Aborted));
            }
        }
        let fetched = Fetched { loaded, handle };
        let Some(pixels) = read_pixels(&fetched.properties(), key)? else { return Ok(None) };
        Ok(Some(Self { loaded, handle: fetched.keep(), clip: key, pixels }))
    }

    /// The pixels it has, in pixel coordinates at the render's scale. They need not be those of other images.
    #[must_use]
    pub fn bounds(&self) -> RectI {
        self.pixels.bounds
    }

    /// Its sample type.
    #[must_use]
    pub fn depth(&self) -> Depth {
        self.pixels.depth
    }

    /// Its components.
    #[must_use]
    pub fn components(&self) -> Components {
        self.pixels.components
    }

    /// Where the clip has pixels at this time, in pixel coordinates; its bounds where the host does not say.
    #[must_use]
    pub fn region_of_definition(&self) -> RectI {
        self.properties().ints(names::IMAGE_REGION_OF_DEFINITION).map_or(self.pixels.bounds, rectangle)
    }

    /// The canonical rectangle of its bounds at the action's render `scale`.
    #[must_use]
    pub fn canonical_bounds(&self, scale: [f64; 2]) -> RectD {
        RectD::from_pixels(self.pixels.bounds, scale, self.pixel_aspect())
    }

    /// The scale it was rendered at, unless the host is known to lie about it: prefer the action's.
    #[must_use]
    pub fn render_scale(&self) -> Option<[f64; 2]> {
        if self.loaded.host.quirks.image_scale_is_wrong {
            return None;
        }
        self.properties().doubles(names::RENDER_SCALE)
    }

    /// Width of a pixel over its height; never 0.
    #[must_use]
    pub fn pixel_aspect(&self) -> f64 {
        aspect(self.properties().double(names::IMAGE_PIXEL_ASPECT, 0))
    }

    /// Which fields it holds.
    #[must_use]
    pub fn field(&self) -> Field {
        Field::of(&self.properties(), names::IMAGE_FIELD)
    }

    /// How its colours relate to its alpha.
    #[must_use]
    pub fn premultiplication(&self) -> Premultiplication {
        Premultiplication::of(&self.properties())
    }

    /// The host's name for these pixels. Not fit for a cache key: Nuke gives all images the same.
    #[must_use]
    pub fn unique_identifier(&self) -> Option<String> {
        self.properties().string(names::IMAGE_UNIQUE_IDENTIFIER, 0)
    }

    /// All its pixels, row 0 at the top of the picture: row `r` of the view is row `bounds().y2 - 1 - r` of the host.
    ///
    /// # Errors
    /// [`Error::BadImage`] where rows would overlap.
    pub fn view(&self) -> Result<PixelView<'_>> {
        let (start, length, layout) = self.span(self.pixels.bounds)?;
        // SAFETY: the host promises these bytes for the image's lifetime (data, bounds and row bytes together say
        // where), and nobody writes to an image that was fetched for reading.
        let bytes = unsafe { slice::from_raw_parts(start, length) };
        PixelView::new(bytes, layout).map_err(|error| self.bad(error))
    }

    fn properties(&self) -> PropertySet<'_> {
        // SAFETY: the image's own property set, alive until the release.
        unsafe { PropertySet::new(&self.loaded.suites.property, self.handle) }
    }

    fn bad(&self, reason: impl std::fmt::Display) -> Error {
        bad_image(self.clip, reason)
    }

    /// Start, length and layout of the bytes of `region`, which lies inside the bounds.
    fn span(&self, region: RectI) -> Result<(*const u8, usize, PixelLayout)> {
        self.pixels.span(region).ok_or_else(|| self.bad("its rows lie outside the address space"))
    }
}

impl Drop for Image<'_> {
    fn drop(&mut self) {
        release(self.loaded, self.handle);
    }
}

/// The image of the output clip.
pub struct OutputImage<'a> {
    image: Image<'a>,
}

impl<'a> OutputImage<'a> {
    pub(crate) fn new(image: Image<'a>) -> Self {
        Self { image }
    }

    /// What is known of it besides its pixels.
    #[must_use]
    pub fn image(&self) -> &Image<'a> {
        &self.image
    }

    /// The part of `window` that this image has; what the view of [`OutputImage::view_mut`] covers.
    #[must_use]
    pub fn writable(&self, window: RectI) -> RectI {
        window.intersect(&self.image.bounds())
    }

    /// The pixels of the render window and no others, row 0 at the top: row `r` of the view is row
    /// `writable(window).y2 - 1 - r` of the host, column `c` is `writable(window).x1 + c`.
    ///
    /// # Errors
    /// [`Error::BadImage`] where rows would overlap.
    pub fn view_mut(&mut self, window: RectI) -> Result<PixelViewMut<'_>> {
        let region = self.writable(window);
        let (start, length, layout) = self.image.span(region)?;
        // SAFETY: the host promises these bytes for the image's lifetime and lets this action alone write them (tiles
        // are declared unsupported); `&mut self` keeps a second view away.
        let bytes = unsafe { slice::from_raw_parts_mut(start.cast_mut(), length) };
        PixelViewMut::new(bytes, layout).map_err(|error| bad_image(self.image.clip, error))
    }
}

impl Pixels {
    fn span(&self, region: RectI) -> Option<(*const u8, usize, PixelLayout)> {
        let (width, height) = (region.width(), region.height());
        let layout = PixelLayout {
            row_bytes: self.row_bytes.checked_neg()?,
            ..PixelLayout::packed(width, height, self.depth, self.components)
        };
        if width == 0 || height == 0 {
            return Some((NonNull::dangling().as_ptr(), 0, layout));
        }
        let pixel = isize::try_from(layout.pixel_bytes()).ok()?;
        let right = isize::try_from(region.x1.checked_sub(self.bounds.x1)?).ok()?.checked_mul(pixel)?;
        let up = isize::try_from(region.y1.checked_sub(self.bounds.y1)?).ok()?.checked_mul(self.row_bytes)?;
        let rise = isize::try_from(height - 1).ok()?.checked_mul(self.row_bytes)?;
        let length = rise.unsigned_abs().checked_add(layout.row_length())?;
        isize::try_from(length).ok()?;
        let lowest = right.checked_add(up)?.checked_add(rise.min(0))?;
        // The top row comes last in memory when rows go up, first when they go down.
        let top_row = usize::try_from(rise.max(0)).ok()?;
        Some((self.data.as_ptr().wrapping_offset(lowest).cast_const(), length, PixelLayout { top_row, ..layout }))
    }
}

fn read_pixels(properties: &PropertySet<'_>, clip: ClipKey) -> Result<Option<Pixels>> {
    let Some(data) = properties.pointer(names::IMAGE_DATA) else { return Ok(None) };
    let bounds =
        properties.ints(names::IMAGE_BOUNDS).map(rectangle).ok_or_else(|| bad_image(clip, "it has no bounds"))?;
    if bounds.is_empty() {
        return Ok(None);
    }
    let unknown = |what: &str, name| {
        let found = properties.string(name, 0).unwrap_or_else(|| "nothing".to_owned());
        bad_image(clip, format!("its {what} is {found}"))
    };
    let depth = depth_of(properties, names::PIXEL_DEPTH).ok_or_else(|| unknown("pixel depth", names::PIXEL_DEPTH))?;
    let components =
        components_of(properties, names::COMPONENTS).ok_or_else(|| unknown("component type", names::COMPONENTS))?;
    let row_bytes = properties
        .int(names::IMAGE_ROW_BYTES, 0)
        .and_then(|bytes| isize::try_from(bytes).ok())
        .ok_or_else(|| bad_image(clip, "it has no row bytes"))?;
    Ok(Some(Pixels { data: data.cast(), row_bytes, bounds, depth, components }))
}

fn rectangle([x1, y1, x2, y2]: [i32; 4]) -> RectI {
    RectI { x1, y1, x2, y2 }
}

fn bad_image(clip: ClipKey, reason: impl std::fmt::Display) -> Error {
    Error::BadImage { clip: clip.name().to_string_lossy().into_owned(), reason: reason.to_string() }
}

/// An image handle that is released unless it is kept.
struct Fetched<'a> {
    loaded: &'a Loaded,
    handle: sys::OfxPropertySetHandle,
}

impl Fetched<'_> {
    fn properties(&self) -> PropertySet<'_> {
        // SAFETY: the image's own property set, alive until the release.
        unsafe { PropertySet::new(&self.loaded.suites.property, self.handle) }
    }

    fn keep(self) -> sys::OfxPropertySetHandle {
        let handle = self.handle;
        std::mem::forget(self);
        handle
    }
}

impl Drop for Fetched<'_> {
    fn drop(&mut self) {
        release(self.loaded, self.handle);
    }
}

fn release(loaded: &Loaded, handle: sys::OfxPropertySetHandle) {
    let suite = loaded.suites.effect;
    // SAFETY: the handle came from `clipGetImage` and is released once: its one owner is being dropped.
    let status = unsafe { call!(suite.clipReleaseImage(handle)) };
    if !status.is_ok() {
        log::debug!("the host answered {status} to clipReleaseImage");
    }
}
