//! What a user is told, how often, and when it goes away.

use std::ffi::CStr;
use std::sync::atomic::Ordering;

use crate::fake_host::effect::Effect;
use crate::fake_host::parameters::Held;
use crate::fake_host::{FAILED, Host, OK};

const PROBE: &CStr = c"org.example.Probe";

fn choose(instance: &Effect, task: i32) {
    *instance.parameter(c"task").unwrap().value.lock().unwrap() = Held::Int(task);
}

const WINDOW: [i32; 4] = [0, 0, 1, 1];
const FAILS: i32 = 2;
const PANICS: i32 = 1;
const ABORTS: i32 = 3;

#[test]
fn an_error_is_put_on_the_node_once_and_a_percent_sign_is_no_format() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    choose(instance, FAILS);
    for _ in 0..3 {
        assert_eq!(host.render(instance, WINDOW), FAILED);
    }
    assert_eq!(instance.take_log(), ["keep OfxMessageError model file 100% missing"]);
    host.destroy(instance);
}

#[test]
fn a_change_takes_the_error_off_because_nuke_does_not_render_under_it() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    choose(instance, FAILS);
    assert_eq!(host.render(instance, WINDOW), FAILED);
    instance.take_log();
    assert_eq!(host.user_changed(instance, c"invert"), OK);
    assert_eq!(host.user_changed(instance, c"invert"), OK);
    assert_eq!(instance.take_log(), ["clear"]);
    assert_eq!(host.render(instance, WINDOW), FAILED);
    assert_eq!(instance.take_log(), ["keep OfxMessageError model file 100% missing"]);
    host.destroy(instance);
}

#[test]
fn a_panic_in_render_is_a_failure_told_with_its_place() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    choose(instance, PANICS);
    assert_eq!(host.render(instance, WINDOW), FAILED);
    let log = instance.take_log();
    assert_eq!(log.len(), 1);
    assert!(log[0].starts_with("keep OfxMessageError internal error in render: on purpose at "), "{log:?}");
    host.destroy(instance);
}

#[test]
fn an_interrupted_render_fails_quietly() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    choose(instance, ABORTS);
    assert_eq!(host.render(instance, WINDOW), FAILED);
    choose(instance, FAILS);
    instance.aborting.store(true, Ordering::SeqCst);
    assert_eq!(host.render(instance, WINDOW), FAILED);
    assert!(instance.take_log().is_empty());
    host.destroy(instance);
}

#[test]
fn a_message_suite_of_null_members_is_as_good_as_none() {
    for version in [-2, 0] {
        let host = Host::new(c"DaVinciResolve", PROBE);
        host.properties.ints(c"fake.message", [version]);
        host.load();
        let instance = host.instance();
        choose(instance, FAILS);
        assert_eq!(host.render(instance, WINDOW), FAILED);
        assert_eq!(host.user_changed(instance, c"track"), OK);
        assert!(instance.take_log().iter().all(|line| !line.contains("OfxMessage")));
        host.destroy(instance);
    }
}

#[test]
fn version_one_of_the_suite_shows_no_box_for_each_frame() {
    let host = Host::new(c"host", PROBE);
    host.properties.ints(c"fake.message", [1]);
    host.load();
    let instance = host.instance();
    choose(instance, FAILS);
    assert_eq!(host.render(instance, WINDOW), FAILED);
    assert!(instance.take_log().is_empty());
    host.destroy(instance);
}

#[test]
fn a_host_without_a_user_gets_no_boxes() {
    let host = Host::new(c"host", PROBE);
    host.properties.ints(c"OfxImageEffectHostPropIsBackground", [1]);
    host.load();
    let instance = host.instance();
    assert_eq!(host.user_changed(instance, c"track"), OK);
    assert!(instance.take_log().iter().all(|line| !line.starts_with("show")));
    host.destroy(instance);
}
