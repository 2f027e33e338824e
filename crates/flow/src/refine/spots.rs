//! Spots and holes of one frame, enclosed by the other kind.

use super::Neighbour;
use super::coarse::Cells;
use super::object_motion::ObjectMotion;
use super::regions::{Region, Regions};
use raster::Plane;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

/// The largest spot, in pixels of a picture of 480 rows: a disc with a radius of 16. What is larger is an object.
const LARGEST: f32 = 800.0;
/// How far away a neighbour's spot may lie for each frame between to be the same one, in pixels of a picture of 480 rows,
/// and by how much larger or smaller it may be.
const SAME_REACH: f32 = 60.0;
const SAME_AREA: usize = 3;
/// The soft rim of a spot beyond alpha 1/2, in pixels of a picture of 480 rows.
const RIM: f32 = 1.5;
/// Share of a spot's pixels that a neighbour has of the other kind where it knows nothing of the spot.
const OTHER: f32 = 0.75;
/// A matte with more spots than this is made of them.
const MOST_SPOTS: usize = 200;

/// Fills holes and removes spots of `own` that half of the neighbours or more, some of them before and some after where
/// there are both, know nothing of: they have no like spot in reach, and nothing of its kind where it would be. That needs no
/// exact motion, so it works in the midst of an object whose inside moves in ways nobody can follow.
pub(super) fn remove_spots(cells: Cells, own: &mut Plane<f32>, neighbours: &[Neighbour], motions: &[ObjectMotion]) {
    if neighbours.len() < 2 {
        return;
    }
    let Some(found) = Regions::of(own) else { return };
    let most = LARGEST * cells.unit() * cells.unit();
    let size = (own.width(), own.height());
    let small = |region: &&Region| region.area as f32 <= most && region.is_off_the_border(size);
    let spots: Vec<&Region> = found.regions.iter().filter(small).take(MOST_SPOTS + 1).collect();
    if spots.is_empty() || spots.len() > MOST_SPOTS {
        return;
    }
    let others: Vec<Option<Regions>> = neighbours.par_iter().map(|near| Regions::of(near.matte)).collect();
    let mut rows = [0; 3].map(|_| vec![0f32; own.width()]);
    let gone: Vec<&Region> = spots
        .into_iter()
        .filter(|spot| {
            let (x, y) = spot.middle();
            let knows_nothing = |((near, motion), others): ((&Neighbour, &ObjectMotion), &Option<Regions>)| {
                motion.spread(y, x..x + 1, &mut rows);
                let vector = [rows[0][x], rows[1][x]];
                let frames = near.distance.unsigned_abs().clamp(1, 5) as f32;
                let reach = SAME_REACH * cells.unit() * frames;
                // A matte of countless spots knows them all.
                let same = |others: &Regions| others.regions.iter().any(|other| is_like(spot, other, vector, reach));
                let knows = others.as_ref().is_none_or(same);
                !knows && found.other_share(spot, near.matte, vector) > OTHER
            };
            let said: Vec<bool> = neighbours.iter().zip(motions).zip(&others).map(knows_nothing).collect();
            is_alone(neighbours, &said)
        })
        .collect();
    let rim = (RIM * cells.unit()).ceil() as usize;
    gone.into_iter().for_each(|spot| found.fill(spot, own, rim));
}

/// Whether half of the neighbours say so, and one on each side where there are both.
fn is_alone(neighbours: &[Neighbour], said: &[bool]) -> bool {
    let count = |after: bool, only: bool| {
        let of_side = neighbours.iter().zip(said).filter(|(near, _)| (near.distance > 0) == after);
        of_side.filter(|(_, said)| !only || **said).count()
    };
    let sides_agree = [false, true].into_iter().all(|after| count(after, false) == 0 || count(after, true) > 0);
    sides_agree && 2 * said.iter().filter(|said| **said).count() >= neighbours.len()
}

/// Whether a spot may be another frame's after a motion that is known up to `reach` pixels.
fn is_like(spot: &Region, other: &Region, [u, v]: [f32; 2], reach: f32) -> bool {
    let (here, there) = (spot.middle(), other.middle());
    let (x, y) = (here.0 as f32 + u - there.0 as f32, here.1 as f32 + v - there.1 as f32);
    let alike = spot.area <= SAME_AREA * other.area && other.area <= SAME_AREA * spot.area;
    // Not beyond `reach`, rather than within: what is no number may be anywhere.
    spot.object == other.object && alike && x.hypot(y).partial_cmp(&reach) != Some(std::cmp::Ordering::Greater)
}
