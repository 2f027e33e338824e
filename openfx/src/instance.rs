//! One instance of an effect in the host.

use std::sync::Arc;

use openfx_sys as sys;

use crate::clip::{Clip, ClipKey, Clips};
use crate::description::{Context, Description};
use crate::entry::Loaded;
use crate::error::Result;
use crate::geometry::RectD;
use crate::host::Host;
use crate::message::Messages;
use crate::names;
use crate::parameters::Parameters;
use crate::properties::PropertySet;

/// An instance of an effect: its parameters, clips and the host's services. Usable from every thread that runs one of
/// its actions.
pub struct Instance {
    pub(crate) loaded: Arc<Loaded>,
    pub(crate) handle: sys::OfxImageEffectHandle,
    properties: sys::OfxPropertySetHandle,
    context: Context,
    page: Option<String>,
    parameters: Parameters,
    clips: Clips,
    pub(crate) messages: Messages,
}

// SAFETY: the handles are opaque, and the API lets every thread that runs an action of the instance use them.
unsafe impl Send for Instance {}
// SAFETY: as above; what changes (the message) has its own lock.
unsafe impl Sync for Instance {}

impl Instance {
    /// Looks up all that the instance needs.
    pub(crate) fn new(
        loaded: Arc<Loaded>,
        handles: Handles,
        description: &'static Description,
        page: Option<String>,
    ) -> Self {
        // SAFETY: the property set of the instance being created.
        let set = unsafe { PropertySet::new(&loaded.suites.property, handles.properties) };
        let context =
            if set.string_is(names::CONTEXT, names::CONTEXT_GENERAL) { Context::General } else { Context::Filter };
        let parameters = Parameters::cache(loaded.clone(), handles.parameters, description.rows());
        let clips = Clips::cache(&loaded, handles.effect, description.clips);
        Self {
            handle: handles.effect,
            properties: handles.properties,
            context,
            page,
            parameters,
            clips,
            messages: Messages::default(),
            loaded,
        }
    }

    /// The host.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.loaded.host
    }

    /// The context it was made in.
    #[must_use]
    pub fn context(&self) -> Context {
        self.context
    }

    /// DaVinci Resolve's page ("Edit", "Color", "Fusion") where that is the host.
    #[must_use]
    pub fn resolve_page(&self) -> Option<&str> {
        self.page.as_deref()
    }

    /// Its parameters.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// One of its clips.
    ///
    /// # Errors
    /// [`crate::Error::MissingClip`] where the host has no such clip.
    pub fn clip(&self, key: ClipKey) -> Result<Clip<'_>> {
        self.clips.get(&self.loaded, key)
    }

    /// Whether the host wants the render to stop. Cheap; ask often.
    #[must_use]
    pub fn aborted(&self) -> bool {
        // SAFETY: the handle is this instance's own.
        self.loaded.suites.effect.abort.is_some_and(|abort| unsafe { abort(self.handle) } != 0)
    }

    /// The project's rectangle, canonical: what its frame covers.
    #[must_use]
    pub fn project_frame(&self) -> Option<RectD> {
        let set = self.properties();
        let [width, height] = set.doubles(names::PROJECT_SIZE)?;
        let [x1, y1] = set.doubles(names::PROJECT_OFFSET).unwrap_or_default();
        Some(RectD { x1, y1, x2: x1 + width, y2: y1 + height }).filter(|frame| !frame.is_empty())
    }

    /// The project's pixel aspect ratio; never 0.
    #[must_use]
    pub fn project_pixel_aspect(&self) -> f64 {
        crate::pixels::aspect(self.properties().double(names::PROJECT_PIXEL_ASPECT, 0))
    }

    /// Its property set.
    #[must_use]
    pub fn properties(&self) -> PropertySet<'_> {
        // SAFETY: the instance's own set, alive as long as the instance.
        unsafe { PropertySet::new(&self.loaded.suites.property, self.properties) }
    }
}

/// The host's handles of an instance.
pub(crate) struct Handles {
    pub(crate) effect: sys::OfxImageEffectHandle,
    pub(crate) properties: sys::OfxPropertySetHandle,
    pub(crate) parameters: sys::OfxParamSetHandle,
}
