//! Overlays, drawing, progress and threads of the fake host.

use std::ffi::{c_char, c_float, c_int, c_uint, c_void};
use std::sync::Mutex;

use openfx_sys as sys;

use super::effect::Effect;
use super::properties::Set;

/// An overlay in a viewer.
#[derive(Debug, Default)]
pub struct Interact {
    pub properties: Set,
    pub redraws: Mutex<usize>,
}

impl Interact {
    pub fn of(effect: &Effect) -> &'static Self {
        let interact: &'static Self = Box::leak(Box::default());
        interact.properties.pointer(c"OfxPropEffectInstance", effect.handle().expose_provenance());
        interact
    }

    pub fn handle(&self) -> *const c_void {
        std::ptr::from_ref(self).cast()
    }
}

unsafe extern "C" fn get_property_set(handle: sys::OfxInteractHandle, set: *mut sys::OfxPropertySetHandle) -> c_int {
    // SAFETY: handle and target from the plugin.
    unsafe { set.write((*handle.cast::<Interact>()).properties.handle()) };
    0
}

unsafe extern "C" fn redraw(handle: sys::OfxInteractHandle) -> c_int {
    // SAFETY: handle from the plugin.
    *unsafe { &*handle.cast::<Interact>() }.redraws.lock().unwrap() += 1;
    0
}

pub static INTERACT: sys::OfxInteractSuiteV1 = sys::OfxInteractSuiteV1 {
    interactSwapBuffers: None,
    interactRedraw: Some(redraw),
    interactGetPropertySet: Some(get_property_set),
};

/// A draw context that writes down what is drawn.
#[derive(Debug, Default)]
pub struct DrawLog(pub Mutex<Vec<String>>);

unsafe fn draw_log<'a>(context: sys::OfxDrawContextHandle) -> &'a DrawLog {
    // SAFETY: contexts of the fake host are its logs.
    unsafe { &*context.cast::<DrawLog>() }
}

unsafe extern "C" fn set_colour(context: sys::OfxDrawContextHandle, colour: *const sys::OfxRGBAColourF) -> c_int {
    // SAFETY: context and colour from the plugin.
    let (log, c) = unsafe { (draw_log(context), *colour) };
    log.0.lock().unwrap().push(format!("colour {} {} {} {}", c.r, c.g, c.b, c.a));
    0
}

unsafe extern "C" fn set_line_width(context: sys::OfxDrawContextHandle, width: c_float) -> c_int {
    // SAFETY: context from the plugin.
    unsafe { draw_log(context) }.0.lock().unwrap().push(format!("width {width}"));
    0
}

unsafe extern "C" fn draw(
    context: sys::OfxDrawContextHandle,
    primitive: sys::OfxDrawPrimitive,
    points: *const sys::OfxPointD,
    count: c_int,
) -> c_int {
    // SAFETY: context and points from the plugin.
    let (log, points) =
        unsafe { (draw_log(context), std::slice::from_raw_parts(points, usize::try_from(count).unwrap())) };
    let points: Vec<_> = points.iter().map(|point| (point.x, point.y)).collect();
    log.0.lock().unwrap().push(format!("draw {primitive} {points:?}"));
    0
}

pub static DRAW: sys::OfxDrawSuiteV1 = sys::OfxDrawSuiteV1 {
    getColour: None,
    setColour: Some(set_colour),
    setLineWidth: Some(set_line_width),
    // A host may leave out what it likes.
    setLineStipple: None,
    draw: Some(draw),
    drawText: None,
};

unsafe extern "C" fn progress_start(effect: *mut c_void, _label: *const c_char) -> c_int {
    // SAFETY: handle from the plugin.
    unsafe { &*effect.cast::<Effect>() }.note("progress starts".to_owned());
    0
}

/// The user cancels beyond the half.
unsafe extern "C" fn progress_update(_effect: *mut c_void, fraction: f64) -> c_int {
    if fraction > 0.5 { 13 } else { 0 }
}

unsafe extern "C" fn progress_end(effect: *mut c_void) -> c_int {
    // SAFETY: handle from the plugin.
    unsafe { &*effect.cast::<Effect>() }.note("progress ends".to_owned());
    0
}

pub static PROGRESS: sys::OfxProgressSuiteV1 = sys::OfxProgressSuiteV1 {
    progressStart: Some(progress_start),
    progressUpdate: Some(progress_update),
    progressEnd: Some(progress_end),
};

unsafe extern "C" fn multi_thread(function: sys::OfxThreadFunctionV1, count: c_uint, argument: *mut c_void) -> c_int {
    let argument = argument.expose_provenance();
    std::thread::scope(|scope| {
        for index in 0..count {
            // SAFETY: the plugin's function and argument, which it says may be shared.
            scope.spawn(move || unsafe {
                function.unwrap()(index, count, std::ptr::with_exposed_provenance_mut(argument));
            });
        }
    });
    0
}

unsafe extern "C" fn cpu_count(count: *mut c_uint) -> c_int {
    // SAFETY: target from the plugin.
    unsafe { count.write(3) };
    0
}

pub static THREADS: sys::OfxMultiThreadSuiteV1 = sys::OfxMultiThreadSuiteV1 {
    multiThread: Some(multi_thread),
    multiThreadNumCPUs: Some(cpu_count),
    multiThreadIndex: None,
    multiThreadIsSpawnedThread: None,
    mutexCreate: None,
    mutexDestroy: None,
    mutexLock: None,
    mutexUnLock: None,
    mutexTryLock: None,
};
