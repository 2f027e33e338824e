//! Equal to scipy, OpenCV and pymatting on a drawn picture (resources/parity/finishing_golden.py).
#![allow(clippy::unwrap_used, reason = "a test whose input cannot be read should stop there")]

use matte::{ClosedForm, DistanceTransform, ForegroundEstimate, GuidedFilter, GuidedSettings};
use raster::Plane;
use std::path::Path;

const SIZE: usize = 64;

fn samples(name: &str) -> Vec<f32> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name).with_extension("f32");
    std::fs::read(path).unwrap().chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect()
}

fn plane(name: &str) -> Plane<f32> {
    Plane::from_vec(SIZE, SIZE, samples(name)).unwrap()
}

fn picture(name: &str) -> Plane<[f32; 3]> {
    let colours = samples(name).chunks_exact(3).map(|colour| colour.try_into().unwrap()).collect();
    Plane::from_vec(SIZE, SIZE, colours).unwrap()
}

fn most_apart(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn distances_are_those_of_scipys_exact_transform() {
    let mut out = Plane::new(0, 0, 0.0);
    DistanceTransform::default().to_zero(&plane("mask").map(|&value| value as u8), &mut out);
    assert_eq!(out, plane("distance"));
}

#[test]
fn the_guided_filter_is_opencvs_within_a_ten_thousandth() {
    let (mut filter, mut out) = (GuidedFilter::default(), Plane::new(0, 0, 0.0));
    let settings = GuidedSettings { radius: 5, epsilon: 1e-3, subsample: 1 };
    let (picture, alpha) = (picture("picture"), plane("alpha"));
    let clamped = |name: &str| samples(name).iter().map(|value| value.clamp(0.0, 1.0)).collect::<Vec<_>>();
    filter.colour(&picture, &alpha, &settings, &mut out);
    let off = most_apart(out.data(), &clamped("guided-colour"));
    assert!(off < 1e-4, "{off}");
    filter.grey(&picture.map(|colour| colour.iter().sum::<f32>() / 3.0), &alpha, &settings, &mut out);
    assert!(most_apart(out.data(), &clamped("guided-grey")) < 1e-4);
    // Pictures are made smaller and fits larger in ways of one's own, so this is only close.
    filter.colour(&picture, &alpha, &GuidedSettings { radius: 6, subsample: 2, ..settings }, &mut out);
    let off = mean_square(out.data().iter().copied(), &clamped("guided-fast"));
    assert!(off < 1e-3, "fast: {off}");
}

fn mean_square(a: impl Iterator<Item = f32>, b: &[f32]) -> f32 {
    a.zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>() / b.len() as f32
}

#[test]
fn closed_form_matting_is_pymattings() {
    let mut out = Plane::new(0, 0, 0.0);
    let solution = ClosedForm::default().solve(&picture("picture"), &plane("trimap"), &|| false, &mut out);
    let off = mean_square(out.data().iter().copied(), &samples("closed-form"));
    assert!(off < 1e-3 && solution.residual < 1e-4, "{off} {solution:?}");
}

#[test]
fn foreground_and_background_colours_are_pymattings() {
    let (mut foreground, mut background) = (Plane::new(0, 0, [0.0; 3]), Plane::new(0, 0, [0.0; 3]));
    ForegroundEstimate::default().estimate(&picture("picture"), &plane("alpha"), &mut foreground, &mut background);
    for (found, name) in [(foreground, "foreground"), (background, "background")] {
        let off = mean_square(found.data().iter().flatten().copied(), &samples(name));
        assert!(off < 1e-3, "{name}: {off}");
    }
}
