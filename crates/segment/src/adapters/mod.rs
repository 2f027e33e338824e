//! Exports of SAM2.1 and SAM3 that other people made. Each is known by its tensors. Those that take clicks are one
//! segmenter, and what differs between them is data ([`Form`]); the one that takes texts is another.
//!
//! Sources of the contracts: the model cards and public callers of `onnx-community/sam3-tracker-ONNX` and
//! `onnx-community/sam2.1-hiera-*-ONNX`; `export_onnx.py` of `ryouchinsa/sam-cpp-macos` (RectLabel's files, which osam
//! fetches too); `export_sam2.py` of `vietanhdev/samexporter`; `export_v2.py` of `jamjamjon/usls`;
//! the model card of `square-zero-labs/sam2.1-tiny-video-onnx` and the exporter and the host in the editor of
//! `diffusionstudio`; `sam2_base.py` of `axinc-ai/segment-anything-2`; `modules.py` and `utils.py` of `pagarcia/sam2-onnx-cpp`.

mod concepts;
mod contracts;
mod decode;
mod encode;
mod form;
mod segmenter;
mod video;

use std::sync::Arc;

use inference::{Engine, FoundModel};

use concepts::ConceptModel;
pub(crate) use contracts::{
    SAM2_AILIA, SAM2_CPP, SAM2_RECTLABEL, SAM2_SAMEXPORTER, SAM2_TRANSFORMERS, SAM3_CONCEPTS, SAM3_TRACKER,
};
use form::{FORMS, Form};
use segmenter::ClickModel;
use video::VideoModel;
pub(crate) use video::{SAM2_VIDEO, VideoError};

use crate::model::ImageSegmenter;

/// A segmenter for an installed export of SAM2.1 for videos, whose memory has a fixed size.
///
/// # Errors
/// [`VideoError`], to be read after the model's name.
pub(crate) fn open_video(engine: &Arc<Engine>, found: &FoundModel) -> Result<Box<dyn ImageSegmenter>, VideoError> {
    Ok(Box::new(VideoModel::open(engine, found)?))
}

/// A segmenter for an installed model of one of the other families; `None` for families that are not of these and for
/// those that segment nothing by themselves.
pub(crate) fn open(engine: &Arc<Engine>, found: &FoundModel) -> Option<Box<dyn ImageSegmenter>> {
    let form: Option<&'static Form> = FORMS.iter().find(|form| Some(form.family) == found.family.as_deref());
    match form {
        Some(form) => ClickModel::new(engine, found, form).map(|model| Box::new(model) as Box<dyn ImageSegmenter>),
        None => ConceptModel::new(engine, found).map(|model| Box::new(model) as Box<dyn ImageSegmenter>),
    }
}
