//! Hosts, and loading bundles.

use super::gate::Gate;
use super::lease::Lease;
use super::library::{self, RawPlugin};
use super::plugin::{Plugin, PluginInner};
use super::property::{PropertySet, name, text, text_of};
use super::{Character, HostError, Profile, suites};
use libloading::Library;
use openfx_sys as sys;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Weak};

/// What all parts of a host share.
pub(super) struct HostState {
    pub(super) character: Character,
    /// Published under a handle of its own, which is the one that plugins call the host.
    properties: Arc<PropertySet>,
    /// Shut while a bundle is opened, so that two threads of one host find the same one.
    opening: Gate,
    /// Bundles that are open now, by library path.
    open: Mutex<HashMap<PathBuf, Weak<BundleInner>>>,
}

/// A host with a character. Cheap to clone.
#[derive(Clone)]
pub struct Host {
    pub(super) state: Arc<HostState>,
}

impl Host {
    /// A host that behaves like the one named.
    pub fn new(profile: Profile) -> Self {
        Self::with_character(profile.character().clone())
    }

    /// A host of any character: change a copy of [`Profile::character`] to try one trait alone.
    pub fn with_character(character: Character) -> Self {
        let properties = host_properties(&character);
        let state = Arc::new(HostState { character, properties, opening: Gate::default(), open: Mutex::default() });
        HOSTS.lock().insert(state.properties.handle().number(), Arc::downgrade(&state));
        Self { state }
    }

    /// Its character.
    pub fn character(&self) -> &Character {
        &self.state.character
    }
}

impl Drop for HostState {
    fn drop(&mut self) {
        HOSTS.lock().remove(&self.properties.handle().number());
    }
}

/// Live hosts by the handle of their properties, which is all that a plugin has when it asks for a suite.
static HOSTS: LazyLock<Mutex<HashMap<usize, Weak<HostState>>>> = LazyLock::new(Default::default);

impl HostState {
    /// The structure that plugins keep a pointer to. Leaked on purpose: a plugin may stay in the process longer than its host, and
    /// may look at this as long as it likes. Its handles are dead by then.
    fn ofx_host(&self) -> *mut sys::OfxHost {
        let host = sys::OfxHost { host: self.properties.handle().as_ptr(), fetchSuite: Some(fetch_suite) };
        Box::into_raw(Box::new(host))
    }
}

fn host_properties(character: &Character) -> Arc<PropertySet> {
    let set = PropertySet::new(&[], character.api, true);
    let put_text = |key: &'static [u8], value: &str| set.put(name(key), vec![text_of(value)]);
    let put_flag = |key: &'static [u8], value: bool| set.put(name(key), vec![i32::from(value)]);
    set.put(name(sys::kOfxPropType), vec![text(name(sys::kOfxTypeImageEffectHost))]);
    put_text(sys::kOfxPropName, character.name);
    put_text(sys::kOfxPropLabel, character.label);
    let version = character.version.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
    put_text(sys::kOfxPropVersionLabel, &version);
    set.put(name(sys::kOfxPropVersion), character.version.to_vec());
    if character.api > (1, 0) {
        // A host of OFX 1.0 has no such property.
        set.put(name(sys::kOfxPropAPIVersion), vec![character.api.0, character.api.1]);
    }
    put_flag(sys::kOfxImageEffectHostPropIsBackground, character.is_background);
    put_flag(sys::kOfxImageEffectPropSupportsOverlays, character.overlays);
    put_flag(sys::kOfxImageEffectPropSupportsMultiResolution, character.multi_resolution);
    put_flag(sys::kOfxImageEffectPropSupportsTiles, character.tiles);
    put_flag(sys::kOfxImageEffectPropTemporalClipAccess, character.temporal_access);
    put_flag(sys::kOfxImageEffectPropSupportsMultipleClipDepths, character.multiple_depths);
    put_flag(sys::kOfxImageEffectPropSupportsMultipleClipPARs, character.multiple_pixel_aspects);
    put_flag(sys::kOfxImageEffectPropSetableFrameRate, false);
    put_flag(sys::kOfxImageEffectPropSetableFielding, false);
    put_flag(sys::kOfxImageEffectInstancePropSequentialRender, false);
    put_flag(sys::kOfxParamHostPropSupportsStringAnimation, character.string_animation);
    put_flag(sys::kOfxParamHostPropSupportsBooleanAnimation, character.boolean_animation);
    put_flag(sys::kOfxParamHostPropSupportsChoiceAnimation, character.choice_animation);
    put_flag(sys::kOfxParamHostPropSupportsCustomAnimation, character.custom_animation);
    put_flag(sys::kOfxParamHostPropSupportsCustomInteract, false);
    set.put(name(sys::kOfxParamHostPropMaxParameters), vec![-1]);
    set.put(name(sys::kOfxParamHostPropMaxPages), vec![0]);
    set.put(name(sys::kOfxParamHostPropPageRowColumnCount), vec![0, 0]);
    set.put(name(sys::kOfxImageEffectHostPropNativeOrigin), vec![text(name(sys::kOfxHostNativeOriginBottomLeft))]);
    set.put(name(sys::kOfxPropHostOSHandle), vec![0_usize]);
    let contexts = character.contexts.iter().map(|context| text(context.ofx())).collect();
    set.put(name(sys::kOfxImageEffectPropSupportedContexts), contexts);
    let components = character.components.iter().map(|components| text(components.ofx())).collect();
    set.put(name(sys::kOfxImageEffectPropSupportedComponents), components);
    let depths = character.depths.iter().map(|depth| text(depth.ofx())).collect();
    set.put(name(sys::kOfxImageEffectPropSupportedPixelDepths), depths);
    set.put(name(sys::kOfxImageEffectPropOpenGLRenderSupported), vec![text(c"false")]);
    set
}

unsafe extern "C" fn fetch_suite(
    host: sys::OfxPropertySetHandle,
    suite: *const c_char,
    version: c_int,
) -> *const c_void {
    let found = std::panic::catch_unwind(|| {
        if suite.is_null() {
            return None;
        }
        // SAFETY: not null, and a string by the contract of fetchSuite.
        let suite = unsafe { CStr::from_ptr(suite) };
        let host = HOSTS.lock().get(&host.addr()).and_then(Weak::upgrade)?;
        Some(suites::fetch(&host.character, suite, version))
    });
    found.ok().flatten().unwrap_or(std::ptr::null())
}

/// A loaded plugin library.
#[derive(Clone)]
pub struct Bundle {
    inner: Arc<BundleInner>,
}

/// A loaded library and all that hangs on it. The fields are dropped in this order: plugins are gone before (each holds the bundle),
/// then the library, then the lease.
pub(super) struct BundleInner {
    pub(super) host: Arc<HostState>,
    /// The bundle folder, or the bare library.
    pub(super) path: PathBuf,
    library_path: PathBuf,
    raw: Vec<RawPlugin>,
    /// Shut while an effect is discovered, so that two threads find the same one.
    discovering: Gate,
    plugins: Mutex<HashMap<String, Weak<PluginInner>>>,
    library: Library,
    _lease: Lease,
}

impl BundleInner {
    /// Asks the library for its plugin records again, as after an unload.
    ///
    /// # Errors
    /// [`HostError::NotAPlugin`] when it no longer has any.
    pub(super) fn enumerate_again(&self) -> Result<(), HostError> {
        library::plugins(&self.library, &self.library_path, self.host.ofx_host()).map(|_| ())
    }
}

impl Bundle {
    /// Loads an `.ofx.bundle` folder (the library named by its Info.plist, else by the folder's name) or a bare `.ofx` file, and
    /// hands it the host. A library has one set of globals, so it serves one host at a time: if another thread has it open under
    /// another host, this waits until that bundle, its plugins and instances are dropped.
    ///
    /// # Errors
    /// When the file is missing, is not laid out as a bundle, cannot be loaded or is no OFX plugin; [`HostError::InUse`] when this
    /// very thread has it open under another host.
    pub fn open(host: &Host, path: &Path) -> Result<Self, HostError> {
        let library_path = library::locate(path)?;
        let host = &host.state;
        let _passage = host.opening.pass();
        if let Some(inner) = host.open.lock().get(&library_path).and_then(Weak::upgrade) {
            return Ok(Self { inner });
        }
        let lease = Lease::take(&library_path)?;
        let library = library::load(&library_path)?;
        let raw = library::plugins(&library, &library_path, host.ofx_host())?;
        let inner = Arc::new(BundleInner {
            host: host.clone(),
            path: path.to_owned(),
            library_path: library_path.clone(),
            raw,
            discovering: Gate::default(),
            plugins: Mutex::default(),
            library,
            _lease: lease,
        });
        host.open.lock().insert(library_path, Arc::downgrade(&inner));
        Ok(Self { inner })
    }

    /// The library file itself: `.../Contents/<system>/Name.ofx`.
    pub fn library_path(&self) -> &Path {
        &self.inner.library_path
    }

    /// Identifiers of the image effects in it, in the library's order.
    pub fn effects(&self) -> Vec<String> {
        self.inner.raw.iter().map(|raw| raw.id.clone()).collect()
    }

    /// One effect, loaded and described.
    ///
    /// # Errors
    /// [`HostError::NoEffect`] for an unknown identifier; else when Load or Describe fails or the rules are broken.
    pub fn plugin(&self, id: &str) -> Result<Plugin, HostError> {
        let _passage = self.inner.discovering.pass();
        let known = self.inner.plugins.lock().get(id).and_then(Weak::upgrade);
        if let Some(inner) = known {
            return Ok(Plugin { inner });
        }
        let raw = self
            .inner
            .raw
            .iter()
            .find(|raw| raw.id == id)
            .ok_or_else(|| HostError::NoEffect { id: id.to_owned(), available: self.effects() })?;
        let inner = PluginInner::discover(&self.inner, raw)?;
        self.inner.plugins.lock().insert(id.to_owned(), Arc::downgrade(&inner));
        Ok(Plugin { inner })
    }

    /// Calls the extension entry point `symbol` with the signature
    /// `usize symbol(const char *topic, char *out, usize capacity)`, which writes at most `capacity` bytes of text and returns how
    /// many it needs. None when the library has no such symbol, knows no such topic, or what it wrote is not UTF-8. A text of up to
    /// 64 KiB takes a single call, which is what topics that do something count on.
    pub fn report(&self, symbol: &str, topic: &str) -> Option<String> {
        type Report = unsafe extern "C" fn(*const c_char, *mut c_char, usize) -> usize;
        let (symbol, topic) = (CString::new(symbol).ok()?, CString::new(topic).ok()?);
        // SAFETY: a symbol of this name is agreed to have this signature; the library stays loaded while it is borrowed.
        let report = unsafe { self.inner.library.get::<Report>(symbol.as_bytes_with_nul()) }.ok()?;
        let mut text = vec![0_u8; 64 << 10];
        for _ in 0..MOST_CALLS {
            // SAFETY: the buffer has the capacity said.
            let needed = unsafe { report(topic.as_ptr(), text.as_mut_ptr().cast(), text.len()) };
            if needed <= text.len() {
                text.truncate(needed);
                while text.last() == Some(&0) {
                    text.pop();
                }
                return if needed == 0 { None } else { String::from_utf8(text).ok() };
            }
            // Some more: the text may have grown by the next call.
            text = vec![0_u8; needed.checked_add(needed / 4)?];
        }
        None
    }
}

/// Calls of a report whose text grows from call to call, before it is given up.
const MOST_CALLS: usize = 4;
