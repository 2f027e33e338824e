//! What the host says about plugins that break the rules. One test per rule.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "an expectation that fails ends the test")]

mod host_compile;

use headless::host::{
    Bundle, Components, Depth, Frame, Host, HostError, Instance, InstanceOptions, Profile, RectI, RenderRequest, Still,
    Violation,
};

fn frame() -> Frame {
    let data = (0..12 * 8).flat_map(|index: u16| [f32::from(index) / 96.0; 4]).flat_map(f32::to_ne_bytes).collect();
    Frame::new(RectI::new(0, 0, 12, 8), Depth::Float, Components::Rgba, data).unwrap()
}

fn sinner(profile: Profile, sin: &str) -> Instance {
    let host = Host::new(profile);
    let plugin = Bundle::open(&host, &host_compile::own()).unwrap().plugin("test.sinner").unwrap();
    let instance = Instance::create(&plugin, InstanceOptions::default()).unwrap();
    instance.clip("Source").unwrap().connect(Box::new(Still::new(frame(), (1.0, 10.0)))).unwrap();
    instance.set("sin", sin).unwrap();
    instance
}

const RENDER: &str = "OfxImageEffectActionRender";

/// Renders a window in the middle and returns what the host found.
fn violations(sin: &str) -> Vec<Violation> {
    violations_under(Profile::Strict, sin)
}

fn violations_under(profile: Profile, sin: &str) -> Vec<Violation> {
    let instance = sinner(profile, sin);
    let request = RenderRequest { window: Some(RectI::new(2, 2, 10, 6)), ..RenderRequest::at(3.0) };
    let error = instance.render(&request).expect_err("the sin is seen");
    // What was told once is not told again.
    instance.destroy().unwrap();
    match error {
        HostError::Violations { id, violations } => {
            assert_eq!(id, "test.sinner");
            violations
        }
        other => panic!("{other}"),
    }
}

#[test]
fn without_sin_there_is_no_complaint() {
    for profile in Profile::ALL {
        let instance = sinner(*profile, "none");
        instance.render(&RenderRequest::at(3.0)).unwrap();
        instance.destroy().unwrap();
    }
}

#[test]
fn a_leaked_image_is_named() {
    let leaked = Violation::ImageLeaked { action: RENDER.to_owned(), clip: "Source".to_owned(), time: 3.0 };
    for profile in [Profile::Strict, Profile::Nuke, Profile::Mlt] {
        assert_eq!(violations_under(profile, "leak"), std::slice::from_ref(&leaked), "{profile:?}");
    }
}

#[test]
fn an_image_released_twice_is_seen() {
    assert_eq!(violations("release twice"), [Violation::ImageReleasedTwice { action: RENDER.to_owned() }]);
}

#[test]
fn a_byte_right_of_the_window_is_found() {
    let [Violation::WroteOutsideWindow { bytes, place, .. }] = &violations("write right")[..] else { panic!() };
    assert_eq!((*bytes, place.as_str()), (1, "at pixel (10, 2)"));
}

#[test]
fn a_byte_in_the_padding_is_found() {
    let [Violation::WroteOutsideWindow { bytes, place, .. }] = &violations("write padding")[..] else { panic!() };
    assert_eq!((*bytes, place.as_str()), (1, "in the padding of row 2"));
}

#[test]
fn a_byte_beyond_the_image_is_found() {
    let [Violation::WroteOutsideWindow { place, .. }] = &violations("write far")[..] else { panic!() };
    assert!(place.ends_with("bytes behind the image"), "{place}");
    let [Violation::WroteOutsideWindow { place, .. }] = &violations_under(Profile::Mlt, "write far")[..] else {
        panic!()
    };
    assert!(place.ends_with("bytes before the image"), "{place}");
}

#[test]
fn a_written_input_is_seen() {
    let expected = Violation::WroteInput { action: RENDER.to_owned(), clip: "Source".to_owned() };
    assert_eq!(violations("write input"), [expected]);
}

#[test]
fn pixels_left_alone_are_counted() {
    let [Violation::WindowNotFilled { pixels, x, y, .. }] = violations("leave unfilled")[..] else { panic!() };
    assert_eq!((pixels, x, y), (32, 2, 2));
}

#[test]
fn a_parameter_written_in_render_is_refused() {
    let expected = Violation::ParamWritten { action: RENDER.to_owned(), param: "gain".to_owned() };
    assert_eq!(violations("write param"), [expected]);
}

#[test]
fn a_parameter_written_in_create_is_refused_where_hosts_refuse_it() {
    let create = |profile| {
        let host = Host::new(profile);
        let plugin = Bundle::open(&host, &host_compile::own()).unwrap().plugin("test.writer").unwrap();
        Instance::create(&plugin, InstanceOptions::default()).map(|instance| instance.get("gain").unwrap())
    };
    for profile in [Profile::Strict, Profile::Nuke] {
        let Err(HostError::Violations { violations, .. }) = create(profile) else { panic!("{profile:?}") };
        assert!(
            matches!(&violations[..], [Violation::ParamWritten { param, .. }] if param == "gain"),
            "{violations:?}"
        );
    }
    assert_eq!(create(Profile::Natron).unwrap(), 3.0.into());
}

#[test]
fn an_invented_handle_is_refused_and_told() {
    let [Violation::BadHandle { function, expected, .. }] = &violations("bad handle")[..] else { panic!() };
    assert_eq!((function.as_str(), expected.as_str()), ("propGetInt", "property set"));
}

#[test]
fn null_everywhere_breaks_nothing() {
    let found = violations("null everything");
    assert!(found.iter().all(|violation| matches!(violation, Violation::BadHandle { .. })), "{found:?}");
    assert!(found.len() >= 4, "{found:?}");
}

#[test]
fn the_current_value_is_not_for_render() {
    assert!(matches!(&violations("read value")[..], [Violation::ForbiddenCall { .. }]));
}

#[test]
fn images_are_not_for_questions() {
    let [Violation::ImageOutsideRender { action, clip }] = &violations("image in question")[..] else { panic!() };
    assert_eq!((action.as_str(), clip.as_str()), ("OfxImageEffectActionIsIdentity", "Source"));
}

#[test]
fn other_times_need_temporal_access() {
    assert!(matches!(&violations("other time")[..], [Violation::ForbiddenCall { .. }]));
}

#[test]
fn a_property_of_the_wrong_type_is_named() {
    let [Violation::BadProperty { property, .. }] = &violations("bad property")[..] else { panic!() };
    assert_eq!(property, "OfxImageEffectPropSupportsTiles");
}

#[test]
fn a_progress_bar_left_open_is_named() {
    let instance = sinner(Profile::Strict, "none");
    let Err(HostError::Violations { violations, .. }) = instance.press("forget") else { panic!() };
    assert!(
        matches!(&violations[..], [Violation::LeftOpen { what, .. }] if what == "the progress bar"),
        "{violations:?}"
    );
}

#[test]
fn violations_read_as_sentences_and_as_data() {
    let error = sinner(Profile::Strict, "leak").render(&RenderRequest::at(3.0)).unwrap_err();
    let sentence = "effect test.sinner broke the rules of OFX: \
                    OfxImageEffectActionRender: an image of clip Source at time 3 was never released";
    assert_eq!(error.to_string(), sentence);
    let HostError::Violations { violations, .. } = error else { panic!() };
    assert_eq!(serde_json::to_value(&violations).unwrap()[0]["violation"], "image-leaked");
}
