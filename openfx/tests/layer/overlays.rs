//! Overlays: drawing, pens and keys.

use std::ffi::{CStr, c_char, c_int, c_void};

use crate::fake_host::effect::Effect;
use crate::fake_host::overlay::{DrawLog, Interact};
use crate::fake_host::parameters::Held;
use crate::fake_host::properties::{Set, Value};
use crate::fake_host::{Host, OK, REPLY_DEFAULT};

const PROBE: &CStr = c"org.example.Probe";

type Entry = unsafe extern "C" fn(
    *const c_char,
    *const c_void,
    openfx_sys::OfxPropertySetHandle,
    openfx_sys::OfxPropertySetHandle,
) -> c_int;

/// An overlay of an instance, made as hosts make them.
struct Viewer {
    entry: Entry,
    interact: &'static Interact,
}

impl Viewer {
    fn open(host: &Host, instance: &Effect) -> Self {
        let descriptor = host.describe(c"OfxImageEffectContextGeneral");
        let property = descriptor
            .properties
            .get(c"OfxImageEffectPluginPropOverlayInteractV2")
            .pop()
            .or(descriptor.properties.get(c"OfxImageEffectPluginPropOverlayInteractV1").pop());
        let Some(Value::Pointer(address)) = property else { panic!("{property:?}") };
        // SAFETY: what the property holds is the entry point.
        let entry: Entry = unsafe { std::mem::transmute(std::ptr::with_exposed_provenance::<c_void>(address)) };
        let viewer = Self { entry, interact: Interact::of(instance) };
        assert_eq!(viewer.act(c"OfxActionDescribe", &Set::default()), OK);
        assert_eq!(viewer.act(c"OfxActionCreateInstance", &Set::default()), OK);
        viewer
    }

    fn act(&self, action: &CStr, arguments: &Set) -> c_int {
        // SAFETY: arguments as the API has them.
        unsafe { (self.entry)(action.as_ptr(), self.interact.handle(), arguments.handle(), std::ptr::null_mut()) }
    }

    fn key(&self, action: &CStr, symbol: u32) -> c_int {
        let arguments = Set::default();
        arguments.ints(c"kOfxPropKeySym", [symbol as i32]);
        self.act(action, &arguments)
    }

    fn click(&self, position: [f64; 2]) -> c_int {
        let arguments = Set::default();
        arguments.doubles(c"OfxInteractPropPenPosition", position);
        arguments.doubles(c"OfxInteractPropPixelScale", [0.5, 0.5]);
        self.act(c"OfxInteractActionPenDown", &arguments)
    }

    fn close(&self) {
        assert_eq!(self.act(c"OfxActionDestroyInstance", &Set::default()), OK);
    }
}

fn point(instance: &Effect) -> Held {
    instance.parameter(c"point").unwrap().value.lock().unwrap().clone()
}

#[test]
fn a_click_writes_a_parameter_and_modifiers_are_followed_through_the_keys() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    let viewer = Viewer::open(&host, instance);
    assert_eq!(viewer.click([10.0, 20.0]), OK);
    assert_eq!(point(instance), Held::Double(10.0, 20.0));
    assert_eq!(*viewer.interact.redraws.lock().unwrap(), 1);

    assert_eq!(viewer.key(c"OfxInteractActionKeyDown", openfx_sys::kOfxKey_Control_L), REPLY_DEFAULT);
    assert_eq!(viewer.click([3.0, 4.0]), OK);
    assert_eq!(point(instance), Held::Double(-3.0, -4.0));
    assert_eq!(viewer.act(c"OfxInteractActionLoseFocus", &Set::default()), REPLY_DEFAULT);
    assert_eq!(viewer.click([3.0, 4.0]), OK);
    assert_eq!(point(instance), Held::Double(3.0, 4.0));
    viewer.close();
    host.destroy(instance);
}

#[test]
fn only_keys_that_were_used_are_kept_from_the_host() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    instance.parameter(c"point").unwrap().keys.lock().unwrap().push((1.0, Held::Double(0.0, 0.0)));
    let viewer = Viewer::open(&host, instance);
    assert_eq!(viewer.key(c"OfxInteractActionKeyDown", openfx_sys::kOfxKey_a), REPLY_DEFAULT);
    assert_eq!(viewer.key(c"OfxInteractActionKeyRepeat", openfx_sys::kOfxKey_Delete), OK);
    assert!(instance.parameter(c"point").unwrap().keys.lock().unwrap().is_empty());
    assert_eq!(viewer.act(c"OfxInteractActionPenMotion", &Set::default()), REPLY_DEFAULT);
    assert_eq!(viewer.act(c"OfxInteractActionFromTheFuture", &Set::default()), REPLY_DEFAULT);
    viewer.close();
    host.destroy(instance);
}

#[test]
fn the_overlay_is_drawn_through_the_hosts_draw_suite_where_there_is_one() {
    let host = Host::new(c"host", PROBE);
    host.properties.ints(c"fake.draw", [1]);
    host.load();
    let instance = host.instance();
    let viewer = Viewer::open(&host, instance);
    let context = DrawLog::default();
    let arguments = Set::default();
    arguments.doubles(c"OfxPropTime", [1.0]);
    arguments.doubles(c"OfxInteractPropPixelScale", [2.0, 2.0]);
    arguments.pointer(c"OfxInteractPropDrawContext", std::ptr::from_ref(&context).expose_provenance());
    assert_eq!(viewer.act(c"OfxInteractActionDraw", &arguments), OK);
    let drawn = context.0.into_inner().unwrap();
    assert_eq!(drawn, ["colour 1 0.5 0 1", "width 2", "draw 0 [(950.0, 540.0), (970.0, 540.0)]"]);
    viewer.close();
    host.destroy(instance);
}

#[cfg(unix)]
#[test]
fn the_overlay_is_drawn_with_the_opengl_that_the_process_has_and_its_state_put_back() {
    use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};

    let path = crate::fake_host::c_library::build("opengl.c");
    // SAFETY: our own library, whose functions have the signatures of their source.
    let gl = unsafe { Library::open(Some(&path), RTLD_NOW | RTLD_GLOBAL) }.unwrap();
    std::fs::remove_file(path).unwrap();
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    let viewer = Viewer::open(&host, instance);
    let arguments = Set::default();
    arguments.doubles(c"OfxInteractPropPixelScale", [2.0, 2.0]);
    assert_eq!(viewer.act(c"OfxInteractActionDraw", &arguments), OK);
    // SAFETY: as above.
    let written =
        unsafe { CStr::from_ptr(gl.get::<unsafe extern "C" fn() -> *const c_char>(b"fake_gl_log\0").unwrap()()) };
    let written = written.to_str().unwrap();
    assert!(written.starts_with("push fffff;"), "{written}");
    assert!(
        written.ends_with(
            "colour 1 0.5 0 1;width 2;enable b24;stipple 1 ff;begin 1;vertex 950 540;vertex 970 540;end;pop;"
        ),
        "{written}"
    );
    viewer.close();
    host.destroy(instance);
    // Others may have found its functions by now.
    std::mem::forget(gl);
}

#[test]
fn the_viewer_is_redrawn_when_any_value_changes() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    let viewer = Viewer::open(&host, instance);
    let slaves = viewer.interact.properties.get_texts(c"OfxInteractPropSlaveToParam");
    assert!(slaves.contains(&"point".to_owned()) && slaves.contains(&"task".to_owned()));
    assert!(!slaves.contains(&"track".to_owned()) && !slaves.contains(&"group".to_owned()));
    viewer.close();
    host.destroy(instance);
}

#[test]
fn an_overlay_that_was_never_made_or_is_gone_answers_calmly() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    let viewer = Viewer::open(&host, instance);
    viewer.close();
    viewer.close();
    assert_eq!(viewer.click([0.0, 0.0]), REPLY_DEFAULT);
    assert_eq!(viewer.act(c"OfxInteractActionDraw", &Set::default()), REPLY_DEFAULT);
    host.destroy(instance);
}
