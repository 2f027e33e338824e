//! What the upsampler promises, whatever the logits and the picture.
#![allow(clippy::unwrap_used, reason = "a test whose input cannot be made should stop there")]

use matte::{EdgeSettings, EdgeUpsample};
use proptest::prelude::*;
use raster::Plane;
use std::ops::Range;

/// A frame's matte in tiles of any size, each row of a tile asked for on its own.
fn tiled(matte: &EdgeUpsample, frame: &Plane<[f32; 3]>, tile: (usize, usize)) -> Plane<f32> {
    let (width, height) = (frame.width(), frame.height());
    let mut out = Plane::new(width, height, -1f32);
    for top in (0..height).step_by(tile.1) {
        for left in (0..width).step_by(tile.0) {
            for y in (top..(top + tile.1).min(height)).rev() {
                let columns = left..(left + tile.0).min(width);
                matte.alpha_row(width, height, y, left, &frame.row(y)[columns.clone()], &mut out.row_mut(y)[columns]);
            }
        }
    }
    out
}

fn whole(matte: &EdgeUpsample, frame: &Plane<[f32; 3]>) -> Plane<f32> {
    tiled(matte, frame, (frame.width().max(1), frame.height().max(1)))
}

fn guide_of(frame: &Plane<[f32; 3]>, width: usize, height: usize) -> Plane<[u8; 3]> {
    let mut guide = Plane::new(width, height, [0; 3]);
    for y in 0..height {
        for x in 0..width {
            let colour = frame.get(x * frame.width() / width, y * frame.height() / height).unwrap();
            guide.row_mut(y)[x] = colour.map(|value| (value * 255.0 + 0.5) as u8);
        }
    }
    guide
}

/// Logits of a disc, `cells` wide, as a network gives them: steep at the edge, restless within.
fn disc(width: usize, height: usize, centre: [f32; 2], radius: f32) -> Plane<f32> {
    let logits = (0..width * height).map(|i| {
        let (x, y) = ((i % width) as f32 + 0.5, (i / width) as f32 + 0.5);
        (radius - (x - centre[0]).hypot(y - centre[1])) * 5.0
    });
    Plane::from_vec(width, height, logits.map(|logit| logit.clamp(-12.0, 9.0)).collect()).unwrap()
}

/// A frame with a disc of one colour on another, and a texture of `grain` over both.
fn disc_frame(width: usize, height: usize, centre: [f32; 2], radius: f32, grain: f32) -> Plane<[f32; 3]> {
    let pixels = (0..width * height).map(|i| {
        let (x, y) = ((i % width) as f32 + 0.5, (i / width) as f32 + 0.5);
        let alpha = (radius - (x - centre[0]).hypot(y - centre[1]) + 0.5).clamp(0.0, 1.0);
        let texture = grain * ((i as u32).wrapping_mul(2_654_435_761) >> 16) as f32 / 65536.0;
        let (inside, outside) = ([0.8, 0.5, 0.3], [0.2, 0.4, 0.3]);
        std::array::from_fn(|c| outside[c] + alpha * (inside[c] - outside[c]) + texture)
    });
    Plane::from_vec(width, height, pixels.collect()).unwrap()
}

fn any_logits(width: Range<usize>, height: Range<usize>) -> impl Strategy<Value = Plane<f32>> {
    (width, height).prop_flat_map(|(width, height)| {
        prop::collection::vec(-15f32..15.0, width * height)
            .prop_map(move |logits| Plane::from_vec(width, height, logits).unwrap())
    })
}

fn any_frame() -> impl Strategy<Value = Plane<[f32; 3]>> {
    (1..80usize, 1..50usize).prop_flat_map(|(width, height)| {
        prop::collection::vec(prop::array::uniform3(0f32..1.0), width * height)
            .prop_map(move |pixels| Plane::from_vec(width, height, pixels).unwrap())
    })
}

fn any_settings() -> impl Strategy<Value = EdgeSettings> {
    (0.05f32..0.95, 0f32..1.0, 0f32..1.0).prop_map(|(threshold, softness, strength)| EdgeSettings {
        threshold,
        softness,
        strength,
        specks: 12,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_tiles_give_the_same_matte(
        logits in any_logits(1..20, 1..14), frame in any_frame(), settings in any_settings(),
        guide in (1..90usize, 1..60usize), tile in (1..40usize, 1..20usize),
    ) {
        let matte = EdgeUpsample::prepare(&logits, &guide_of(&frame, guide.0, guide.1), &settings);
        let at_once = whole(&matte, &frame);
        prop_assert!(at_once.data().iter().all(|alpha| (0.0..=1.0).contains(alpha)));
        prop_assert_eq!(at_once, tiled(&matte, &frame, tile));
    }

    #[test]
    fn colours_are_asked_for_only_where_they_matter(
        logits in any_logits(2..20, 2..14), frame in any_frame(), settings in any_settings(),
    ) {
        let (width, height) = (frame.width(), frame.height());
        let matte = EdgeUpsample::prepare(&logits, &guide_of(&frame, 64, 40), &settings);
        for y in 0..height {
            let (mut given, mut asked) = (vec![-1.0; width], vec![-1.0; width]);
            matte.alpha_row(width, height, y, 0, frame.row(y), &mut given);
            let mut colours = |x: usize, to: &mut [[f32; 3]]| to.copy_from_slice(&frame.row(y)[x..x + to.len()]);
            matte.alpha_row_from(width, height, y, 0, &mut colours, &mut asked);
            prop_assert_eq!(given, asked);
        }
    }

    #[test]
    fn negated_logits_give_the_complement(logits in any_logits(2..20, 2..14), frame in any_frame(), softness in 0f32..1.0) {
        let guide = guide_of(&frame, 70, 44);
        let settings = EdgeSettings { softness, ..EdgeSettings::default() };
        let matte = whole(&EdgeUpsample::prepare(&logits, &guide, &settings), &frame);
        let negated = whole(&EdgeUpsample::prepare(&logits.map(|logit| -logit), &guide, &settings), &frame);
        for (alpha, other) in matte.data().iter().zip(negated.data()) {
            prop_assert!((alpha + other - 1.0).abs() < 2e-3, "{alpha} and {other}");
        }
    }

    #[test]
    fn a_constant_picture_gives_the_plain_matte(logits in any_logits(2..20, 2..14), colour: [u8; 3], softness in 0f32..1.0) {
        let frame = Plane::new(75, 40, colour.map(|byte| f32::from(byte) / 255.0));
        let guide = Plane::new(50, 30, colour);
        let plain = EdgeSettings { strength: 0.0, softness, ..EdgeSettings::default() };
        let guided = EdgeSettings { strength: 1.0, specks: 0, ..plain };
        let [plain, guided] =
            [plain, guided].map(|settings| whole(&EdgeUpsample::prepare(&logits, &guide, &settings), &frame));
        for (plain, guided) in plain.data().iter().zip(guided.data()) {
            prop_assert!((plain - guided).abs() < 1e-3, "{plain} and {guided}");
        }
    }

    #[test]
    fn without_strength_the_picture_has_no_say(logits in any_logits(2..20, 2..14), frame in any_frame(), softness in 0f32..1.0) {
        let settings = EdgeSettings { strength: 0.0, softness, ..EdgeSettings::default() };
        let (width, height) = (frame.width(), frame.height());
        let seen = EdgeUpsample::prepare(&logits, &guide_of(&frame, 50, 30), &settings);
        let blind = EdgeUpsample::prepare(&logits, &Plane::new(50, 30, [0; 3]), &settings);
        for y in 0..height {
            let (mut a, mut b) = (vec![-1.0; width], vec![-1.0; width]);
            seen.alpha_row(width, height, y, 0, frame.row(y), &mut a);
            let mut never = |_: usize, _: &mut [[f32; 3]]| panic!("asked for colours");
            blind.alpha_row_from(width, height, y, 0, &mut never, &mut b);
            prop_assert_eq!(a, b);
        }
    }

    #[test]
    fn a_higher_threshold_never_adds_to_the_plain_matte(logits in any_logits(2..20, 2..14), low in 0.05f32..0.9, more in 0f32..0.5) {
        let frame = Plane::new(60, 33, [0f32; 3]);
        let [less, more] = [low, (low + more).min(0.95)].map(|threshold| {
            let settings = EdgeSettings { threshold, strength: 0.0, ..EdgeSettings::default() };
            whole(&EdgeUpsample::prepare(&logits, &Plane::new(40, 22, [0; 3]), &settings), &frame)
        });
        for (less, more) in less.data().iter().zip(more.data()) {
            prop_assert!(more <= less, "{more} above {less}");
        }
    }
}

#[test]
fn the_edge_follows_the_picture_where_the_model_is_off() {
    // The model's disc lies 0.6 cells, 4.5 frame pixels, beside the one in the picture.
    let frame = disc_frame(480, 270, [240.0, 135.0], 80.0, 0.1);
    let logits = disc(64, 36, [32.6, 18.0], 80.0 / 7.5);
    let guide = guide_of(&frame, 256, 144);
    let truth = disc_frame(480, 270, [240.0, 135.0], 80.0, 0.0).map(|[r, _, _]| (r - 0.2) / 0.6);
    let wrong = |strength: f32| {
        let settings = EdgeSettings { strength, ..EdgeSettings::default() };
        let alpha = whole(&EdgeUpsample::prepare(&logits, &guide, &settings), &frame);
        alpha.data().iter().zip(truth.data()).map(|(a, t)| (a - t).abs()).sum::<f32>()
    };
    let (plain, half, full) = (wrong(0.0), wrong(0.5), wrong(1.0));
    assert!(full < 0.2 * plain, "{full} against {plain} pixels wrong");
    assert!(half < plain, "{half} against {plain} pixels wrong");
}

#[test]
fn solid_parts_are_exact_and_texture_away_from_the_edge_stays_out() {
    let frame = disc_frame(480, 270, [240.0, 135.0], 80.0, 0.5);
    let matte = EdgeUpsample::prepare(
        &disc(64, 36, [32.0, 18.0], 80.0 / 7.5),
        &guide_of(&frame, 256, 144),
        &EdgeSettings::default(),
    );
    let alpha = whole(&matte, &frame);
    for y in 0..270 {
        for x in 0..480 {
            let from_edge = 80.0 - (x as f32 + 0.5 - 240.0).hypot(y as f32 + 0.5 - 135.0);
            if from_edge.abs() > 16.0 {
                let expected = if from_edge > 0.0 { 1.0 } else { 0.0 };
                assert_eq!(alpha.row(y)[x], expected, "at {x}, {y}");
            }
        }
    }
}

#[test]
fn a_small_change_of_threshold_shrinks_the_guided_matte() {
    let frame = disc_frame(240, 135, [120.0, 67.0], 40.0, 0.2);
    let guide = guide_of(&frame, 256, 144);
    let areas = [0.2, 0.4, 0.6, 0.8].map(|threshold| {
        let settings = EdgeSettings { threshold, ..EdgeSettings::default() };
        let matte = EdgeUpsample::prepare(&disc(64, 36, [32.0, 18.0], 10.7), &guide, &settings);
        whole(&matte, &frame).data().iter().sum::<f32>()
    });
    assert!(areas.is_sorted_by(|a, b| a >= b), "{areas:?}");
}

#[test]
fn more_softness_widens_the_edge() {
    let frame = disc_frame(480, 270, [240.0, 135.0], 80.0, 0.05);
    let guide = guide_of(&frame, 256, 144);
    let between = [0.0, 0.5, 0.75, 1.0].map(|softness| {
        let settings = EdgeSettings { softness, ..EdgeSettings::default() };
        let matte = EdgeUpsample::prepare(&disc(64, 36, [32.0, 18.0], 80.0 / 7.5), &guide, &settings);
        whole(&matte, &frame).data().iter().filter(|alpha| (0.02..0.98).contains(*alpha)).count()
    });
    assert!(between.is_sorted_by(|a, b| a < b), "{between:?}");
}

#[test]
fn empty_and_full_masks_are_exact_and_need_no_colours() {
    for (logit, expected) in [(-8.0, 0.0), (8.0, 1.0)] {
        let matte = EdgeUpsample::prepare(
            &Plane::new(256, 144, logit),
            &Plane::new(1024, 576, [9; 3]),
            &EdgeSettings::default(),
        );
        let mut alpha = vec![-1.0; 1920];
        let mut never = |_: usize, _: &mut [[f32; 3]]| panic!("asked for colours");
        matte.alpha_row_from(1920, 1080, 540, 0, &mut never, &mut alpha);
        assert!(alpha.iter().all(|&alpha| alpha == expected));
        assert_eq!(matte.outline().len(), if logit > 0.0 { 1 } else { 0 });
    }
}

#[test]
fn broken_logits_and_colours_give_a_matte_of_numbers() {
    let broken = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, 0.0, -0.0, 1e-40];
    let logits: Vec<f32> = (0..16 * 9).map(|i| broken[(i * 7 + i / 16) % broken.len()]).collect();
    let logits = Plane::from_vec(16, 9, logits).unwrap();
    let guide = guide_of(&disc_frame(64, 36, [30.0, 20.0], 9.0, 0.4), 64, 36);
    let settings =
        EdgeSettings { threshold: f32::NAN, softness: f32::INFINITY, strength: f32::NAN, specks: usize::MAX };
    for settings in [settings, EdgeSettings::default()] {
        let matte = EdgeUpsample::prepare(&logits, &guide, &settings);
        let frame = Plane::new(100, 50, [f32::NAN, f32::INFINITY, -3.0]);
        assert!(whole(&matte, &frame).data().iter().all(|alpha| (0.0..=1.0).contains(alpha)));
    }
}

#[test]
fn the_smallest_and_the_longest_pictures_work() {
    let one = EdgeUpsample::prepare(&Plane::new(1, 1, 5.0), &Plane::new(1, 1, [3; 3]), &EdgeSettings::default());
    assert_eq!(whole(&one, &Plane::new(3, 2, [0.5; 3])).data(), [1.0; 6]);
    let ramp = Plane::from_vec(256, 1, (0..256).map(|x| (x as f32 - 127.5) * 4.0).collect()).unwrap();
    let long = EdgeUpsample::prepare(&ramp, &Plane::new(1024, 1, [0; 3]), &EdgeSettings::default());
    let alpha = whole(&long, &Plane::new(16384, 1, [0.0; 3]));
    assert!(alpha.data().is_sorted());
    assert_eq!((alpha.data()[8000], alpha.data()[8384]), (0.0, 1.0));
    for empty in [(0, 0), (0, 5), (5, 0)] {
        let none = Plane::new(empty.0, empty.1, 3.0);
        let nothing = EdgeUpsample::prepare(&none, &Plane::new(4, 4, [0; 3]), &EdgeSettings::default());
        assert_eq!(whole(&nothing, &Plane::new(2, 2, [0.5; 3])).data(), [0.0; 4]);
        let blind = Plane::new(empty.0, empty.1, [0; 3]);
        let nothing = EdgeUpsample::prepare(&Plane::new(4, 4, 3.0), &blind, &EdgeSettings::default());
        assert_eq!(whole(&nothing, &Plane::new(2, 2, [0.5; 3])).data(), [0.0; 4]);
    }
}

#[test]
fn pixels_outside_the_frame_are_transparent() {
    let matte = EdgeUpsample::prepare(&Plane::new(4, 4, 9.0), &Plane::new(8, 8, [0; 3]), &EdgeSettings::default());
    let mut out = [9.0; 6];
    matte.alpha_row(10, 10, 3, 7, &[], &mut out);
    assert_eq!(out, [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
    matte.alpha_row(10, 10, 10, 0, &[], &mut out);
    assert_eq!(out, [0.0; 6]);
    matte.alpha_row(10, 10, 3, 10, &[], &mut out);
    assert_eq!(out, [0.0; 6]);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let frame = disc_frame(301, 203, [150.0, 100.0], 60.0, 0.3);
    let guide = guide_of(&frame, 200, 135);
    let logits = disc(50, 34, [25.5, 17.0], 10.0);
    let [one, eight] = [1, 8].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| whole(&EdgeUpsample::prepare(&logits, &guide, &EdgeSettings::default()), &frame))
    });
    assert_eq!(one, eight);
}
