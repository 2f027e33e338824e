//! Mattes as curves: how near, how few, and the same from frame to frame.

#![allow(clippy::unwrap_used, reason = "an expectation that fails ends the test")]

use matte::{Knot, Spline, SplineSettings, SplineTrack, SplineTracker, spline_coverage, splines};
use proptest::prelude::*;
use raster::Plane;

const HD: (usize, usize) = (1920, 1080);

/// A matte with a soft edge of one pixel from a distance that is positive inside.
fn matte((width, height): (usize, usize), inside: impl Fn(f32, f32) -> f32) -> Plane<f32> {
    let pixel = |i: usize| inside((i % width) as f32 + 0.5, (i / width) as f32 + 0.5) + 0.5;
    Plane::from_vec(width, height, (0..width * height).map(|i| pixel(i).clamp(0.0, 1.0)).collect()).unwrap()
}

fn disc(x: f32, y: f32, radius: f32) -> impl Fn(f32, f32) -> f32 {
    move |px, py| radius - (px - x).hypot(py - y)
}

fn rectangle(x: f32, y: f32, width: f32, height: f32) -> impl Fn(f32, f32) -> f32 {
    move |px, py| (px - x).min(x + width - px).min(py - y).min(y + height - py)
}

/// A blob with five arms that swell and turn with time.
fn blob((x, y): (f32, f32), size: f32, time: f32) -> impl Fn(f32, f32) -> f32 {
    move |px, py| {
        let (dx, dy) = (px - x, py - y);
        let angle = dy.atan2(dx) + 0.01 * time;
        let radius =
            size * (1.0 + (0.25 + 0.005 * time) * (5.0 * angle).sin() + 0.08 * (2.0 * angle + 0.05 * time).cos());
        0.7 * (radius - dx.hypot(dy))
    }
}

fn area_iou(a: &Plane<f32>, b: &Plane<f32>) -> f64 {
    let pairs = || a.data().iter().zip(b.data());
    let both = pairs().filter(|(a, b)| **a > 0.5 && **b > 0.5).count();
    let either = pairs().filter(|(a, b)| **a > 0.5 || **b > 0.5).count();
    both as f64 / either.max(1) as f64
}

fn fitted(matte: &Plane<f32>) -> (Vec<Spline>, f64) {
    let curves = splines(matte, &SplineSettings::default());
    let iou = area_iou(matte, &spline_coverage(&curves, matte.width(), matte.height()));
    (curves, iou)
}

fn points(curves: &[Spline]) -> usize {
    curves.iter().map(|curve| curve.knots.len()).sum()
}

#[test]
fn simple_shapes_in_hd_need_few_points() {
    let star = |px: f32, py: f32| {
        let (dx, dy) = (px - 960.0, py - 540.0);
        let sector = std::f32::consts::TAU / 5.0;
        let angle = (dy.atan2(dx).rem_euclid(sector) - sector / 2.0).abs();
        // The side from a tip (400 away) to an inner corner (160 away).
        let (x, y) = (dx.hypot(dy) * angle.cos(), dx.hypot(dy) * angle.sin());
        let (tip, inner) = ([400.0 * (sector / 2.0).cos(), 400.0 * (sector / 2.0).sin()], [160.0, 0.0]);
        let side = [tip[0] - inner[0], tip[1] - inner[1]];
        -(side[1] * (x - inner[0]) - side[0] * (y - inner[1])) / side[0].hypot(side[1])
    };
    let shapes: [(&str, Plane<f32>, usize); 4] = [
        ("disc", matte(HD, disc(960.3, 540.6, 400.0)), 6),
        ("rectangle", matte(HD, rectangle(300.0, 200.0, 900.0, 500.0)), 8),
        ("star", matte(HD, star), 20),
        ("blob", matte(HD, blob((960.0, 540.0), 300.0, 0.0)), 30),
    ];
    for (name, matte, most) in shapes {
        let (curves, iou) = fitted(&matte);
        assert_eq!(curves.len(), 1, "{name}");
        assert!(points(&curves) <= most, "{name}: {} points", points(&curves));
        assert!(iou >= 0.998, "{name}: {iou}");
    }
}

#[test]
fn holes_are_kept_and_run_the_other_way() {
    let ring = |x: f32, y: f32| disc(200.0, 150.0, 120.0)(x, y).min(-disc(210.0, 140.0, 60.0)(x, y));
    let (curves, iou) = fitted(&matte((400, 300), ring));
    assert_eq!(curves.iter().map(|curve| curve.signed_area() > 0.0).collect::<Vec<_>>(), [true, false]);
    assert!(iou > 0.995, "{iou}");
}

#[test]
fn binary_steps_are_no_detail() {
    let steps = matte((800, 600), disc(400.0, 300.0, 200.0)).map(|alpha| f32::from(u8::from(*alpha > 0.5)));
    let (curves, iou) = fitted(&steps);
    assert!(points(&curves) <= 40 && iou > 0.995, "{} points, {iou}", points(&curves));
}

#[test]
fn a_wish_for_few_points_is_met_by_a_looser_tolerance_that_is_told() {
    let wavy = |x: f32, y: f32| blob((320.0, 240.0), 120.0, 0.0)(x, y) + 1.5 * (0.45 * x).sin() * (0.35 * y).sin();
    let matte = matte((640, 480), wavy);
    assert!(points(&fitted(&matte).0) > 24);
    let settings = SplineSettings { most_points: Some(24), ..Default::default() };
    let curves = splines(&matte, &settings);
    let iou = area_iou(&matte, &spline_coverage(&curves, matte.width(), matte.height()));
    assert!(points(&curves) <= 24 && iou > 0.96, "{} points, {iou}", points(&curves));
    let mut tracker = SplineTracker::new(settings);
    (1..=2).for_each(|frame| tracker.push(frame, &matte));
    let tracks = tracker.finish();
    assert!(tracks.iter().all(|track| track.tolerance > 1.0 && track.frames[0].1.knots.len() <= 24));
}

#[test]
fn odd_mattes_give_curves_or_none() {
    let whole = fitted(&Plane::new(64, 48, 1.0));
    assert!(whole.0.len() == 1 && whole.1 > 0.995, "{}", whole.1);
    let edge = fitted(&matte((640, 480), disc(0.0, 240.0, 200.0)));
    assert!(edge.0.len() == 1 && edge.1 > 0.99, "{}", edge.1);
    for empty in [Plane::new(64, 48, 0.0), Plane::new(0, 0, 0.0), Plane::new(9, 9, f32::NAN), Plane::new(1, 1, 1.0)] {
        assert!(fitted(&empty).0.is_empty());
    }
    let mut pixel = Plane::new(9, 9, 0.0);
    pixel.row_mut(4)[4] = 1.0;
    assert!(splines(&pixel, &SplineSettings::default()).is_empty(), "a speck");
    let kept = splines(&pixel, &SplineSettings { smallest_area: 0.0, ..Default::default() });
    assert_eq!(kept.len(), 1);
    assert!(kept[0].knots.len() >= 2 && kept[0].signed_area() > 0.1);
}

/// The tracks of a blob that moves and changes its shape for so many HD frames, and its mattes.
fn shot(frames: i32) -> (Vec<SplineTrack>, Vec<Plane<f32>>) {
    let mut tracker = SplineTracker::new(SplineSettings::default());
    let centre = |frame: i32| (800.0 + 6.0 * frame as f32, 500.0 + 2.0 * frame as f32);
    let mattes: Vec<_> = (0..frames).map(|frame| matte(HD, blob(centre(frame), 300.0, frame as f32))).collect();
    (1001..).zip(&mattes).for_each(|(frame, matte)| tracker.push(frame, matte));
    (tracker.finish(), mattes)
}

#[test]
fn points_keep_their_identity_along_a_shot() {
    let (tracks, mattes) = shot(24);
    assert_eq!(tracks.len(), 1);
    let keys = &tracks[0].frames;
    assert_eq!(keys.iter().map(|(frame, _)| *frame).collect::<Vec<_>>(), (1001..1025).collect::<Vec<_>>());
    assert!(keys.iter().all(|(_, curve)| curve.knots.len() == keys[0].1.knots.len()));
    assert!(keys[0].1.knots.len() <= 60, "{}", keys[0].1.knots.len());
    for ((_, curve), matte) in keys.iter().zip(&mattes) {
        let iou = area_iou(matte, &spline_coverage(std::slice::from_ref(curve), matte.width(), matte.height()));
        assert!(iou >= 0.995, "{iou}");
    }
    // The object moves by 6.3 pixels a frame and its edge by a few more; a point that lost its place would jump further.
    for pair in keys.windows(2) {
        for (a, b) in pair[0].1.knots.iter().zip(&pair[1].1.knots) {
            let moved = (a.at[0] - b.at[0]).hypot(a.at[1] - b.at[1]);
            assert!(moved < 16.0, "{moved} pixels in frame {}", pair[1].0);
        }
    }
}

#[test]
fn the_same_mattes_give_the_same_curves() {
    assert_eq!(shot(3).0, shot(3).0);
}

#[test]
fn what_falls_apart_or_vanishes_ends_and_begins_anew() {
    let mut tracker = SplineTracker::new(SplineSettings::default());
    let pair = |apart: f32| {
        matte((300, 200), move |x, y| {
            disc(150.0 - apart, 100.0, 40.0)(x, y).max(disc(150.0 + apart, 100.0, 40.0)(x, y))
        })
    };
    for (frame, matte) in [(1, pair(20.0)), (2, pair(60.0)), (3, pair(62.0)), (4, Plane::new(300, 200, 0.0))] {
        tracker.push(frame, &matte);
    }
    let tracks = tracker.finish();
    let frames: Vec<Vec<i32>> =
        tracks.iter().map(|track| track.frames.iter().map(|(frame, _)| *frame).collect()).collect();
    assert_eq!(frames, [vec![1], vec![2, 3], vec![2, 3]]);
    assert!(tracks.iter().all(|track| !track.hole));
}

#[test]
fn corners_are_found_and_stay_on_the_corners() {
    let mut tracker = SplineTracker::new(SplineSettings::default());
    let corner = |frame: i32| [100.3 + 4.1 * f64::from(frame), 80.6 + 2.7 * f64::from(frame)];
    for frame in 0..24 {
        let [x, y] = corner(frame).map(|value| value as f32);
        tracker.push(frame, &matte((640, 400), rectangle(x, y, 300.0 + frame as f32, 150.0)));
    }
    let tracks = tracker.finish();
    assert_eq!(tracks.len(), 1);
    let nearest = |knots: &[Knot], to: [f64; 2]| {
        let far = |knot: &Knot| (knot.at[0] - to[0]).hypot(knot.at[1] - to[1]);
        (0..knots.len()).map(|index| (index, far(&knots[index]))).min_by(|a, b| a.1.total_cmp(&b.1)).unwrap()
    };
    let mut kept = None;
    for (frame, curve) in &tracks[0].frames {
        let [x, y] = corner(*frame);
        let (right, low) = (x + 300.0 + f64::from(*frame), y + 150.0);
        let found = [[x, y], [right, y], [right, low], [x, low]].map(|at| nearest(&curve.knots, at));
        assert!(found.iter().all(|(_, off)| *off < 1.0), "frame {frame}: {found:?}");
        let points = found.map(|(index, _)| index);
        assert_eq!(*kept.get_or_insert(points), points, "frame {frame}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_matte_gives_finite_curves_near_its_edge(
        width in 1usize..40,
        height in 1usize..40,
        values in prop::collection::vec(prop_oneof![4 => 0.0f32..1.0, 1 => Just(f32::NAN), 1 => Just(-3.0f32), 1 => Just(f32::INFINITY)], 1600),
    ) {
        let matte = Plane::from_vec(width, height, values[..width * height].to_vec()).unwrap();
        let mut tracker = SplineTracker::new(SplineSettings::default());
        tracker.push(1, &matte);
        tracker.push(2, &matte);
        let curves = splines(&matte, &SplineSettings { smallest_area: 0.0, ..Default::default() });
        let tracked = tracker.finish();
        for curve in curves.iter().chain(tracked.iter().flat_map(|track| &track.frames).map(|(_, curve)| curve)) {
            prop_assert!(curve.knots.len() >= 2);
            for knot in &curve.knots {
                prop_assert!(knot.at.iter().chain(&knot.incoming).chain(&knot.outgoing).all(|value| value.is_finite()));
                prop_assert!((-3.0..=width as f64 + 3.0).contains(&knot.at[0]));
                prop_assert!((-3.0..=height as f64 + 3.0).contains(&knot.at[1]));
            }
        }
    }
}
