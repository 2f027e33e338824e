//! All figures of the frames of a shot, and of the shot.

use crate::error::MetricsError;
use crate::{
    boundary_f, connectivity_error, default_boundary_tolerance, gradient_error, jaccard, mean_absolute_difference,
    mean_squared_error, temporal_difference,
};
use raster::Plane;

/// The figures of one frame.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FrameFigures {
    /// Region: see [`jaccard`].
    pub j: f64,
    /// Boundary: see [`boundary_f`].
    pub f: f64,
    /// See [`mean_absolute_difference`].
    pub mad: f64,
    /// See [`mean_squared_error`].
    pub mse: f64,
    /// See [`gradient_error`].
    pub grad: f64,
    /// See [`connectivity_error`].
    pub conn: f64,
    /// The step from the frame before, which the first one and one after a gap have not: see [`temporal_difference`].
    pub dtssd: Option<f64>,
    /// Excess of the flow-warp error over that of the truth, where somebody measured it: see [`crate::warp_error`].
    pub excess_warp: Option<f64>,
}

/// Means over the frames of a shot; of the temporal figures over the frames that have them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ShotFigures {
    /// The figures frame by frame.
    pub frames: Vec<FrameFigures>,
    /// Their means. All zero for a shot without frames.
    pub mean: FrameFigures,
}

/// Takes a shot frame by frame; it remembers one frame.
#[derive(Debug, Default)]
pub struct ShotMeter {
    before: Option<[Plane<f32>; 2]>,
    frames: Vec<FrameFigures>,
}

impl ShotMeter {
    /// The figures of the next frame. `excess_warp` as [`FrameFigures`] has it.
    ///
    /// # Errors
    /// [`MetricsError`] when the mattes differ in size from each other or from those before, or have no pixel; the frame
    /// then does not count.
    pub fn add(
        &mut self,
        matte: &Plane<f32>,
        truth: &Plane<f32>,
        excess_warp: Option<f64>,
    ) -> Result<FrameFigures, MetricsError> {
        let dtssd = match &self.before {
            Some([before, true_before]) => Some(temporal_difference([before, matte], [true_before, truth])?),
            None => None,
        };
        let figures = FrameFigures {
            j: jaccard(matte, truth)?,
            f: boundary_f(matte, truth, default_boundary_tolerance(truth.width(), truth.height()))?,
            mad: mean_absolute_difference(matte, truth)?,
            mse: mean_squared_error(matte, truth)?,
            grad: gradient_error(matte, truth)?,
            conn: connectivity_error(matte, truth)?,
            dtssd,
            excess_warp,
        };
        self.before = Some([matte.clone(), truth.clone()]);
        self.frames.push(figures);
        Ok(figures)
    }

    /// Says that the next frame does not follow the last one: there is no step between them.
    pub fn gap(&mut self) {
        self.before = None;
    }

    /// The shot's figures.
    pub fn finish(self) -> ShotFigures {
        let frames = self.frames;
        let some = |of: &dyn Fn(&FrameFigures) -> Option<f64>| {
            let values: Vec<f64> = frames.iter().filter_map(of).collect();
            (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
        };
        let all = |of: fn(&FrameFigures) -> f64| some(&|frame| Some(of(frame))).unwrap_or(0.0);
        let mean = FrameFigures {
            j: all(|frame| frame.j),
            f: all(|frame| frame.f),
            mad: all(|frame| frame.mad),
            mse: all(|frame| frame.mse),
            grad: all(|frame| frame.grad),
            conn: all(|frame| frame.conn),
            dtssd: some(&|frame| frame.dtssd),
            excess_warp: some(&|frame| frame.excess_warp),
        };
        ShotFigures { frames, mean }
    }
}
