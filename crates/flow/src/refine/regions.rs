//! A matte's connected regions.

use raster::Plane;
use std::ops::Range;

/// Runs of equal pixels in a row, on average, from which a matte is noise: it is not looked at.
const MOST_RUNS: usize = 64;

/// Pixels of one kind, above alpha 1/2 or not, that touch along their sides.
pub(super) struct Region {
    /// Whether they are above.
    pub object: bool,
    /// Count of pixels.
    pub area: usize,
    x: Range<usize>,
    y: Range<usize>,
    runs: Range<usize>,
}

impl Region {
    /// Whether it stays off the border of a frame of this size.
    pub fn is_off_the_border(&self, (width, height): (usize, usize)) -> bool {
        self.x.start > 0 && self.y.start > 0 && self.x.end < width && self.y.end < height
    }

    /// The middle of the rectangle round it.
    pub fn middle(&self) -> (usize, usize) {
        ((self.x.start + self.x.end) / 2, (self.y.start + self.y.end) / 2)
    }
}

/// Pixels of one kind side by side.
struct Run {
    y: usize,
    x: Range<usize>,
    object: bool,
    region: usize,
}

/// All regions of a matte.
pub(super) struct Regions {
    /// In the order of their first pixels, row after row.
    pub regions: Vec<Region>,
    /// Region after region.
    runs: Vec<Run>,
}

impl Regions {
    /// Nothing where the matte is noise. What is not a number is below 1/2.
    pub fn of(matte: &Plane<f32>) -> Option<Self> {
        let mut runs: Vec<Run> = Vec::new();
        let mut parents: Vec<usize> = Vec::new();
        let mut above = 0..0;
        for (y, row) in matte.rows().enumerate() {
            let first = runs.len();
            let mut x = 0;
            for same in row.chunk_by(|a, b| (*a > 0.5) == (*b > 0.5)) {
                let region = runs.len();
                parents.push(region);
                runs.push(Run { y, x: x..x + same.len(), object: same[0] > 0.5, region });
                x += same.len();
            }
            if runs.len() > MOST_RUNS * matte.height() {
                return None;
            }
            join(&runs, above, first..runs.len(), &mut parents);
            above = first..runs.len();
        }
        Some(Self::named(runs, parents))
    }

    fn named(mut runs: Vec<Run>, mut parents: Vec<usize>) -> Self {
        let mut names = vec![None; runs.len()];
        let mut regions: Vec<Region> = Vec::new();
        for (index, run) in runs.iter_mut().enumerate() {
            let root = root(&mut parents, index);
            run.region = *names[root].get_or_insert(regions.len());
            if run.region == regions.len() {
                let (x, y) = (run.x.clone(), run.y..run.y + 1);
                regions.push(Region { object: run.object, area: 0, x, y, runs: 0..0 });
            }
            let region = &mut regions[run.region];
            region.area += run.x.len();
            region.x = region.x.start.min(run.x.start)..region.x.end.max(run.x.end);
            region.y.end = run.y + 1;
        }
        runs.sort_by_key(|run| run.region);
        let mut start = 0;
        for same in runs.chunk_by(|a, b| a.region == b.region) {
            regions[same[0].region].runs = start..start + same.len();
            start += same.len();
        }
        Self { regions, runs }
    }

    /// The share of a region's pixels that a matte of the same size has of the other kind where a vector brings them.
    pub fn other_share(&self, region: &Region, matte: &Plane<f32>, [u, v]: [f32; 2]) -> f32 {
        let moved = |at: usize, by: f32, count: usize| (at as f32 + by).round().clamp(0.0, (count - 1) as f32) as usize;
        let runs = &self.runs[region.runs.clone()];
        let others = runs.iter().map(|run| {
            let row = matte.row(moved(run.y, v, matte.height()));
            run.x.clone().filter(|x| (row[moved(*x, u, row.len())] > 0.5) != region.object).count()
        });
        others.sum::<usize>() as f32 / region.area as f32
    }

    /// Makes a region of this matte the other kind, and so many pixels round it.
    pub fn fill(&self, region: &Region, matte: &mut Plane<f32>, rim: usize) {
        let filled = if region.object { 0.0 } else { 1.0 };
        for run in &self.runs[region.runs.clone()] {
            for y in run.y.saturating_sub(rim)..(run.y + rim + 1).min(matte.height()) {
                let row = matte.row_mut(y);
                let end = (run.x.end + rim).min(row.len());
                row[run.x.start.saturating_sub(rim)..end].fill(filled);
            }
        }
    }
}

/// Joins runs of a row with those of the row above that are of the same kind and touch them.
fn join(runs: &[Run], above: Range<usize>, row: Range<usize>, parents: &mut [usize]) {
    let mut upper = above.start;
    for index in row {
        while upper < above.end && runs[upper].x.end <= runs[index].x.start {
            upper += 1;
        }
        for other in (upper..above.end).take_while(|other| runs[*other].x.start < runs[index].x.end) {
            if runs[other].object == runs[index].object {
                let (a, b) = (root(parents, other), root(parents, index));
                parents[a.max(b)] = a.min(b);
            }
        }
    }
}

/// The first run of the region that a run is known to be of.
fn root(parents: &mut [usize], mut run: usize) -> usize {
    while parents[run] != run {
        parents[run] = parents[parents[run]];
        run = parents[run];
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(lines: [&str; 5]) -> Plane<f32> {
        let alphas = lines.concat().bytes().map(|byte| if byte == b'#' { 1.0 } else { 0.0 }).collect();
        Plane::from_vec(lines[0].len(), 5, alphas).unwrap()
    }

    #[test]
    fn regions_touch_along_sides_and_not_at_corners() {
        let matte = drawn(["#######", "#.#####", "##.####", "#######", "......."]);
        let regions = Regions::of(&matte).unwrap().regions;
        let areas: Vec<_> = regions.iter().map(|region| (region.object, region.area)).collect();
        assert_eq!(areas, [(true, 26), (false, 1), (false, 1), (false, 7)]);
        assert_eq!(regions[2].middle(), (2, 2));
        assert!(regions[2].is_off_the_border((7, 5)) && !regions[0].is_off_the_border((7, 5)));
    }

    #[test]
    fn a_filled_region_is_of_the_other_kind_and_the_rest_stays() {
        let mut matte = drawn([".......", ".#####.", ".#...#.", ".#####.", "......."]);
        let regions = Regions::of(&matte).unwrap();
        let hole = &regions.regions[2];
        assert_eq!(regions.other_share(hole, &matte, [0.0, -1.0]), 1.0);
        assert_eq!(regions.other_share(hole, &matte, [f32::NAN, 0.0]), 0.0);
        regions.fill(hole, &mut matte, 0);
        assert_eq!(matte, drawn([".......", ".#####.", ".#####.", ".#####.", "......."]));
    }

    #[test]
    fn noise_has_no_regions() {
        let alphas = (0..600 * 20).map(|i| if (i + i / 600) % 2 == 0 { 1.0 } else { 0.0 }).collect();
        assert!(Regions::of(&Plane::from_vec(600, 20, alphas).unwrap()).is_none());
    }
}
