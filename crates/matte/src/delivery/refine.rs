//! The soft part of a matte found anew from the picture, within the unknown band of a trimap.

use super::settings::{RefineMethod, RefineSettings, share};
use super::{Frame, Learned, Stop};
use crate::closed_form::ClosedForm;
use crate::finish::pixels;
use crate::guided::{GuidedFilter, GuidedSettings};
use crate::trimap::TrimapMaker;
use crate::workspace::{fit_plane, no_plane, safe_alpha};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};

/// A painted trimap darker than this is background, and so much below white it is object.
const PAINTED: f32 = 0.1;
/// By how much the fast mode makes the picture smaller.
const FAST: usize = 4;

/// Trimap and matting; keeps its memory from frame to frame.
#[derive(Debug)]
pub(super) struct Refine {
    maker: TrimapMaker,
    guided: GuidedFilter,
    closed: ClosedForm,
    guide: Plane<[f32; 3]>,
    brightness: Plane<f32>,
    trimap: Plane<f32>,
    /// How much the result counts at each pixel: it fades out towards the end of the band.
    weight: Plane<f32>,
    found: Plane<f32>,
}

impl Default for Refine {
    fn default() -> Self {
        Self {
            maker: TrimapMaker::default(),
            guided: GuidedFilter::default(),
            closed: ClosedForm::default(),
            guide: no_plane(),
            brightness: no_plane(),
            trimap: no_plane(),
            weight: no_plane(),
            found: no_plane(),
        }
    }
}

impl Refine {
    /// The trimap of the last [`make_trimap`](Self::make_trimap).
    pub fn trimap(&self) -> &Plane<f32> {
        &self.trimap
    }

    /// The painted trimap, or one from the matte. What is painted sure becomes so in the matte.
    pub fn make_trimap(&mut self, frame: &Frame<'_>, alpha: &mut Plane<f32>, settings: &RefineSettings, scale: f32) {
        let Some(painted) = frame.trimap else {
            let (inside, outside) = (pixels(settings.inside, scale), pixels(settings.outside, scale));
            return self.maker.make_weighted(alpha, inside, outside, &mut self.trimap, &mut self.weight);
        };
        fit_plane(&mut self.trimap, alpha.width(), alpha.height());
        fit_plane(&mut self.weight, alpha.width(), alpha.height());
        let rows = self.trimap.par_rows_mut().zip(self.weight.par_rows_mut()).zip(alpha.par_rows_mut());
        rows.enumerate().for_each(|(y, ((trimap, weight), alpha))| {
            painted(y, trimap);
            for ((trimap, weight), alpha) in trimap.iter_mut().zip(weight).zip(alpha) {
                let value = safe_alpha(*trimap);
                (*trimap, *weight) = if value < PAINTED {
                    (0.0, 0.0)
                } else if value > 1.0 - PAINTED {
                    (1.0, 0.0)
                } else {
                    (0.5, 1.0)
                };
                if *trimap != 0.5 {
                    *alpha = *trimap;
                }
            }
        });
    }

    /// Mattes the unknown band of the trimap. False where it was stopped: the matte is then of no use.
    pub fn refine(
        &mut self,
        frame: &Frame<'_>,
        alpha: &mut Plane<f32>,
        settings: &RefineSettings,
        scale: f32,
        stop: Stop<'_>,
    ) -> bool {
        let amount = share(settings.amount);
        if settings.method == RefineMethod::Off || amount == 0.0 || self.weight.data().iter().all(|&w| w == 0.0) {
            return true;
        }
        let passes = match (settings.method, frame.learned) {
            (RefineMethod::Learned, Some(learned)) => {
                fit_plane(&mut self.found, alpha.width(), alpha.height());
                match learned(&self.trimap, &mut self.found) {
                    Learned::Found => {
                        self.blend(alpha, amount);
                        settings.detail
                    }
                    Learned::Unfit => settings.detail + 1,
                    Learned::Stopped => return false,
                }
            }
            _ => settings.detail + 1,
        };
        if passes == 0 {
            return true;
        }
        fit_plane(&mut self.guide, alpha.width(), alpha.height());
        self.guide.par_rows_mut().enumerate().for_each(|(y, row)| (frame.guide)(y, row));
        if settings.method == RefineMethod::ClosedForm {
            self.closed.solve(&self.guide, &self.trimap, &|| stop(), &mut self.found);
            if stop() {
                return false;
            }
            self.blend(alpha, amount);
            return true;
        }
        self.guide_passes(alpha, settings, scale, passes, stop)
    }

    /// Passes of the guided filter, each with half the radius and tolerance of the one before. False where it was stopped.
    fn guide_passes(
        &mut self,
        alpha: &mut Plane<f32>,
        settings: &RefineSettings,
        scale: f32,
        passes: usize,
        stop: Stop<'_>,
    ) -> bool {
        let (mut radius, mut tolerance) = (pixels(settings.radius, scale).max(1.0), share(settings.tolerance));
        if settings.method == RefineMethod::Brightness {
            fit_plane(&mut self.brightness, alpha.width(), alpha.height());
            self.brightness.par_rows_mut().zip(self.guide.par_rows()).for_each(|(to, from)| {
                to.iter_mut().zip(from).for_each(|(to, [r, g, b])| *to = (r + g + b) / 3.0);
            });
        }
        for _ in 0..passes {
            if stop() {
                return false;
            }
            let subsample = if settings.fast { FAST } else { 1 };
            let filter = GuidedSettings { radius: radius.round() as usize, epsilon: tolerance * tolerance, subsample };
            if settings.method == RefineMethod::Brightness {
                self.guided.grey(&self.brightness, alpha, &filter, &mut self.found);
            } else {
                self.guided.colour(&self.guide, alpha, &filter, &mut self.found);
            }
            self.blend(alpha, share(settings.amount));
            (radius, tolerance) = ((radius * 0.5).max(1.0), tolerance * 0.5);
        }
        true
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        let planes = [&self.brightness, &self.trimap, &self.weight, &self.found];
        let planes: usize = planes.iter().map(|plane| size_of_val(plane.data())).sum();
        let guide = size_of_val(self.guide.data());
        self.maker.byte_size() + self.guided.byte_size() + self.closed.byte_size() + guide + planes
    }

    fn blend(&self, alpha: &mut Plane<f32>, amount: f32) {
        let rows = alpha.par_rows_mut().zip(self.found.par_rows()).zip(self.weight.par_rows());
        rows.for_each(|((alpha, found), weight)| {
            for ((alpha, &found), weight) in alpha.iter_mut().zip(found).zip(weight) {
                *alpha += amount * weight * (safe_alpha(found) - *alpha);
            }
        });
    }
}
