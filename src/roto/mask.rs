//! Picture and prompts to a mask, through the engine's caches. Knows nothing of hosts but their error type.

use std::sync::Arc;

use inference::{Abort, ByteSize, Device, Engine, Key, KeyBuilder};
use matte::{EdgeSettings, EdgeUpsample, Polyline};
use raster::{Plane, SourceEncoding, display_row, model_picture};
use segment::{Embedding, ImageSegmenter, Point, Prompt, SegmentError, Segmentation};

use super::geometry::FrameGeometry;
use super::placed::Placed;
use super::prompts::{FramePrompts, ModelPrompts, to_model};
use super::settings::Settings;
use super::status::Outcome;
use crate::engine::{decoded, mattes};
use crate::stages::{self, Stage};

/// A mask as the model gives it.
#[derive(Debug)]
pub struct Decoded(Segmentation);

impl ByteSize for Decoded {
    fn byte_size(&self) -> u64 {
        // The logits over the picture, and the square canvas they were cut from, kept for refinement.
        let samples = self.0.logits.data().len() + self.0.logits.width().pow(2);
        (samples * size_of::<f32>()) as u64
    }
}

/// How far the viewer's outline may be from the edge, in model pixels: less than a screen shows.
const OUTLINE_TOLERANCE: f32 = 0.25;

/// What a frame's mask is made of.
pub struct Request<'p, 'a> {
    /// The source picture.
    pub source: Placed<'p>,
    /// Pixels for each canonical unit.
    pub scale: [f64; 2],
    /// Width of a pixel over its height.
    pub pixel_aspect: f64,
    /// How its colours are encoded.
    pub encoding: SourceEncoding,
    /// What says which object.
    pub prompts: &'a FramePrompts,
    /// The panel.
    pub settings: &'a Settings,
}

/// The mask of one picture, to be read row by row at the picture's size.
pub struct FrameMask<'a> {
    source: Placed<'a>,
    encoding: SourceEncoding,
    geometry: FrameGeometry,
    matte: Arc<CachedMatte>,
}

/// A matte at the model's size, ready to be brought to any frame size.
#[derive(Debug)]
pub struct CachedMatte {
    upsample: EdgeUpsample,
    iou: f32,
}

impl ByteSize for CachedMatte {
    fn byte_size(&self) -> u64 {
        self.upsample.byte_size()
    }
}

impl FrameMask<'_> {
    /// The alpha of host row `y` from host column `x1`: 0 outside the picture.
    pub fn alpha_row(&self, y: i32, x1: i32, alpha: &mut [f32]) {
        alpha.fill(0.0);
        let Some((row, column, inside)) = self.source.overlap(y, x1, alpha.len()) else { return };
        let Placed { view, premultiplied, .. } = self.source;
        // Colours are converted only where the matte asks for them: round its edge.
        let mut colours = |x: usize, to: &mut [[f32; 3]]| display_row(&view, self.encoding, premultiplied, row, x, to);
        let (width, height) = (view.width(), view.height());
        self.matte.upsample.alpha_row_from(width, height, row, column, &mut colours, &mut alpha[inside]);
    }

    /// Swaps inside and outside of a row made by [`Self::alpha_row`], on the picture only: beyond it there is nothing
    /// to be inside of.
    pub fn invert_row(&self, y: i32, x1: i32, alpha: &mut [f32]) {
        if let Some((_, _, inside)) = self.source.overlap(y, x1, alpha.len()) {
            alpha[inside].iter_mut().for_each(|alpha| *alpha = 1.0 - *alpha);
        }
    }

    /// The outline in canonical coordinates, for the viewer.
    pub fn outline(&self) -> Vec<Vec<[f64; 2]>> {
        let canonical = |line: &Polyline| {
            line.simplified(OUTLINE_TOLERANCE).points.iter().map(|&point| self.geometry.to_canonical(point)).collect()
        };
        self.matte.upsample.outline().iter().map(canonical).collect()
    }

    /// The width of the overlay view's outline in pixels: about a 540th of the frame's height, so that it looks the
    /// same in proxies.
    pub fn outline_width(&self) -> usize {
        (self.source.view.height() / 540).max(1)
    }
}

/// Makes the mask, or says why there is none. Same request, same mask: whatever was cached, whichever thread.
///
/// # Errors
/// [`SegmentError`]: aborted, no model, a damaged or foreign file, a failed run.
pub fn solve<'p>(
    engine: &Arc<Engine>,
    request: &Request<'p, '_>,
    abort: &dyn Abort,
) -> Result<(Outcome, Option<FrameMask<'p>>), SegmentError> {
    let segmenter = segment::open(engine, request.settings.model.unwrap_or("auto"))?;
    let geometry = geometry(request, segmenter.as_ref());
    let mut prompts = to_model(request.prompts, &geometry);
    if prompts.bounding_box.is_none() && !prompts.points.iter().any(|&(_, include)| include) {
        prompts.left_out.push("Nothing says what the object is: add an include point on it, or a box round it.".into());
        return Ok((Outcome::UnusablePrompts(prompts.left_out.join("\n")), None));
    }
    let [width, height] = geometry.model_size();
    let picture = stages::measure(Stage::ModelPicture, || {
        model_picture(&request.source.view, request.encoding, request.source.premultiplied, width, height)
    });
    if abort.aborted() {
        return Err(inference::InferenceError::Aborted.into());
    }
    let embedding = segmenter.embed(&picture, abort)?;
    let matte = matte_of(request.settings, segmenter.as_ref(), &embedding, &prompts, &picture, abort)?;
    let summary =
        format!("{} on {}, {width} x {height}, predicted IoU {:.2}", segmenter.name(), Device::default(), matte.iou);
    let mask = FrameMask { source: request.source, encoding: request.encoding, geometry, matte };
    Ok((Outcome::Done { summary, left_out: prompts.left_out.join("\n") }, Some(mask)))
}

/// Words for the user; quiet when the host gave up.
pub fn into_host_error(error: SegmentError) -> openfx::Error {
    if error.is_aborted() { openfx::Error::Aborted } else { openfx::Error::effect(error) }
}

/// Where the frame lies for this model: its size is that of the frame in square pixels, so that an anamorphic picture is
/// shown to the model unsqueezed.
fn geometry(request: &Request<'_, '_>, segmenter: &dyn ImageSegmenter) -> FrameGeometry {
    let square_width =
        (request.source.bounds.width() as f64 * request.pixel_aspect.max(f64::MIN_POSITIVE)).round().max(1.0);
    let (width, height) = segmenter.input_size(square_width as usize, request.source.bounds.height());
    FrameGeometry::new(request.source.bounds, request.scale, request.pixel_aspect, [width, height])
}

/// The matte at model size: remembered, because hosts ask for one frame in several windows and sizes.
fn matte_of(
    settings: &Settings,
    segmenter: &dyn ImageSegmenter,
    embedding: &Embedding,
    prompts: &ModelPrompts,
    picture: &Plane<[u8; 3]>,
    abort: &dyn Abort,
) -> Result<Arc<CachedMatte>, SegmentError> {
    let decoded_key = decoded_key(embedding, prompts);
    mattes().get_or_compute(matte_key(settings, decoded_key), abort, || {
        let Decoded(segmentation) = &*decode(segmenter, embedding, prompts, decoded_key, abort)?;
        let upsample = stages::measure(Stage::Matte, || {
            let logits = segmentation.resampled(segmentation.logits.width(), segmentation.logits.height());
            EdgeUpsample::prepare(&logits, picture, &edge_settings(settings))
        });
        Ok(CachedMatte { upsample, iou: segmentation.iou })
    })
}

/// The model's mask: remembered, because moving a slider of the matte changes nothing for the network.
fn decode(
    segmenter: &dyn ImageSegmenter,
    embedding: &Embedding,
    prompts: &ModelPrompts,
    key: Key,
    abort: &dyn Abort,
) -> Result<Arc<Decoded>, SegmentError> {
    decoded().get_or_compute(key, abort, || {
        let prompt = Prompt {
            points: prompts.points.iter().map(|&([x, y], include)| Point { x, y, include }).collect(),
            box_: prompts.bounding_box,
            previous: None,
        };
        segmenter.segment(embedding, &prompt, abort).map(Decoded)
    })
}

fn edge_settings(settings: &Settings) -> EdgeSettings {
    EdgeSettings {
        threshold: settings.threshold as f32,
        softness: settings.softness as f32,
        strength: settings.edge_detail as f32,
        ..EdgeSettings::default()
    }
}

fn decoded_key(embedding: &Embedding, prompts: &ModelPrompts) -> Key {
    let mut key = KeyBuilder::new("decoded 1").bytes(&embedding.key().0.to_le_bytes());
    key = key.number(prompts.points.len() as u64);
    for &([x, y], include) in &prompts.points {
        key = key.number(u64::from(x.to_bits())).number(u64::from(y.to_bits())).number(u64::from(include));
    }
    for edge in prompts.bounding_box.iter().flatten() {
        key = key.number(u64::from(edge.to_bits()));
    }
    key.finish()
}

fn matte_key(settings: &Settings, decoded: Key) -> Key {
    let mut key = KeyBuilder::new("matte 1").bytes(&decoded.0.to_le_bytes());
    for number in [settings.threshold, settings.softness, settings.edge_detail] {
        key = key.number(number.to_bits());
    }
    key.finish()
}
