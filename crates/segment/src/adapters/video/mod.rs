//! Exports of SAM2.1 for videos that carry the network's memory in five graphs of fixed shapes. They are tracked with as
//! their own host does: see "Video exports of others" in `resources/export/CONTRACT.md`.

mod bank;
mod constants;
mod contracts;
mod decode;
mod sizes;
mod state;
mod track;

use std::sync::Arc;

use inference::{Abort, Engine, FoundModel, Key, KeyBuilder, ModelFile, Placement};
use raster::Plane;

use bank::Bank;
use constants::{Constants, ConstantsError};
pub(crate) use contracts::SAM2_VIDEO;
use contracts::{CONSTANTS, DECODER, ENCODER, MEMORY_ATTENTION, MEMORY_ENCODER, POINTER_POSITIONS};
use sizes::{BankSizes, SizeError};
use track::FixedBankTracker;

use super::{encode::PictureModel, form::Pictures};
use crate::{
    error::SegmentError,
    identity::Identity,
    model::{Embedding, ImageSegmenter},
    prompt::Prompt,
    segmentation::Segmentation,
    shot_tracker::{MemoryKind, ShotState, ShotTracker, Trackers},
    tracker::TrackerOptions,
};

/// Steps of a channel of 8 bits.
const STEPS: f32 = 255.0;

/// An installed export. Opening reads what the graphs declare and the constants; the sessions come from the engine at each
/// run.
pub(super) struct VideoModel {
    pictures: PictureModel,
    decoder: ModelFile,
    memory_encoder: ModelFile,
    memory_attention: ModelFile,
    pointer_positions: ModelFile,
    constants: Constants,
    sizes: BankSizes,
}

/// Why a folder is not a usable model of this family.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum VideoError {
    /// A file that the folder does not have.
    #[error("there is no file for \"{0}\"; install the model again")]
    Missing(&'static str),
    /// The constants.
    #[error(transparent)]
    Constants(#[from] ConstantsError),
    /// A graph.
    #[error(transparent)]
    Size(#[from] SizeError),
}

impl VideoModel {
    /// A model from its folder.
    ///
    /// # Errors
    /// [`VideoError`], to be read after the model's name.
    pub fn open(engine: &Arc<Engine>, found: &FoundModel) -> Result<Self, VideoError> {
        let file = found.file(CONSTANTS.role).ok_or(VideoError::Missing(CONSTANTS.role))?;
        let constants = Constants::read(&file.path)?;
        let graph = |role, contract| found.model_file(role, contract).ok_or(VideoError::Missing(role));
        let attention = graph("memory_attention", &MEMORY_ATTENTION)?;
        let sizes = BankSizes::of(engine, &graph("encoder", &ENCODER)?, &attention, &constants)?;
        let sized = |graph: ModelFile| ModelFile { sizes: sizes.named(), ..graph };
        let form = Pictures {
            encoder: &ENCODER,
            side: sizes.image,
            mean: constants.mean.map(|mean| mean * STEPS),
            deviation: constants.deviation.map(|deviation| deviation * STEPS),
        };
        let mut pictures = PictureModel::new(engine, found, form).ok_or(VideoError::Missing("encoder"))?;
        pictures.encoder = sized(pictures.encoder);
        Ok(Self {
            pictures,
            decoder: sized(graph("decoder", &DECODER)?),
            memory_encoder: sized(graph("memory_encoder", &MEMORY_ENCODER)?),
            memory_attention: sized(attention),
            pointer_positions: sized(graph("pointer_tpos", &POINTER_POSITIONS)?),
            constants,
            sizes,
        })
    }

    fn engine(&self) -> &Engine {
        &self.pictures.engine
    }

    /// What tells masks of single pictures from those of other models. The constants change them too.
    fn identity(&self, abort: &dyn Abort) -> Result<Identity, SegmentError> {
        let kind = format!("{} pictures 1 {}", SAM2_VIDEO.family, self.constants.key);
        self.pictures.identity(&kind, &[&self.decoder], abort)
    }

    /// What tells tracked masks from those of other models.
    fn tracker_identity(&self, abort: &dyn Abort) -> Result<Identity, SegmentError> {
        let kind = format!("{} tracker 1 {}", SAM2_VIDEO.family, self.constants.key);
        let graphs = [&self.decoder, &self.memory_encoder, &self.memory_attention, &self.pointer_positions];
        self.pictures.identity(&kind, &graphs, abort)
    }

    fn refused(&self, what: &'static str, remedy: &'static str) -> SegmentError {
        SegmentError::PromptKind { model: self.pictures.name.clone(), what, remedy }
    }
}

/// What these exports have no input for.
const NO_MASKS: &str = "use points or a box, or a model of the project's own export";
const NO_REFINING: &str = "give all points of the frame at once, or use a model of the project's own export";

impl ImageSegmenter for VideoModel {
    fn name(&self) -> &str {
        &self.pictures.name
    }

    fn family(&self) -> &'static str {
        SAM2_VIDEO.family
    }

    fn files(&self) -> Vec<ModelFile> {
        vec![self.pictures.encoder.clone(), self.decoder.clone()]
    }

    fn fingerprint(&self, abort: &dyn Abort) -> Result<Key, SegmentError> {
        Ok(self.identity(abort)?.key)
    }

    fn placement(&self, abort: &dyn Abort) -> Result<Placement, SegmentError> {
        self.pictures.placement(abort)
    }

    fn input_size(&self, _: usize, _: usize) -> (usize, usize) {
        self.pictures.input_size()
    }

    fn embed(&self, picture: &Plane<[u8; 3]>, abort: &dyn Abort) -> Result<Embedding, SegmentError> {
        self.pictures.embed(&self.identity(abort)?, picture, abort)
    }

    fn batch_size(&self, abort: &dyn Abort) -> Result<usize, SegmentError> {
        self.pictures.batch_size(abort)
    }

    fn embed_batch(&self, pictures: &[Plane<[u8; 3]>], abort: &dyn Abort) -> Result<Vec<Embedding>, SegmentError> {
        self.pictures.embed_batch(&self.identity(abort)?, pictures, abort)
    }

    fn segment(&self, embedding: &Embedding, prompt: &Prompt, abort: &dyn Abort) -> Result<Segmentation, SegmentError> {
        if prompt.mask.is_some() {
            return Err(self.refused("a mask as the prompt", NO_MASKS));
        }
        if prompt.previous.is_some() {
            return Err(self.refused("an earlier result to refine", NO_REFINING));
        }
        let model = self.identity(abort)?;
        embedding.check_model(prompt, &model)?;
        let (width, height) = embedding.picture_size();
        let usable = prompt.usable(width, height)?;
        let seen = self.seen(embedding)?;
        let decoded = self.decode(&seen, seen.without_memory, Some(&usable), abort)?;
        Ok(decoded.segmentation(model, usable.ignored))
    }

    fn own_trackers(&self) -> Option<Box<dyn Trackers + '_>> {
        Some(Box::new(FixedBank(self)))
    }
}

/// Tracking with a bank of fixed size. There are no options to it.
struct FixedBank<'a>(&'a VideoModel);

impl Trackers for FixedBank<'_> {
    fn fingerprint(&self, _: TrackerOptions, abort: &dyn Abort) -> Result<Key, SegmentError> {
        let model = self.0.tracker_identity(abort)?.key;
        Ok(KeyBuilder::new("fixed bank tracker 1").bytes(&model.0.to_le_bytes()).finish())
    }

    fn memory(&self) -> MemoryKind {
        MemoryKind::Fixed
    }

    fn start(&self, _: TrackerOptions, abort: &dyn Abort) -> Result<Box<dyn ShotTracker + '_>, SegmentError> {
        let bank = Bank::of_nothing(self.0.tracker_identity(abort)?);
        Ok(Box::new(FixedBankTracker { model: self.0, bank }))
    }

    fn resume(&self, state: &ShotState, abort: &dyn Abort) -> Result<Box<dyn ShotTracker + '_>, SegmentError> {
        let bank: Bank = state.get()?;
        let model = self.0.tracker_identity(abort)?;
        if bank.model != model {
            return Err(SegmentError::other_model("the saved tracking state", &bank.model, &model));
        }
        bank.check(&self.0.sizes)?;
        Ok(Box::new(FixedBankTracker { model: self.0, bank }))
    }
}
