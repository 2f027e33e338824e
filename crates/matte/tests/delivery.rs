//! What delivering a matte promises, whatever the matte and the settings.
#![allow(clippy::unwrap_used, reason = "a test whose input cannot be made should stop there")]

use matte::{
    AlphaSettings, ColourSettings, Delivery, DeliverySettings, Despill, EdgeColour, Frame, Learned, Levels,
    PartSettings, RefineMethod, RefineSettings, Wanted,
};
use proptest::prelude::*;
use raster::Plane;

/// Give nothing of a large block back unless it is freed: see `a_second_frame_of_a_size_takes_no_memory`.
#[global_allocator]
static BLOCKS: blocks::Blocks = blocks::Blocks;

/// A soft disc and a line before a slope.
fn scene(width: usize, height: usize) -> (Plane<[f32; 3]>, Plane<f32>) {
    let alpha = (0..width * height).map(|i| {
        let (x, y) = ((i % width) as f32, (i / width) as f32);
        let side = width.min(height) as f32;
        let disc = (side * 0.3 - (x - width as f32 * 0.4).hypot(y - height as f32 * 0.5)) / (side * 0.06) + 0.5;
        let line = if x > width as f32 * 0.4 { 0.9 - (y - height as f32 * 0.5).abs() / (side * 0.02) } else { 0.0 };
        disc.max(line).clamp(0.0, 1.0)
    });
    let alpha = Plane::from_vec(width, height, alpha.collect()).unwrap();
    let colours = alpha.data().iter().enumerate().map(|(i, &alpha)| {
        let behind = [0.1, 0.4 + 0.3 * (i % width) as f32 / width as f32, 0.6];
        std::array::from_fn(|c| alpha * [0.8, 0.4, 0.2][c] + (1.0 - alpha) * behind[c])
    });
    (Plane::from_vec(width, height, colours.collect()).unwrap(), alpha)
}

const ALL: Wanted = Wanted { colours: true, trimap: true, parts: true };

fn deliver_in(
    delivery: &mut Delivery,
    (picture, alpha): &(Plane<[f32; 3]>, Plane<f32>),
    settings: &DeliverySettings,
    scale: f32,
) -> bool {
    let rows = |y: usize, row: &mut [[f32; 3]]| row.copy_from_slice(picture.row(y));
    let matte = |y: usize, row: &mut [f32]| row.copy_from_slice(alpha.row(y));
    let frame = Frame {
        width: alpha.width(),
        height: alpha.height(),
        matte: &matte,
        trimap: None,
        picture: &rows,
        guide: &rows,
        background: Some(&rows),
        learned: None,
        cut_out: false,
    };
    delivery.run(&frame, settings, ALL, scale, &|| false)
}

fn deliver(scene: &(Plane<[f32; 3]>, Plane<f32>), settings: &DeliverySettings, scale: f32) -> Delivery {
    let mut delivery = Delivery::default();
    assert!(deliver_in(&mut delivery, scene, settings, scale));
    delivery
}

/// Everything that comes out.
fn results(delivery: &Delivery, picture: &Plane<[f32; 3]>) -> Vec<f32> {
    let width = picture.width();
    let colours = picture.data().iter().enumerate().flat_map(|(i, &colour)| {
        let (x, y) = (i % width, i / width);
        [delivery.colour(x, y, colour), delivery.wrapped(x, y), delivery.parts(x, y)].concat()
    });
    delivery.alpha().data().iter().chain(delivery.trimap().data()).copied().chain(colours).collect()
}

fn busy(method: RefineMethod) -> DeliverySettings {
    DeliverySettings {
        invert: false,
        alpha: AlphaSettings {
            levels: Levels { black: 0.05, white: 0.9, gamma: 1.2 },
            fill_holes: 30.0,
            remove_specks: 10.0,
            border: 2.0,
            grow: 1.5,
            feather: 4.0,
            feather_bias: 0.3,
            blur: 0.8,
        },
        refine: RefineSettings { method, detail: 1, ..RefineSettings::default() },
        parts: PartSettings { density: [0.4, 0.0, -0.3], ..PartSettings::default() },
        colour: ColourSettings { despill: Despill::Background, wrap: 0.4, ..ColourSettings::default() },
    }
}

const METHODS: [RefineMethod; 4] =
    [RefineMethod::Off, RefineMethod::Brightness, RefineMethod::Colour, RefineMethod::ClosedForm];

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    for (width, height) in [(1, 1), (3, 200), (151, 97)] {
        let scene = scene(width, height);
        for method in METHODS {
            let found = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| results(&deliver(&scene, &busy(method), 1.0), &scene.0))
            };
            let one = found(1);
            assert!(one.iter().all(|value| value.is_finite()), "{width}x{height} {method:?}");
            assert_eq!(found(3), one, "{width}x{height} {method:?}");
        }
    }
}

#[test]
fn a_workspace_that_has_seen_other_frames_gives_the_same_bits() {
    let mut delivery = Delivery::default();
    let sizes = [(90, 70), (151, 97), (20, 30), (90, 70)];
    for (number, (width, height)) in sizes.into_iter().enumerate() {
        let scene = scene(width, height);
        let settings = busy(METHODS[number % 4]);
        assert!(deliver_in(&mut delivery, &scene, &settings, 1.0));
        assert_eq!(results(&delivery, &scene.0), results(&deliver(&scene, &settings, 1.0), &scene.0));
    }
}

#[test]
fn inverting_before_is_inverting_after_with_everything_the_other_way_round() {
    let scene = scene(120, 90);
    let there = DeliverySettings {
        alpha: AlphaSettings {
            fill_holes: 20.0,
            grow: 2.5,
            feather: 5.0,
            feather_bias: 0.4,
            blur: 1.0,
            ..Default::default()
        },
        ..Default::default()
    };
    let back = DeliverySettings {
        invert: true,
        alpha: AlphaSettings { fill_holes: 0.0, remove_specks: 20.0, grow: -2.5, feather_bias: -0.4, ..there.alpha },
        ..Default::default()
    };
    let (there, back) = (deliver(&scene, &there, 1.0), deliver(&scene, &back, 1.0));
    for (there, back) in there.alpha().data().iter().zip(back.alpha().data()) {
        assert!((there + back - 1.0).abs() < 2e-5, "{there} {back}");
    }
}

#[test]
fn every_slider_of_the_matte_moves_it_one_way() {
    let scene = scene(110, 80);
    type Set = fn(&mut DeliverySettings, f32);
    let sliders: [(&str, Set, [f32; 4], f32); 9] = [
        ("black point", |s, v| s.alpha.levels.black = v, [0.0, 0.2, 0.5, 0.8], -1.0),
        ("white point", |s, v| s.alpha.levels.white = v, [0.3, 0.5, 0.8, 1.0], -1.0),
        ("gamma", |s, v| s.alpha.levels.gamma = v, [0.3, 0.9, 1.0, 3.0], 1.0),
        ("holes", |s, v| s.alpha.fill_holes = v.into(), [0.0, 5.0, 50.0, 5000.0], 1.0),
        ("specks", |s, v| s.alpha.remove_specks = v.into(), [0.0, 5.0, 50.0, 50000.0], -1.0),
        ("grow", |s, v| s.alpha.grow = v, [-7.5, -0.25, 0.0, 3.3], 1.0),
        ("core", |s, v| s.parts.density[0] = v, [-1.0, -0.2, 0.0, 0.8], 1.0),
        ("edge", |s, v| s.parts.density[1] = v, [-1.0, -0.2, 0.0, 0.8], 1.0),
        ("hair", |s, v| s.parts.density[2] = v, [-1.0, -0.2, 0.0, 0.8], 1.0),
    ];
    for (name, set, values, way) in sliders {
        let mut before: Option<Plane<f32>> = None;
        for value in values {
            let mut settings = DeliverySettings::default();
            set(&mut settings, value);
            let alpha = deliver(&scene, &settings, 1.0).alpha().clone();
            if let Some(before) = before {
                let right = |(new, old): (&f32, &f32)| (new - old) * way >= -1e-6;
                assert!(alpha.data().iter().zip(before.data()).all(right), "{name} at {value}");
            }
            before = Some(alpha);
        }
    }
}

#[test]
fn more_of_the_edges_own_colour_moves_away_from_the_picture() {
    let scene = scene(110, 80);
    for edge in [EdgeColour::Estimate, EdgeColour::Extend] {
        let apart = |amount: f32| {
            let colour = ColourSettings { edge, amount, ..Default::default() };
            let delivery = deliver(&scene, &DeliverySettings { colour, ..Default::default() }, 1.0);
            let pixels = scene.0.data().iter().enumerate();
            let off = |(i, picture): (usize, &[f32; 3])| {
                let found = delivery.colour(i % 110, i / 110, *picture);
                (0..3).map(|c| (found[c] - picture[c]).abs()).sum::<f32>()
            };
            pixels.map(off).sum::<f32>()
        };
        let steps = [0.0, 0.3, 0.7, 1.0].map(apart);
        assert!(steps[0] == 0.0 && steps.is_sorted() && steps[3] > 1.0, "{steps:?}");
    }
}

#[test]
fn a_learned_alpha_counts_where_the_trimap_does_not_know_and_nowhere_else() {
    let (picture, alpha) = scene(120, 90);
    let rows = |y: usize, row: &mut [[f32; 3]]| row.copy_from_slice(picture.row(y));
    let matte = |y: usize, row: &mut [f32]| row.copy_from_slice(alpha.row(y));
    let of = |answer: Learned, settings: RefineSettings| {
        let learned = |trimap: &Plane<f32>, out: &mut Plane<f32>| {
            assert!(trimap.data().iter().all(|value| [0.0, 0.5, 1.0].contains(value)));
            out.data_mut()
                .iter_mut()
                .enumerate()
                .for_each(|(i, value)| *value = if i % 2 == 0 { 0.3 } else { f32::NAN });
            answer
        };
        let frame = Frame {
            width: 120,
            height: 90,
            matte: &matte,
            trimap: None,
            picture: &rows,
            guide: &rows,
            background: None,
            learned: Some(&learned),
            cut_out: false,
        };
        let mut delivery = Delivery::default();
        let done =
            delivery.run(&frame, &DeliverySettings { refine: settings, ..Default::default() }, ALL, 1.0, &|| false);
        (done, delivery)
    };
    let learned = RefineSettings { method: RefineMethod::Learned, inside: 0.0, outside: 0.0, ..Default::default() };
    let (done, delivery) = of(Learned::Found, learned);
    assert!(done);
    for (i, (found, trimap)) in delivery.alpha().data().iter().zip(delivery.trimap().data()).enumerate() {
        let expected = if *trimap == 0.5 { if i % 2 == 0 { 0.3 } else { 0.0 } } else { alpha.data()[i] };
        assert!((found - expected).abs() < 1e-6, "{found}, not {expected}, at {i}");
    }
    assert!(!of(Learned::Stopped, learned).0);
    let guided = RefineSettings { method: RefineMethod::Colour, ..learned };
    assert_eq!(of(Learned::Unfit, learned).1.alpha(), of(Learned::Found, guided).1.alpha(), "guided in its place");
}

#[test]
fn a_stopped_delivery_says_so() {
    let (picture, alpha) = scene(60, 40);
    let rows = |y: usize, row: &mut [[f32; 3]]| row.copy_from_slice(picture.row(y));
    let matte = |y: usize, row: &mut [f32]| row.copy_from_slice(alpha.row(y));
    let frame = Frame {
        width: 60,
        height: 40,
        matte: &matte,
        trimap: None,
        picture: &rows,
        guide: &rows,
        background: None,
        learned: None,
        cut_out: false,
    };
    for method in METHODS {
        assert!(!Delivery::default().run(&frame, &busy(method), ALL, 1.0, &|| true));
    }
}

/// Blocks of 16 kB and more are pages of their own here, and freed ones are kept: none of them is freed or held anew by a
/// frame once the workspace has seen its size. In a test of its own file this would be about this test alone; the others
/// free their blocks too, so the frames are counted over several tries and the best one has to be clean.
#[cfg(target_os = "linux")]
#[test]
fn a_second_frame_of_a_size_takes_no_memory() {
    let small = scene(800, 600);
    for settings in METHODS.map(busy) {
        takes_no_memory_once_warm(&small, &settings);
    }
    takes_no_memory_once_warm(&scene(3840, 2160), &DeliverySettings::default());
}

#[cfg(target_os = "linux")]
fn takes_no_memory_once_warm(scene: &(Plane<[f32; 3]>, Plane<f32>), settings: &DeliverySettings) {
    // What is freed has to be kept to be seen, planes of a whole frame too.
    blocks::keep(1 << 30);
    drop(scene.0.clone());
    assert!(blocks::kept() > 0);
    let mut delivery = Delivery::default();
    for _ in 0..3 {
        deliver_in(&mut delivery, scene, settings, 1.0);
    }
    let clean = (0..20).any(|_| {
        let held = delivery.byte_size();
        blocks::give_back();
        deliver_in(&mut delivery, scene, settings, 1.0);
        blocks::kept() == 0 && delivery.byte_size() == held
    });
    assert!(clean, "{settings:?}: {} bytes were freed by a frame", blocks::kept());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..Default::default() })]

    #[test]
    fn whatever_comes_in_a_matte_of_numbers_comes_out(
        samples in prop::collection::vec(
            prop_oneof![Just(f32::NAN), Just(f32::INFINITY), Just(f32::NEG_INFINITY), -2f32..3.0], 63),
        numbers in prop::collection::vec(prop_oneof![Just(f32::NAN), Just(f32::INFINITY), -20f32..600.0], 16),
        method in 0usize..4, edge in 0usize..3, despill in 0usize..4, invert: bool,
    ) {
        let alpha = Plane::from_vec(9, 7, samples.clone()).unwrap();
        let picture = alpha.map(|&value| [value, value * 0.5, 0.25]);
        let settings = DeliverySettings {
            invert,
            alpha: AlphaSettings {
                levels: Levels { black: numbers[0] / 100.0, white: numbers[1], gamma: numbers[2] },
                fill_holes: numbers[3].into(), remove_specks: numbers[4].into(), border: numbers[5], grow: numbers[6],
                feather: numbers[7], feather_bias: numbers[8], blur: numbers[9],
            },
            refine: RefineSettings {
                method: METHODS[method], inside: numbers[10], outside: numbers[11], radius: numbers[12],
                tolerance: numbers[13], detail: 1, amount: numbers[14], fast: numbers[15] > 100.0,
            },
            parts: PartSettings {
                hair_width: numbers[0], edge_width: numbers[1], density: [numbers[2], numbers[3], numbers[4]],
            },
            colour: ColourSettings {
                edge: [EdgeColour::Picture, EdgeColour::Estimate, EdgeColour::Extend][edge],
                amount: numbers[5], inset: numbers[6],
                despill: [Despill::Off, Despill::Green, Despill::Blue, Despill::Background][despill],
                despill_amount: numbers[7], restore: numbers[8],
                wrap: numbers[9].min(4.0), wrap_width: numbers[10],
            },
        };
        let delivery = deliver(&(picture.clone(), alpha), &settings, 1.0);
        for alpha in delivery.alpha().data() {
            prop_assert!((0.0..=1.0).contains(alpha), "{alpha}");
        }
        for (i, colour) in picture.data().iter().enumerate() {
            let found = delivery.colour(i % 9, i / 9, *colour);
            prop_assert!(found.iter().all(|value| !value.is_nan()) || colour.iter().any(|value| !value.is_finite()));
        }
    }
}
