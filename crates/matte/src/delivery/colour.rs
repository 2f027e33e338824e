//! The object's colours: without the background in its edge, without the screen's light, with a new background's.

use super::Frame;
use super::settings::{ColourSettings, Despill, EdgeColour, share};
use crate::blur::Blur;
use crate::despill::{Screen, despill, despill_light};
use crate::edge_colours::EdgeColours;
use crate::extend::EdgeExtend;
use crate::finish::{AlphaFinish, pixels};
use crate::workspace::{fit_plane, no_plane, safe_alpha};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};

/// Where a picture's own alpha is at least this, it has colour to give.
const HAS_COLOUR: f32 = 1.0 / 255.0;

/// Colours of a frame; keeps its memory from frame to frame.
#[derive(Debug)]
pub(super) struct Colours {
    estimate: EdgeColours,
    extend: EdgeExtend,
    inset: AlphaFinish,
    blur: Blur,
    weight: Plane<f32>,
    picture: Plane<[f32; 3]>,
    extended: Plane<[f32; 3]>,
    /// What falls over the edge, to be added to premultiplied colours.
    wrapped: Plane<[f32; 3]>,
    source: Source,
    wraps: bool,
}

/// Where the edge's colours are after [`Colours::prepare`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Picture,
    Estimate,
    Extended,
}

impl Default for Colours {
    fn default() -> Self {
        Self {
            estimate: EdgeColours::default(),
            extend: EdgeExtend::default(),
            inset: AlphaFinish::default(),
            blur: Blur::default(),
            weight: no_plane(),
            picture: no_plane(),
            extended: no_plane(),
            wrapped: no_plane(),
            source: Source::Picture,
            wraps: false,
        }
    }
}

impl Colours {
    /// Looks at a frame. `coverage`: how much of each pixel is object in the picture.
    pub fn prepare(&mut self, frame: &Frame<'_>, coverage: &Plane<f32>, settings: &ColourSettings, scale: f32) {
        self.source = match settings.edge {
            EdgeColour::Picture => Source::Picture,
            // The colours of a picture cut out by its own alpha are the object's already; they only end where it does.
            EdgeColour::Estimate if frame.cut_out => Source::Extended,
            EdgeColour::Estimate => Source::Estimate,
            EdgeColour::Extend => Source::Extended,
        };
        if self.source == Source::Estimate || settings.despill == Despill::Background {
            self.estimate.prepare(coverage, frame.picture);
        }
        if self.source == Source::Extended {
            self.weigh(coverage, settings, frame.cut_out, scale);
            read(frame.picture, &mut self.picture, coverage);
            self.extend.extend(&self.picture, &self.weight, &mut self.extended);
        }
    }

    /// Lets the light of `frame.background` fall over the edge of the finished matte.
    pub fn wrap(&mut self, frame: &Frame<'_>, alpha: &Plane<f32>, settings: &ColourSettings, scale: f32) {
        let amount = if settings.wrap.is_nan() { 0.0 } else { settings.wrap.max(0.0) };
        let Some(background) = frame.background.filter(|_| amount > 0.0) else {
            self.wraps = false;
            return;
        };
        self.wraps = true;
        fit_plane(&mut self.weight, alpha.width(), alpha.height());
        self.weight.par_rows_mut().zip(alpha.par_rows()).for_each(|(weight, alpha)| {
            weight.iter_mut().zip(alpha).for_each(|(weight, &alpha)| *weight = 1.0 - safe_alpha(alpha));
        });
        read(background, &mut self.picture, alpha);
        self.extend.extend(&self.picture, &self.weight, &mut self.wrapped);
        self.blur.blur(&mut self.weight, pixels(settings.wrap_width, scale) * 0.5);
        let rows = self.wrapped.par_rows_mut().zip(self.weight.par_rows()).zip(alpha.par_rows());
        rows.for_each(|((wrapped, weight), alpha)| {
            for ((wrapped, weight), &alpha) in wrapped.iter_mut().zip(weight).zip(alpha) {
                let light = amount * weight * safe_alpha(alpha);
                *wrapped = wrapped.map(|value| if value.is_finite() { value * light } else { 0.0 });
            }
        });
    }

    /// The object's straight colour at a pixel, from the picture's.
    pub fn object(
        &self,
        coverage: &Plane<f32>,
        x: usize,
        y: usize,
        picture: [f32; 3],
        settings: &ColourSettings,
    ) -> [f32; 3] {
        let edge = match self.source {
            Source::Picture => None,
            Source::Estimate => Some(self.estimate.object(coverage, x, y, picture)),
            Source::Extended => self.extended.get(x, y).copied(),
        };
        let amount = share(settings.amount);
        let colour = match edge {
            Some(edge) if amount >= 1.0 => edge,
            Some(edge) => std::array::from_fn(|c| picture[c] + amount * (edge[c] - picture[c])),
            None => picture,
        };
        match settings.despill {
            Despill::Off => colour,
            Despill::Green => despill(colour, Screen::Green, settings.despill_amount, settings.restore),
            Despill::Blue => despill(colour, Screen::Blue, settings.despill_amount, settings.restore),
            Despill::Background => {
                let light = self.estimate.background(coverage, x, y);
                despill_light(colour, light, settings.despill_amount, settings.restore)
            }
        }
    }

    /// Light of a new background to be added to the premultiplied colour of a pixel.
    pub fn wrapped(&self, x: usize, y: usize) -> [f32; 3] {
        if self.wraps { self.wrapped.get(x, y).copied().unwrap_or_default() } else { [0.0; 3] }
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        let colours = [&self.picture, &self.extended, &self.wrapped].map(|plane| size_of_val(plane.data()));
        let planes = colours.iter().sum::<usize>() + size_of_val(self.weight.data());
        self.estimate.byte_size() + self.extend.byte_size() + self.inset.byte_size() + self.blur.byte_size() + planes
    }

    /// How much each pixel's own colour counts when colours are extended.
    fn weigh(&mut self, coverage: &Plane<f32>, settings: &ColourSettings, cut_out: bool, scale: f32) {
        fit_plane(&mut self.weight, coverage.width(), coverage.height());
        self.weight.data_mut().copy_from_slice(coverage.data());
        if cut_out && settings.edge == EdgeColour::Estimate {
            for weight in self.weight.data_mut() {
                *weight = f32::from(safe_alpha(*weight) >= HAS_COLOUR);
            }
            return;
        }
        let inset = pixels(settings.inset, scale).max(0.0);
        self.inset.grow(&mut self.weight, -inset);
        // What is soft still shows the background: its colour counts little against what is solid.
        self.weight.par_rows_mut().for_each(|row| {
            row.iter_mut().for_each(|weight| *weight = safe_alpha(*weight).powi(4));
        });
    }
}

fn read(rows: crate::edge_colours::Rows<'_>, plane: &mut Plane<[f32; 3]>, size: &Plane<f32>) {
    fit_plane(plane, size.width(), size.height());
    plane.par_rows_mut().enumerate().for_each(|(y, row)| rows(y, row));
}
