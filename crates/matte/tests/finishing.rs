//! What finishing a matte promises, whatever the matte and the settings.
#![allow(clippy::unwrap_used, reason = "a test whose input cannot be made should stop there")]

use matte::{AlphaFinish, AlphaSettings, DistanceTransform, Levels, choke, feather_by_distance};
use proptest::prelude::*;
use raster::Plane;

/// A disc with an edge `soft` pixels wide.
fn disc(size: usize, centre: [f32; 2], radius: f32, soft: f32) -> Plane<f32> {
    let samples = (0..size * size).map(|i| {
        let (x, y) = ((i % size) as f32 + 0.5, (i / size) as f32 + 0.5);
        ((radius - (x - centre[0]).hypot(y - centre[1])) / soft + 0.5).clamp(0.0, 1.0)
    });
    Plane::from_vec(size, size, samples.collect()).unwrap()
}

fn finished(alpha: &Plane<f32>, settings: &AlphaSettings, scale: f32) -> Plane<f32> {
    let mut out = alpha.clone();
    AlphaFinish::default().apply(&mut out, settings, scale);
    out
}

fn inverted(alpha: &Plane<f32>) -> Plane<f32> {
    alpha.map(|alpha| 1.0 - alpha)
}

fn most_apart(a: &Plane<f32>, b: &Plane<f32>) -> f32 {
    a.data().iter().zip(b.data()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn area(alpha: &Plane<f32>) -> f32 {
    alpha.data().iter().sum()
}

fn grow(amount: f32) -> AlphaSettings {
    AlphaSettings { grow: amount, ..Default::default() }
}

fn in_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

#[test]
fn a_discs_area_follows_the_amount_to_a_fraction_of_a_pixel() {
    for soft in [1.0, 3.0] {
        let alpha = disc(100, [50.2, 49.7], 25.0, soft);
        for amount in [-10.0, -3.3, -1.0, -0.25, 0.25, 0.5, 1.75, 6.0, 12.5] {
            let radius = (area(&finished(&alpha, &grow(amount), 1.0)) / std::f32::consts::PI).sqrt();
            assert!((radius - 25.0 - amount).abs() < 0.06, "{amount} at {soft}: radius {radius}");
        }
    }
}

#[test]
fn shrinking_and_growing_again_gives_back_a_round_object() {
    let alpha = disc(80, [40.0, 40.0], 22.0, 2.0);
    for amount in [0.5, 2.25, 6.0] {
        let back = finished(&finished(&alpha, &grow(-amount), 1.0), &grow(amount), 1.0);
        assert!(most_apart(&back, &alpha) < 0.16, "{amount}: {}", most_apart(&back, &alpha));
        assert!((area(&back) - area(&alpha)).abs() < 0.01 * area(&alpha));
    }
}

#[test]
fn growing_closes_a_gap_without_a_seam_and_shrinking_takes_thin_lines_away() {
    let mut gap = Plane::new(40, 20, 1.0);
    for y in 0..20 {
        gap.row_mut(y)[17..24].fill(0.0);
    }
    assert!(finished(&gap, &grow(4.5), 1.0).data().iter().all(|&alpha| alpha == 1.0));
    assert!(finished(&gap, &grow(40.0), 1.0).data().iter().all(|&alpha| alpha == 1.0));
    assert!(finished(&inverted(&gap), &grow(-4.5), 1.0).data().iter().all(|&alpha| alpha == 0.0));
}

#[test]
fn a_proxy_looks_like_the_full_size() {
    let full = disc(240, [120.0, 118.0], 60.0, 4.0);
    let half = disc(120, [60.0, 59.0], 30.0, 2.0);
    let settings = [
        grow(9.0),
        grow(-9.0),
        AlphaSettings { feather: 20.0, feather_bias: 0.5, ..Default::default() },
        AlphaSettings { blur: 6.0, ..Default::default() },
    ];
    for settings in settings {
        let (full, half) = (finished(&full, &settings, 1.0), finished(&half, &settings, 0.5));
        for i in 0..half.data().len() {
            let (x, y) = (i % 120 * 2, i / 120 * 2);
            let four = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| full.row(y + dy)[x + dx]);
            let mean = four.iter().sum::<f32>() / 4.0;
            assert!((mean - half.data()[i]).abs() < 0.08, "{settings:?} at {x}, {y}: {mean} {}", half.data()[i]);
        }
    }
}

#[test]
fn a_faded_frame_edge_is_mended_and_specks_and_holes_go_by_canonical_area() {
    let mut alpha = disc(64, [32.0, 32.0], 20.0, 1.0);
    alpha.row_mut(3)[3..5].fill(1.0);
    alpha.row_mut(32)[30..33].fill(0.2);
    let settings = AlphaSettings { remove_specks: 2.0, fill_holes: 3.0, ..Default::default() };
    assert_eq!(finished(&alpha, &settings, 1.0), disc(64, [32.0, 32.0], 20.0, 1.0));
    assert_eq!(finished(&alpha, &settings, 0.5), alpha, "a quarter of the area is less than the speck");
}

#[test]
fn any_frame_shape_is_finished_the_same_by_any_number_of_threads() {
    for (width, height) in [(0, 5), (1, 1), (1, 300), (300, 1), (16384, 100), (97, 61)] {
        let samples = (0..width * height).map(|i| ((i * 7919 % 1013) as f32 / 700.0).min(1.0)).collect();
        let alpha = Plane::from_vec(width, height, samples).unwrap();
        let settings = AlphaSettings {
            levels: Levels { black: 0.1, white: 0.9, gamma: 1.3 },
            fill_holes: 5.0,
            remove_specks: 5.0,
            border: 2.5,
            grow: -0.75,
            feather: 3.0,
            feather_bias: 0.2,
            blur: 1.5,
        };
        let one = in_threads(1, || finished(&alpha, &settings, 1.0));
        assert_eq!(in_threads(3, || finished(&alpha, &settings, 1.0)), one);
    }
}

#[test]
fn a_second_frame_needs_no_more_memory() {
    let alpha = disc(150, [70.0, 80.0], 40.0, 3.0);
    let settings = AlphaSettings { grow: 2.0, feather: 5.0, blur: 2.0, fill_holes: 9.0, ..Default::default() };
    let mut finish = AlphaFinish::default();
    finish.apply(&mut alpha.clone(), &settings, 1.0);
    let (warm, mut again) = (finish.byte_size(), alpha.clone());
    let place = again.data().as_ptr();
    finish.apply(&mut again, &settings, 1.0);
    assert_eq!((finish.byte_size(), again.data().as_ptr()), (warm, place));
}

fn any_alpha() -> impl Strategy<Value = Plane<f32>> {
    let sample = prop_oneof![
        4 => 0f32..1.0, 4 => Just(0.0), 4 => Just(1.0),
        1 => Just(f32::NAN), 1 => -3f32..0.0, 1 => 1f32..9.0, 1 => Just(f32::INFINITY), 1 => Just(f32::NEG_INFINITY),
    ];
    (1usize..24, 1usize..24).prop_flat_map(move |(width, height)| {
        prop::collection::vec(sample.clone(), width * height)
            .prop_map(move |samples| Plane::from_vec(width, height, samples).unwrap())
    })
}

fn any_length() -> impl Strategy<Value = f32> {
    prop_oneof![4 => -8f32..8.0, 1 => Just(0.0), 1 => Just(500.0), 1 => Just(-500.0), 1 => Just(f32::NAN), 1 => Just(f32::INFINITY)]
}

/// What moving and feathering did before it kept to the part that can change.
fn on_the_whole(alpha: &Plane<f32>, settings: &AlphaSettings) -> Plane<f32> {
    let (mut distance, mut moved) = (Plane::new(0, 0, 0.0), alpha.clone());
    if settings.grow != 0.0 {
        DistanceTransform::default().signed(alpha, &mut distance);
        choke(alpha, &distance, settings.grow, &mut moved);
    }
    if settings.feather == 0.0 {
        return moved;
    }
    let mut out = moved.clone();
    DistanceTransform::default().signed(&moved, &mut distance);
    let outside = settings.feather * 0.5 * (1.0 + settings.feather_bias);
    feather_by_distance(&moved, &distance, settings.feather - outside, outside, &mut out);
    out
}

#[test]
fn the_part_that_can_change_comes_out_to_the_bit_as_in_the_whole() {
    let sharp = |x: f32, y: f32| disc_at(x, y, [230.3, 150.8], 31.0, 1.4).max(disc_at(x, y, [281.0, 160.0], 9.0, 2.0));
    let glass = |x: f32, y: f32| disc_at(x, y, [250.0, 150.0], 140.0, 3.0) * (0.7 + 0.1 * (x * 0.13).sin());
    let veil = |x: f32, y: f32| sharp(x, y).max(0.01 + 0.01 * (y * 0.07).sin());
    type Shape<'a> = &'a dyn Fn(f32, f32) -> f32;
    for (name, shape) in [("sharp", &sharp as Shape<'_>), ("glass", &glass), ("veil", &veil)] {
        for inverted in [false, true] {
            let samples = (0..500 * 320).map(|i| {
                let alpha = shape((i % 500) as f32, (i / 500) as f32);
                if inverted { 1.0 - alpha } else { alpha }
            });
            let alpha = Plane::from_vec(500, 320, samples.collect()).unwrap();
            for (grow, feather, bias) in [
                (5.0, 0.0, 0.0),
                (-5.25, 0.0, 0.0),
                (0.5, 20.0, 0.0),
                (0.0, 37.5, -1.0),
                (0.0, 90.0, 0.7),
                (80.0, 0.0, 0.0),
            ] {
                let settings = AlphaSettings { grow, feather, feather_bias: bias, ..Default::default() };
                let (part, whole) = (finished(&alpha, &settings, 1.0), on_the_whole(&alpha, &settings));
                assert_eq!(part, whole, "{name}, inverted: {inverted}, {settings:?}");
            }
        }
    }
}

#[test]
fn a_matte_in_another_place_is_moved_and_feathered_the_same() {
    let at = |left: usize, top: usize| {
        let samples = (0..700 * 500).map(|i| {
            let (x, y) = ((i % 700) as f32 - left as f32, (i / 700) as f32 - top as f32);
            disc_at(x, y, [40.25, 41.5], 17.0, 2.0)
        });
        let alpha = Plane::from_vec(700, 500, samples.collect()).unwrap();
        let out = finished(&alpha, &AlphaSettings { grow: 3.3, feather: 11.0, ..Default::default() }, 1.0);
        (0..90).flat_map(|y| out.row(top + y)[left..left + 90].to_vec()).collect::<Vec<_>>()
    };
    let here = at(200, 150);
    for (left, top) in [(201, 150), (513, 333)] {
        let there = at(left, top);
        assert!(here.iter().zip(&there).all(|(a, b)| (a - b).abs() < 1e-6), "{left} {top}");
    }
}

fn disc_at(x: f32, y: f32, centre: [f32; 2], radius: f32, soft: f32) -> f32 {
    ((radius - (x - centre[0]).hypot(y - centre[1])) / soft + 0.5).clamp(0.0, 1.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn anything_gives_an_alpha(alpha in any_alpha(), lengths in prop::array::uniform6(any_length()), scale in any_length()) {
        let [border, grow, feather, feather_bias, blur, level] = lengths;
        let levels = Levels { black: level, white: border, gamma: grow };
        let settings = AlphaSettings {
            levels, fill_holes: f64::from(level), remove_specks: f64::from(blur), border, grow, feather, feather_bias, blur,
        };
        let out = finished(&alpha, &settings, scale);
        prop_assert!(out.data().iter().all(|alpha| (0.0..=1.0).contains(alpha)), "{settings:?} {out:?}");
    }

    #[test]
    fn without_settings_an_alpha_stays(alpha in any_alpha()) {
        let expected = alpha.map(|&alpha| if alpha.is_nan() { 0.0 } else { alpha.clamp(0.0, 1.0) });
        prop_assert_eq!(finished(&alpha, &AlphaSettings::default(), 1.0), expected);
    }

    #[test]
    fn shrinking_is_growing_the_inverted_matte(alpha in any_alpha(), amount in 0f32..6.0) {
        let alpha = finished(&alpha, &AlphaSettings::default(), 1.0);
        // To eighths, whose inverses are exact.
        let alpha = alpha.map(|alpha| (alpha * 8.0).round() / 8.0);
        let grown = finished(&inverted(&alpha), &grow(amount), 1.0);
        prop_assert!(most_apart(&inverted(&grown), &finished(&alpha, &grow(-amount), 1.0)) < 1e-5);
    }

    #[test]
    fn a_wider_feather_is_never_less_outside_nor_more_inside(size in 0.5f32..12.0, more in 0f32..12.0, bias in -1f32..1.0) {
        let alpha = disc(40, [20.0, 20.0], 9.0, 2.0);
        let feather = |feather| AlphaSettings { feather, feather_bias: bias, ..Default::default() };
        let (less, more) = (finished(&alpha, &feather(size), 1.0), finished(&alpha, &feather(size + more), 1.0));
        // A biased feather also moves the middle of its ramp; both its ends only ever move outwards.
        for ((&before, &less), &more) in alpha.data().iter().zip(less.data()).zip(more.data()) {
            if before == 0.0 { prop_assert!(bias != 0.0 || more >= less - 1e-6); }
            if before == 1.0 { prop_assert!(bias != 0.0 || more <= less + 1e-6); }
        }
    }

    #[test]
    fn growing_more_is_never_less(amount in -12f32..12.0, more in 0f32..6.0, soft in 1f32..8.0) {
        let alpha = disc(48, [23.0, 25.0], 10.0, soft);
        let (less, more) = (finished(&alpha, &grow(amount), 1.0), finished(&alpha, &grow(amount + more), 1.0));
        prop_assert!(less.data().iter().zip(more.data()).all(|(less, more)| more >= &(less - 1e-4)));
    }

    #[test]
    fn levels_only_ever_move_one_way(alpha in 0f32..1.0, at in 0f32..0.9, more in 0f32..0.5, gamma in 0.2f32..5.0) {
        let with = |black, white, gamma| Levels { black, white, gamma }.apply(alpha);
        prop_assert!(with(at + more, 1.0, 1.0) <= with(at, 1.0, 1.0));
        prop_assert!(with(0.0, at + more, 1.0) <= with(0.0, at, 1.0));
        prop_assert!(with(0.0, 1.0, gamma + more) >= with(0.0, 1.0, gamma));
    }
}
