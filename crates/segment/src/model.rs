//! The models as the rest of the plugin sees them: one trait.

use std::sync::Arc;

use inference::{Abort, Feature, Found, Key, ModelFile, Origin, Placement};
use ndarray::{CowArray, IxDyn};
use raster::Plane;

use crate::{
    error::SegmentError, exported::Exported, identity::Identity, prompt::Prompt, propagation::Propagation,
    segmentation::Segmentation, shot_tracker::Trackers, text::TextSegmenter, thumbnail::thumbnail,
};

/// An encoded picture: what [`ImageSegmenter::segment`] needs of it. Cheap to clone and to keep.
#[derive(Debug, Clone)]
pub struct Embedding {
    pub(crate) feature: Arc<Feature>,
    pub(crate) key: Key,
    pub(crate) origin: Origin,
    pub(crate) model: Identity,
    pub(crate) picture: (usize, usize),
    pub(crate) thumbnail: Arc<Plane<[u8; 3]>>,
}

impl Embedding {
    pub(crate) fn new(found: Found<Feature>, key: Key, model: &Identity, picture: &Plane<[u8; 3]>) -> Self {
        let Found { value: feature, origin } = found;
        let thumbnail = Arc::new(thumbnail(picture));
        let picture = (picture.width(), picture.height());
        Self { feature, key, origin, model: model.clone(), picture, thumbnail }
    }

    /// Refuses an embedding, and earlier logits of a prompt, of another model than `model`.
    pub(crate) fn check_model(&self, prompt: &Prompt, model: &Identity) -> Result<(), SegmentError> {
        let previous = prompt.previous.as_ref().map(|previous| ("the previous logits", &previous.model));
        match [("the embedding", &self.model)].into_iter().chain(previous).find(|(_, found)| *found != model) {
            Some((what, found)) => Err(SegmentError::other_model(what, found, model)),
            None => Ok(()),
        }
    }

    /// The content of the picture and the model, hashed: equal keys, equal embeddings.
    pub fn key(&self) -> Key {
        self.key
    }

    /// Whether the encoder ran for it, or where it was remembered.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// What the encoder made of the picture, in the order of its outputs.
    pub fn tensors(&self) -> Vec<CowArray<'_, f32, IxDyn>> {
        self.feature.tensors()
    }

    /// Width and height of the picture that was encoded.
    pub fn picture_size(&self) -> (usize, usize) {
        self.picture
    }

    /// The picture at a quarter of its width and height, rounded up.
    pub fn thumbnail(&self) -> &Plane<[u8; 3]> {
        &self.thumbnail
    }
}

/// A model that segments single pictures from prompts.
///
/// Opening is cheap, and the network's sessions come from the engine's cache at each call: many instances may hold
/// one of these without keeping any memory.
pub trait ImageSegmenter: Send + Sync {
    /// The name as installed: "MobileSAM".
    fn name(&self) -> &str;

    /// The family: "sam1".
    fn family(&self) -> &'static str;

    /// Its files, as [`inference::Engine::warm`] takes them.
    fn files(&self) -> Vec<ModelFile>;

    /// What tells this model's results from all others': its files' content, the runtime, the device. Equal on all
    /// machines that run the same.
    ///
    /// # Errors
    /// [`SegmentError::Inference`]: aborted, a file missing or damaged, no runtime.
    fn fingerprint(&self, abort: &dyn Abort) -> Result<Key, SegmentError>;

    /// The device it runs on, and why not on another.
    ///
    /// # Errors
    /// As [`ImageSegmenter::fingerprint`].
    fn placement(&self, abort: &dyn Abort) -> Result<Placement, SegmentError>;

    /// The size of picture to hand to [`ImageSegmenter::embed`] for a frame of this size in square pixels.
    fn input_size(&self, frame_width: usize, frame_height: usize) -> (usize, usize);

    /// Encodes a picture (display-referred RGB), or finds it encoded: the key is the picture's bytes, its size and
    /// [the model](ImageSegmenter::fingerprint).
    ///
    /// # Errors
    /// [`SegmentError::PictureSize`] for a picture of a size [`ImageSegmenter::input_size`] never gives;
    /// [`SegmentError::Inference`] for abort and everything about files and the runtime.
    fn embed(&self, picture: &Plane<[u8; 3]>, abort: &dyn Abort) -> Result<Embedding, SegmentError>;

    /// How many pictures [`ImageSegmenter::embed_batch`] is best given at a time: what the graph, the device and the
    /// memory that is free allow. Loads the encoder.
    ///
    /// # Errors
    /// As [`ImageSegmenter::fingerprint`].
    fn batch_size(&self, abort: &dyn Abort) -> Result<usize, SegmentError>;

    /// As [`ImageSegmenter::embed`], for several pictures: those that are nowhere remembered go through the encoder
    /// together. The embeddings come in the order of the pictures.
    ///
    /// # Errors
    /// As [`ImageSegmenter::embed`].
    fn embed_batch(&self, pictures: &[Plane<[u8; 3]>], abort: &dyn Abort) -> Result<Vec<Embedding>, SegmentError>;

    /// Decodes a prompt on an encoded picture.
    ///
    /// # Errors
    /// [`SegmentError::NoPrompt`], [`SegmentError::PromptOutside`], [`SegmentError::OtherModel`],
    /// [`SegmentError::Inference`].
    fn segment(&self, embedding: &Embedding, prompt: &Prompt, abort: &dyn Abort) -> Result<Segmentation, SegmentError>;

    /// The model for text prompts; `None` for one that takes none ([`crate::text::of`] says so in words).
    fn texts(&self) -> Option<&dyn TextSegmenter> {
        None
    }

    /// What follows objects with a memory that is neither [the tracker's](crate::tracker::Tracker) nor made of
    /// embeddings; `None` where there is none.
    fn own_trackers(&self) -> Option<Box<dyn Trackers + '_>> {
        None
    }

    /// The model for a [tracker](crate::tracker::Tracker). `None` for a family that has none.
    fn exported(&self) -> Option<Arc<Exported>> {
        None
    }
}

impl dyn ImageSegmenter + '_ {
    /// What follows an object through a shot with this model: its memory, or where it has none its embeddings.
    pub fn trackers(&self) -> Option<Box<dyn Trackers + '_>> {
        let own = self.own_trackers().or_else(|| Some(Box::new(self.exported()?)));
        Some(own.unwrap_or_else(|| Box::new(Propagation::of(self))))
    }
}
