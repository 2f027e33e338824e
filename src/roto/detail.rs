//! The detail pass: an object whose mask is known is looked at once more, in a crop of the source round it.
//!
//! It refines what comes out, and not what a tracker remembers. What the model answers is remembered by the content of the
//! first mask and of the picture, so that it does not matter who asked for it first: a tracking button or a render.

use std::fmt;
use std::sync::Arc;

use inference::{Abort, DiskStore, Key};
use raster::Plane;
use segment::detail::{Crop, look, merged};
use segment::{ImageSegmenter, SegmentError, Segmentation};

use super::failure::FrameError;
use super::geometry::FrameGeometry;
use super::keys::detail_key;
use super::model_prompts::ObjectPrompt;
use crate::engine::Shared;

/// Looks again at objects of one frame.
pub struct DetailPass<'a> {
    /// The caches.
    pub shared: &'a Shared,
    /// The model.
    pub segmenter: &'a dyn ImageSegmenter,
    /// Where answers are kept on disk.
    pub disk: Option<&'a DiskStore>,
    /// Whether the host gives up.
    pub abort: &'a dyn Abort,
    /// The name of the frame's picture.
    pub source: Key,
    /// Where it lies for the model.
    pub geometry: FrameGeometry,
}

/// What became of one object.
#[derive(Debug, Clone)]
pub enum Detail {
    /// It has the mask of the second look.
    Finer(Arc<Segmentation>),
    /// It keeps the first mask: it is not there, or so large that a second look shows no more.
    NoCrop,
    /// It keeps the first mask: the second look found something else, or the model takes no boxes.
    Other,
}

impl DetailPass<'_> {
    /// The object of a mask, `prompt` being what is said of it on this very frame. `show` gives a crop of the source as the
    /// model is to see it, and is asked where the answer is not remembered.
    ///
    /// # Errors
    /// Those of `show`; aborted; a damaged file, a failed run.
    pub fn of(
        &self,
        mask: &Segmentation,
        prompt: Option<&ObjectPrompt>,
        show: impl FnOnce(&Crop) -> Result<Plane<[u8; 3]>, FrameError>,
    ) -> Result<Detail, FrameError> {
        let Some(crop) = Crop::round(mask, self.geometry.pixels(), self.geometry.pixel_aspect()) else {
            return Ok(Detail::NoCrop);
        };
        let points = self.points(prompt);
        let model = self.segmenter.fingerprint(self.abort)?;
        let key = detail_key(model, self.source, self.geometry.pixel_aspect(), mask, &points);
        let found = self.shared.masks.fetch_stored(key, self.disk, self.abort, || {
            let embedding = self.segmenter.embed(&show(&crop)?, self.abort)?;
            Ok::<_, FrameError>(look(self.segmenter, &embedding, mask, &crop, &points, self.abort)?)
        });
        let inside = match found {
            Ok(found) => found.value,
            Err(FrameError::Model(SegmentError::PromptKind { .. })) => return Ok(Detail::Other),
            Err(error) => return Err(error),
        };
        Ok(match merged(mask, &inside, &crop) {
            Some(finer) => Detail::Finer(Arc::new(finer)),
            None => Detail::Other,
        })
    }

    /// In shares of the picture.
    fn points(&self, prompt: Option<&ObjectPrompt>) -> Vec<([f64; 2], bool)> {
        let [width, height] = self.geometry.model_size().map(|side| side as f64);
        let said = prompt.iter().flat_map(|prompt| &prompt.points);
        said.map(|&([x, y], include)| ([f64::from(x) / width, f64::from(y) / height], include)).collect()
    }
}

/// What became of the objects of a frame, for the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Detailed {
    finer: usize,
    no_crop: usize,
    other: usize,
}

impl Detailed {
    /// Counts one more.
    pub fn add(&mut self, detail: &Detail) {
        match detail {
            Detail::Finer(_) => self.finer += 1,
            Detail::NoCrop => self.no_crop += 1,
            Detail::Other => self.other += 1,
        }
    }
}

impl fmt::Display for Detailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.finer + self.no_crop + self.other;
        match (self.finer, all) {
            (finer, all) if finer == all => f.write_str("detail pass"),
            (0, _) if self.other == 0 => f.write_str("no detail pass: the object is too large for it, or not there"),
            (0, _) => f.write_str("no detail pass: it would take something else for the object"),
            (finer, all) => write!(f, "detail pass for {finer} of {all} objects"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_how_many_objects_were_refined_or_why_none_was() {
        let line = |finer, no_crop, other| Detailed { finer, no_crop, other }.to_string();
        assert_eq!(line(2, 0, 0), "detail pass");
        assert_eq!(line(1, 1, 0), "detail pass for 1 of 2 objects");
        assert!(line(0, 1, 0).contains("too large") && line(0, 1, 1).contains("something else"));
    }
}
