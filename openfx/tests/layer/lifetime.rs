//! Loading, unloading, instances, and what is answered to anything unknown.

use std::ptr;
use std::sync::atomic::Ordering;

use crate::effects::{ALIVE, OfxGetNumberOfPlugins, OfxGetPlugin, OfxSetHost};
use crate::fake_host::properties::{Set, Value};
use crate::fake_host::{FAILED, Host, OK, REPLY_DEFAULT};

const PROBE: &std::ffi::CStr = c"org.example.Probe";

#[test]
fn the_library_names_its_effects_and_nothing_beyond_them() {
    assert_eq!(OfxGetNumberOfPlugins(), 2);
    assert!(!OfxGetPlugin(0).is_null() && !OfxGetPlugin(1).is_null());
    assert!(OfxGetPlugin(2).is_null() && OfxGetPlugin(-1).is_null());
    assert_eq!(unsafe { OfxSetHost(ptr::null()) }, OK);
}

#[test]
fn load_unload_and_load_again_answer_ok_and_the_effect_works_after_them() {
    let host = Host::new(c"MLT", PROBE);
    host.introduce();
    for action in [c"OfxActionLoad", c"OfxActionLoad", c"OfxActionUnload", c"OfxActionUnload", c"OfxActionLoad"] {
        assert_eq!(host.act(action, ptr::null(), None, None), OK);
    }
    let instance = host.instance();
    assert_eq!(host.act(c"OfxActionPurgeCaches", instance.handle(), None, None), OK);
    host.destroy(instance);
}

#[test]
fn an_action_before_load_fails_without_a_crash() {
    let host = Host::new(c"host", PROBE);
    host.introduce();
    host.act(c"OfxActionUnload", ptr::null(), None, None);
    assert_eq!(host.act(c"OfxActionDescribe", ptr::null(), None, None), FAILED);
}

#[test]
fn a_host_without_a_required_suite_is_refused_at_load() {
    let host = Host::new(c"host", PROBE);
    let bare = openfx_sys::OfxHost { host: host.properties.handle(), fetchSuite: None };
    assert_eq!(unsafe { OfxSetHost(ptr::from_ref(&bare).cast()) }, OK);
    assert_eq!(host.act(c"OfxActionLoad", ptr::null(), None, None), 4);
    host.introduce();
}

#[test]
fn an_unknown_action_is_left_to_the_host() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    for action in [c"OfxActionFromTheFuture", c"OfxImageEffectActionGetTimeDomain", c"OfxActionDialog", c""] {
        assert_eq!(host.act(action, instance.handle(), None, None), REPLY_DEFAULT);
    }
    host.destroy(instance);
}

#[test]
fn only_version_one_is_asked_for_where_another_would_stop_the_host() {
    let host = Host::new(c"openfx-driver", PROBE);
    host.load();
    let fetched = host.properties.get_texts(c"fake.fetched");
    assert!(fetched.contains(&"OfxMessageSuite 1".to_owned()), "{fetched:?}");
    assert!(fetched.iter().all(|line| line.ends_with(" 1")), "{fetched:?}");
}

#[test]
fn an_instance_is_freed_once_however_often_it_is_destroyed() {
    let host = Host::loaded(PROBE);
    let before = ALIVE.load(Ordering::SeqCst);
    let instance = host.instance();
    let pointer = instance.properties.get(c"OfxPropInstanceData");
    assert_eq!(ALIVE.load(Ordering::SeqCst), before + 1);
    assert_eq!(host.act(c"OfxActionCreateInstance", instance.handle(), None, None), OK);
    assert_eq!(ALIVE.load(Ordering::SeqCst), before + 1);
    host.destroy(instance);
    // The host puts the dead pointer back, as one does that restores a saved property set.
    instance.properties.put(c"OfxPropInstanceData", pointer);
    host.destroy(instance);
    assert_eq!(ALIVE.load(Ordering::SeqCst), before);
    assert_eq!(host.render(instance, [0, 0, 1, 1]), 9);
}

#[test]
fn a_copied_property_set_gets_an_instance_of_its_own() {
    let host = Host::loaded(PROBE);
    let before = ALIVE.load(Ordering::SeqCst);
    let original = host.instance();
    let copy = host.instance_before_creation();
    copy.properties.put(c"OfxPropInstanceData", original.properties.get(c"OfxPropInstanceData"));
    assert_eq!(host.act(c"OfxActionCreateInstance", copy.handle(), None, None), OK);
    assert_eq!(ALIVE.load(Ordering::SeqCst), before + 2);
    host.destroy(copy);
    assert_eq!(host.act(c"OfxActionSyncPrivateData", original.handle(), None, None), OK);
    host.destroy(original);
    assert_eq!(ALIVE.load(Ordering::SeqCst), before);
}

#[test]
fn an_unload_under_a_living_instance_does_no_harm() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    assert_eq!(host.act(c"OfxActionUnload", ptr::null(), None, None), OK);
    host.load();
    assert_eq!(host.act(c"OfxActionSyncPrivateData", instance.handle(), None, None), OK);
    host.destroy(instance);
}

#[test]
fn an_effect_that_cannot_be_made_fails_and_leaves_nothing_behind() {
    let host = Host::loaded(c"org.example.Simple");
    let instance = host.instance_before_creation();
    assert_eq!(host.act(c"OfxActionCreateInstance", instance.handle(), None, None), FAILED);
    assert_eq!(instance.properties.get(c"OfxPropInstanceData"), Vec::<Value>::new());
    host.destroy(instance);
}

#[test]
fn an_instance_without_its_parameters_and_clips_is_still_made() {
    let host = Host::loaded(PROBE);
    let bare: &'static crate::fake_host::effect::Effect = Box::leak(Box::default());
    assert_eq!(host.act(c"OfxActionCreateInstance", bare.handle(), None, None), OK);
    assert_eq!(host.render(bare, [0, 0, 1, 1]), FAILED);
    let log = bare.take_log();
    assert_eq!(
        log,
        ["keep OfxMessageError parameter 'task' is missing in this host: remove the effect and add it again"]
    );
    host.destroy(bare);
}

#[test]
fn resolve_names_its_page_and_any_argument_set_may_be_missing() {
    let host = Host::new(c"DaVinciResolve", PROBE);
    host.load();
    let instance = host.instance_before_creation();
    let arguments = Set::default();
    arguments.text(c"OfxImageEffectPropResolvePage", c"Color");
    assert_eq!(host.act(c"OfxActionCreateInstance", instance.handle(), Some(&arguments), None), OK);
    for action in [c"OfxActionInstanceChanged", c"OfxImageEffectActionGetFramesNeeded", c"OfxImageEffectActionRender"] {
        let status = host.act(action, instance.handle(), None, None);
        assert!([OK, REPLY_DEFAULT].contains(&status), "{action:?}: {status}");
    }
    host.destroy(instance);
}
