//! What filtering, matting and colour estimation promise, whatever the picture and the matte.
#![allow(clippy::unwrap_used, reason = "a test whose input cannot be made should stop there")]

use matte::{ClosedForm, EdgeExtend, ForegroundEstimate, GuidedFilter, GuidedSettings, TrimapMaker};
use proptest::prelude::*;
use raster::Plane;

fn in_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

fn noise(i: usize) -> f32 {
    ((i as u32).wrapping_mul(2_654_435_761) >> 16) as f32 / 65536.0
}

/// A soft disc in front of another colour.
fn scene(width: usize, height: usize) -> (Plane<[f32; 3]>, Plane<f32>) {
    let radius = width.min(height) as f32 * 0.3;
    let depth =
        |i: usize| radius - ((i % width) as f32 - width as f32 * 0.5).hypot((i / width) as f32 - height as f32 * 0.5);
    let alpha = (0..width * height).map(|i| (depth(i) / 4.0 + 0.5).clamp(0.0, 1.0));
    let alpha = Plane::from_vec(width, height, alpha.collect()).unwrap();
    let colours = alpha.data().iter().enumerate().map(|(i, alpha)| {
        let (object, behind) = ([0.8, 0.5, 0.2], [0.1, 0.4, 0.7]);
        std::array::from_fn(|c| alpha * object[c] + (1.0 - alpha) * behind[c] + 0.02 * noise(3 * i + c))
    });
    (Plane::from_vec(width, height, colours.collect()).unwrap(), alpha)
}

type Results = (Plane<f32>, Plane<f32>, Plane<f32>, Plane<[f32; 3]>, Plane<[f32; 3]>);

fn everything(picture: &Plane<[f32; 3]>, alpha: &Plane<f32>) -> Results {
    let (mut fine, mut fast, mut trimap, mut solved) =
        (Plane::new(0, 0, 0.0), Plane::new(0, 0, 0.0), Plane::new(0, 0, 0.0), Plane::new(0, 0, 0.0));
    let (mut foreground, mut background, mut spread) =
        (Plane::new(0, 0, [0.0; 3]), Plane::new(0, 0, [0.0; 3]), Plane::new(0, 0, [0.0; 3]));
    let settings = GuidedSettings { radius: 4, epsilon: 1e-4, subsample: 1 };
    let mut filter = GuidedFilter::default();
    filter.colour(picture, alpha, &settings, &mut fine);
    filter.colour(picture, alpha, &GuidedSettings { subsample: 3, ..settings }, &mut fast);
    TrimapMaker::default().make(alpha, 2.0, 2.0, &mut trimap);
    ClosedForm::default().solve(picture, &trimap, &|| false, &mut solved);
    ForegroundEstimate::default().estimate(picture, alpha, &mut foreground, &mut background);
    EdgeExtend::default().extend(&foreground, alpha, &mut spread);
    (fine, fast, solved, spread, background)
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    for (width, height) in [(1, 1), (2, 200), (200, 1), (97, 161), (4096, 9)] {
        let (picture, alpha) = scene(width, height);
        let one = in_threads(1, || everything(&picture, &alpha));
        assert_eq!(in_threads(4, || everything(&picture, &alpha)), one, "{width}x{height}");
    }
}

#[test]
fn a_matte_is_found_again_from_its_trimap_and_its_colours_from_the_matte() {
    let (picture, alpha) = scene(120, 90);
    let (_, _, solved, spread, background) = everything(&picture, &alpha);
    let off = solved.data().iter().zip(alpha.data()).map(|(a, b)| (a - b).powi(2)).sum::<f32>() / 10800.0;
    assert!(off < 1e-3, "{off}");
    for i in (0..10800).filter(|&i| alpha.data()[i] > 0.3) {
        let colour = spread.data()[i];
        assert!((0..3).all(|c| (colour[c] - [0.8, 0.5, 0.2][c]).abs() < 0.12), "{colour:?}");
    }
    assert!(background.data().iter().flatten().all(|value| (0.0..=1.0).contains(value)));
}

#[test]
fn the_fast_filter_is_close_to_the_exact_one() {
    let (picture, alpha) = scene(160, 120);
    let (fine, fast, ..) = everything(&picture, &alpha);
    let off = fine.data().iter().zip(fast.data()).map(|(a, b)| (a - b).abs()).sum::<f32>() / fine.data().len() as f32;
    assert!(off < 0.02, "{off}");
}

#[test]
fn a_second_frame_needs_no_more_memory() {
    let (picture, alpha) = scene(150, 110);
    let (mut filter, mut out) = (GuidedFilter::default(), Plane::new(0, 0, 0.0));
    let settings = GuidedSettings { radius: 9, epsilon: 1e-3, subsample: 1 };
    filter.colour(&picture, &alpha, &settings, &mut out);
    let (warm, place) = (filter.byte_size(), out.data().as_ptr());
    filter.colour(&picture, &alpha, &settings, &mut out);
    assert_eq!((filter.byte_size(), out.data().as_ptr()), (warm, place));
}

#[test]
fn matting_stops_when_it_is_told_and_without_anything_known_keeps_the_trimap() {
    let (picture, alpha) = scene(60, 50);
    let (mut trimap, mut out) = (Plane::new(0, 0, 0.0), Plane::new(0, 0, 0.0));
    TrimapMaker::default().make(&alpha, 3.0, 3.0, &mut trimap);
    let solution = ClosedForm::default().solve(&picture, &trimap, &|| true, &mut out);
    assert!(solution.steps == 0 && solution.unknowns > 0);
    ClosedForm::default().solve(&picture, &Plane::new(60, 50, 0.5), &|| false, &mut out);
    assert!(out.data().iter().all(|alpha| (alpha - 0.5).abs() < 1e-3));
    ClosedForm::default().solve(&picture, &Plane::new(7, 50, 0.5), &|| false, &mut out);
    assert_eq!(out, Plane::new(7, 50, 0.5), "a trimap of another size");
}

#[test]
fn bright_colours_keep_their_values() {
    let (picture, alpha) = scene(64, 64);
    let picture = picture.map(|colour| colour.map(|value| value * 20.0));
    let (.., spread, _) = everything(&picture, &alpha);
    assert!((spread.row(32)[32][0] - picture.row(32)[32][0]).abs() < 0.1);
}

fn any_value() -> impl Strategy<Value = f32> {
    prop_oneof![
        8 => 0f32..1.0, 2 => Just(0.0), 2 => Just(1.0), 1 => Just(f32::NAN), 1 => Just(f32::INFINITY),
        1 => Just(f32::NEG_INFINITY), 1 => -9f32..0.0, 1 => 1f32..1e5,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn anything_gives_an_alpha_and_colours(
        (width, height, samples) in (1usize..14, 1usize..14).prop_flat_map(|(width, height)| {
            (Just(width), Just(height), prop::collection::vec(prop::array::uniform4(any_value()), width * height))
        })
    ) {
        let picture = samples.iter().map(|&[r, g, b, _]| [r, g, b]).collect();
        let picture = Plane::from_vec(width, height, picture).unwrap();
        let alpha = Plane::from_vec(width, height, samples.iter().map(|sample| sample[3]).collect()).unwrap();
        let (fine, fast, solved, spread, background) = everything(&picture, &alpha);
        for alpha in [fine, fast, solved] {
            prop_assert!(alpha.data().iter().all(|alpha| (0.0..=1.0).contains(alpha)), "{alpha:?}");
        }
        prop_assert!(spread.data().iter().chain(background.data()).flatten().all(|value| value.is_finite()));
    }
}
