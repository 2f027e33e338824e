//! Dense inverse search: optical flow without a network.
//!
//! Kroeger, Timofte, Dai, Van Gool: "Fast Optical Flow using Dense Inverse Search", ECCV 2016. From the coarsest scale to
//! the finest: patches of the first picture are brought to where they fit the second (inverse Lucas-Kanade descent), their
//! vectors are averaged to dense motion, and that is refined variationally. Candidates handed on between patches, settings
//! and constants are those of OpenCV's `DISOpticalFlow` (modules/video/src/dis_flow.cpp).

mod checker;
mod densify;
mod derivatives;
mod grid;
mod patch;
mod pyramid;
mod resize;
mod search;
mod system;
mod variational;

use crate::{Flow, FlowError};
use densify::densify;
use grid::Grid;
use patch::SIDE;
use pyramid::Level;
use raster::Plane;
pub use resize::Sample;
use resize::{Enlarging, Source};
use search::Sparse;
use variational::Refinement;

/// How much work is spent: OpenCV's presets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Preset {
    /// A quarter of the picture's size, without refinement.
    UltraFast,
    /// A quarter of the picture's size.
    Fast,
    /// Half of the picture's size.
    #[default]
    Medium,
}

/// What a preset stands for.
#[derive(Clone, Copy)]
struct Settings {
    /// The finest scale is 1/2^this of the picture's size.
    finest: usize,
    /// Pixels from patch to patch.
    stride: usize,
    /// Descent steps of a patch at each scale, at most.
    steps: usize,
    /// Fixed-point iterations of the refinement.
    iterations: usize,
}

impl Preset {
    /// The constants of OpenCV's `DISOpticalFlow::create`.
    fn settings(self) -> Settings {
        match self {
            Self::UltraFast => Settings { finest: 2, stride: 4, steps: 12, iterations: 0 },
            Self::Fast => Settings { finest: 2, stride: 4, steps: 16, iterations: 5 },
            Self::Medium => Settings { finest: 1, stride: 3, steps: 25, iterations: 5 },
        }
    }
}

/// Finds motion between two pictures. It keeps its working memory: once it has seen a size, it allocates nothing more
/// for pictures of this size.
#[derive(Default)]
pub struct Dis {
    preset: Preset,
    /// From the finest scale to the coarsest.
    levels: Vec<Level>,
    sparse: Sparse,
    scratch: Vec<f32>,
    refinement: Refinement,
    enlarging: Enlarging,
}

impl Dis {
    /// A search with the settings of a preset.
    pub fn new(preset: Preset) -> Self {
        Self { preset, ..Self::default() }
    }

    /// The motion from one picture to another of the same size. Samples are brightness 0..255 of display-referred
    /// pictures; what lies beyond counts as the nearer end, what is not a number as 0.
    ///
    /// The result is the same for any number of threads.
    ///
    /// # Errors
    /// [`FlowError::Size`] for pictures of different sizes, [`FlowError::Empty`] for pictures without pixels.
    pub fn flow<T: Sample>(&mut self, from: &Plane<T>, to: &Plane<T>) -> Result<Flow, FlowError> {
        let mut flow = Flow::default();
        self.flow_into(from, to, &mut flow)?;
        Ok(flow)
    }

    /// As [`Dis::flow`], into a field whose memory is used again.
    ///
    /// # Errors
    /// As [`Dis::flow`]; the field is then as it was.
    pub fn flow_into<T: Sample>(&mut self, from: &Plane<T>, to: &Plane<T>, flow: &mut Flow) -> Result<(), FlowError> {
        FlowError::unless_same("the second picture", (from.width(), from.height()), (to.width(), to.height()))?;
        if from.is_empty() {
            return Err(FlowError::Empty);
        }
        flow.reshape(from.width(), from.height());
        // On a thread of the pool, so that small loops need not wake it each time.
        rayon::scope(|_| self.search(&Source::of_plane(from), &Source::of_plane(to), flow));
        Ok(())
    }

    fn search<T: Sample>(&mut self, from: &Source<T>, to: &Source<T>, flow: &mut Flow) {
        let settings = self.preset.settings();
        let (finest, coarsest) = scales(from.width, from.height, settings.finest);
        self.levels.resize_with(coarsest - finest + 1, Level::default);
        let [width, height] = [from.width, from.height].map(|side| (side >> finest).max(SIDE));
        for index in 0..self.levels.len() {
            let (finer, this) = self.levels.split_at_mut(index);
            match finer.last() {
                Some(finer) => this[0].coarser(finer),
                None => this[0].finest(from, to, width, height),
            }
        }
        if let Some(coarsest) = self.levels.last_mut() {
            coarsest.motion.iter_mut().for_each(|part| part.data.fill(0.0));
        }
        for index in (0..self.levels.len()).rev() {
            let (finer, this) = self.levels.split_at_mut(index);
            let level = &mut this[0];
            self.sparse.search(level, settings.stride, settings.steps);
            densify(&self.sparse, level, &mut self.scratch);
            if settings.iterations > 0 {
                self.refinement.refine(level, settings.iterations);
            }
            if let Some(finer) = finer.last_mut() {
                self.enlarging.grids(level.motion.each_ref(), finer.motion.each_mut());
            }
        }
        let motion = self.levels[0].motion.each_ref();
        if width > from.width || height > from.height {
            crop(motion, flow);
        } else {
            self.enlarging.vectors(motion, flow);
        }
    }
}

/// The finest and the coarsest scale: the coarsest finds motion of about a quarter of the longer side, and no side is
/// shorter than a patch there (OpenCV's rule).
fn scales(width: usize, height: usize, finest: usize) -> (usize, usize) {
    let octaves = |ratio: f32| ratio.max(1.0).log2();
    let (longer, shorter) = (width.max(height) as f32, width.min(height) as f32);
    let coarsest = ((octaves(longer / (4 * SIDE) as f32) + 0.5) as usize).min(octaves(shorter / SIDE as f32) as usize);
    (finest.min(coarsest), coarsest)
}

/// The top left part of a field that was extended beyond its picture.
fn crop([u, v]: [&Grid; 2], out: &mut Flow) {
    for (y, row) in out.vectors.chunks_exact_mut(out.width).enumerate() {
        for (out, (u, v)) in row.iter_mut().zip(u.row(y).iter().zip(v.row(y))) {
            *out = [*u, *v];
        }
    }
}
