//! The whole way from a matte to its delivery, in one order: clean, matte the unknown band, weigh core, edge and hair, shape
//! the edge, find the object's colours.

mod colour;
mod parts;
mod refine;
mod settings;

use crate::edge_colours::Rows;
use crate::finish::AlphaFinish;
use crate::workspace::{fit_plane, no_plane, safe_alpha};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};

use self::colour::Colours;
use self::parts::Parts;
use self::refine::Refine;
pub use self::settings::{
    ColourSettings, DeliverySettings, Despill, EdgeColour, PartSettings, RefineMethod, RefineSettings,
};

/// Asked whether to give up.
pub type Stop<'a> = &'a (dyn Fn() -> bool + Sync);
/// Fills a row of alphas.
pub type AlphaRows<'a> = &'a (dyn Fn(usize, &mut [f32]) + Sync);

/// What came of looking for a learned alpha.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learned {
    /// It is there.
    Found,
    /// There is none that fits this frame.
    Unfit,
    /// Nobody waits for it any more, or it failed.
    Stopped,
}

/// Fills in an alpha of the frame's size, by its trimap (0, 0.5 and 1): it is needed where that is 0.5.
pub type LearnedAlpha<'a> = &'a dyn Fn(&Plane<f32>, &mut Plane<f32>) -> Learned;

/// What comes in, row by row, all of one size. Any numbers will do.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The matte.
    pub matte: AlphaRows<'a>,
    /// A painted trimap: black background, white object, grey unknown.
    pub trimap: Option<AlphaRows<'a>>,
    /// The picture's colours, straight, in whatever encoding.
    pub picture: Rows<'a>,
    /// The picture as it looks on a display, 0..1.
    pub guide: Rows<'a>,
    /// A new background's colours, in the picture's encoding.
    pub background: Option<Rows<'a>>,
    /// Who knows alphas by heart.
    pub learned: Option<LearnedAlpha<'a>>,
    /// The matte is the picture's own alpha, so that its straight colours hold nothing of a background.
    pub cut_out: bool,
}

/// What is wanted besides the matte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// The object's colours.
    pub colours: bool,
    /// The trimap, also where nothing is matted.
    pub trimap: bool,
    /// The parts, also where their densities are 0.
    pub parts: bool,
}

/// Delivers mattes; keeps its memory, so that a second frame of a size allocates no planes. Results are the same for any
/// number of threads.
#[derive(Debug)]
pub struct Delivery {
    finish: AlphaFinish,
    refine: Refine,
    parts: Parts,
    colours: Colours,
    alpha: Plane<f32>,
    /// The matte before its edge was moved and softened: how much of each pixel is object in the picture.
    coverage: Plane<f32>,
    /// Whether the two differ.
    shaped: bool,
    colour: ColourSettings,
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            finish: AlphaFinish::default(),
            refine: Refine::default(),
            parts: Parts::default(),
            colours: Colours::default(),
            alpha: no_plane(),
            coverage: no_plane(),
            shaped: false,
            colour: ColourSettings::default(),
        }
    }
}

impl Delivery {
    /// Works on a frame. `scale`: pixels of this frame per canonical unit. False where `stop` said so: then there is no
    /// result.
    pub fn run(
        &mut self,
        frame: &Frame<'_>,
        settings: &DeliverySettings,
        wanted: Wanted,
        scale: f32,
        stop: Stop<'_>,
    ) -> bool {
        self.colour = settings.colour;
        fit_plane(&mut self.alpha, frame.width, frame.height);
        self.alpha.par_rows_mut().enumerate().for_each(|(y, row)| {
            (frame.matte)(y, row);
            for alpha in row {
                let here = safe_alpha(*alpha);
                *alpha = if settings.invert { 1.0 - here } else { here };
            }
        });
        self.finish.clean(&mut self.alpha, &settings.alpha, scale);
        let matted = settings.refine.method != RefineMethod::Off;
        if stop() {
            return false;
        }
        if matted || wanted.trimap || frame.trimap.is_some() {
            self.refine.make_trimap(frame, &mut self.alpha, &settings.refine, scale);
        }
        if matted && !self.refine.refine(frame, &mut self.alpha, &settings.refine, scale, stop) {
            return false;
        }
        if wanted.parts || settings.parts.is_active() {
            self.parts.measure(&self.alpha, &settings.parts, scale);
            self.parts.apply(&mut self.alpha, &settings.parts);
        }
        if stop() {
            return false;
        }
        self.shape(settings, wanted, scale);
        if wanted.colours {
            if stop() {
                return false;
            }
            let coverage = if self.shaped { &self.coverage } else { &self.alpha };
            self.colours.prepare(frame, coverage, &settings.colour, scale);
            self.colours.wrap(frame, &self.alpha, &settings.colour, scale);
        }
        !stop()
    }

    /// The finished matte, 0..1.
    pub fn alpha(&self) -> &Plane<f32> {
        &self.alpha
    }

    /// The trimap, where it was wanted: 0, 0.5 and 1.
    pub fn trimap(&self) -> &Plane<f32> {
        self.refine.trimap()
    }

    /// How much of a pixel is core, edge and hair, where that was wanted; together 1.
    pub fn parts(&self, x: usize, y: usize) -> [f32; 3] {
        self.parts.at(x, y)
    }

    /// The object's straight colour at a pixel, from the picture's, where colours were wanted. What is no number counts as 0.
    pub fn colour(&self, x: usize, y: usize, picture: [f32; 3]) -> [f32; 3] {
        let coverage = if self.shaped { &self.coverage } else { &self.alpha };
        let picture = picture.map(|value| if value.is_nan() { 0.0 } else { value });
        self.colours.object(coverage, x, y, picture, &self.colour)
    }

    /// Light of a new background to be added to the premultiplied colour of a pixel.
    pub fn wrapped(&self, x: usize, y: usize) -> [f32; 3] {
        self.colours.wrapped(x, y)
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        let planes = size_of_val(self.alpha.data()) + size_of_val(self.coverage.data());
        planes + self.finish.byte_size() + self.refine.byte_size() + self.parts.byte_size() + self.colours.byte_size()
    }

    fn shape(&mut self, settings: &DeliverySettings, wanted: Wanted, scale: f32) {
        let alpha = &settings.alpha;
        self.shaped = alpha.grow != 0.0 || alpha.feather > 0.0 || alpha.blur > 0.0;
        if self.shaped && wanted.colours {
            fit_plane(&mut self.coverage, self.alpha.width(), self.alpha.height());
            self.coverage.data_mut().copy_from_slice(self.alpha.data());
        }
        self.finish.shape(&mut self.alpha, alpha, scale);
    }
}
