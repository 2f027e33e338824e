//! SAM3Roto in hosts of every character. The library has one host at a time: each test waits for its turn.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use headless::host::{Bundle, Character, Components, Depth, Host, Profile, RenderRequest};
use support::*;

/// What a host of a character must show: the same object as the strict host does.
#[test]
fn every_host_gets_the_same_matte() {
    let mut reference: Option<Vec<f32>> = None;
    for &profile in Profile::ALL {
        let Some((bundle, plugin)) = open(profile) else { return };
        let character = profile.character();
        plugin.describe().unwrap_or_else(|error| panic!("{}: {error}", character.name));
        let instance = instance_on(&plugin, demo_frame(RABBIT_FRAME));
        // The hosts differ in what "automatic" takes the colours for; this is about everything else.
        instance.set("sourceEncoding", headless::host::Value::Integer(1)).unwrap();
        place_point(&instance, 1, RABBIT, true);
        let rendered = render(&instance, &RenderRequest::at(0.0));
        assert_ne!(rendered.frame.components(), Components::Alpha, "{}", character.name);
        let matte = alpha_of_any_depth(&rendered.frame);
        let expected = reference.get_or_insert_with(|| matte.clone());
        let agreement = iou(&matte, expected);
        assert!(agreement > 0.995, "{}: IoU with the strict host {agreement}", character.name);
        instance.destroy().unwrap_or_else(|error| panic!("{}: {error}", character.name));
        drop((plugin, bundle));
    }
}

/// A strict host whose source images are larger than their region of definition, with black round them.
fn padded(pixels: i32) -> Character {
    Character { input_margin: pixels, ..Profile::Strict.character().clone() }
}

#[test]
fn padding_round_the_source_changes_no_bit() {
    let mut mattes = [0, 3].into_iter().filter_map(|pixels| {
        let bundle =
            Bundle::open(&Host::with_character(padded(pixels)), &from_environment("SAM3ROTO_BUNDLE")?).unwrap();
        let instance = instance_on(&bundle.plugin(ROTO).unwrap(), demo_frame(RABBIT_FRAME));
        place_point(&instance, 1, RABBIT, true);
        let matte = alpha(&render(&instance, &RenderRequest::at(0.0)).frame);
        instance.destroy().unwrap();
        Some(matte)
    });
    assert!(mattes.next() == mattes.next());
}

fn alpha_of_any_depth(frame: &headless::host::Frame) -> Vec<f32> {
    assert!(matches!(frame.depth(), Depth::Byte | Depth::Float), "{:?}", frame.depth());
    alpha(frame)
}
