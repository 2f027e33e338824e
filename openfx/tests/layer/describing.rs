//! What a host is told.

use std::ffi::CStr;

use crate::fake_host::Host;
use crate::fake_host::effect::Effect;

const PROBE: &CStr = c"org.example.Probe";
const FILTER: &CStr = c"OfxImageEffectContextFilter";
const GENERAL: &CStr = c"OfxImageEffectContextGeneral";

fn int(effect: &Effect, parameter: &CStr, property: &CStr) -> Option<i32> {
    effect.parameter(parameter).unwrap().properties.get_int(property)
}

fn doubles(effect: &Effect, parameter: &CStr, property: &CStr) -> Vec<f64> {
    effect.parameter(parameter).unwrap().properties.get_doubles(property)
}

fn texts(effect: &Effect, parameter: &CStr, property: &CStr) -> Vec<String> {
    effect.parameter(parameter).unwrap().properties.get_texts(property)
}

#[test]
fn the_descriptor_says_what_every_host_needs() {
    let host = Host::loaded(PROBE);
    let effect = host.describe(GENERAL);
    let properties = &effect.properties;
    assert_eq!(properties.get_texts(c"OfxPropLabel"), ["Probe"]);
    assert_eq!(properties.get_texts(c"OfxImageEffectPluginPropGrouping"), ["Test"]);
    assert_eq!(
        properties.get_texts(c"OfxImageEffectPropSupportedContexts"),
        ["OfxImageEffectContextFilter", "OfxImageEffectContextGeneral"]
    );
    assert_eq!(
        properties.get_texts(c"OfxImageEffectPropSupportedPixelDepths"),
        ["OfxBitDepthFloat", "OfxBitDepthHalf", "OfxBitDepthShort", "OfxBitDepthByte"]
    );
    assert_eq!(properties.get_int(c"OfxImageEffectPropSupportsTiles"), Some(0));
    assert_eq!(properties.get_int(c"OfxImageEffectPropSupportsMultiResolution"), Some(1));
    assert_eq!(properties.get_int(c"OfxImageEffectPropTemporalClipAccess"), Some(1));
    assert_eq!(properties.get_int(c"OfxImageEffectPropMultipleClipDepths"), Some(0));
    assert_eq!(properties.get_int(c"OfxImageEffectPluginPropHostFrameThreading"), Some(0));
    assert_eq!(properties.get_texts(c"OfxImageEffectPluginRenderThreadSafety"), ["OfxImageEffectRenderFullySafe"]);
    assert_eq!(properties.get_texts(c"OfxImageEffectPropClipPreferencesSlaveParam"), ["count"]);
    assert_eq!(properties.get(c"OfxImageEffectPluginPropOverlayInteractV1").len(), 1);
    assert!(properties.get(c"OfxImageEffectPluginPropOverlayInteractV2").is_empty());
}

#[test]
fn overlays_are_of_version_two_where_the_host_has_the_draw_suite_and_takes_them() {
    let host = Host::new(c"host", PROBE);
    host.properties.ints(c"fake.draw", [1]);
    host.load();
    let effect = host.describe(GENERAL);
    assert_eq!(effect.properties.get(c"OfxImageEffectPluginPropOverlayInteractV2").len(), 1);
    assert!(effect.properties.get(c"OfxImageEffectPluginPropOverlayInteractV1").is_empty());

    let picky = Box::leak(Box::<Effect>::default());
    picky.properties.refuse(c"OfxImageEffectPluginPropOverlayInteractV2");
    host.describe_into(picky, GENERAL);
    assert_eq!(picky.properties.get(c"OfxImageEffectPluginPropOverlayInteractV1").len(), 1);
}

#[test]
fn clips_are_described_in_order_with_their_components_for_the_context() {
    let host = Host::loaded(PROBE);
    let components = |effect: &Effect, clip| {
        effect.clip(clip).unwrap().properties.get_texts(c"OfxImageEffectPropSupportedComponents")
    };
    let general = host.describe(GENERAL);
    let names: Vec<_> = general.clips().iter().map(|clip| clip.name.to_str().unwrap()).collect();
    assert_eq!(names, ["Source", "Matte", "Output"]);
    assert_eq!(components(general, c"Output"), ["OfxImageComponentRGBA", "OfxImageComponentAlpha"]);
    assert_eq!(components(general, c"Matte"), ["OfxImageComponentAlpha", "OfxImageComponentRGBA"]);
    let matte = &general.clip(c"Matte").unwrap().properties;
    assert_eq!(matte.get_int(c"OfxImageClipPropOptional"), Some(1));
    assert_eq!(matte.get_int(c"OfxImageClipPropIsMask"), Some(1));
    let source = &general.clip(c"Source").unwrap().properties;
    assert_eq!(source.get_int(c"OfxImageClipPropOptional"), Some(0));
    assert_eq!(source.get_int(c"OfxImageEffectPropTemporalClipAccess"), Some(1));
    assert_eq!(source.get_int(c"OfxImageEffectPropSupportsTiles"), Some(0));

    let filter = host.describe(FILTER);
    assert_eq!(components(filter, c"Output"), ["OfxImageComponentRGBA"]);
    assert_eq!(components(filter, c"Matte"), ["OfxImageComponentAlpha", "OfxImageComponentRGBA"]);
}

#[test]
fn numbers_have_both_ranges_because_resolve_clamps_without_them() {
    let host = Host::loaded(PROBE);
    let effect = host.describe(GENERAL);
    for parameter in effect.parameters() {
        let wanted = match parameter.kind.as_str() {
            "OfxParamTypeInteger" | "OfxParamTypeDouble" => 1,
            "OfxParamTypeDouble2D" => 2,
            _ => 0,
        };
        for property in [c"OfxParamPropMin", c"OfxParamPropMax", c"OfxParamPropDisplayMin", c"OfxParamPropDisplayMax"] {
            assert_eq!(parameter.properties.get(property).len(), wanted, "{:?} {property:?}", parameter.name);
        }
    }
    assert_eq!(doubles(effect, c"softness", c"OfxParamPropMax"), [4.0]);
    assert_eq!(doubles(effect, c"softness", c"OfxParamPropDisplayMax"), [1.0]);
    assert_eq!(doubles(effect, c"softness", c"OfxParamPropIncrement"), [0.1]);
    assert_eq!(int(effect, c"softness", c"OfxParamPropDigits"), Some(2));
    assert_eq!(int(effect, c"count", c"OfxParamPropMin"), Some(1));
}

#[test]
fn positions_are_canonical_and_use_the_hosts_handle_where_it_has_one() {
    let host = Host::loaded(PROBE);
    let effect = host.describe(GENERAL);
    assert_eq!(texts(effect, c"point", c"OfxParamPropDoubleType"), ["OfxParamDoubleTypeXYAbsolute"]);
    assert_eq!(texts(effect, c"point", c"OfxParamPropDefaultCoordinateSystem"), ["OfxParamCoordinatesCanonical"]);
    assert_eq!(doubles(effect, c"point", c"OfxParamPropDefault"), [960.0, 540.0]);
    assert_eq!(texts(effect, c"point", c"OfxParamPropCacheInvalidation"), ["OfxParamInvalidateAll"]);
    assert_eq!(int(effect, c"point", c"kOfxParamPropUseHostOverlayHandle"), None);
    assert_eq!(texts(effect, c"size", c"OfxParamPropDoubleType"), ["OfxParamDoubleTypePlain"]);
}

#[test]
fn the_other_types_say_what_belongs_to_them() {
    let host = Host::loaded(PROBE);
    let effect = host.describe(GENERAL);
    assert_eq!(int(effect, c"invert", c"OfxParamPropDefault"), Some(1));
    assert_eq!(int(effect, c"invert", c"OfxParamPropEvaluateOnChange"), Some(0));
    assert_eq!(int(effect, c"invert", c"OfxParamPropAnimates"), Some(1));
    assert_eq!(texts(effect, c"invert", c"OfxParamPropParent"), ["group"]);
    assert_eq!(texts(effect, c"invert", c"OfxParamPropHint"), ["Turns it round."]);
    assert_eq!(texts(effect, c"invert", c"OfxParamPropScriptName"), ["invert"]);
    assert_eq!(int(effect, c"count", c"OfxParamPropAnimates"), Some(0));
    assert_eq!(int(effect, c"group", c"OfxParamPropGroupOpen"), Some(0));
    assert_eq!(texts(effect, c"task", c"OfxParamPropChoiceOption"), ["Render", "Panic", "Fail", "Abort", "Write"]);
    // The host in miniature animates booleans and nothing else of these.
    assert_eq!(int(effect, c"task", c"OfxParamPropAnimates"), Some(0));
    assert_eq!(texts(effect, c"text", c"OfxParamPropStringMode"), ["OfxParamStringIsSingleLine"]);
    assert_eq!(texts(effect, c"file", c"OfxParamPropStringMode"), ["OfxParamStringIsFilePath"]);
    assert_eq!(int(effect, c"file", c"OfxParamPropStringFilePathExists"), Some(0));
    assert_eq!(effect.parameter(c"secretData").unwrap().kind, "OfxParamTypeCustom");
    assert_eq!(int(effect, c"secretData", c"OfxParamPropSecret"), Some(1));
    assert_eq!(
        texts(effect, c"controls", c"OfxParamPropPageChild"),
        ["group", "count", "task", "softness", "point", "size", "text", "file", "secretData", "track"]
    );
}

#[test]
fn types_that_take_natron_down_are_never_used() {
    let host = Host::loaded(PROBE);
    for parameter in host.describe(GENERAL).parameters() {
        assert!(!["OfxParamTypeBytes", "OfxParamTypeStrChoice"].contains(&parameter.kind.as_str()));
    }
}

#[test]
fn a_host_that_refuses_properties_still_gets_the_whole_description() {
    let host = Host::loaded(PROBE);
    let effect = Box::leak(Box::<Effect>::default());
    for name in [
        c"OfxImageEffectInstancePropSequentialRender",
        c"OfxPropVersion",
        c"OfxPropPluginDescription",
        c"OfxImageEffectPluginPropOverlayInteractV1",
    ] {
        effect.properties.refuse(name);
    }
    host.describe_into(effect, GENERAL);
    assert_eq!(effect.properties.get_texts(c"OfxPropLabel"), ["Probe"]);
    assert_eq!(effect.parameters().len(), 12);
}

#[test]
fn describing_again_changes_nothing() {
    let host = Host::new(c"MLT", PROBE);
    host.load();
    let effect = host.describe(FILTER);
    let count = effect.parameters().len();
    let contexts = effect.properties.get(c"OfxImageEffectPropSupportedContexts");
    host.describe_into(effect, FILTER);
    assert_eq!(effect.parameters().len(), count);
    assert_eq!(effect.clips().len(), 3);
    assert_eq!(effect.properties.get(c"OfxImageEffectPropSupportedContexts"), contexts);
}
