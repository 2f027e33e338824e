//! What the process knows of one effect: the host it was given and, once loaded, the host's suites.

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

use openfx_sys as sys;
use parking_lot::RwLock;

use crate::error::{Error, Result};
use crate::host::Host;
use crate::library_path::stay_mapped;
use crate::live_boxes::LiveBoxes;
use crate::properties::PropertySet;
use crate::suites::Suites;

/// The host of one effect. Made by [`crate::export_plugins!`]; the API leaves no other place for it than a static.
pub struct Entry {
    host: AtomicPtr<sys::OfxHost>,
    loaded: RwLock<Option<Arc<Loaded>>>,
    boxes: LiveBoxes,
}

/// A host after `kOfxActionLoad`. Instances keep it alive, so an Unload under living instances is harmless.
pub(crate) struct Loaded {
    pub(crate) suites: Suites,
    pub(crate) host: Host,
}

impl Entry {
    /// An effect that no host has spoken to yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { host: AtomicPtr::new(ptr::null_mut()), loaded: RwLock::new(None), boxes: LiveBoxes::new() }
    }

    /// Remembers the host; suites are fetched later, in Load, as the API asks.
    pub(crate) fn set_host(&self, host: *mut sys::OfxHost) {
        self.host.store(host, Ordering::Release);
    }

    /// Fetches the suites and reads the host's description. Doing so again replaces both (MLT loads repeatedly).
    pub(crate) fn load(&self) -> Result<()> {
        stay_mapped();
        let host = self.host.load(Ordering::Acquire);
        // SAFETY: a host gives a pointer that stays valid until the plugin is unloaded; null is answered as an error.
        let host = unsafe { host.as_ref() }.ok_or(Error::NoHost)?;
        // SAFETY: `host` is what `setHost` was given.
        let property = unsafe { Suites::fetch_property(host)? };
        let quirks = Host::quirks_of(&property, host);
        // SAFETY: as above.
        let suites = unsafe { Suites::fetch(host, &quirks)? };
        // SAFETY: the host's own property set.
        let properties = unsafe { PropertySet::new(&property, host.host) };
        let host = Host::read(&properties, suites.draw.is_some());
        log::info!("loaded by {} ({:?}), OpenFX {:?}", host.label, host.family, host.api_version);
        *self.loaded.write() = Some(Arc::new(Loaded { suites, host }));
        Ok(())
    }

    /// Forgets the suites. Load may follow.
    pub(crate) fn unload(&self) {
        *self.loaded.write() = None;
    }

    /// The states of instances and overlays that hosts hold pointers to.
    pub(crate) fn boxes(&self) -> &LiveBoxes {
        &self.boxes
    }

    /// The loaded host, for the length of an action.
    pub(crate) fn loaded(&self, action: &str) -> Result<Arc<Loaded>> {
        self.loaded.read().clone().ok_or_else(|| Error::NotLoaded { action: action.to_owned() })
    }
}

impl Default for Entry {
    fn default() -> Self {
        Self::new()
    }
}
