//! Effects, clips and images of the fake host, and the suites on them.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use openfx_sys as sys;

use super::parameters::Parameter;
use super::properties::Set;

/// An effect descriptor or instance; also its own parameter set.
#[derive(Debug, Default)]
pub struct Effect {
    pub properties: Set,
    parameters: Mutex<Vec<&'static Parameter>>,
    clips: Mutex<Vec<&'static Clip>>,
    pub aborting: AtomicBool,
    log: Mutex<Vec<String>>,
}

/// A clip and the image it hands out.
#[derive(Debug)]
pub struct Clip {
    pub name: CString,
    pub properties: Set,
    pub picture: Mutex<Option<Picture>>,
    pub region: Mutex<Option<[f64; 4]>>,
    /// Images handed out and not given back.
    pub images_out: Mutex<Vec<usize>>,
}

/// What an image is made of.
#[derive(Debug, Clone)]
pub struct Picture {
    pub bounds: [i32; 4],
    pub row_bytes: i32,
    pub depth: &'static CStr,
    pub components: &'static CStr,
    /// Address of the bottom-left pixel; 0 for an image without pixels.
    pub data: usize,
    /// clipGetImage's answer; 0 is OK.
    pub status: c_int,
}

impl Effect {
    pub fn handle(&self) -> *const c_void {
        std::ptr::from_ref(self).cast()
    }

    pub fn parameter(&self, name: &CStr) -> Option<&'static Parameter> {
        self.parameters.lock().unwrap().iter().copied().find(|parameter| parameter.name.as_c_str() == name)
    }

    pub fn parameters(&self) -> Vec<&'static Parameter> {
        self.parameters.lock().unwrap().clone()
    }

    /// Leaked, so that handles stay good whatever a test does.
    pub fn add_parameter(&self, parameter: Parameter) -> &'static Parameter {
        let parameter = Box::leak(Box::new(parameter));
        self.parameters.lock().unwrap().push(parameter);
        parameter
    }

    pub fn clip(&self, name: &CStr) -> Option<&'static Clip> {
        self.clips.lock().unwrap().iter().copied().find(|clip| clip.name.as_c_str() == name)
    }

    pub fn clips(&self) -> Vec<&'static Clip> {
        self.clips.lock().unwrap().clone()
    }

    pub fn add_clip(&self, name: &CStr) -> &'static Clip {
        let clip = Box::leak(Box::new(Clip {
            name: name.to_owned(),
            properties: Set::default(),
            picture: Mutex::new(None),
            region: Mutex::new(None),
            images_out: Mutex::new(Vec::new()),
        }));
        self.clips.lock().unwrap().push(clip);
        clip
    }

    pub fn note(&self, line: String) {
        self.log.lock().unwrap().push(line);
    }

    /// What happened since the last call.
    pub fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut *self.log.lock().unwrap())
    }
}

unsafe fn effect<'a>(handle: sys::OfxImageEffectHandle) -> Option<&'a Effect> {
    // SAFETY: effect handles are our effects, or null.
    unsafe { handle.cast::<Effect>().as_ref() }
}

unsafe fn clip_of<'a>(handle: sys::OfxImageClipHandle) -> &'a Clip {
    // SAFETY: clip handles are our clips.
    unsafe { &*handle.cast::<Clip>() }
}

unsafe extern "C" fn get_property_set(handle: sys::OfxImageEffectHandle, set: *mut sys::OfxPropertySetHandle) -> c_int {
    // SAFETY: handle and target from the plugin.
    let Some(effect) = (unsafe { effect(handle) }) else { return 9 };
    // SAFETY: as above.
    unsafe { set.write(effect.properties.handle()) };
    0
}

unsafe extern "C" fn get_param_set(handle: sys::OfxImageEffectHandle, set: *mut sys::OfxParamSetHandle) -> c_int {
    // SAFETY: handle and target from the plugin.
    unsafe { set.write(handle.cast()) };
    0
}

unsafe extern "C" fn clip_define(
    handle: sys::OfxImageEffectHandle,
    name: *const c_char,
    set: *mut sys::OfxPropertySetHandle,
) -> c_int {
    // SAFETY: handle, C string and target from the plugin.
    let (Some(effect), name) = (unsafe { effect(handle) }, unsafe { CStr::from_ptr(name) }) else { return 9 };
    if effect.clip(name).is_some() {
        return 6;
    }
    // SAFETY: as above.
    unsafe { set.write(effect.add_clip(name).properties.handle()) };
    0
}

unsafe extern "C" fn clip_get_handle(
    handle: sys::OfxImageEffectHandle,
    name: *const c_char,
    clip: *mut sys::OfxImageClipHandle,
    set: *mut sys::OfxPropertySetHandle,
) -> c_int {
    // SAFETY: handle, C string and targets from the plugin.
    let Some(found) = (unsafe { effect(handle).and_then(|effect| effect.clip(CStr::from_ptr(name))) }) else {
        return 3;
    };
    // SAFETY: as above.
    unsafe {
        clip.write(std::ptr::from_ref(found).cast_mut().cast());
        set.write(found.properties.handle());
    }
    0
}

unsafe extern "C" fn clip_get_image(
    handle: sys::OfxImageClipHandle,
    _time: f64,
    _region: *const sys::OfxRectD,
    image: *mut sys::OfxPropertySetHandle,
) -> c_int {
    // SAFETY: handle from the plugin.
    let clip = unsafe { clip_of(handle) };
    let Some(picture) = clip.picture.lock().unwrap().clone() else { return 1 };
    if picture.status != 0 {
        return picture.status;
    }
    let set: &'static Set = Box::leak(Box::default());
    set.ints(c"OfxImagePropBounds", picture.bounds);
    set.ints(c"OfxImagePropRowBytes", [picture.row_bytes]);
    set.text(c"OfxImageEffectPropPixelDepth", picture.depth);
    set.text(c"OfxImageEffectPropComponents", picture.components);
    set.pointer(c"OfxImagePropData", picture.data);
    set.pointer(c"fake.clip", std::ptr::from_ref(clip).expose_provenance());
    clip.images_out.lock().unwrap().push(set.handle().addr());
    // SAFETY: target from the plugin.
    unsafe { image.write(set.handle()) };
    0
}

unsafe extern "C" fn clip_release_image(image: sys::OfxPropertySetHandle) -> c_int {
    // SAFETY: image handles are our leaked sets.
    let set = unsafe { &*image.cast::<Set>() };
    let [super::properties::Value::Pointer(clip)] = set.get(c"fake.clip")[..] else { return 9 };
    // SAFETY: put there by `clip_get_image`.
    let clip = unsafe { &*std::ptr::with_exposed_provenance::<Clip>(clip) };
    let mut out = clip.images_out.lock().unwrap();
    let Some(index) = out.iter().position(|&known| known == image.addr()) else {
        eprintln!("an image was released twice");
        std::process::abort();
    };
    out.remove(index);
    0
}

unsafe extern "C" fn clip_region(handle: sys::OfxImageClipHandle, _time: f64, region: *mut sys::OfxRectD) -> c_int {
    // SAFETY: handle from the plugin.
    let Some([x1, y1, x2, y2]) = *unsafe { clip_of(handle) }.region.lock().unwrap() else { return 1 };
    // SAFETY: target from the plugin.
    unsafe { region.write(sys::OfxRectD { x1, y1, x2, y2 }) };
    0
}

unsafe extern "C" fn abort(handle: sys::OfxImageEffectHandle) -> c_int {
    // SAFETY: handle from the plugin.
    unsafe { effect(handle) }.is_some_and(|effect| effect.aborting.load(Ordering::SeqCst)).into()
}

pub static SUITE: sys::OfxImageEffectSuiteV1 = sys::OfxImageEffectSuiteV1 {
    getPropertySet: Some(get_property_set),
    getParamSet: Some(get_param_set),
    clipDefine: Some(clip_define),
    clipGetHandle: Some(clip_get_handle),
    clipGetPropertySet: None,
    clipGetImage: Some(clip_get_image),
    clipReleaseImage: Some(clip_release_image),
    clipGetRegionOfDefinition: Some(clip_region),
    abort: Some(abort),
    imageMemoryAlloc: None,
    imageMemoryFree: None,
    imageMemoryLock: None,
    imageMemoryUnlock: None,
};

pub unsafe extern "C" fn message(
    handle: *mut c_void,
    kind: *const c_char,
    text: *const c_char,
    persistent: c_int,
) -> c_int {
    // SAFETY: handle and C strings from the plugin, by way of the variadics.
    let (Some(effect), kind, text) =
        (unsafe { effect(handle.cast()) }, unsafe { CStr::from_ptr(kind) }, unsafe { CStr::from_ptr(text) })
    else {
        return 9;
    };
    let verb = if persistent == 0 { "show" } else { "keep" };
    effect.note(format!("{verb} {} {}", kind.to_str().unwrap(), text.to_str().unwrap()));
    0
}

pub unsafe extern "C" fn clear_message(handle: *mut c_void) -> c_int {
    // SAFETY: handle from the plugin.
    if let Some(effect) = unsafe { effect(handle.cast()) } {
        effect.note("clear".to_owned());
    }
    0
}
