//! Moves the edge to where the picture's colours change: each pixel near the edge asks the safe pixels round it.

use crate::tiles::{Area, TILE, TILE_PIXELS, span_near_edge, tiles_near_edge};
use crate::wide::{LANES, Lanes, compiled_for_avx2};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

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

/// The signed distance after `rounds` votes, each of which asks again with the edge that the one before it found.
///
/// For every pixel within `reach` of the edge of `distance`, the share of look-alikes among the inside pixels within
/// `radius` is weighed against that among the outside ones: t = (p_in - p_out) / (p_in + p_out + doubt), in -1..1, and
/// the distance becomes `distance + reach * t`: so the edge moves by at most `reach` pixels, by nothing where colours
/// tell nothing, and texture further away cannot enter the matte.
///
/// A joint bilateral filter (Kopf et al., "Joint Bilateral Upsampling", 2007) with separately normalised classes: the
/// larger side does not outvote the thinner one, which keeps thin parts.
pub(crate) fn vote(
    guide: &Plane<[u8; 3]>,
    distance: &Plane<f32>,
    reach: f32,
    radius: usize,
    rounds: usize,
) -> Plane<f32> {
    let mut edge = distance.clone();
    let limit = reach + 1.0;
    let tiles = tiles_near_edge(distance, limit);
    let disc = disc(radius);
    // Everybody votes on the edge as it was: what comes of it is written down apart.
    let mut moved = vec![0f32; tiles.len() * TILE_PIXELS];
    for _ in 0..rounds {
        let each = moved.par_chunks_exact_mut(TILE_PIXELS).zip(tiles.par_iter());
        each.for_each_init(Voters::default, |voters, (moved, tile)| {
            voters.gather(guide, &edge, tile.with_margin(radius));
            voters.locate(&disc);
            for (index, (y, moved)) in tile.y.clone().zip(moved.chunks_exact_mut(TILE)).enumerate() {
                let (row, from) = (&distance.row(y)[tile.x.clone()], (index + radius) * voters.width + radius);
                vote_row(voters, from, row, [reach, limit], moved);
            }
        });
        for (tile, moved) in tiles.iter().zip(moved.chunks_exact(TILE_PIXELS)) {
            for (y, moved) in tile.y.clone().zip(moved.chunks_exact(TILE)) {
                edge.row_mut(y)[tile.x.clone()].copy_from_slice(&moved[..tile.x.len()]);
            }
        }
    }
    edge
}

/// Where voters stand: the points of a disc on a grid of [`STEP`], as (row, column) offsets.
fn disc(radius: usize) -> Vec<(isize, isize)> {
    let r = radius as isize;
    let axis = || (-r..=r).step_by(STEP);
    axis().flat_map(|dy| axis().map(move |dx| (dy, dx))).filter(|(dy, dx)| dy * dy + dx * dx <= r * r + 1).collect()
}

/// The colours and weights of a part of the picture, each in a plane of its own so that loops vectorise.
#[derive(Default)]
struct Voters {
    width: usize,
    /// Red, green, blue, and the weights of those inside and of those outside.
    planes: [Vec<f32>; 5],
    /// From a pixel to its voters in the planes.
    offsets: Vec<isize>,
}

impl Voters {
    /// Takes the pixels of `area`; those outside the picture have no weight.
    fn gather(&mut self, guide: &Plane<[u8; 3]>, edge: &Plane<f32>, area: Area) {
        self.width = area.width;
        for plane in &mut self.planes {
            plane.clear();
            // The last pixels are asked together with some behind them.
            plane.resize(area.width * area.height + LANES, 0.0);
        }
        let (to, from) = area.columns_inside(guide.width());
        let [red, green, blue, inside, outside] = &mut self.planes;
        for (row, y) in area.rows_inside(guide.height()) {
            let to = row * area.width + to.start..row * area.width + to.end;
            gather_row(
                [&mut red[to.clone()], &mut green[to.clone()], &mut blue[to.clone()]],
                [&mut inside[to.clone()], &mut outside[to]],
                &guide.row(y)[from.clone()],
                &edge.row(y)[from.clone()],
            );
        }
    }

    /// Finds the voters of a disc in the planes that were gathered.
    fn locate(&mut self, disc: &[(isize, isize)]) {
        let width = self.width as isize;
        self.offsets.clear();
        self.offsets.extend(disc.iter().map(|(dy, dx)| dy * width + dx));
    }
}

#[inline(always)]
fn gather_row_inline(colours: [&mut [f32]; 3], weights: [&mut [f32]; 2], guide: &[[u8; 3]], edge: &[f32]) {
    let [red, green, blue] = colours;
    for (((colour, red), green), blue) in guide.iter().zip(red).zip(green).zip(blue) {
        [*red, *green, *blue] = colour.map(|byte| f32::from(byte) * (1.0 / 255.0));
    }
    let [inside, outside] = weights;
    for ((d, inside), outside) in edge.iter().zip(inside).zip(outside) {
        *inside = ((d - SILENT) / RAMP).clamp(0.0, 1.0);
        *outside = ((-d - SILENT) / RAMP).clamp(0.0, 1.0);
    }
}

compiled_for_avx2! {
    /// Colours as 0..1, and how much a pixel at a distance from the edge has to say for either side.
    fn gather_row(colours: [&mut [f32]; 3], weights: [&mut [f32]; 2], guide: &[[u8; 3]], edge: &[f32]) =
        gather_row_inline;
}

compiled_for_avx2! {
    /// Moves the pixels of a row of a tile, at `distance` from the edge, by at most `reach` where they are nearer than
    /// `limit`, into `moved`. The first one is the pixel `from` of the voters.
    fn vote_row(voters: &Voters, from: usize, distance: &[f32], reach_and_limit: [f32; 2], moved: &mut [f32]) =
        vote_row_inline;
}

#[inline(always)]
fn vote_row_inline(voters: &Voters, from: usize, distance: &[f32], [reach, limit]: [f32; 2], moved: &mut [f32]) {
    moved[..distance.len()].copy_from_slice(distance);
    let Some(span) = span_near_edge(distance, 0..distance.len(), limit) else { return };
    let mut turnout = [Turnout::default(); TILE / LANES];
    let turnout = &mut turnout[..span.len().div_ceil(LANES)];
    ask(voters, from + span.start, turnout);
    let blocks = moved[span.clone()].chunks_mut(LANES).zip(distance[span].chunks(LANES));
    for ((moved, distance), turnout) in blocks.zip(&*turnout) {
        let verdicts = turnout.verdicts();
        for ((moved, &d), verdict) in moved.iter_mut().zip(distance).zip(verdicts.0) {
            if d.abs() < limit {
                *moved = d + reach * verdict;
            }
        }
    }
}

/// What the voters say of some neighbouring pixels: the weight of the look-alikes and of everybody asked, on both sides.
#[derive(Clone, Copy)]
struct Turnout {
    alike_in: Lanes,
    all_in: Lanes,
    alike_out: Lanes,
    all_out: Lanes,
}

impl Default for Turnout {
    fn default() -> Self {
        let [alike_in, all_in, alike_out, all_out] = [Lanes::all(0.0); 4];
        Self { alike_in, all_in, alike_out, all_out }
    }
}

/// So many pixels of a plane, from index `start` on.
#[inline(always)]
fn chunks(plane: &[f32], start: usize, count: usize) -> &[[f32; LANES]] {
    &plane[start..start + count * LANES].as_chunks().0[..count]
}

/// Asks the voters of the pixels from `here` on.
#[inline(always)]
fn ask(voters: &Voters, here: usize, turnout: &mut [Turnout]) {
    let blocks = turnout.len();
    let [red, green, blue, inside, outside] = &voters.planes;
    let (own_red, own_green, own_blue) =
        (chunks(red, here, blocks), chunks(green, here, blocks), chunks(blue, here, blocks));
    for &offset in &voters.offsets {
        let at = here.wrapping_add_signed(offset);
        let (red, green, blue) = (chunks(red, at, blocks), chunks(green, at, blocks), chunks(blue, at, blocks));
        let (inside, outside) = (chunks(inside, at, blocks), chunks(outside, at, blocks));
        for (block, turnout) in turnout.iter_mut().enumerate() {
            let difference = [
                Lanes(own_red[block]) - Lanes(red[block]),
                Lanes(own_green[block]) - Lanes(green[block]),
                Lanes(own_blue[block]) - Lanes(blue[block]),
            ];
            turnout.add(difference, Lanes(inside[block]), Lanes(outside[block]));
        }
    }
}

impl Turnout {
    /// Adds a vote on each pixel: how the voter's colour differs, and its weight on both sides. The sums stay in memory
    /// between two votes: where they do not, the compiler no longer sees that the pixels are alike.
    #[inline(always)]
    fn add(&mut self, [dr, dg, db]: [Lanes; 3], inside: Lanes, outside: Lanes) {
        const SCALE: f32 = 1.0 / (COLOUR_RADIUS * COLOUR_RADIUS);
        let near = (Lanes::all(1.0) - (dr * dr + dg * dg + db * db) * SCALE).max(0.0);
        let alike = (near * near) * (near * near);
        self.alike_in += alike * inside;
        self.all_in += inside;
        self.alike_out += alike * outside;
        self.all_out += outside;
    }

    /// From -1 (outside) to 1 (inside), near 0 where colours tell nothing.
    #[inline(always)]
    fn verdicts(&self) -> Lanes {
        let quorum = (self.all_in.with(self.all_out, f32::min) / QUORUM).min(1.0);
        let (inside, outside) = (self.alike_in.with(self.all_in, share), self.alike_out.with(self.all_out, share));
        quorum * (inside - outside) / (inside + outside + DOUBT)
    }
}

/// The share of look-alikes among those asked.
#[inline(always)]
fn share(alike: f32, all: f32) -> f32 {
    if all > 0.0 { alike / all } else { 0.0 }
}
