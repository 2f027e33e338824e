//! DIS optical flow: on pairs with exact motion, against OpenCV's result, and on what no film should hold.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

#[path = "support/procedural.rs"]
mod procedural;

use flow::{Dis, Flow, FlowError, Preset};
use procedural::{Affine, random};
use proptest::prelude::*;
use raster::Plane;

const PRESETS: [Preset; 3] = [Preset::UltraFast, Preset::Fast, Preset::Medium];

/// The mean end-point error over pixels that stay in the picture.
fn error(map: Affine, (width, height): (usize, usize), preset: Preset) -> f64 {
    let [from, to] = map.pair(width, height, 5);
    let flow = Dis::new(preset).flow(&from, &to).unwrap();
    flow.end_point_error(&map.flow(width, height), |x, y| map.stays(x, y, width, height)).unwrap()
}

#[test]
fn translations_rotations_zooms_and_shears_are_found_to_a_fraction_of_a_pixel() {
    let size = (192, 144);
    let middle = [96.0, 72.0];
    let shear = Affine { matrix: [[1.02, 0.03], [-0.02, 0.98]], centre: middle, shift: [1.5, -2.0] };
    let maps = [
        ("still", Affine::translation([0.0, 0.0]), 0.01),
        ("translation", Affine::translation([5.25, -3.5]), 0.15),
        ("rotation", Affine::turn(2.0, 1.0, middle), 0.15),
        ("zoom", Affine::turn(0.0, 1.04, middle), 0.15),
        ("shear", shear, 0.15),
    ];
    for (name, map, least) in maps {
        let found = error(map, size, Preset::Medium);
        assert!(found < least, "{name}: {found}");
        let found = error(map, size, Preset::UltraFast);
        assert!(found < 4.0 * least, "{name}, ultra fast: {found}");
    }
}

#[test]
fn motion_back_is_the_opposite_of_motion_there() {
    let map = Affine::translation([6.0, 2.5]);
    let [from, to] = map.pair(128, 96, 8);
    let mut dis = Dis::new(Preset::Medium);
    let (there, back) = (dis.flow(&from, &to).unwrap(), dis.flow(&to, &from).unwrap());
    let (there, back) = (there.get(60, 50).unwrap(), back.get(66, 52).unwrap());
    assert!((there[0] - 6.0).abs() < 0.1 && (there[1] - 2.5).abs() < 0.1, "{there:?}");
    assert!((back[0] + 6.0).abs() < 0.1 && (back[1] + 2.5).abs() < 0.1, "{back:?}");
}

/// The pair and OpenCV's vectors by preset, as resources/bench/flow_golden.py writes them.
fn golden() -> ([Plane<u8>; 2], Vec<Flow>) {
    let bytes = include_bytes!("golden/dis.bin");
    let side = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let (width, height) = (side(0), side(2));
    let (pictures, vectors) = bytes[4..].split_at(2 * width * height);
    let pair = [0, 1].map(|index| {
        Plane::from_vec(width, height, pictures[index * width * height..][..width * height].to_vec()).unwrap()
    });
    let (numbers, _) = vectors.as_chunks::<2>();
    let (vectors, _) = numbers.as_chunks::<2>();
    let (columns, rows) = (width / 4, height / 4);
    let flows = vectors.chunks_exact(columns * rows).map(|flow| Flow {
        width: columns,
        height: rows,
        vectors: flow.iter().map(|vector| vector.map(|part| f32::from(i16::from_le_bytes(part)) / 256.0)).collect(),
    });
    (pair, flows.collect())
}

#[test]
fn the_result_is_that_of_opencv() {
    let ([from, to], expected) = golden();
    assert_eq!(expected.len(), PRESETS.len());
    // In pixels of the picture; the coarser presets search at a quarter of its size.
    for ((preset, most), expected) in PRESETS.into_iter().zip([0.1, 0.1, 0.05]).zip(expected) {
        let flow = Dis::new(preset).flow(&from, &to).unwrap();
        let sparse = Flow::from_fn(expected.width, expected.height, |x, y| flow.get(4 * x, 4 * y).unwrap());
        // OpenCV rounds each scale's pictures to bytes and its warps to 1/32 pixel.
        let difference = sparse.end_point_error(&expected, |_, _| true).unwrap();
        assert!(difference < most, "{preset:?}: {difference}");
    }
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads_or_on_what_was_searched_before() {
    let map = Affine::turn(4.0, 1.05, [100.0, 60.0]);
    let [from, to] = map.pair(301, 187, 3);
    for preset in PRESETS {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| Dis::new(preset).flow(&from, &to).unwrap())
        };
        let alone = on(1);
        assert_eq!(alone, on(8));
        let mut used = Dis::new(preset);
        let [other_from, other_to] = Affine::translation([3.0, 1.0]).pair(640, 90, 1);
        used.flow(&other_from, &other_to).unwrap();
        used.flow(&to, &from).unwrap();
        assert_eq!(alone, used.flow(&from, &to).unwrap());
    }
}

#[test]
fn bytes_and_floats_of_the_same_picture_give_the_same_motion() {
    let [from, to] = Affine::translation([2.0, 1.0]).pair(64, 64, 4);
    let bytes = Dis::new(Preset::Medium).flow(&from, &to).unwrap();
    let floats = Dis::new(Preset::Medium).flow(&from.map(|&v| f32::from(v)), &to.map(|&v| f32::from(v))).unwrap();
    assert_eq!(bytes, floats);
}

#[test]
fn pictures_of_different_sizes_or_without_pixels_are_refused() {
    let mut dis = Dis::new(Preset::Fast);
    let error = dis.flow(&Plane::new(8, 8, 0u8), &Plane::new(8, 9, 0u8)).unwrap_err();
    assert_eq!(error.to_string(), "the second picture is 8x9, 8x8 was expected");
    assert!(matches!(dis.flow(&Plane::new(0, 9, 0u8), &Plane::new(0, 9, 0u8)), Err(FlowError::Empty)));
}

#[test]
fn black_and_flat_pictures_stand_still() {
    for value in [0u8, 128, 255] {
        let flow = Dis::new(Preset::Medium).flow(&Plane::new(70, 50, value), &Plane::new(70, 50, value)).unwrap();
        assert!(flow.vectors.iter().all(|&vector| vector == [0.0, 0.0]));
    }
}

#[test]
fn motion_larger_than_the_picture_and_a_cut_give_finite_vectors() {
    let [from, _] = Affine::translation([0.0; 2]).pair(120, 80, 1);
    let [other, _] = Affine::translation([0.0; 2]).pair(120, 80, 99);
    let [_, far] = Affine::translation([400.0, -90.0]).pair(120, 80, 1);
    for to in [other, far, Plane::new(120, 80, 0)] {
        for preset in PRESETS {
            let flow = Dis::new(preset).flow(&from, &to).unwrap();
            assert!(flow.vectors.iter().flatten().all(|part| part.is_finite()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever the samples and however small the picture: finite vectors, one for each pixel.
    #[test]
    fn any_samples_of_any_size_give_finite_vectors(
        width in 1usize..70,
        height in 1usize..70,
        seed in 0u32..1000,
        preset in 0usize..3,
        strange in prop::sample::select(vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -1e30, 1e30, 0.0]),
    ) {
        let picture = |seed: u32| {
            let sample = |i: usize| {
                let value = random(i as i32, 0, seed);
                if value < 0.2 { strange } else { value * 255.0 }
            };
            Plane::from_vec(width, height, (0..width * height).map(sample).collect()).unwrap()
        };
        let flow = Dis::new(PRESETS[preset]).flow(&picture(seed), &picture(seed + 1)).unwrap();
        prop_assert_eq!(flow.vectors.len(), width * height);
        prop_assert!(flow.vectors.iter().flatten().all(|part| part.is_finite()));
    }
}
