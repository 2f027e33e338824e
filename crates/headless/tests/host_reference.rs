//! Reference plugins of the OpenFX project, compiled from the source in the `openfx-sys` crate, loaded and rendered by our host.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "an expectation that fails ends the test")]

mod host_compile;

use headless::host::{
    Bundle, Character, Components, Context, Depth, Frame, Host, HostError, Instance, InstanceOptions, Profile, RectI,
    RenderRequest, RenderThreadSafety, Still, Value, Violation,
};
use std::path::PathBuf;

fn invert() -> PathBuf {
    host_compile::example("Invert", "invert.cpp")
}

fn gain() -> PathBuf {
    host_compile::example("Basic", "basic.cpp")
}

const INVERT: &str = "uk.co.thefoundry.OfxInvertExample";
const GAIN: &str = "uk.co.thefoundry.BasicGainPlugin";
const SUPPORT_INVERT: &str = "net.sf.openfx.invertPlugin";

/// Bytes that differ from pixel to pixel and channel to channel.
fn pattern(bounds: RectI, components: Components) -> Frame {
    let count = bounds.width() * bounds.height() * components.channels();
    let data = (0..count).map(|index| u8::try_from(index * 37 % 251).unwrap()).collect();
    Frame::new(bounds, Depth::Byte, components, data).unwrap()
}

/// The same as floats from 0 to 1.
fn float_pattern(bounds: RectI, components: Components) -> Frame {
    pattern(bounds, components).converted(Depth::Float, components).unwrap()
}

fn instance(
    host: &Host,
    path: PathBuf,
    id: &str,
    source: &Frame,
    options: InstanceOptions,
) -> Result<Instance, HostError> {
    let plugin = Bundle::open(host, &path)?.plugin(id)?;
    let instance = Instance::create(&plugin, options)?;
    instance.clip("Source")?.connect(Box::new(Still::new(source.clone(), (1.0, 10.0))))?;
    Ok(instance)
}

/// The invert example declares its output image twice and so never releases it: the host has to say that, and may go on.
fn tolerant() -> InstanceOptions {
    InstanceOptions { tolerant: true, ..InstanceOptions::default() }
}

fn assert_only_the_output_leaked(instance: &Instance, time: f64) {
    let clip = "Output".to_owned();
    let leaked = Violation::ImageLeaked { action: "OfxImageEffectActionRender".to_owned(), clip, time };
    assert_eq!(instance.take_violations(), [leaked]);
}

fn floats(frame: &Frame) -> Vec<f32> {
    frame.data().chunks_exact(4).map(|bytes| f32::from_ne_bytes(bytes.try_into().unwrap())).collect()
}

/// Characters that lay out images in every way.
fn layouts() -> Vec<Character> {
    let strict = Profile::Strict.character();
    vec![
        Character { row_padding: 0, input_margin: 0, output_margin: 0, ..strict.clone() },
        Character { row_padding: 0, input_margin: 0, output_margin: 0, negative_rows: true, ..strict.clone() },
        strict.clone(),
        Character { negative_rows: true, row_padding: 12, input_margin: 2, output_margin: 3, ..strict.clone() },
    ]
}

#[test]
fn invert_describes_itself() {
    let host = Host::new(Profile::Strict);
    let bundle = Bundle::open(&host, &invert()).unwrap();
    assert_eq!(bundle.effects(), [INVERT]);
    let description = bundle.plugin(INVERT).unwrap().describe().unwrap();
    assert_eq!(description.label, "OFX Invert Example");
    assert_eq!(description.contexts, [Context::Filter]);
    assert_eq!(description.depths, [Depth::Byte]);
    assert_eq!(description.described.len(), 1);
    let clips: Vec<_> = description.described[0].clips.iter().map(|clip| clip.name.as_str()).collect();
    assert_eq!(clips, ["Output", "Source"]);
}

#[test]
fn gain_describes_its_parameters() {
    let host = Host::new(Profile::Natron);
    let description = Bundle::open(&host, &gain()).unwrap().plugin(GAIN).unwrap().describe().unwrap();
    assert_eq!(description.flags.thread_safety, RenderThreadSafety::FullySafe);
    let contexts: Vec<_> = description.described.iter().map(|described| described.context).collect();
    assert_eq!(contexts, [Context::General, Context::Filter]);
    let general = &description.described[0];
    assert!(general.clip("Mask").unwrap().optional);
    let scale = general.param("scaleR").unwrap();
    assert_eq!(scale.default, Some(Value::Double(1.0)));
    assert_eq!(scale.range, Some((vec![0.0], vec![f64::MAX])));
    assert_eq!(scale.display_range, Some((vec![0.0], vec![100.0])));
    assert_eq!(scale.parent, "componentScales");
    let json = serde_json::to_value(&description).unwrap();
    assert_eq!(
        json["described"][1]["params"][0]["properties"]["OfxParamPropHint"][0],
        "Scales all component in the image"
    );
}

#[test]
fn invert_is_exact_in_every_memory_layout() {
    for character in layouts() {
        for bounds in [RectI::new(0, 0, 13, 7), RectI::new(-5, 11, 8, 14)] {
            let source = pattern(bounds, Components::Rgba);
            let host = Host::with_character(character.clone());
            let instance = instance(&host, invert(), INVERT, &source, tolerant()).unwrap();
            let rendered = instance.render(&RenderRequest::at(3.0)).unwrap();
            assert_only_the_output_leaked(&instance, 3.0);
            assert_eq!(rendered.frame.bounds(), bounds);
            let expected: Vec<u8> = source.data().iter().map(|value| 255 - value).collect();
            assert_eq!(rendered.frame.data(), expected, "{bounds:?} negative {}", character.negative_rows);
            instance.destroy().unwrap();
        }
    }
}

#[test]
fn the_leak_of_the_invert_example_is_an_error_where_nothing_is_tolerated() {
    let source = pattern(RectI::new(0, 0, 4, 4), Components::Rgba);
    let instance =
        instance(&Host::new(Profile::Strict), invert(), INVERT, &source, InstanceOptions::default()).unwrap();
    assert!(matches!(instance.render(&RenderRequest::at(1.0)), Err(HostError::Violations { .. })));
}

#[test]
fn invert_fills_just_the_asked_window() {
    let source = pattern(RectI::new(-4, -4, 12, 12), Components::Rgba);
    let window = RectI::new(-1, 2, 9, 5);
    for character in layouts() {
        let instance = instance(&Host::with_character(character), invert(), INVERT, &source, tolerant()).unwrap();
        let rendered = instance.render(&RenderRequest { window: Some(window), ..RenderRequest::at(1.0) }).unwrap();
        let expected: Vec<u8> = source.cropped(&window).unwrap().data().iter().map(|value| 255 - value).collect();
        assert_eq!((rendered.frame.bounds(), rendered.frame.data()), (window, &expected[..]));
    }
}

#[test]
fn invert_renders_under_every_profile_that_has_bytes() {
    let source = pattern(RectI::new(0, 0, 16, 9), Components::Rgba);
    let expected: Vec<u8> = source.data().iter().map(|value| 255 - value).collect();
    for profile in Profile::ALL {
        match instance(&Host::new(*profile), invert(), INVERT, &source, tolerant()) {
            Ok(instance) => {
                let rendered = instance.render(&RenderRequest::at(1.0)).unwrap();
                assert_only_the_output_leaked(&instance, 1.0);
                assert_eq!(rendered.frame.data(), expected, "{profile:?}");
                instance.destroy().unwrap();
            }
            // Nuke has floats only, and this plugin bytes only.
            Err(error) => assert!(
                matches!((profile, &error), (Profile::Nuke, HostError::NoFormat { .. })),
                "{profile:?}: {error}"
            ),
        }
    }
}

#[test]
fn gain_scales_floats_exactly_under_every_profile() {
    let source = float_pattern(RectI::new(2, 3, 18, 12), Components::Rgba);
    for profile in Profile::ALL {
        let instance = instance(&Host::new(*profile), gain(), GAIN, &source, InstanceOptions::default()).unwrap();
        instance.set("scale", 0.5).unwrap();
        let rendered = instance.render(&RenderRequest::at(1.0)).unwrap();
        assert_eq!(rendered.frame.depth(), Depth::Float, "{profile:?}");
        let expected: Vec<f32> = floats(&source).iter().map(|value| value * 0.5).collect();
        assert_eq!(floats(&rendered.frame), expected, "{profile:?}");
        instance.destroy().unwrap();
    }
}

#[test]
fn gain_scales_bytes_exactly_in_every_memory_layout() {
    let source = pattern(RectI::new(-7, 4, 9, 13), Components::Rgba);
    for character in layouts() {
        let instance =
            instance(&Host::with_character(character), gain(), GAIN, &source, InstanceOptions::default()).unwrap();
        instance.set("scale", 2.0).unwrap();
        let rendered = instance.render(&RenderRequest::at(1.0)).unwrap();
        let expected: Vec<u8> = source.data().iter().map(|value| value.saturating_mul(2)).collect();
        assert_eq!(rendered.frame.data(), expected);
    }
}

#[test]
fn gain_follows_keys() {
    let source = float_pattern(RectI::new(0, 0, 8, 8), Components::Rgba);
    let instance = instance(&Host::new(Profile::Nuke), gain(), GAIN, &source, InstanceOptions::default()).unwrap();
    instance.set_key("scale", 1.0, 0.0).unwrap();
    instance.set_key("scale", 5.0, 2.0).unwrap();
    let rendered = instance.render(&RenderRequest::at(2.0)).unwrap();
    let expected: Vec<f32> = floats(&source).iter().map(|value| value * 0.5).collect();
    assert_eq!(floats(&rendered.frame), expected);
}

#[test]
fn gain_calls_itself_an_identity_at_one() {
    let source = float_pattern(RectI::new(0, 0, 8, 8), Components::Rgba);
    let instance = instance(&Host::new(Profile::Strict), gain(), GAIN, &source, InstanceOptions::default()).unwrap();
    let rendered = instance.render(&RenderRequest::at(2.0)).unwrap();
    assert_eq!(rendered.identity.map(|identity| identity.clip).as_deref(), Some("Source"));
    assert_eq!(rendered.frame.data(), source.data());
}

#[test]
fn gain_takes_a_mask_in_the_general_context() {
    let source = float_pattern(RectI::new(0, 0, 8, 4), Components::Rgba);
    let mask = float_pattern(RectI::new(0, 0, 8, 4), Components::Alpha);
    let host = Host::new(Profile::Strict);
    let options = InstanceOptions { context: Some(Context::General), ..InstanceOptions::default() };
    let instance = instance(&host, gain(), GAIN, &source, options).unwrap();
    instance.clip("Mask").unwrap().connect(Box::new(Still::new(mask.clone(), (1.0, 10.0)))).unwrap();
    assert_eq!(instance.clip("Mask").unwrap().components(), Some(Components::Alpha));
    instance.set("scale", 0.0).unwrap();
    let rendered = instance.render(&RenderRequest::at(2.0)).unwrap();
    let masks = floats(&mask).into_iter().flat_map(|mask| [mask; 4]);
    let expected: Vec<f32> = floats(&source).iter().zip(masks).map(|(value, mask)| value * (1.0 - mask)).collect();
    assert_eq!(floats(&rendered.frame), expected);
}

#[test]
fn gain_reacts_to_a_user_edit() {
    let source = float_pattern(RectI::new(0, 0, 8, 4), Components::Rgba);
    let instance = instance(&Host::new(Profile::Nuke), gain(), GAIN, &source, InstanceOptions::default()).unwrap();
    assert!(!instance.is_enabled("scaleR").unwrap());
    instance.set("scaleComponents", true).unwrap();
    assert!(instance.is_enabled("scaleR").unwrap());
}

#[test]
fn proxies_are_rendered_at_their_scale() {
    let source = pattern(RectI::new(0, 0, 16, 8), Components::Rgba);
    let instance = instance(&Host::new(Profile::Strict), invert(), INVERT, &source, tolerant()).unwrap();
    let request = RenderRequest { scale: (0.5, 0.5), ..RenderRequest::at(1.0) };
    let rendered = instance.render(&request).unwrap();
    let half = source.scaled((0.5, 0.5)).unwrap();
    let expected: Vec<u8> = half.data().iter().map(|value| 255 - value).collect();
    assert_eq!(rendered.frame.bounds(), RectI::new(0, 0, 8, 4));
    assert_eq!(rendered.frame.data(), expected);
    assert_eq!(rendered.frame.render_scale(), (0.5, 0.5));
}

#[test]
fn many_threads_render_one_instance_at_once() {
    let source = float_pattern(RectI::new(0, 0, 64, 48), Components::Rgba);
    let instance = instance(&Host::new(Profile::Natron), gain(), GAIN, &source, InstanceOptions::default()).unwrap();
    instance.set_key("scale", 1.0, 0.0).unwrap();
    instance.set_key("scale", 9.0, 8.0).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4_u8 {
            let (instance, source) = (&instance, &source);
            scope.spawn(move || {
                for step in 0..8_u8 {
                    let time = f64::from((thread + step) % 8 + 1) + 0.5;
                    let rendered = instance.render(&RenderRequest::at(time)).unwrap();
                    let gain = (time - 1.0) as f32;
                    let expected: Vec<f32> = floats(source).iter().map(|value| value * gain).collect();
                    assert_eq!(floats(&rendered.frame), expected);
                }
            });
        }
    });
    instance.destroy().unwrap();
}

#[test]
fn the_support_library_finds_its_way_in_every_profile() {
    let source = pattern(RectI::new(-3, 2, 13, 11), Components::Rgba);
    let built = host_compile::support("Invert", "invert.cpp");
    for profile in Profile::ALL {
        // The support library keeps what it once learnt of its host, so each host gets a copy of its own.
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("invert.ofx");
        std::fs::copy(&built, &library).unwrap();
        let host = Host::new(*profile);
        let options = InstanceOptions { depth: Some(Depth::Float), ..InstanceOptions::default() };
        let instance = instance(&host, library, SUPPORT_INVERT, &source, options)
            .unwrap_or_else(|error| panic!("{profile:?}: {error}"));
        let rendered = instance.render(&RenderRequest::at(1.0)).unwrap();
        let input = source.converted(Depth::Float, Components::Rgba).unwrap();
        let expected: Vec<f32> = floats(&input).iter().map(|value| 1.0 - value).collect();
        assert_eq!(floats(&rendered.frame), expected, "{profile:?}");
        instance.destroy().unwrap();
    }
}
