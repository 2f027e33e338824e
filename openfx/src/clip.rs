//! The inputs and the output of an instance.

use std::collections::HashMap;
use std::ffi::CStr;
use std::ptr;

use openfx_sys as sys;
use raster::{Components, Depth};

use crate::description::ClipRow;
use crate::entry::Loaded;
use crate::error::{Error, Result};
use crate::geometry::RectD;
use crate::image::{Image, OutputImage};
use crate::names;
use crate::pixels::{Field, Premultiplication, components_of, depth_of};
use crate::properties::PropertySet;
use crate::suites::call;

/// A clip's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClipKey(&'static CStr);

impl ClipKey {
    /// The picture an effect works on.
    pub const SOURCE: Self = Self(crate::names::c_name(sys::kOfxImageEffectSimpleSourceClipName));
    /// What it writes.
    pub const OUTPUT: Self = Self(crate::names::c_name(sys::kOfxImageEffectOutputClipName));

    /// The clip called `name`.
    #[must_use]
    pub const fn new(name: &'static CStr) -> Self {
        Self(name)
    }

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static CStr {
        self.0
    }
}

/// The clips of an instance by name, their handles cached when it was created.
pub(crate) struct Clips(HashMap<&'static CStr, Handle>);

#[derive(Clone, Copy)]
struct Handle {
    clip: sys::OfxImageClipHandle,
    properties: sys::OfxPropertySetHandle,
}

// SAFETY: the handles are opaque, and the API lets any thread that runs an action of the instance use them.
unsafe impl Send for Clips {}
// SAFETY: as above; nothing here is changed after construction.
unsafe impl Sync for Clips {}

impl Clips {
    /// Looks up every clip of the table; one that the host does not have is logged.
    pub(crate) fn cache(loaded: &Loaded, effect: sys::OfxImageEffectHandle, rows: &'static [ClipRow]) -> Self {
        let suite = loaded.suites.effect;
        let mut clips = HashMap::new();
        for row in rows {
            let mut handle = Handle { clip: ptr::null_mut(), properties: ptr::null_mut() };
            // SAFETY: the effect is the instance being created; name and targets are valid.
            let status = unsafe {
                call!(suite.clipGetHandle(effect, row.name.as_ptr(), &raw mut handle.clip, &raw mut handle.properties,))
            };
            if status.is_ok() && !handle.clip.is_null() {
                clips.insert(row.name, handle);
            } else {
                log::warn!("the host answered {status} for clip {}", row.name.to_string_lossy());
            }
        }
        Self(clips)
    }

    pub(crate) fn get<'a>(&self, loaded: &'a Loaded, key: ClipKey) -> Result<Clip<'a>> {
        let handle = self
            .0
            .get(key.name())
            .ok_or_else(|| Error::MissingClip { name: key.name().to_string_lossy().into_owned() })?;
        // SAFETY: the set came with the clip's handle and lives as long as the instance.
        let properties = unsafe { PropertySet::new(&loaded.suites.property, handle.properties) };
        Ok(Clip { loaded, key, handle: handle.clip, properties })
    }
}

/// A clip of an instance, during an action.
#[derive(Clone, Copy)]
pub struct Clip<'a> {
    loaded: &'a Loaded,
    key: ClipKey,
    handle: sys::OfxImageClipHandle,
    properties: PropertySet<'a>,
}

impl<'a> Clip<'a> {
    /// Its name.
    #[must_use]
    pub fn key(&self) -> ClipKey {
        self.key
    }

    /// Whether something is connected. Resolve says so of every clip, also of empty ones
    /// ([`crate::Quirks::clips_always_connected`]), whose image is then missing or black.
    #[must_use]
    pub fn connected(&self) -> bool {
        self.properties.flag(names::CLIP_CONNECTED).unwrap_or(false)
    }

    /// Where it has pixels at `time`, in canonical coordinates.
    ///
    /// # Errors
    /// The host's refusal, usually because nothing is connected.
    pub fn region_of_definition(&self, time: f64) -> Result<RectD> {
        let suite = self.loaded.suites.effect;
        let mut region = sys::OfxRectD { x1: 0.0, y1: 0.0, x2: 0.0, y2: 0.0 };
        // SAFETY: the clip is the host's own and the target a local.
        unsafe { call!(suite.clipGetRegionOfDefinition(self.handle, time, &raw mut region)) }
            .check("clipGetRegionOfDefinition", self.key.name().to_string_lossy())?;
        Ok(RectD { x1: region.x1, y1: region.y1, x2: region.x2, y2: region.y2 })
    }

    /// First and last frame; `None` where the host does not say or says nonsense.
    #[must_use]
    pub fn frame_range(&self) -> Option<(f64, f64)> {
        let [first, last] = self.properties.doubles(names::FRAME_RANGE)?;
        (first.is_finite() && last.is_finite() && first <= last).then_some((first, last))
    }

    /// Frames per second.
    #[must_use]
    pub fn frame_rate(&self) -> Option<f64> {
        self.properties.double(names::FRAME_RATE, 0).filter(|&rate| rate > 0.0 && rate.is_finite())
    }

    /// Width of a pixel over its height; 1 where the host says nothing or 0 (Fusion).
    #[must_use]
    pub fn pixel_aspect(&self) -> f64 {
        crate::pixels::aspect(self.properties.double(names::IMAGE_PIXEL_ASPECT, 0))
    }

    /// The sample type its images have in this effect; `None` when unconnected.
    #[must_use]
    pub fn depth(&self) -> Option<Depth> {
        depth_of(&self.properties, names::PIXEL_DEPTH)
    }

    /// The sample type before the host converted.
    #[must_use]
    pub fn unmapped_depth(&self) -> Option<Depth> {
        depth_of(&self.properties, names::CLIP_UNMAPPED_DEPTH)
    }

    /// The components its images have in this effect; `None` when unconnected.
    #[must_use]
    pub fn components(&self) -> Option<Components> {
        components_of(&self.properties, names::COMPONENTS)
    }

    /// The components before the host converted.
    #[must_use]
    pub fn unmapped_components(&self) -> Option<Components> {
        components_of(&self.properties, names::CLIP_UNMAPPED_COMPONENTS)
    }

    /// How its colours relate to its alpha.
    #[must_use]
    pub fn premultiplication(&self) -> Premultiplication {
        Premultiplication::of(&self.properties)
    }

    /// Which field of interlaced material comes first.
    #[must_use]
    pub fn field_order(&self) -> Field {
        Field::of(&self.properties, names::CLIP_FIELD_ORDER)
    }

    /// Resolve: its images are for a thumbnail, so that heavy work can be left out.
    #[must_use]
    pub fn is_thumbnail(&self) -> bool {
        self.properties.flag(names::RESOLVE_CLIP_THUMBNAIL).unwrap_or(false)
    }

    /// Its image at `time`. Allowed in render, and in `instance_changed` after the user edited; to be dropped before
    /// the action ends. `None`: nothing there, to be taken as transparent black (nothing connected, outside the clip,
    /// an interrupted render).
    ///
    /// # Errors
    /// [`Error::BadImage`] for pixels that cannot be read, [`Error::Host`] for a failure other than "no such image".
    pub fn image(&self, time: f64) -> Result<Option<Image<'a>>> {
        // MLT answers OK with no pixels for what is not connected.
        if self.key != ClipKey::OUTPUT && !self.connected() {
            return Ok(None);
        }
        Image::fetch(self.loaded, self.handle, self.key, time)
    }

    /// The image to write, of the output clip. Fetch it even if nothing is to be written (Nuke). `None`: the render was
    /// interrupted; return [`Error::Aborted`].
    ///
    /// # Errors
    /// As [`Clip::image`], and [`Error::MissingClip`] for a clip that is an input.
    pub fn output_image(&self, time: f64) -> Result<Option<OutputImage<'a>>> {
        if self.key != ClipKey::OUTPUT {
            return Err(Error::MissingClip { name: "Output".to_owned() });
        }
        Ok(self.image(time)?.map(OutputImage::new))
    }
}
