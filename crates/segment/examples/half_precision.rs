//! What half precision of stored embeddings changes in the masks: each still once with and once without, a grid of
//! points and a box on each.
//! `SAM3ROTO_ONNXRUNTIME=... SAM3ROTO_MODELS=... cargo run -p segment --example half_precision STILL...`

use std::{env, error::Error, path::PathBuf, sync::Arc};

use inference::{Engine, EngineOptions, NeverAbort};
use raster::Plane;
use segment::{ImageSegmenter, LAYOUTS, Point, Prompt, open};

/// Points on a side of the grid.
const GRID: usize = 4;

fn main() -> Result<(), Box<dyn Error>> {
    let path = |name: &str| env::var_os(name).map(PathBuf::from).ok_or(format!("{name} is not set"));
    let (library, models) = (path("SAM3ROTO_ONNXRUNTIME")?, path("SAM3ROTO_MODELS")?);
    let engine = |half_precision| -> Arc<Engine> {
        Engine::new(EngineOptions {
            library: library.clone(),
            model_dirs: vec![models.clone()],
            layouts: LAYOUTS,
            threads: 2,
            half_precision,
            ..EngineOptions::default()
        })
    };
    let (single, half) = (open(&engine(false), "auto")?, open(&engine(true), "auto")?);
    let mut all = Loss::default();
    for still in env::args().skip(1) {
        let picture = picture(&still, &*single)?;
        let mut loss = Loss::default();
        let (exact, rounded) = (single.embed(&picture, &NeverAbort)?, half.embed(&picture, &NeverAbort)?);
        for prompt in prompts(&picture) {
            let exact = single.segment(&exact, &prompt, &NeverAbort)?;
            let rounded = half.segment(&rounded, &prompt, &NeverAbort)?;
            let (width, height) = (picture.width(), picture.height());
            loss.add_logits(exact.logits.data(), rounded.logits.data());
            loss.add_masks(exact.resampled(width, height).data(), rounded.resampled(width, height).data());
        }
        println!("{still}: {loss}");
        all.add(&loss);
    }
    println!("all: {all}");
    Ok(())
}

/// A still at the size the model takes.
fn picture(still: &str, model: &dyn ImageSegmenter) -> Result<Plane<[u8; 3]>, Box<dyn Error>> {
    let image = image::open(still)?.to_rgb8();
    let (width, height) = model.input_size(image.width() as usize, image.height() as usize);
    let image = image::imageops::resize(&image, width as u32, height as u32, image::imageops::FilterType::Triangle);
    Ok(Plane::from_vec(width, height, image.pixels().map(|pixel| pixel.0).collect())?)
}

fn prompts(picture: &Plane<[u8; 3]>) -> Vec<Prompt> {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let at = |step: usize, side: f32| (step as f32 + 0.5) / GRID as f32 * side;
    let point = |i: usize| Point { x: at(i % GRID, width), y: at(i / GRID, height), include: true };
    let points = (0..GRID * GRID).map(|i| Prompt { points: vec![point(i)], ..Prompt::default() });
    let middle = [0.25 * width, 0.25 * height, 0.75 * width, 0.75 * height];
    points.chain([Prompt { box_: Some(middle), ..Prompt::default() }]).collect()
}

/// The differences between two series of masks.
#[derive(Default)]
struct Loss {
    masks: usize,
    iou_sum: f64,
    iou_least: Option<f64>,
    logit_largest: f32,
    logit_square_sum: f64,
    logits: usize,
}

impl Loss {
    fn add_logits(&mut self, exact: &[f32], rounded: &[f32]) {
        for difference in exact.iter().zip(rounded).map(|(a, b)| (a - b).abs()) {
            self.logit_largest = self.logit_largest.max(difference);
            self.logit_square_sum += f64::from(difference).powi(2);
        }
        self.logits += exact.len();
    }

    fn add_masks(&mut self, exact: &[f32], rounded: &[f32]) {
        let pairs = || exact.iter().zip(rounded).map(|(&a, &b)| (a > 0.0, b > 0.0));
        let either = pairs().filter(|&(a, b)| a || b).count();
        if either == 0 {
            return;
        }
        let iou = pairs().filter(|&(a, b)| a && b).count() as f64 / either as f64;
        self.masks += 1;
        self.iou_sum += iou;
        self.iou_least = Some(self.iou_least.map_or(iou, |least| least.min(iou)));
    }

    fn add(&mut self, other: &Self) {
        self.masks += other.masks;
        self.iou_sum += other.iou_sum;
        self.iou_least = self.iou_least.into_iter().chain(other.iou_least).reduce(f64::min);
        self.logit_largest = self.logit_largest.max(other.logit_largest);
        self.logit_square_sum += other.logit_square_sum;
        self.logits += other.logits;
    }
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} masks, IoU {:.5} on average, {:.5} at worst; logits differ by {:.4} RMS, {:.3} at most",
            self.masks,
            self.iou_sum / self.masks.max(1) as f64,
            self.iou_least.unwrap_or(1.0),
            (self.logit_square_sum / self.logits.max(1) as f64).sqrt(),
            self.logit_largest
        )
    }
}
