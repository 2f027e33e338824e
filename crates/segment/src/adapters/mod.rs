//! Exports of SAM2.1 and SAM3 that other people made: pictures, clicks and boxes. Each is known by its tensors; what
//! differs between them is data ([`Form`]), what they have in common is one segmenter.
//!
//! Sources of the contracts: the model cards and public callers of `onnx-community/sam3-tracker-ONNX` and
//! `onnx-community/sam2.1-hiera-*-ONNX`; `export_onnx.py` of `ryouchinsa/sam-cpp-macos` (RectLabel's files, which osam
//! fetches too); `export_sam2.py` of `vietanhdev/samexporter`; `export_v2.py` of `jamjamjon/usls`.

mod contracts;
mod decode;
mod encode;
mod form;
mod segmenter;

use std::sync::Arc;

use inference::{Engine, FoundModel};

pub(crate) use contracts::{
    SAM2_RECTLABEL, SAM2_SAMEXPORTER, SAM2_TRANSFORMERS, SAM2_VIDEO, SAM3_CONCEPTS, SAM3_TRACKER,
};
use form::{FORMS, Form};
use segmenter::ClickModel;

use crate::model::ImageSegmenter;

/// A segmenter for an installed model of one of these families; `None` for other families and for those that segment
/// nothing by themselves.
pub(crate) fn open(engine: &Arc<Engine>, found: &FoundModel) -> Option<Box<dyn ImageSegmenter>> {
    let form: &'static Form = FORMS.iter().find(|form| Some(form.family) == found.family.as_deref())?;
    ClickModel::new(engine, found, form).map(|model| Box::new(model) as Box<dyn ImageSegmenter>)
}
