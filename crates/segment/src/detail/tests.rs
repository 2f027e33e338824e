//! Second looks with a made-up model, which takes what is red inside the box.

use std::sync::{Arc, Mutex};

use inference::{Abort, Device, Feature, Found, Key, ModelFile, NeverAbort, Origin, Placement};
use proptest::prelude::*;
use raster::{Components, Depth, PixelLayout, PixelView, Plane, SourceEncoding, model_picture};

use super::*;
use crate::{
    Embedding, ImageSegmenter, Prompt, SegmentError, Segmentation, identity::Identity, segmentation::PreviousLogits,
};

/// The longer side of the model's pictures, and its samples there.
const SIDE: usize = 256;
const SAMPLES: usize = 64;

/// The source's pixels.
const SOURCE: [usize; 2] = [1024, 576];

#[derive(Default)]
struct Red {
    asked: Mutex<Vec<Prompt>>,
}

fn identity() -> Identity {
    Identity { name: Arc::from("red"), key: Key(1) }
}

/// A mask over a picture of so many of the model's pixels, by a sample's middle in pixels of it.
fn mask((width, height): (usize, usize), is_inside: impl Fn(f32, f32) -> bool) -> Segmentation {
    let reduction = SIDE / SAMPLES;
    let (columns, rows) = (width.div_ceil(reduction), height.div_ceil(reduction));
    let mut logits = Plane::new(columns, rows, -5.0);
    for (y, row) in logits.rows_mut().enumerate() {
        for (x, value) in row.iter_mut().enumerate() {
            *value = if is_inside(x as f32 * 4.0 + 2.0, y as f32 * 4.0 + 2.0) { 5.0 } else { -5.0 };
        }
    }
    let mut canvas = Plane::new(SAMPLES, SAMPLES, -5.0);
    canvas.rows_mut().zip(logits.rows()).for_each(|(to, from)| to[..columns].copy_from_slice(from));
    let previous = PreviousLogits { canvas: Arc::new(canvas), model: identity() };
    let extent = (width as f32 / reduction as f32, height as f32 / reduction as f32);
    Segmentation { logits, extent, iou: 0.5, ignored: 0, previous }
}

impl ImageSegmenter for Red {
    fn name(&self) -> &str {
        "red"
    }

    fn family(&self) -> &'static str {
        "made up"
    }

    fn files(&self) -> Vec<ModelFile> {
        Vec::new()
    }

    fn fingerprint(&self, _: &dyn Abort) -> Result<Key, SegmentError> {
        Ok(Key(1))
    }

    fn placement(&self, _: &dyn Abort) -> Result<Placement, SegmentError> {
        Ok(Placement { device: Device::Cpu, fallbacks: Vec::new() })
    }

    fn input_size(&self, width: usize, height: usize) -> (usize, usize) {
        let longer = width.max(height);
        (width * SIDE / longer, height * SIDE / longer)
    }

    fn embed(&self, picture: &Plane<[u8; 3]>, _: &dyn Abort) -> Result<Embedding, SegmentError> {
        let found = Found { value: Arc::new(Feature::new(Vec::new())), origin: Origin::Computed };
        Ok(Embedding::new(found, Key(0), &identity(), picture))
    }

    fn batch_size(&self, _: &dyn Abort) -> Result<usize, SegmentError> {
        Ok(1)
    }

    fn embed_batch(&self, pictures: &[Plane<[u8; 3]>], abort: &dyn Abort) -> Result<Vec<Embedding>, SegmentError> {
        pictures.iter().map(|picture| self.embed(picture, abort)).collect()
    }

    fn segment(&self, embedding: &Embedding, prompt: &Prompt, _: &dyn Abort) -> Result<Segmentation, SegmentError> {
        self.asked.lock().unwrap().push(prompt.clone());
        let picture = embedding.picture_size();
        let [x1, y1, x2, y2] = prompt.usable(picture.0, picture.1)?.box_.unwrap_or_default();
        let is_red = |x: f32, y: f32| embedding.thumbnail().row(y as usize / 4)[x as usize / 4][0] > 127;
        let found = mask(picture, |x, y| (x1..x2).contains(&x) && (y1..y2).contains(&y) && is_red(x, y));
        Ok(Segmentation { iou: 0.9, ..found })
    }
}

/// A red disc on green, in pixels of the source.
struct Disc {
    centre: [f32; 2],
    radius: f32,
}

impl Disc {
    fn has(&self, x: f32, y: f32) -> bool {
        (x - self.centre[0]).hypot(y - self.centre[1]) < self.radius
    }

    fn source(&self) -> Plane<[u8; 3]> {
        let place = |i: usize| ((i % SOURCE[0]) as f32 + 0.5, (i / SOURCE[0]) as f32 + 0.5);
        let pixel = |i: usize| if self.has(place(i).0, place(i).1) { [255, 0, 0] } else { [0, 90, 0] };
        Plane::from_vec(SOURCE[0], SOURCE[1], (0..SOURCE[0] * SOURCE[1]).map(pixel).collect()).unwrap()
    }

    /// As the first look finds it.
    fn mask(&self) -> Segmentation {
        let per_pixel = SOURCE[0] as f32 / SIDE as f32;
        mask((SIDE, SIDE * SOURCE[1] / SOURCE[0]), |x, y| self.has(x * per_pixel, y * per_pixel))
    }

    /// Intersection over union of a mask with it, at the source's size.
    fn overlap(&self, mask: &Segmentation) -> f32 {
        let mask = mask.resampled(SOURCE[0], SOURCE[1]);
        let (mut both, mut either) = (0u32, 0u32);
        for (y, row) in mask.rows().enumerate() {
            for (x, &logit) in row.iter().enumerate() {
                let (found, there) = (logit > 0.0, self.has(x as f32 + 0.5, y as f32 + 0.5));
                both += u32::from(found && there);
                either += u32::from(found || there);
            }
        }
        both as f32 / either as f32
    }

    fn crop(&self) -> Crop {
        Crop::round(&self.mask(), SOURCE, 1.0).expect("it is small")
    }

    fn looked_at(&self, model: &Red, points: &[([f64; 2], bool)]) -> Segmentation {
        let (source, crop) = (self.source(), self.crop());
        let layout = PixelLayout::packed(SOURCE[0], SOURCE[1], Depth::Byte, Components::Rgb);
        let view = crop.view(&PixelView::new(source.as_bytes(), layout).unwrap());
        let (width, height) = model.input_size(crop.size()[0], crop.size()[1]);
        let picture = model_picture(&view, SourceEncoding::Display, false, width, height);
        let embedding = model.embed(&picture, &NeverAbort).unwrap();
        look(model, &embedding, &self.mask(), &crop, points, &NeverAbort).unwrap()
    }

    fn merged(&self) -> Option<Segmentation> {
        merged(&self.mask(), &self.looked_at(&Red::default(), &[]), &self.crop())
    }
}

const DISC: Disc = Disc { centre: [300.0, 200.0], radius: 100.0 };

#[test]
fn a_second_look_finds_the_edge_where_it_is() {
    let finer = DISC.merged().expect("the same object");
    let (before, after) = (DISC.overlap(&DISC.mask()), DISC.overlap(&finer));
    assert!(after > before + 0.01, "{before} {after}");
    assert_eq!(finer.iou, 0.9);
}

#[test]
fn at_the_border_of_the_picture_nothing_is_lost() {
    let disc = Disc { centre: [20.0, 576.0], radius: 120.0 };
    let (before, after) = (disc.overlap(&disc.mask()), disc.overlap(&disc.merged().expect("the same object")));
    assert!(after > before, "{before} {after}");
}

#[test]
fn a_second_look_at_something_else_is_not_taken() {
    let elsewhere = mask((SIDE, SIDE), |x, y| x < 60.0 && y < 60.0);
    assert_eq!(merged(&DISC.mask(), &elsewhere, &DISC.crop()), None);
}

#[test]
fn beyond_the_crop_and_at_its_border_the_first_mask_stays() {
    // A tail that runs out of the crop of the disc, which the second look does not see.
    let first = mask((SIDE, 144), |x, y| DISC.has(x * 4.0, y * 4.0) || ((y - 50.0).abs() < 3.0 && x > 75.0));
    let inside = DISC.looked_at(&Red::default(), &[]);
    let result = merged(&first, &inside, &DISC.crop()).expect("the same object");
    let (first, result) = (first.resampled(SOURCE[0], SOURCE[1]), result.resampled(SOURCE[0], SOURCE[1]));
    let end = DISC.crop().at[0] + DISC.crop().size[0];
    let row = |plane: &Plane<f32>| plane.row(200)[end - 4..].iter().map(|logit| *logit > 0.0).collect::<Vec<_>>();
    assert!(row(&first).iter().all(|inside| *inside));
    assert_eq!(row(&result), row(&first));
}

#[test]
fn nothing_and_what_fills_the_picture_get_no_second_look() {
    let round = |is_inside: &dyn Fn(f32, f32) -> bool| Crop::round(&mask((256, 144), is_inside), SOURCE, 1.0);
    assert_eq!(round(&|_, _| false), None);
    assert_eq!(round(&|x, _| x < 128.0), None);
    assert!(round(&|x, y| x < 100.0 && y < 100.0).is_some());
}

#[test]
fn a_picture_without_pixels_or_of_impossible_ones_gets_no_second_look() {
    for (of, aspect) in [([0, 0], 1.0), ([1024, 0], 1.0), ([40, 30], 1.0), (SOURCE, f64::NAN), (SOURCE, 0.0)] {
        assert_eq!(Crop::round(&DISC.mask(), of, aspect), None, "{of:?} {aspect}");
    }
}

#[test]
fn an_object_that_hardly_moves_keeps_its_crop() {
    let disc = |x: f32| Disc { centre: [x, 200.0], ..DISC };
    let crops: Vec<_> = (0..8).map(|step| disc(284.0 + step as f32).crop()).collect();
    assert!(crops.iter().all(|crop| *crop == crops[0]), "{crops:?}");
}

#[test]
fn a_proxy_is_looked_at_in_the_same_crop() {
    let (full, half) = (DISC.crop(), Crop::round(&DISC.mask(), [512, 288], 1.0).unwrap());
    assert_eq!((full.at, full.size), (half.at.map(|at| at * 2), half.size.map(|side| side * 2)));
}

#[test]
fn a_crop_is_square_also_where_pixels_are_not() {
    // The same picture squeezed: each of its pixels is two of the other wide.
    let (square, squeezed) = (DISC.crop(), Crop::round(&DISC.mask(), [512, 576], 2.0).unwrap());
    assert_eq!((square.at[0], square.size[0]), (squeezed.at[0] * 2, squeezed.size[0] * 2));
    assert_eq!((square.at[1], square.size[1]), (squeezed.at[1], squeezed.size[1]));
}

#[test]
fn the_model_is_told_of_the_box_places_inside_and_the_points_in_the_crop() {
    let model = Red::default();
    let at = |x: f32, y: f32| [f64::from(x) / 1024.0, f64::from(y) / 576.0];
    DISC.looked_at(&model, &[(at(310.0, 190.0), false), (at(900.0, 500.0), false)]);
    let asked = model.asked.lock().unwrap();
    let [prompt] = asked.as_slice() else { panic!("{} questions", asked.len()) };
    let (crop, per_pixel) = (DISC.crop(), SIDE as f32 / DISC.crop().size[0] as f32);
    let in_crop = |x: f32, axis: usize| (x - crop.at[axis] as f32) * per_pixel;
    let said = prompt.points[0];
    assert!((said.x - in_crop(310.0, 0)).abs() < 0.01 && (said.y - in_crop(190.0, 1)).abs() < 0.01 && !said.include);
    let inner = &prompt.points[1..];
    let is_inside = |x: f32, y: f32| (x - in_crop(300.0, 0)).hypot(y - in_crop(200.0, 1)) < 100.0 * per_pixel;
    assert!(!inner.is_empty() && inner.iter().all(|point| point.include && is_inside(point.x, point.y)), "{inner:?}");
    let box_ = prompt.box_.expect("a box");
    let expected = [in_crop(190.0, 0), in_crop(90.0, 1), in_crop(410.0, 0), in_crop(310.0, 1)];
    assert!(box_.iter().zip(expected).all(|(edge, expected)| (edge - expected).abs() < 18.0 * per_pixel), "{box_:?}");
}

#[test]
fn an_empty_mask_is_refused() {
    let model = Red::default();
    let embedding = model.embed(&Plane::new(SIDE, SIDE, [0; 3]), &NeverAbort).unwrap();
    let empty = mask((SIDE, 144), |_, _| false);
    let refused = look(&model, &embedding, &empty, &DISC.crop(), &[], &NeverAbort);
    assert!(matches!(refused, Err(SegmentError::NoPrompt)));
}

#[test]
fn places_inside_are_the_deepest_and_apart_from_each_other() {
    let logits = |is_inside: &dyn Fn(f32, f32) -> bool| mask((SIDE, 144), is_inside).logits;
    let two = logits(&|x, y| (y - 70.0).abs() < 30.0 && ((x - 60.0).abs() < 30.0 || (x - 180.0).abs() < 24.0));
    let [first, second, ..] = super::points::inner_points(&two)[..] else { panic!("two parts") };
    assert!((first[0] - 15.0).abs() < 3.0 && (second[0] - 45.0).abs() < 3.0, "{first:?} {second:?}");
    assert!(super::points::inner_points(&logits(&|_, _| false)).is_empty());
    assert!(super::points::inner_points(&Plane::new(0, 0, 1.0)).is_empty());
}

proptest! {
    #[test]
    fn every_crop_lies_in_the_picture_and_has_the_object_with_room_round_it(
        left in 0.0..250.0f32, top in 0.0..140.0f32, width in 4.0..150.0f32, height in 4.0..90.0f32,
    ) {
        let is_inside = |x: f32, y: f32| (left..left + width).contains(&x) && (top..top + height).contains(&y);
        let mask = mask((256, 144), is_inside);
        let Some(crop) = Crop::round(&mask, SOURCE, 1.0) else { return Ok(()) };
        let Some(bounds) = super::crop::bounds(&mask) else { return Ok(()) };
        for axis in 0..2 {
            let end = crop.at[axis] + crop.size[axis];
            prop_assert!(end <= SOURCE[axis] && crop.size[axis] > 0);
            let [low, high] = bounds[axis].map(|share| share * SOURCE[axis] as f64);
            let room = 8.0;
            prop_assert!(crop.at[axis] == 0 || crop.at[axis] as f64 + room <= low, "{crop:?} {low}");
            prop_assert!(end == SOURCE[axis] || end as f64 - room >= high, "{crop:?} {high}");
        }
    }
}
