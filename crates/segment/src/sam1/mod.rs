//! The SAM1 family (Kirillov et al. 2023; SAM, MobileSAM and others exported the same way): an image encoder, and a
//! prompt and mask decoder whose graph also chooses among the network's masks.
//!
//! The picture is the frame scaled so that its longest side is 1024, put into the top left corner of a 1024x1024
//! canvas. Prompts are in pixels of the picture. The mask comes as logits of a 256x256 canvas, four pixels a sample.

mod decode;
mod encode;

use std::sync::Arc;

use inference::{
    Ability, Abort, Contract, Dim, Element, Engine, Feature, FoundModel, Key, Layout, ModelFile, Placement, Role,
    Stage, TensorSpec,
};
use raster::Plane;

use crate::{
    encodings::Encoder,
    error::SegmentError,
    identity::{Identity, identity},
    model::{Embedding, ImageSegmenter},
    prompt::Prompt,
    segmentation::Segmentation,
};

pub(crate) const FAMILY: &str = "sam1";

pub(crate) const LAYOUT: Layout = Layout {
    family: FAMILY,
    roles: &[Role::needed("encoder", "encoder.onnx", &ENCODER), Role::needed("decoder", "sam.onnx", &DECODER)],
    abilities: &[(Ability::Points, &[]), (Ability::Box, &[])],
    usual_licence: None,
    needs_manifest: false,
    not_run: None,
};

/// Pixels on a side of the encoder's canvas.
const CANVAS: usize = 1024;
/// Bytes of a canvas as the encoder takes it.
const CANVAS_BYTES: u64 = (3 * CANVAS * CANVAS * size_of::<f32>()) as u64;
/// Samples on a side of the logits' canvas.
const LOGITS: usize = 256;
/// Channels, height and width of an embedding.
const EMBEDDING: [usize; 4] = [1, 256, 64, 64];

const fn f32_tensor(name: &'static str, shape: &'static [Dim]) -> TensorSpec {
    TensorSpec { name, element: Element::F32, shape }
}

static ENCODER: Contract = Contract {
    name: "SAM1 image encoder",
    stage: Stage::Encode,
    inputs: &[f32_tensor("input", &[Dim::Any, Dim::Is(3), Dim::Is(1024), Dim::Is(1024)])],
    outputs: &[f32_tensor("output", &[Dim::Any, Dim::Is(256), Dim::Is(64), Dim::Is(64)])],
};

static DECODER: Contract = Contract {
    name: "SAM1 mask decoder",
    stage: Stage::Decode,
    inputs: &[
        f32_tensor("image_embeddings", &[Dim::Is(1), Dim::Is(256), Dim::Is(64), Dim::Is(64)]),
        f32_tensor("point_coords", &[Dim::Is(1), Dim::Any, Dim::Is(2)]),
        f32_tensor("point_labels", &[Dim::Is(1), Dim::Any]),
        f32_tensor("mask_input", &[Dim::Is(1), Dim::Is(1), Dim::Is(256), Dim::Is(256)]),
        f32_tensor("has_mask_input", &[Dim::Is(1)]),
        f32_tensor("orig_im_size", &[Dim::Is(2)]),
    ],
    outputs: &[
        f32_tensor("iou_predictions", &[Dim::Any, Dim::Is(1)]),
        f32_tensor("low_res_masks", &[Dim::Any, Dim::Is(1), Dim::Is(256), Dim::Is(256)]),
    ],
};

/// An installed model of the family.
pub(crate) struct Sam1 {
    engine: Arc<Engine>,
    name: String,
    /// Name and folder, for messages.
    place: Arc<str>,
    encoder: ModelFile,
    decoder: ModelFile,
}

impl Sam1 {
    /// A model from its folder; `None` when a file is not listed.
    pub(crate) fn new(engine: &Arc<Engine>, found: &FoundModel) -> Option<Self> {
        Some(Self {
            engine: Arc::clone(engine),
            name: found.name.clone(),
            place: format!("{} in {}", found.name, found.folder.display()).into(),
            encoder: found.model_file("encoder", &ENCODER)?,
            decoder: found.model_file("decoder", &DECODER)?,
        })
    }

    fn identity(&self, abort: &dyn Abort) -> Result<Identity, SegmentError> {
        Ok(identity(&self.engine, "sam1 1", &self.place, &[&self.encoder, &self.decoder], abort)?)
    }
}

impl Encoder for Sam1 {
    fn engine(&self) -> &Engine {
        &self.engine
    }

    fn encode(&self, pictures: &[&Plane<[u8; 3]>], abort: &dyn Abort) -> Result<Vec<Feature>, SegmentError> {
        encode::encode(&self.engine, &self.encoder, pictures, abort)
    }
}

fn check_size(picture: &Plane<[u8; 3]>) -> Result<(), SegmentError> {
    let (width, height) = (picture.width(), picture.height());
    if width.min(height) == 0 || width.max(height) != CANVAS {
        let expected = format!("this model takes pictures whose longest side is {CANVAS}");
        return Err(SegmentError::PictureSize { width, height, expected });
    }
    Ok(())
}

impl ImageSegmenter for Sam1 {
    fn name(&self) -> &str {
        &self.name
    }

    fn family(&self) -> &'static str {
        FAMILY
    }

    fn files(&self) -> Vec<ModelFile> {
        vec![self.encoder.clone(), self.decoder.clone()]
    }

    fn fingerprint(&self, abort: &dyn Abort) -> Result<Key, SegmentError> {
        Ok(self.identity(abort)?.key)
    }

    fn placement(&self, abort: &dyn Abort) -> Result<Placement, SegmentError> {
        Ok(self.engine.placement(&self.encoder, abort)?)
    }

    /// `ResizeLongestSide.get_preprocess_shape` of SAM's `transforms.py`: the longest side becomes 1024, halves round
    /// up.
    fn input_size(&self, frame_width: usize, frame_height: usize) -> (usize, usize) {
        let (width, height) = (frame_width.max(1), frame_height.max(1));
        let scale = CANVAS as f64 / width.max(height) as f64;
        let side = |side: usize| ((side as f64 * scale + 0.5) as usize).clamp(1, CANVAS);
        (side(width), side(height))
    }

    fn embed(&self, picture: &Plane<[u8; 3]>, abort: &dyn Abort) -> Result<Embedding, SegmentError> {
        check_size(picture)?;
        let model = self.identity(abort)?;
        let key = encode::key(model.key, picture);
        Ok(Embedding::new(self.encoding(key, picture, abort)?, key, &model, picture))
    }

    fn batch_size(&self, abort: &dyn Abort) -> Result<usize, SegmentError> {
        Ok(self.engine.batch_size(&self.encoder, CANVAS_BYTES, abort)?)
    }

    fn embed_batch(&self, pictures: &[Plane<[u8; 3]>], abort: &dyn Abort) -> Result<Vec<Embedding>, SegmentError> {
        pictures.iter().try_for_each(check_size)?;
        let model = self.identity(abort)?;
        let named: Vec<_> = pictures.iter().map(|picture| (encode::key(model.key, picture), picture)).collect();
        let found = self.encodings(&named, abort)?;
        let embedding = |(found, (key, picture))| Embedding::new(found, key, &model, picture);
        Ok(found.into_iter().zip(named).map(embedding).collect())
    }

    fn segment(&self, embedding: &Embedding, prompt: &Prompt, abort: &dyn Abort) -> Result<Segmentation, SegmentError> {
        if prompt.mask.is_some() {
            let remedy = "use points or a box, or install SAM3 or SAM2.1";
            return Err(SegmentError::PromptKind { model: self.name.clone(), what: "a mask as the prompt", remedy });
        }
        let identity = self.identity(abort)?;
        embedding.check_model(prompt, &identity)?;
        let (width, height) = embedding.picture_size();
        let usable = prompt.usable(width, height)?;
        let previous = prompt.previous.as_ref();
        let network = (self.engine.as_ref(), &self.decoder);
        let decoded = decode::decode(network, &embedding.feature, &usable, previous, abort)?;
        Ok(decoded.over_picture(width, height, usable.ignored, identity))
    }
}
