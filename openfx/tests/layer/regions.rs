//! Regions, frames and formats.

use std::ffi::CStr;

use crate::fake_host::effect::Effect;
use crate::fake_host::properties::Set;
use crate::fake_host::{Host, OK, REPLY_DEFAULT};

const PROBE: &CStr = c"org.example.Probe";
const INTEREST: &CStr = c"OfxImageEffectActionGetRegionsOfInterest";
const DEFINITION: &CStr = c"OfxImageEffectActionGetRegionOfDefinition";

fn connect(instance: &Effect, clip: &CStr, region: Option<[f64; 4]>) {
    let clip = instance.clip(clip).unwrap();
    clip.properties.ints(c"OfxImageClipPropConnected", [1]);
    *clip.region.lock().unwrap() = region;
}

fn at(time: f64) -> Set {
    let arguments = Set::default();
    arguments.doubles(c"OfxPropTime", [time]);
    arguments.doubles(c"OfxImageEffectPropRegionOfInterest", [0.0, 0.0, 1.0, 1.0]);
    arguments
}

#[test]
fn every_connected_input_is_wanted_whole_whatever_part_of_the_output_is() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    connect(instance, c"Source", Some([-10.0, 5.0, 1910.0, 1085.0]));
    let answers = Set::default();
    assert_eq!(host.act(INTEREST, instance.handle(), Some(&at(3.0)), Some(&answers)), OK);
    assert_eq!(answers.get_doubles(c"OfxImageClipPropRoI_Source"), [-10.0, 5.0, 1910.0, 1085.0]);
    assert!(answers.get(c"OfxImageClipPropRoI_Matte").is_empty());
    assert!(answers.get(c"OfxImageClipPropRoI_Output").is_empty());
    host.destroy(instance);
}

#[test]
fn a_region_of_interest_is_never_empty() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    for region in [None, Some([0.0; 4]), Some([5.0, 5.0, 5.0, 9.0]), Some([9.0, 0.0, 1.0, 4.0])] {
        connect(instance, c"Source", region);
        let answers = Set::default();
        assert_eq!(host.act(INTEREST, instance.handle(), Some(&at(3.0)), Some(&answers)), REPLY_DEFAULT);
        assert!(answers.get(c"OfxImageClipPropRoI_Source").is_empty());
    }
    host.destroy(instance);
}

#[test]
fn the_output_is_where_the_source_is() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    let answers = Set::default();
    assert_eq!(host.act(DEFINITION, instance.handle(), Some(&at(0.0)), Some(&answers)), REPLY_DEFAULT);
    connect(instance, c"Source", Some([0.0, 0.0, 768.0, 576.0]));
    assert_eq!(host.act(DEFINITION, instance.handle(), Some(&at(0.0)), Some(&answers)), OK);
    assert_eq!(answers.get_doubles(c"OfxImageEffectPropRegionOfDefinition"), [0.0, 0.0, 768.0, 576.0]);
    host.destroy(instance);
}

#[test]
fn needed_frames_stay_within_the_clip() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    instance.clip(c"Source").unwrap().properties.doubles(c"OfxImageEffectPropFrameRange", [0.0, 25.0]);
    let answers = Set::default();
    let action = c"OfxImageEffectActionGetFramesNeeded";
    assert_eq!(host.act(action, instance.handle(), Some(&at(1.0)), Some(&answers)), OK);
    assert_eq!(answers.get_doubles(c"OfxImageClipPropFrameRange_Source"), [0.0, 3.0, 25.0, 25.0]);
    host.destroy(instance);
}

#[test]
fn the_output_format_is_told_under_the_names_hosts_look_for() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    let answers = Set::default();
    let action = c"OfxImageEffectActionGetClipPreferences";
    assert_eq!(host.act(action, instance.handle(), None, Some(&answers)), OK);
    assert_eq!(answers.get_texts(c"OfxImageClipPropComponents_Output"), ["OfxImageComponentRGBA"]);
    assert_eq!(answers.get_texts(c"OfxImageEffectPropPreMultiplication"), ["OfxImageAlphaPremultiplied"]);
    assert_eq!(answers.get_int(c"OfxImageEffectFrameVarying"), Some(1));
    host.destroy(instance);
}
