//! Moves the edge to where the picture's colours change: each pixel near the edge asks the safe pixels round it.

use crate::tiles::{Area, STRIP, TILE, Tile, tiles_near_edge};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;
use std::ops::Range;

/// Pixels this close to the edge do not vote: the edge may be wrong there. From here the vote grows over [`RAMP`].
const SILENT: f32 = 0.5;
/// Over how many further pixels a vote grows to its full weight.
const RAMP: f32 = 2.5;
/// Colour difference (0..1, Euclidean) beyond which a pixel's vote does not count. The weight `(1 - d^2/h^2)^4` is close
/// to a Gaussian of sigma `h / sqrt(8)` = 0.06.
const COLOUR_RADIUS: f32 = 0.17;
/// Share of look-alikes below which colours that neither side has say nothing.
const DOUBT: f32 = 0.07;
/// Weight of voters that each side needs before the vote counts in full.
const QUORUM: f32 = 2.0;
/// Voters are taken on every other column and row: neighbours say the same.
const STEP: usize = 2;

/// The signed distance after a vote.
///
/// For every pixel within `reach` of the edge of `distance`, the share of look-alikes among the inside pixels within
/// `radius` is weighed against that among the outside ones: t = (p_in - p_out) / (p_in + p_out + doubt), in -1..1, and
/// the distance becomes `distance + reach * t`: so the edge moves by at most `reach` pixels, by nothing where colours
/// tell nothing, and texture further away cannot enter the matte. `current` says who is inside for this round.
///
/// A joint bilateral filter (Kopf et al., "Joint Bilateral Upsampling", 2007) with separately normalised classes: the
/// larger side does not outvote the thinner one, which keeps thin parts.
pub(crate) fn vote(
    guide: &Plane<[u8; 3]>,
    distance: &Plane<f32>,
    current: &Plane<f32>,
    reach: f32,
    radius: usize,
) -> Plane<f32> {
    let mut moved = distance.clone();
    let width = moved.width();
    let limit = reach + 1.0;
    let offsets = offsets(radius);
    moved.data_mut().par_chunks_mut((width * STRIP).max(1)).enumerate().for_each_init(
        Voters::default,
        |voters, (strip, rows)| {
            for tile in tiles_near_edge(distance, strip, limit) {
                voters.gather(guide, current, tile.with_margin(radius));
                for (index, y) in tile.y.clone().enumerate() {
                    let Some(span) = span_near_edge(distance.row(y), &tile, limit) else { continue };
                    let turnout = voters.ask(&offsets, index + radius, span.start - tile.x.start + radius, span.len());
                    let out = &mut rows[index * width..][span.clone()];
                    for (i, (out, &d)) in out.iter_mut().zip(&distance.row(y)[span]).enumerate() {
                        if d.abs() < limit {
                            *out = d + reach * turnout.verdict(i);
                        }
                    }
                }
            }
        },
    );
    moved
}

/// From the first to the last pixel of the tile's row that is near the edge.
fn span_near_edge(row: &[f32], tile: &Tile, limit: f32) -> Option<Range<usize>> {
    let near = |d: &f32| d.abs() < limit;
    let row = &row[tile.x.clone()];
    let first = row.iter().position(near)?;
    let last = row.iter().rposition(near)?;
    Some(tile.x.start + first..tile.x.start + last + 1)
}

/// Where voters stand: the points of a disc on a grid of [`STEP`], as (row, column) offsets.
fn offsets(radius: usize) -> Vec<(isize, isize)> {
    let r = radius as isize;
    let axis = || (-r..=r).step_by(STEP);
    axis().flat_map(|dy| axis().map(move |dx| (dy, dx))).filter(|(dy, dx)| dy * dy + dx * dx <= r * r + 1).collect()
}

/// The colours and weights of a tile with its margin, each in a plane of its own so that loops vectorise.
#[derive(Default)]
struct Voters {
    width: usize,
    colours: [Vec<f32>; 3],
    inside: Vec<f32>,
    outside: Vec<f32>,
}

impl Voters {
    /// Takes the pixels of `area`; those outside the picture have no weight.
    fn gather(&mut self, guide: &Plane<[u8; 3]>, current: &Plane<f32>, area: Area) {
        self.width = area.width;
        for plane in self.colours.iter_mut().chain([&mut self.inside, &mut self.outside]) {
            plane.clear();
            plane.resize(area.width * area.height, 0.0);
        }
        let (to, from) = area.columns_inside(guide.width());
        for (row, y) in area.rows_inside(guide.height()) {
            let to = row * area.width + to.start..row * area.width + to.end;
            for (channel, plane) in self.colours.iter_mut().enumerate() {
                for (out, colour) in plane[to.clone()].iter_mut().zip(&guide.row(y)[from.clone()]) {
                    *out = f32::from(colour[channel]) * (1.0 / 255.0);
                }
            }
            let weights = self.inside[to.clone()].iter_mut().zip(&mut self.outside[to]);
            for ((inside, outside), d) in weights.zip(&current.row(y)[from.clone()]) {
                *inside = ((d - SILENT) / RAMP).clamp(0.0, 1.0);
                *outside = ((-d - SILENT) / RAMP).clamp(0.0, 1.0);
            }
        }
    }

    /// The votes for `count` pixels from (`row`, `column`) of the gathered area.
    fn ask(&self, offsets: &[(isize, isize)], row: usize, column: usize, count: usize) -> Turnout {
        let mut turnout = Turnout { inside: Poll::default(), outside: Poll::default() };
        let here = row * self.width + column;
        let here = self.colours.each_ref().map(|plane| &plane[here..here + count]);
        for (dy, dx) in offsets {
            let at = (row.wrapping_add_signed(*dy)) * self.width + column.wrapping_add_signed(*dx);
            let there = self.colours.each_ref().map(|plane| &plane[at..at + count]);
            turnout.add(here, there, &self.inside[at..at + count], &self.outside[at..at + count]);
        }
        turnout
    }
}

/// For each pixel of a row, the weight of the look-alikes and of everybody asked.
struct Poll {
    alike: [f32; TILE],
    all: [f32; TILE],
}

impl Default for Poll {
    fn default() -> Self {
        Self { alike: [0.0; TILE], all: [0.0; TILE] }
    }
}

impl Poll {
    /// The share of look-alikes for pixel `i`.
    fn share(&self, i: usize) -> f32 {
        if self.all[i] > 0.0 { self.alike[i] / self.all[i] } else { 0.0 }
    }
}

/// The votes of both sides for a row of pixels.
struct Turnout {
    inside: Poll,
    outside: Poll,
}

impl Turnout {
    /// Adds the vote of one voter for each pixel: the colours of the pixels and of the voters, the voters' weights.
    #[inline]
    fn add(&mut self, here: [&[f32]; 3], there: [&[f32]; 3], inside: &[f32], outside: &[f32]) {
        const SCALE: f32 = 1.0 / (COLOUR_RADIUS * COLOUR_RADIUS);
        // Slices of one known length, so that the loop needs no checks and vectorises.
        let count = inside.len().min(TILE);
        let [r, g, b] = here.map(|plane| &plane[..count]);
        let [r2, g2, b2] = there.map(|plane| &plane[..count]);
        let (inside, outside) = (&inside[..count], &outside[..count]);
        let (alike_in, all_in) = (&mut self.inside.alike[..count], &mut self.inside.all[..count]);
        let (alike_out, all_out) = (&mut self.outside.alike[..count], &mut self.outside.all[..count]);
        for i in 0..count {
            let (dr, dg, db) = (r[i] - r2[i], g[i] - g2[i], b[i] - b2[i]);
            let near = (1.0 - (dr * dr + dg * dg + db * db) * SCALE).max(0.0);
            let alike = (near * near) * (near * near);
            alike_in[i] += alike * inside[i];
            all_in[i] += inside[i];
            alike_out[i] += alike * outside[i];
            all_out[i] += outside[i];
        }
    }

    /// -1 (outside) to 1 (inside) for pixel `i`, near 0 where colours tell nothing.
    fn verdict(&self, i: usize) -> f32 {
        let quorum = (self.inside.all[i].min(self.outside.all[i]) / QUORUM).min(1.0);
        let (inside, outside) = (self.inside.share(i), self.outside.share(i));
        quorum * (inside - outside) / (inside + outside + DOUBT)
    }
}
