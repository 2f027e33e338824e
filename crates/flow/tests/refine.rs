//! Temporal refinement on mattes that jitter, move, and are broken.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

#[path = "support/corruption.rs"]
mod corruption;
#[path = "support/procedural.rs"]
mod procedural;

use corruption::{corrupted, disc};
use flow::{Flow, FlowError, Neighbour, RefineSettings, edge_motion_blur, refine, window};
use procedural::random;
use proptest::prelude::*;
use raster::Plane;

const SIZE: (usize, usize) = (240, 160);

/// The mean squared difference.
fn error(a: &Plane<f32>, b: &Plane<f32>) -> f64 {
    a.data().iter().zip(b.data()).map(|(a, b)| f64::from((a - b) * (a - b))).sum::<f64>() / a.data().len() as f64
}

/// Refines `mattes[at]`, all others being its neighbours; everything moves by `step` from frame to frame.
fn refined(mattes: &[Plane<f32>], at: usize, step: [f32; 2], settings: &RefineSettings) -> Plane<f32> {
    let (width, height) = (mattes[at].width(), mattes[at].height());
    let trust = Plane::new(width, height, 1f32);
    let motions: Vec<Flow> = (0..mattes.len())
        .map(|s| Flow::from_fn(width, height, |_, _| step.map(|step| step * (s as f32 - at as f32))))
        .collect();
    let neighbours: Vec<Neighbour> = (0..mattes.len())
        .filter(|&s| s != at)
        .map(|s| Neighbour {
            distance: s as i32 - at as i32,
            matte: &mattes[s],
            motion: &motions[s],
            confidence: &trust,
            pictures: None,
        })
        .collect();
    refine(&mattes[at], &neighbours, settings).unwrap()
}

/// A disc that moves by 3 pixels a frame.
fn moving(frames: usize) -> Vec<Plane<f32>> {
    (0..frames).map(|t| disc(SIZE.0, SIZE.1, [0.4 + 3.0 * t as f32 / SIZE.0 as f32, 0.5])).collect()
}

#[test]
fn jitter_pops_and_holes_fall_and_the_motion_stays() {
    let truth = moving(7);
    let broken: Vec<Plane<f32>> = truth.iter().zip(0..).map(|(truth, frame)| corrupted(truth, frame)).collect();
    for at in 1..6 {
        let found = refined(&broken, at, [3.0, 0.0], &RefineSettings::default());
        let (before, after) = (error(&broken[at], &truth[at]), error(&found, &truth[at]));
        assert!(after < 0.5 * before, "frame {at}: {before} to {after}");
    }
}

#[test]
fn a_clean_matte_keeps_its_shape() {
    let truth = moving(5);
    let found = refined(&truth, 2, [3.0, 0.0], &RefineSettings::default());
    assert!(error(&found, &truth[2]) < 1e-6);
}

#[test]
fn motion_gone_wrong_does_not_move_the_edge() {
    // Past and future disagree: the disc moves and the motion says that it stands.
    let truth = moving(5);
    let found = refined(&truth, 2, [0.0, 0.0], &RefineSettings::default());
    assert!(error(&found, &truth[2]) < 1e-4, "{}", error(&found, &truth[2]));
}

#[test]
fn motion_that_was_searched_in_smaller_pictures_serves_as_well() {
    let truth = moving(5);
    let broken: Vec<Plane<f32>> = truth.iter().zip(0..).map(|(truth, frame)| corrupted(truth, frame)).collect();
    let trust = Plane::new(SIZE.0 / 2, SIZE.1 / 2, 1f32);
    let motions: Vec<Flow> =
        (0..5).map(|s| Flow::from_fn(SIZE.0 / 2, SIZE.1 / 2, |_, _| [1.5 * (s as f32 - 2.0), 0.0])).collect();
    let neighbours: Vec<Neighbour> = [0, 1, 3, 4]
        .map(|s| Neighbour {
            distance: s as i32 - 2,
            matte: &broken[s],
            motion: &motions[s],
            confidence: &trust,
            pictures: None,
        })
        .to_vec();
    let small = refine(&broken[2], &neighbours, &RefineSettings::default()).unwrap();
    let whole = refined(&broken, 2, [3.0, 0.0], &RefineSettings::default());
    let [small, whole] = [small, whole].map(|found| error(&found, &truth[2]));
    assert!(small < 1.2 * whole && small < 0.5 * error(&broken[2], &truth[2]), "{small} and {whole}");
    let blurred = |factor: usize| {
        let motion = Flow::from_fn(SIZE.0 / factor, SIZE.1 / factor, |_, _| [12.0 / factor as f32, 0.0]);
        edge_motion_blur(&truth[2], &motion, 0.5).unwrap()
    };
    assert!(error(&blurred(2), &blurred(1)) < 1e-6);
}

#[test]
fn without_strength_or_neighbours_the_matte_stays() {
    let broken: Vec<Plane<f32>> = moving(3).iter().zip(0..).map(|(truth, frame)| corrupted(truth, frame)).collect();
    let none = RefineSettings { strength: 0.0, ..RefineSettings::default() };
    assert_eq!(refined(&broken, 1, [3.0, 0.0], &none), broken[1]);
    assert_eq!(refined(&broken[1..2], 0, [3.0, 0.0], &RefineSettings::default()), broken[1]);
}

#[test]
fn core_and_background_keep_every_bit() {
    let broken: Vec<Plane<f32>> = moving(5).iter().zip(0..).map(|(truth, frame)| corrupted(truth, frame)).collect();
    let settings = RefineSettings { edge_band: 4.0, remove_pops: false, ..RefineSettings::default() };
    let found = refined(&broken, 2, [3.0, 0.0], &settings);
    assert_eq!(found.get(3, 3), Some(&0.0));
    assert_eq!(found.row(80)[95..105], broken[2].row(80)[95..105]);
}

#[test]
fn a_thin_line_fades_less_where_detail_is_kept() {
    // A line that the motion misses by a pixel, to one side before and to the other after.
    let line = |at: usize| {
        let mut matte = Plane::new(SIZE.0, SIZE.1, 0f32);
        for y in 0..SIZE.1 {
            matte.row_mut(y)[at] = 1.0;
        }
        matte
    };
    let mattes = [119, 119, 120, 121, 121].map(line);
    let at = |keep_detail: f32| {
        let settings = RefineSettings {
            strength: 1.0,
            keep_contrast: 0.0,
            keep_detail,
            remove_pops: false,
            ..RefineSettings::default()
        };
        *refined(&mattes, 2, [0.0; 2], &settings).get(120, 80).unwrap()
    };
    assert!(at(0.0) < 0.9, "{}", at(0.0));
    assert!(at(1.0) == 1.0 && at(0.5) > at(0.0), "{} and {}", at(0.5), at(1.0));
}

#[test]
fn a_spot_of_one_frame_goes_and_stays_where_pops_are_kept() {
    let mut mattes = vec![disc(SIZE.0, SIZE.1, [0.3, 0.5]); 5];
    for y in 60..66 {
        mattes[2].row_mut(y)[200..206].fill(1.0);
    }
    let found = refined(&mattes, 2, [0.0; 2], &RefineSettings::default());
    assert_eq!(found.get(203, 63), Some(&0.0));
    let kept = RefineSettings { remove_pops: false, strength: 0.01, ..RefineSettings::default() };
    assert!(*refined(&mattes, 2, [0.0; 2], &kept).get(203, 63).unwrap() > 0.9);
}

#[test]
fn a_hole_goes_where_no_motion_can_be_trusted_and_a_gap_of_more_frames_stays() {
    let mut mattes = vec![disc(SIZE.0, SIZE.1, [0.3, 0.5]); 5];
    let gap = |matte: &mut Plane<f32>, at: usize| (60..66).for_each(|y| matte.row_mut(y)[at..at + 6].fill(0.0));
    gap(&mut mattes[2], 60);
    (0..5).for_each(|frame| gap(&mut mattes[frame], 78 + 3 * frame));
    let (still, unknown) = (Flow::still(SIZE.0, SIZE.1), Plane::new(SIZE.0, SIZE.1, 0f32));
    let neighbours: Vec<Neighbour> = [0, 1, 3, 4]
        .map(|s| Neighbour {
            distance: s as i32 - 2,
            matte: &mattes[s],
            motion: &still,
            confidence: &unknown,
            pictures: None,
        })
        .to_vec();
    let found = refine(&mattes[2], &neighbours, &RefineSettings::default()).unwrap();
    assert_eq!((found.get(62, 62), found.get(86, 62)), (Some(&1.0), Some(&0.0)));
}

#[test]
fn a_spot_of_a_neighbour_leaves_no_trace() {
    let mut mattes = vec![disc(SIZE.0, SIZE.1, [0.3, 0.5]); 5];
    for y in 60..66 {
        mattes[1].row_mut(y)[200..206].fill(1.0);
        // Inside the disc.
        mattes[3].row_mut(y)[70..76].fill(0.0);
    }
    let found = refined(&mattes, 2, [0.0; 2], &RefineSettings { strength: 1.0, ..RefineSettings::default() });
    assert_eq!((found.get(203, 63), found.get(73, 63)), (Some(&0.0), Some(&1.0)));
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    let broken: Vec<Plane<f32>> = moving(5).iter().zip(0..).map(|(truth, frame)| corrupted(truth, frame)).collect();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| refined(&broken, 2, [3.0, 0.0], &RefineSettings::default()))
    };
    assert_eq!(on(1), on(8));
}

#[test]
fn the_window_ends_at_the_clip_and_at_cuts() {
    assert_eq!(window(10, 3, 0..=20, |_| false), 7..=13);
    assert_eq!(window(1, 3, 0..=2, |_| false), 0..=2);
    assert_eq!(window(10, 3, 0..=20, |t| t == 8), 9..=13);
    assert_eq!(window(10, 3, 0..=20, |t| t == 10), 7..=10);
    assert_eq!(window(10, -1, 0..=20, |_| false), 10..=10);
    assert_eq!(window(0, 5, 0..=0, |_| true), 0..=0);
}

#[test]
fn a_moving_edge_is_blurred_along_its_way_and_nothing_else() {
    let matte = disc(SIZE.0, SIZE.1, [0.5, 0.5]);
    let motion = Flow::from_fn(SIZE.0, SIZE.1, |_, _| [16.0, 0.0]);
    let blurred = edge_motion_blur(&matte, &motion, 0.5).unwrap();
    let soft =
        |x: std::ops::Range<usize>, y: usize| blurred.row(y)[x].iter().filter(|a| **a > 0.02 && **a < 0.98).count();
    let width = soft(120..200, 80);
    assert!((7..=10).contains(&width), "half of 16 pixels and the edge's own: {width}");
    assert_eq!(blurred.get(120, 80), Some(&1.0));
    assert_eq!(blurred.get(5, 5), Some(&0.0));
    assert_eq!(edge_motion_blur(&matte, &motion, 0.0).unwrap(), matte);
    assert_eq!(edge_motion_blur(&matte, &motion, f32::NAN).unwrap(), matte);
}

#[test]
fn planes_of_other_sizes_are_refused() {
    let (matte, other) = (Plane::new(8, 6, 0f32), Plane::new(6, 8, 0f32));
    let flow = Flow::still(8, 6);
    let neighbour = Neighbour { distance: 1, matte: &matte, motion: &flow, confidence: &matte, pictures: None };
    let picture = Plane::new(6, 8, [0u8; 3]);
    let pictures = Some([&picture; 2]);
    for broken in [
        Neighbour { matte: &other, ..neighbour },
        Neighbour { confidence: &other, ..neighbour },
        Neighbour { pictures, ..neighbour },
    ] {
        assert!(matches!(refine(&matte, &[broken], &RefineSettings::default()), Err(FlowError::Size { .. })));
    }
    let nowhere = Neighbour { motion: &Flow::default(), confidence: &Plane::new(0, 0, 0.0), ..neighbour };
    assert!(matches!(refine(&matte, &[nowhere], &RefineSettings::default()), Err(FlowError::Empty)));
    assert!(edge_motion_blur(&matte, &Flow::default(), 0.5).is_err());
    let empty = Plane::new(0, 4, 0f32);
    assert!(matches!(refine(&empty, &[], &RefineSettings::default()), Err(FlowError::Empty)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever the samples, vectors and settings: an alpha of 0..1 at every pixel.
    #[test]
    fn any_input_gives_alphas(
        width in 1usize..30,
        height in 1usize..30,
        count in 0usize..4,
        seed in 0u32..1000,
        settings in prop::array::uniform3(
            prop::sample::select(vec![f32::NAN, f32::INFINITY, -1.0, 0.0, 0.3, 1.0, 1e30])),
        strange in prop::sample::select(vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -1e30, 1e30, 0.5]),
    ) {
        let number = |i: usize, seed: u32| {
            let value = random(i as i32, 3, seed);
            if value < 0.2 { strange } else { value * 1.4 - 0.3 }
        };
        let colours = |seed: u32| {
            let colour = |i: usize| [0, 1, 2].map(|channel| (random(i as i32, channel, seed) * 255.0) as u8);
            Plane::from_vec(width, height, (0..width * height).map(colour).collect()).unwrap()
        };
        let (here, there) = (colours(seed + 40), colours(seed + 41));
        let pictures = (seed % 2 == 0).then_some([&here, &there]);
        let plane = |seed: u32| {
            Plane::from_vec(width, height, (0..width * height).map(|i| number(i, seed)).collect()).unwrap()
        };
        let flow = Flow::from_fn(width, height, |x, y| [number(x + 31 * y, seed + 7) * 9.0, number(y + 37 * x, seed + 8)]);
        let (mattes, trust): (Vec<_>, _) = ((0..count as u32).map(|i| plane(seed + 10 + i)).collect(), plane(seed + 20));
        let neighbours: Vec<Neighbour> = mattes
            .iter()
            .zip([-1, 1, i32::MIN, 0])
            .map(|(matte, distance)| Neighbour { distance, matte, motion: &flow, confidence: &trust, pictures })
            .collect();
        let [strength, edge_band, keep_contrast] = settings;
        let keep_detail = if seed % 3 == 0 { strength } else { 0.0 };
        let settings =
            RefineSettings { strength, edge_band, keep_contrast, keep_detail, remove_pops: seed % 2 == 0 };
        let found = refine(&plane(seed), &neighbours, &settings).unwrap();
        prop_assert!(found.data().iter().all(|alpha| (0.0..=1.0).contains(alpha)));
        let blurred = edge_motion_blur(&plane(seed), &flow, strength).unwrap();
        prop_assert!(blurred.data().iter().all(|alpha| (0.0..=1.0).contains(alpha)));
    }
}
