//! The metrics against a reference script's numbers, and on mattes whose figures are known.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

use metrics::*;
use proptest::prelude::*;
use raster::Plane;

/// Mattes, true mattes and their figures, as resources/bench/metrics_golden.py writes them.
fn golden() -> Vec<(Plane<f32>, Plane<f32>, [f64; 7])> {
    let bytes = include_bytes!("golden/metrics.bin");
    let number = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let (width, height, frames) = (number(0), number(2), number(4));
    let (pictures, figures) = bytes[6..].split_at(2 * frames * width * height);
    let picture = |index: usize| {
        let samples = &pictures[index * width * height..][..width * height];
        Plane::from_vec(width, height, samples.iter().map(|&byte| f32::from(byte) / 255.0).collect()).unwrap()
    };
    let (figures, _) = figures.as_chunks::<8>();
    let frame = |index: usize| {
        let figures = figures[7 * index..].iter().map(|bytes| f64::from_le_bytes(*bytes));
        let figures: Vec<f64> = figures.take(7).collect();
        (picture(2 * index), picture(2 * index + 1), figures.try_into().unwrap())
    };
    (0..frames).map(frame).collect()
}

#[test]
fn the_figures_are_those_of_the_reference_script() {
    let mut meter = ShotMeter::default();
    let frames = golden();
    for (matte, truth, [j, f, mad, mse, grad, conn, dtssd]) in &frames {
        let found = meter.add(matte, truth, None).unwrap();
        let pairs =
            [(found.j, j), (found.f, f), (found.mad, mad), (found.mse, mse), (found.grad, grad), (found.conn, conn)];
        for (found, expected) in pairs.into_iter().chain(found.dtssd.map(|found| (found, dtssd))) {
            assert!((found - expected).abs() <= 1e-5 * expected.abs(), "{found}, not {expected}");
        }
        assert_eq!(found.dtssd.is_none(), dtssd.is_nan());
    }
    let shot = meter.finish();
    assert_eq!(shot.frames.len(), frames.len());
    let mean = |index: usize, from: usize| {
        frames[from..].iter().map(|frame| frame.2[index]).sum::<f64>() / (frames.len() - from) as f64
    };
    assert!((shot.mean.mse - mean(3, 0)).abs() < 1e-4);
    assert!((shot.mean.dtssd.unwrap() - mean(6, 1)).abs() < 1e-4, "the first frame has no step");
    assert_eq!(shot.mean.excess_warp, None);
}

/// A square of alpha 1 with its corner at (x, y).
fn square(x: usize, y: usize, side: usize) -> Plane<f32> {
    let mut plane = Plane::new(40, 30, 0f32);
    for row in y..y + side {
        plane.row_mut(row)[x..x + side].fill(1.0);
    }
    plane
}

#[test]
fn a_matte_equals_itself() {
    let matte = square(5, 6, 12);
    let mut meter = ShotMeter::default();
    meter.add(&matte, &matte, Some(0.0)).unwrap();
    let figures = meter.add(&matte, &matte, Some(0.5)).unwrap();
    let expected = FrameFigures { j: 1.0, f: 1.0, dtssd: Some(0.0), excess_warp: Some(0.5), ..FrameFigures::default() };
    assert_eq!(figures, expected);
    assert_eq!(meter.finish().mean.excess_warp, Some(0.25));
}

#[test]
fn region_and_boundary_measure_what_they_say() {
    let (matte, truth) = (square(5, 5, 10), square(7, 5, 10));
    assert!((jaccard(&matte, &truth).unwrap() - 80.0 / 120.0).abs() < 1e-12);
    assert_eq!(boundary_f(&matte, &truth, 2).unwrap(), 1.0, "two pixels off are within two");
    assert!(boundary_f(&matte, &truth, 1).unwrap() < 0.9);
    let empty = Plane::new(40, 30, 0f32);
    assert_eq!((jaccard(&empty, &empty).unwrap(), boundary_f(&empty, &empty, 1).unwrap()), (1.0, 1.0));
    assert_eq!((jaccard(&matte, &empty).unwrap(), boundary_f(&matte, &empty, 1).unwrap()), (0.0, 0.0));
    assert_eq!(default_boundary_tolerance(854, 480), 8);
}

#[test]
fn steps_count_only_where_the_truth_does_not_take_them() {
    let (a, b) = (square(5, 5, 10), square(6, 5, 10));
    assert_eq!(temporal_difference([&a, &b], [&a, &b]).unwrap(), 0.0);
    let flicker = temporal_difference([&a, &b], [&a, &a]).unwrap();
    assert!((flicker - (20.0f64 / 1200.0).sqrt() * 100.0).abs() < 1e-9);
    let trust = Plane::new(40, 30, 1f32);
    assert_eq!(warp_error(&b, &a, &trust).unwrap(), flicker);
    assert_eq!(warp_error(&b, &a, &Plane::new(40, 30, 0f32)).unwrap(), 0.0);
}

#[test]
fn mattes_of_other_sizes_or_without_pixels_are_refused() {
    let (matte, other, none) = (square(1, 1, 3), Plane::new(30, 40, 0f32), Plane::new(0, 5, 0f32));
    let expected = MetricsError::Size { what: "the matte", width: 40, height: 30, found_width: 30, found_height: 40 };
    assert_eq!(jaccard(&other, &matte), Err(expected.clone()));
    assert_eq!(mean_squared_error(&other, &matte), Err(expected));
    assert_eq!(mean_absolute_difference(&none, &none), Err(MetricsError::Empty));
    let mut meter = ShotMeter::default();
    meter.add(&matte, &matte, None).unwrap();
    assert!(meter.add(&other, &other, None).is_err());
    assert_eq!(meter.finish().frames.len(), 1);
}

proptest! {
    /// Whatever the samples: finite figures, and J and F between 0 and 1.
    #[test]
    fn any_samples_give_finite_figures(
        width in 1usize..12,
        height in 1usize..12,
        samples in prop::collection::vec(
            prop_oneof![Just(f32::NAN), Just(f32::INFINITY), Just(-1e30f32), 0f32..1.0], 4 * 144),
    ) {
        let plane = |index: usize| {
            Plane::from_vec(width, height, samples[index * 144..][..width * height].to_vec()).unwrap()
        };
        let mut meter = ShotMeter::default();
        meter.add(&plane(0), &plane(1), None).unwrap();
        let found = meter.add(&plane(2), &plane(3), None).unwrap();
        let all = [found.j, found.f, found.mad, found.mse, found.grad, found.conn, found.dtssd.unwrap()];
        prop_assert!(all.iter().all(|figure| figure.is_finite() && *figure >= 0.0));
        prop_assert!(found.j <= 1.0 && found.f <= 1.0);
    }
}
