//! The alpha part of finishing a matte: levels, holes, specks, border, edge.

use crate::active::Window;
use crate::blur::Blur;
use crate::border::mend_border;
use crate::choke::{SOFTEST, choke, feather_by_distance};
use crate::euclidean::DistanceTransform;
use crate::levels::Levels;
use crate::regions::Regions;
use crate::workspace::{fit_plane, hold_plane, no_plane};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};

/// Pixels beyond the distances that are looked at whose own are still needed: those of neighbours, and of rounding.
const BESIDE: f32 = 2.0;

/// What is done to a matte. Lengths are in canonical units (pixels of the full-size frame), areas in squares of them: a
/// proxy looks the same. Numbers out of range are brought into it, and what is not a number counts as the default.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct AlphaSettings {
    /// Black point, white point and gamma of the matte as it comes in.
    pub levels: Levels,
    /// Holes of at most this area are filled.
    pub fill_holes: f64,
    /// Islands of at most this area are removed.
    pub remove_specks: f64,
    /// How far from the frame's edge the matte is drawn anew from further in.
    pub border: f32,
    /// How far the edge is moved outwards; negative: inwards.
    pub grow: f32,
    /// Width of the feather.
    pub feather: f32,
    /// Where the feather lies: -1 inside, 0 on both sides, 1 outside.
    pub feather_bias: f32,
    /// Standard deviation of the blur.
    pub blur: f32,
}

/// Finishes alphas; keeps its memory, so that a second frame of a size allocates no planes.
#[derive(Debug)]
pub struct AlphaFinish {
    transform: DistanceTransform,
    regions: Regions,
    blur: Blur,
    /// The part of the matte that can change, its distances, and what becomes of it.
    part: Plane<f32>,
    distance: Plane<f32>,
    moved: Plane<f32>,
}

impl Default for AlphaFinish {
    fn default() -> Self {
        Self {
            transform: DistanceTransform::default(),
            regions: Regions::default(),
            blur: Blur::default(),
            part: no_plane(),
            distance: no_plane(),
            moved: no_plane(),
        }
    }
}

impl AlphaFinish {
    /// Does what the settings say, in their order: [`clean`](Self::clean), then [`shape`](Self::shape). `scale`: pixels of
    /// this plane per canonical unit (a half-size proxy has 0.5). The result lies within 0..1 and is the same for any number
    /// of threads. NaN counts as 0.
    pub fn apply(&mut self, alpha: &mut Plane<f32>, settings: &AlphaSettings, scale: f32) {
        self.clean(alpha, settings, scale);
        self.shape(alpha, settings, scale);
    }

    /// The first half: levels, holes, specks, the frame's border. What is still to be matted must be clean before.
    pub fn clean(&mut self, alpha: &mut Plane<f32>, settings: &AlphaSettings, scale: f32) {
        let area = f64::from(usable(scale)).powi(2);
        settings.levels.apply_to(alpha);
        self.regions.fill_holes(alpha, settings.fill_holes * area);
        self.regions.remove_specks(alpha, settings.remove_specks * area);
        mend_border(alpha, pixels(settings.border, scale));
    }

    /// The second half: where the edge lies, and how soft it is.
    pub fn shape(&mut self, alpha: &mut Plane<f32>, settings: &AlphaSettings, scale: f32) {
        self.grow(alpha, pixels(settings.grow, scale));
        self.feather(alpha, pixels(settings.feather, scale), settings.feather_bias);
        self.blur.blur(alpha, pixels(settings.blur, scale));
    }

    /// Moves the edge outwards by `amount` pixels (see [`choke`]).
    pub fn grow(&mut self, alpha: &mut Plane<f32>, amount: f32) {
        if amount != 0.0 && !amount.is_nan() {
            self.near_edge(alpha, amount, 0.0, |part, distance, out| choke(part, distance, amount, out));
        }
    }

    /// Feathers the edge over `width` pixels in all; `bias` -1 puts them inside, 0 on both sides, 1 outside.
    pub fn feather(&mut self, alpha: &mut Plane<f32>, width: f32, bias: f32) {
        if width.is_nan() || width <= 0.0 {
            return;
        }
        let bias = if bias.is_nan() { 0.0 } else { bias.clamp(-1.0, 1.0) };
        let outside = width * 0.5 * (1.0 + bias);
        let inside = width - outside;
        self.near_edge(alpha, 0.5 * (outside - inside), inside.max(outside), |part, distance, out| {
            feather_by_distance(part, distance, inside, outside, out);
        });
    }

    /// Runs `work(part of the matte, its signed distance, out)` on the part of the matte that it can change: work that moves
    /// the edge by `amount` and otherwise looks at distances of at most `reach`. The same bits as on the whole matte.
    fn near_edge(
        &mut self,
        alpha: &mut Plane<f32>,
        amount: f32,
        reach: f32,
        work: impl Fn(&Plane<f32>, &Plane<f32>, &mut Plane<f32>),
    ) {
        // Soft edges mostly end as far inside of their contour as outside, and half as far again where two of them meet.
        let limit = reach.max(amount.abs() + 1.5 * SOFTEST) + BESIDE;
        let Some(window) = Window::active(alpha, limit as usize + 1) else { return };
        // Memory is that of the whole frame: the next window may be larger.
        self.transform.hold(alpha.width(), alpha.height());
        for plane in [&mut self.part, &mut self.distance, &mut self.moved] {
            hold_plane(plane, alpha.data().len());
            fit_plane(plane, window.width, window.height);
        }
        window.copy(alpha, &mut self.part);
        let corner = [window.x, window.y];
        self.transform.near_signed(&self.part, corner, limit, &mut self.distance);
        if amount != 0.0 && moves_beyond(&self.part, &self.distance, amount, limit - BESIDE) {
            self.transform.near_signed(&self.part, corner, f32::INFINITY, &mut self.distance);
        }
        work(&self.part, &self.distance, &mut self.moved);
        window.paste(&self.moved, alpha);
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        let planes =
            [&self.part, &self.distance, &self.moved].map(|plane| size_of_val(plane.data())).iter().sum::<usize>();
        planes + self.transform.byte_size() + self.regions.byte_size() + self.blur.byte_size()
    }
}

/// Whether a soft pixel beyond `limit` is one that moving the edge by `amount` changes: then distances are needed there too.
fn moves_beyond(alpha: &Plane<f32>, distance: &Plane<f32>, amount: f32, limit: f32) -> bool {
    let moves = |(&alpha, &distance): (&f32, &f32)| {
        if amount > 0.0 { distance > limit && alpha < 1.0 } else { distance < -limit && alpha > 0.0 }
    };
    alpha
        .par_rows()
        .zip(distance.par_rows())
        .any(|(alpha, distance)| alpha.iter().zip(distance).fold(false, |any, pixel| any | moves(pixel)))
}

/// A scale one can multiply by: 1 for what is none.
pub(crate) fn usable(scale: f32) -> f32 {
    if scale.is_finite() && scale > 0.0 { scale } else { 1.0 }
}

/// A length in pixels; 0 for what is not a number.
pub(crate) fn pixels(length: f32, scale: f32) -> f32 {
    if length.is_nan() { 0.0 } else { (length * usable(scale)).clamp(-1e5, 1e5) }
}
