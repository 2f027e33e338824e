//! Where the object is on a new frame, by what is remembered of others: windows that follow its motion, and a search of
//! the whole picture where it is lost.

use ndarray::Array2;

use super::{
    cells::{Cells, Grid},
    memory::{Kept, Memories},
    vote::{Memory, Region, TEMPERATURE, vote},
};

/// How far, in cells, similar cells are looked for from where motion puts them: in recent frames, in prompted ones.
const REACH: isize = 7;
const PROMPT_REACH: isize = 10;

/// How much farther for each frame since the last good one, and for how many of them.
const REACH_PER_FRAME: isize = 2;
const LONGEST_GAP: usize = 10;

/// How much likelier a prompted frame's cell is than a tracked one's of the same similarity.
const PROMPT_WEIGHT: f32 = 2.5;

/// Cells that the object covers by this share are looked round.
const TOUCHED: f32 = 0.2;

/// Cells that the object covers by less do not pull its centre.
const CENTRAL: f32 = 0.3;

/// Cells a frame that the object's motion is followed at most.
const FASTEST: f32 = 4.0;

/// An object is lost where less than this share of its usual area is found.
const LOST: f32 = 0.5;

/// Cells round a component that belong to it.
const FRINGE: usize = 2;

/// How likely each cell of a frame belongs to the object, 0..=1.
pub(super) fn recall(memories: &Memories, frame: usize, now: &Cells) -> Vec<f32> {
    let grid = now.grid;
    let fits = |kept: &&Kept| kept.cells.grid == grid && kept.cells.channels == now.channels;
    let recent: Vec<_> = memories.recent.iter().filter(fits).collect();
    let prompted: Vec<_> = memories.prompted.iter().filter(fits).collect();
    let Some(latest) = recent.last().or(prompted.first()) else { return vec![0.0; grid.len()] };
    let gap = frame.saturating_sub(latest.frame + 1).min(LONGEST_GAP) as isize;
    let way = prompted.first().into_iter().chain(&recent).copied().collect::<Vec<_>>();
    let centre = predicted(&way, grid);
    let bonus = TEMPERATURE * PROMPT_WEIGHT.ln();
    let farther = REACH_PER_FRAME * gap;
    let remembered: Vec<_> = (prompted.iter().map(|kept| Remembered::new(kept, PROMPT_REACH + farther, bonus)))
        .chain(recent.iter().map(|kept| Remembered::new(kept, REACH + farther, 0.0)))
        .collect();
    let features = now.matrix();
    let search = |near: bool, region: Region| {
        let memories: Vec<_> = remembered.iter().map(|one| one.memory(near, centre)).collect();
        vote(grid, &features, &memories, region)
    };
    let margin = REACH + farther;
    let last_seen = if recent.is_empty() { &way[..1] } else { &recent[..] };
    let touched =
        |cell: usize| last_seen.iter().any(|kept| kept.labels.get(cell).is_some_and(|&label| label > TOUCHED));
    let region = Region::around(grid, touched).map(|region| region.grown(margin, (0, 0), grid));
    let windowed = search(true, region.unwrap_or(Region::whole(grid)));
    let level = memories.level();
    let found: f32 = windowed.iter().filter(|&&vote| vote > level).sum();
    if found >= LOST * memories.usual_area() {
        return windowed;
    }
    let anywhere = largest_component(search(false, Region::whole(grid)), grid, level);
    if anywhere.iter().sum::<f32>() > windowed.iter().sum::<f32>() { anywhere } else { windowed }
}

/// A frame as the vote takes it.
struct Remembered<'a> {
    kept: &'a Kept,
    features: Array2<f32>,
    reach: isize,
    bonus: f32,
}

impl<'a> Remembered<'a> {
    fn new(kept: &'a Kept, reach: isize, bonus: f32) -> Self {
        Self { kept, features: kept.cells.matrix(), reach, bonus }
    }

    /// Near where the object's middle should be now, or anywhere.
    fn memory(&self, near: bool, centre: Option<(f32, f32)>) -> Memory<'_> {
        Memory {
            features: self.features.view(),
            labels: &self.kept.labels,
            shift: if near { shift(centre, centre_of(&self.kept.labels, self.kept.cells.grid)) } else { (0, 0) },
            reach: near.then_some(self.reach),
            bonus: self.bonus,
        }
    }
}

/// The middle of what the object covers, in cells; `None` where it covers hardly anything.
fn centre_of(labels: &[f32], grid: Grid) -> Option<(f32, f32)> {
    let (mut sum, mut x, mut y) = (0f32, 0f32, 0f32);
    for (cell, &label) in labels.iter().enumerate().filter(|(_, label)| **label > CENTRAL) {
        sum += label;
        x += label * (cell % grid.columns) as f32;
        y += label * (cell / grid.columns) as f32;
    }
    (sum > 0.5).then(|| (x / sum, y / sum))
}

/// Where the object's middle should be now: as far from the last good frame as that is from the one just before.
fn predicted(way: &[&Kept], grid: Grid) -> Option<(f32, f32)> {
    let (latest, before) = way.split_last()?;
    let last = centre_of(&latest.labels, grid)?;
    let before = before.last().filter(|kept| kept.frame + 1 == latest.frame);
    let Some((x, y)) = before.and_then(|kept| centre_of(&kept.labels, grid)) else { return Some(last) };
    let step = |now: f32, then: f32| now + (now - then).clamp(-FASTEST, FASTEST);
    Some((step(last.0, x), step(last.1, y)))
}

fn shift(now: Option<(f32, f32)>, then: Option<(f32, f32)>) -> (isize, isize) {
    match (now, then) {
        (Some(now), Some(then)) => {
            ((now.0 - then.0).round_ties_even() as isize, (now.1 - then.1).round_ties_even() as isize)
        }
        _ => (0, 0),
    }
}

/// The votes of the component of cells above `level` with the largest sum, and of the cells round it; all votes where
/// there is no such cell.
fn largest_component(mut votes: Vec<f32>, grid: Grid, level: f32) -> Vec<f32> {
    let mut component = vec![0usize; grid.len()];
    let (mut count, mut best) = (0, (0f32, 0));
    let mut open = Vec::new();
    for start in 0..grid.len() {
        if votes[start] <= level || component[start] != 0 {
            continue;
        }
        count += 1;
        component[start] = count;
        open.push(start);
        let mut sum = 0f32;
        while let Some(cell) = open.pop() {
            sum += votes[cell];
            for near in neighbours(cell, 1, grid) {
                if votes[near] > level && component[near] == 0 {
                    component[near] = count;
                    open.push(near);
                }
            }
        }
        if sum > best.0 {
            best = (sum, count);
        }
    }
    if count > 1 {
        let belongs = |cell: usize| neighbours(cell, FRINGE, grid).any(|near| component[near] == best.1);
        let belongs: Vec<bool> = (0..grid.len()).map(belongs).collect();
        votes.iter_mut().zip(belongs).filter(|(_, belongs)| !belongs).for_each(|(vote, _)| *vote = 0.0);
    }
    votes
}

/// The cells up to `away` columns and rows from a cell, itself included.
fn neighbours(cell: usize, away: usize, grid: Grid) -> impl Iterator<Item = usize> {
    let (x, y) = (cell % grid.columns, cell / grid.columns);
    let columns = x.saturating_sub(away)..(x + away + 1).min(grid.columns);
    let rows = y.saturating_sub(away)..(y + away + 1).min(grid.rows);
    rows.flat_map(move |y| columns.clone().map(move |x| y * grid.columns + x))
}
