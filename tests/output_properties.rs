//! What MatteOutput promises whatever the matte, through the effect: sliders move it one way, inverting is the mirror of
//! itself, shrinking is taken back by growing.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use headless::host::{Frame, Instance, RenderRequest, Value};
use support::output::*;
use support::*;

const SIZE: (usize, usize) = (120, 80);

fn found(instance: &Instance) -> Vec<f32> {
    alpha(&render(instance, &RenderRequest::at(0.0)).frame)
}

fn with(instance: &Instance, values: &[(&str, f64)]) -> Vec<f32> {
    values.iter().for_each(|(name, value)| instance.set(name, Value::Double(*value)).unwrap());
    found(instance)
}

fn on_matte(matte: Frame) -> Option<Instance> {
    instance(Setup { clips: vec![("Source", scene(SIZE.0, SIZE.1)), ("Matte", matte)], values: Vec::new() })
}

#[test]
fn every_slider_of_the_matte_moves_it_one_way() {
    let sliders = [
        ("blackPoint", [0.0, 0.2, 0.5, 0.8], -1.0),
        ("whitePoint", [0.3, 0.5, 0.8, 1.0], -1.0),
        ("gamma", [0.3, 0.9, 1.0, 3.0], 1.0),
        ("fillHoles", [0.0, 5.0, 50.0, 5000.0], 1.0),
        ("removeSpecks", [0.0, 5.0, 50.0, 50_000.0], -1.0),
        ("grow", [-7.5, -0.25, 0.0, 3.3], 1.0),
        ("coreDensity", [-1.0, -0.2, 0.0, 0.8], 1.0),
        ("edgeDensity", [-1.0, -0.2, 0.0, 0.8], 1.0),
        ("hairDensity", [-1.0, -0.2, 0.0, 0.8], 1.0),
    ];
    for (name, values, way) in sliders {
        // Densities are seen where nothing is solid, holes only in what is.
        let most = if name.ends_with("Density") { 0.8 } else { 1.0 };
        let matte = drawn_alpha(SIZE.0, SIZE.1, |x, y| most * shape(SIZE.0, SIZE.1, x, y));
        let Some(instance) = on_matte(matte) else { return };
        let mattes = values.map(|value| with(&instance, &[(name, value)]));
        for (value, pair) in values[1..].iter().zip(mattes.windows(2)) {
            let right = pair[0].iter().zip(&pair[1]).all(|(old, new)| (new - old) * way >= -1e-6);
            assert!(right, "{name} at {value}");
        }
        assert!(mattes[0] != mattes[3], "{name} does something");
        instance.destroy().unwrap();
    }
}

#[test]
fn inverting_before_is_inverting_after_with_everything_the_other_way_round() {
    let Some(instance) = on_scene(SIZE.0, SIZE.1, &[]) else { return };
    let shape = [("fillHoles", 20.0), ("grow", 2.5), ("feather", 5.0), ("featherBias", 0.4), ("edgeBlur", 1.0)];
    let there = with(&instance, &shape);
    instance.set("invert", Value::Boolean(true)).unwrap();
    let mirrored = [("fillHoles", 0.0), ("removeSpecks", 20.0), ("grow", -2.5), ("featherBias", -0.4)];
    let back = with(&instance, &mirrored);
    assert!(there.iter().zip(&back).all(|(there, back)| (there + back - 1.0).abs() < 2e-5));
    instance.destroy().unwrap();
}

#[test]
fn a_round_object_that_is_shrunk_and_grown_again_is_as_it_was() {
    let disc = |x: usize, y: usize| ((24.0 - (x as f32 - 60.2).hypot(y as f32 - 39.7)) / 2.0 + 0.5).clamp(0.0, 1.0);
    for amount in [0.5, 2.25, 6.0] {
        let Some(shrunk) = on_matte(drawn_alpha(SIZE.0, SIZE.1, disc)) else { return };
        let less = with(&shrunk, &[("grow", -amount)]);
        shrunk.destroy().unwrap();
        let grown = on_matte(drawn_alpha(SIZE.0, SIZE.1, |x, y| less[y * SIZE.0 + x])).unwrap();
        let back = with(&grown, &[("grow", amount)]);
        grown.destroy().unwrap();
        let given: Vec<f32> = (0..SIZE.0 * SIZE.1).map(|i| disc(i % SIZE.0, i / SIZE.0)).collect();
        let apart = back.iter().zip(&given).map(|(back, given)| (back - given).abs()).fold(0.0, f32::max);
        let [area, before] = [&back, &given].map(|alphas| alphas.iter().sum::<f32>());
        assert!(apart < 0.2 && (area - before).abs() < 0.01 * before, "{amount}: {apart}, {area} of {before}");
    }
}

#[test]
fn the_same_frame_comes_out_the_same_in_any_order() {
    let Some(instance) = on_scene(SIZE.0, SIZE.1, &[]) else { return };
    let settings: [&[(&str, f64)]; 3] =
        [&[("grow", 3.0), ("feather", 0.0)], &[("grow", -2.0), ("feather", 9.0)], &[("grow", 0.0), ("feather", 30.0)]];
    let first: Vec<_> = settings.iter().map(|values| with(&instance, values)).collect();
    // Memory that is kept from frame to frame holds what the others left in it.
    let other = on_scene(90, 50, &[("grow", Value::Double(8.0))]).unwrap();
    for index in [2, 0, 1, 0] {
        found(&other);
        assert!(with(&instance, settings[index]) == first[index], "{index}");
    }
    other.destroy().unwrap();
    instance.destroy().unwrap();
}
