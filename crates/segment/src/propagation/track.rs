//! The tracker's two steps: a prompt, and a frame on the way.

use std::sync::Arc;

use inference::{Abort, InferenceError};
use raster::Plane;

use super::{
    EmbeddingTracker,
    carried::Latest,
    cells::Cells,
    colour::Bins,
    cues::{Cues, SURE},
    memory::{Kept, Memories},
    recall::recall,
    samples::{cell_means, coverage, enlarged, resized},
};
use crate::{
    error::SegmentError,
    model::Embedding,
    prompt::Prompt,
    segmentation::{PreviousLogits, Segmentation},
    shot_tracker::{ShotState, ShotTracker},
    tracker::FramePrompt,
};

/// A frame is good where vote and mask overlap by more than this...
const AGREEMENT: f32 = 0.45;

/// ...and the mask has more and less than so many times its usual area.
const AREA: (f32, f32) = (0.4, 2.5);

/// Where vote and mask overlap by less, and the colours under the mask speak against it by more than this on average, the
/// object is not there: the decoder always finds something.
const DOUBTFUL: f32 = 0.3;
const DENIED: f32 = -1.0;

/// Weight of the last good frame's colours; a prompted frame's is 1.
const RECENT_COLOURS: f32 = 0.5;

/// Logits where a mask that was given is, and their opposite where it is not; logits of a frame without the object.
const GIVEN: f32 = 10.0;

/// Samples of a SAM's logits on a side of a cell of its embedding.
const LOGITS_PER_CELL: f32 = 4.0;

/// The one object of a tracker, for messages.
const OBJECT: u32 = 1;

impl ShotTracker for EmbeddingTracker<'_> {
    /// Takes the prompt of a frame and remembers its mask.
    fn prompt(
        &mut self,
        frame: usize,
        picture: &Embedding,
        prompt: &FramePrompt,
        abort: &dyn Abort,
    ) -> Result<Segmentation, SegmentError> {
        let cells = self.cells(picture)?;
        let found = match &prompt.mask {
            _ if prompt.refine => {
                return Err(self.refused("a refinement of a tracked mask", "give all points of the frame"));
            }
            Some(_) if !prompt.points.is_empty() || prompt.box_.is_some() => {
                let what = "a mask together with points or a box on one frame";
                return Err(self.refused(what, "prompt with the mask alone"));
            }
            Some(mask) => self.given(mask, picture, &cells)?,
            None => {
                let (points, box_) = (prompt.points.clone(), prompt.box_);
                self.model.segment(picture, &Prompt { points, box_, ..Prompt::default() }, abort)?
            }
        };
        let thumbnail = picture.thumbnail();
        let covered = coverage(&found, thumbnail.width(), thumbnail.height());
        let labels = cell_means(&covered, cells.grid).into();
        let colours = Bins::of(thumbnail).colours(&covered);
        let canvas = &found.previous.canvas;
        self.memories.canvas = (canvas.width(), canvas.height());
        if self.memories.prompted.is_empty() {
            self.memories.latest = Some(Latest::new(frame, thumbnail, &covered));
        }
        self.memories.keep_prompted(Kept { frame, cells, labels, colours });
        Ok(found)
    }

    /// Finds the object on a frame, and remembers it where it is sure.
    fn step(&mut self, frame: usize, picture: &Embedding, abort: &dyn Abort) -> Result<Segmentation, SegmentError> {
        let cells = self.cells(picture)?;
        let memories = &mut self.memories;
        if memories.prompted.is_empty() {
            return Err(SegmentError::NotTracked { object: OBJECT, frame });
        }
        let votes = recall(memories, frame, &cells);
        if abort.aborted() {
            return Err(InferenceError::Aborted.into());
        }
        let thumbnail = picture.thumbnail();
        let (width, height) = (thumbnail.width(), thumbnail.height());
        let bins = Bins::of(thumbnail);
        let likelihood = likelihood(memories, &bins);
        let is_there = votes.iter().any(|&vote| vote > memories.level());
        let cues = is_there.then(|| {
            let mut fine = enlarged(&votes, cells.grid, width, height);
            let carried = memories.latest.as_ref().and_then(|latest| latest.carried(frame, thumbnail));
            carried.inspect(|carried| carried.mix_into(&mut fine));
            Cues::of(&fine, &likelihood)
        });
        let Some(cues) = cues.flatten() else { return Ok(uniform(picture, memories.canvas, -GIVEN)) };
        let found = decode(self.model, picture, cues, memories.canvas, abort)?;
        let covered = coverage(&found, width, height);
        let labels = cell_means(&covered, cells.grid);
        let agreement = overlap(&labels, &votes);
        if agreement < DOUBTFUL && mean_under(&likelihood, &covered) < DENIED {
            return Ok(uniform(picture, memories.canvas, -GIVEN));
        }
        if agreement > AGREEMENT && is_usual(&labels, memories.usual_area()) {
            // The vote keeps a single bad mask from becoming what is looked for.
            let labels = labels.iter().zip(&votes).map(|(label, vote)| 0.5 * (label + vote)).collect();
            memories.latest = Some(Latest::new(frame, thumbnail, &covered));
            memories.keep(Kept { frame, cells, labels, colours: bins.colours(&covered) }, agreement);
        }
        Ok(found)
    }

    fn state(&self) -> ShotState {
        ShotState::new(self.memories.clone())
    }
}

impl EmbeddingTracker<'_> {
    fn cells(&self, picture: &Embedding) -> Result<Cells, SegmentError> {
        if picture.model != self.memories.model {
            return Err(SegmentError::other_model("the embedding", &picture.model, &self.memories.model));
        }
        Cells::of(picture).ok_or_else(|| self.refused("an embedding that is not of square cells", "use another model"))
    }

    fn refused(&self, what: &'static str, remedy: &'static str) -> SegmentError {
        SegmentError::PromptKind { model: self.model.name().to_owned(), what, remedy }
    }

    /// A mask that was given as the mask that was found.
    fn given(&self, mask: &Plane<f32>, picture: &Embedding, cells: &Cells) -> Result<Segmentation, SegmentError> {
        let (width, height) = (mask.width(), mask.height());
        let picture_size = picture.picture_size();
        if (width, height) != picture_size {
            let expected =
                format!("a mask as the prompt has to be of that size: {}x{}", picture_size.0, picture_size.1);
            return Err(SegmentError::PictureSize { width, height, expected });
        }
        let side = (LOGITS_PER_CELL * width.max(height) as f32 / cells.grid.cell).round() as usize;
        let mut given = uniform(picture, (side, side), -GIVEN);
        let inside = mask.map(|&share| if share >= 0.5 { GIVEN } else { -GIVEN });
        given.logits = resized(&inside, given.logits.width(), given.logits.height());
        given.previous.canvas = Arc::new(on_canvas(&given.logits, (side, side)));
        given.iou = 1.0;
        Ok(given)
    }
}

/// What the colours of remembered frames say of a frame's samples.
fn likelihood(memories: &Memories, bins: &Bins) -> Plane<f32> {
    let prompted = memories.prompted.iter().map(|kept| (&kept.colours, 1.0));
    let recent = memories.recent.back().map(|kept| (&kept.colours, RECENT_COLOURS));
    bins.likelihood(prompted.chain(recent))
}

/// The decoder's mask. Decoders that take no logits get the box and the points.
fn decode(
    model: &dyn crate::ImageSegmenter,
    picture: &Embedding,
    cues: Cues,
    canvas: (usize, usize),
    abort: &dyn Abort,
) -> Result<Segmentation, SegmentError> {
    let over_picture = uniform(picture, canvas, 0.0).logits;
    let prior = on_canvas(&resized(&cues.prior, over_picture.width(), over_picture.height()), canvas);
    let previous = PreviousLogits { canvas: Arc::new(prior), model: picture.model.clone() };
    let prompt = Prompt { points: cues.points, box_: Some(cues.box_), previous: Some(previous), mask: None };
    match model.segment(picture, &prompt, abort) {
        Err(SegmentError::PromptKind { .. }) => model.segment(picture, &Prompt { previous: None, ..prompt }, abort),
        found => found,
    }
}

/// Logits over the picture on the decoder's canvas, whose top left the picture covers.
fn on_canvas(logits: &Plane<f32>, (columns, rows): (usize, usize)) -> Plane<f32> {
    let mut canvas = Plane::new(columns, rows, -SURE);
    for (target, source) in canvas.rows_mut().zip(logits.rows()) {
        let columns = target.len().min(source.len());
        target[..columns].copy_from_slice(&source[..columns]);
    }
    canvas
}

/// A mask of one value.
fn uniform(picture: &Embedding, (columns, rows): (usize, usize), logit: f32) -> Segmentation {
    let (width, height) = picture.picture_size();
    let side = width.max(height).max(1) as f32;
    let extent = (width as f32 / side * columns as f32, height as f32 / side * rows as f32);
    let logits = Plane::new(extent.0.ceil() as usize, extent.1.ceil() as usize, logit);
    let previous = PreviousLogits { canvas: Arc::new(Plane::new(columns, rows, logit)), model: picture.model.clone() };
    Segmentation { logits, extent, iou: 0.0, ignored: 0, previous }
}

/// Whether a mask covers about as much as usual.
fn is_usual(labels: &[f32], usual: f32) -> bool {
    let area: f32 = labels.iter().sum();
    area > AREA.0 * usual && area < AREA.1 * usual
}

/// The mean of a plane's samples, each as much as it is covered; 0 where none is.
fn mean_under(plane: &Plane<f32>, coverage: &Plane<f32>) -> f32 {
    let samples = plane.data().iter().zip(coverage.data());
    let (sum, weight) =
        samples.fold((0f32, 0f32), |(sum, weight), (value, share)| (sum + share * value, weight + share));
    if weight > 0.0 { sum / weight } else { 0.0 }
}

/// Soft intersection over union.
fn overlap(a: &[f32], b: &[f32]) -> f32 {
    let (both, either) =
        a.iter().zip(b).fold((0f32, 0f32), |(both, either), (a, b)| (both + a.min(*b), either + a.max(*b)));
    both / either.max(1e-6)
}
