//! Who the host is, what it can do, and how it differs from the standard.

use openfx_sys as sys;

use crate::names;
use crate::properties::PropertySet;

pub use crate::quirks::{Family, Quirks};

/// A description of the host, read once in `kOfxActionLoad`.
#[derive(Debug, Clone, PartialEq)]
pub struct Host {
    /// Its identifier, e.g. `uk.co.thefoundry.nuke`. Natron may be told to fake another.
    pub name: String,
    /// Its name for people.
    pub label: String,
    /// Its version as numbers; empty where it does not say.
    pub version: Vec<i32>,
    /// Its version for people.
    pub version_label: String,
    /// The OpenFX version it speaks; 1.0 where it does not say.
    pub api_version: (i32, i32),
    /// It runs without a user: no questions, no overlays.
    pub is_background: bool,
    /// It can show overlays.
    pub supports_overlays: bool,
    /// It lets an effect fetch other frames than the one rendered.
    pub temporal_access: bool,
    /// It can animate string parameters.
    pub animates_strings: bool,
    /// It can animate booleans.
    pub animates_booleans: bool,
    /// It can animate choices.
    pub animates_choices: bool,
    /// It has parameter pages.
    pub has_pages: bool,
    /// The draw suite is there: overlays of version 2 are possible.
    pub has_draw_suite: bool,
    /// Whose character it has.
    pub family: Family,
    /// How it differs from the standard.
    pub quirks: Quirks,
}

impl Host {
    /// Reads the host's property set.
    pub(crate) fn read(properties: &PropertySet<'_>, has_draw_suite: bool) -> Self {
        let name = properties.string(names::NAME, 0).unwrap_or_default();
        let (family, quirks) = crate::quirks::of(&name);
        Self {
            label: properties.string(names::LABEL, 0).unwrap_or_else(|| name.clone()),
            version: (0..3).map_while(|index| properties.int(names::VERSION, index)).collect(),
            version_label: properties.string(names::VERSION_LABEL, 0).unwrap_or_default(),
            api_version: (
                properties.int(names::API_VERSION, 0).unwrap_or(1),
                properties.int(names::API_VERSION, 1).unwrap_or(0),
            ),
            is_background: properties.flag(names::HOST_IS_BACKGROUND).unwrap_or(false),
            supports_overlays: properties.flag(names::SUPPORTS_OVERLAYS).unwrap_or(false),
            temporal_access: properties.flag(names::TEMPORAL_CLIP_ACCESS).unwrap_or(false),
            animates_strings: properties.flag(names::HOST_STRING_ANIMATION).unwrap_or(false),
            animates_booleans: properties.flag(names::HOST_BOOLEAN_ANIMATION).unwrap_or(false),
            animates_choices: properties.flag(names::HOST_CHOICE_ANIMATION).unwrap_or(false),
            has_pages: properties.int(names::HOST_MAX_PAGES, 0).unwrap_or(0) > 0,
            has_draw_suite,
            family,
            quirks,
            name,
        }
    }

    /// Whether it hands out frames other than the one it renders, also where it says so of itself and does not.
    #[must_use]
    pub fn hands_out_other_frames(&self) -> bool {
        self.temporal_access && !self.quirks.single_frame
    }

    /// The quirks of the host behind `properties`, before anything else of it is touched.
    pub(crate) fn quirks_of(suite: &sys::OfxPropertySuiteV1, host: &sys::OfxHost) -> Quirks {
        // SAFETY: the host's own property set, alive as long as the host structure is.
        let properties = unsafe { PropertySet::new(suite, host.host) };
        crate::quirks::of(&properties.string(names::NAME, 0).unwrap_or_default()).1
    }
}
