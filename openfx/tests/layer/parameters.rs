//! Reading, writing and keying parameters.

use std::ffi::CStr;

use crate::fake_host::parameters::Held;
use crate::fake_host::properties::Set;
use crate::fake_host::{FAILED, Host, OK, REPLY_DEFAULT};

const PROBE: &CStr = c"org.example.Probe";

#[test]
fn the_defaults_of_the_table_are_what_an_instance_reads() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    let arguments = Set::default();
    arguments.doubles(c"OfxPropTime", [1.0]);
    let identity = c"OfxImageEffectActionIsIdentity";
    assert_eq!(host.act(identity, instance.handle(), Some(&arguments), None), REPLY_DEFAULT);
    *instance.parameter(c"count").unwrap().value.lock().unwrap() = Held::Int(8);
    let answers = Set::default();
    assert_eq!(host.act(identity, instance.handle(), Some(&arguments), Some(&answers)), OK);
    assert_eq!(answers.get_texts(c"OfxPropName"), ["Source"]);
    assert_eq!(answers.get_doubles(c"OfxPropTime"), [1.5]);
    host.destroy(instance);
}

#[test]
fn a_button_may_key_parameters_in_one_undo_step_until_the_user_cancels() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    assert_eq!(host.user_changed(instance, c"track"), OK);
    let keys = instance.parameter(c"point").unwrap().keys.lock().unwrap().clone();
    let expected: Vec<_> = (0..3).map(|frame| (f64::from(frame), Held::Double(f64::from(frame), 1.0))).collect();
    assert_eq!(keys, expected);
    // The host has three threads to lend.
    assert_eq!(*instance.parameter(c"count").unwrap().value.lock().unwrap(), Held::Int(3));
    let log = instance.take_log();
    assert_eq!(log[..3], ["progress starts", "edit Track", "edit ends"]);
    host.destroy(instance);
}

#[test]
fn a_panic_on_a_thread_of_the_host_is_told_to_the_user_and_ends_nothing() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    assert_eq!(host.user_changed(instance, c"track"), OK);
    let log = instance.take_log();
    let told = "show OfxMessageError internal error in a host thread; the log has the details";
    assert!(log.iter().any(|line| line == told), "{log:?}");
    assert!(log.iter().any(|line| line == "progress ends"), "{log:?}");
    host.destroy(instance);
}

#[test]
fn a_write_in_render_is_refused_before_it_reaches_the_host() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    *instance.parameter(c"task").unwrap().value.lock().unwrap() = Held::Int(4);
    assert_eq!(host.render(instance, [0, 0, 1, 1]), FAILED);
    assert_eq!(*instance.parameter(c"count").unwrap().value.lock().unwrap(), Held::Int(3));
    host.destroy(instance);
}

#[test]
fn changes_of_what_the_effect_does_not_have_are_ignored() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    for name in [c"Source", c"Output", c"ResolveUseAlphaForTrackCompositing", c""] {
        assert_eq!(host.user_changed(instance, name), OK);
    }
    assert!(instance.take_log().is_empty());
    host.destroy(instance);
}

#[test]
fn a_panic_in_a_change_is_a_failure_that_the_instance_survives() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    *instance.parameter(c"task").unwrap().value.lock().unwrap() = Held::Int(1);
    assert_eq!(host.user_changed(instance, c"task"), FAILED);
    *instance.parameter(c"task").unwrap().value.lock().unwrap() = Held::Int(0);
    assert_eq!(host.user_changed(instance, c"task"), OK);
    host.destroy(instance);
}
