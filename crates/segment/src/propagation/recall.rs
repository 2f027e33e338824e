//! Where the object is on a new frame, by what is remembered of others: windows that follow its motion, and a search of
//! the whole picture where it is lost.

use super::{
    cells::{Cells, Grid},
    memory::{Kept, Memories},
    vote::{Memory, Region, TEMPERATURE, likeliest, vote},
};

/// How far, in cells, similar cells are looked for from where motion puts them: in recent frames, in prompted ones.
const REACH: isize = 7;
const PROMPT_REACH: isize = 10;

/// How much farther for each frame since the last good one, and for how many of them.
const REACH_PER_FRAME: isize = 2;
const LONGEST_GAP: usize = 10;

/// From so many frames after the last good one on, windows are so wide that only the likeliest cells are asked, and what
/// was sure a while ago is not compared with: a lost object would cost several times what a followed one does.
const WIDE_FROM: isize = 2;

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
    let Some(search) = Search::new(memories, frame, now) else { return vec![0.0; now.grid.len()] };
    let mut asked = search.is_wide.then(|| search.likeliest());
    let windowed = search.near(asked.as_deref());
    let level = memories.level();
    let found: f32 = windowed.iter().filter(|&&vote| vote > level).sum();
    if found >= LOST * memories.usual_area() {
        return windowed;
    }
    let asked = asked.get_or_insert_with(|| search.likeliest());
    let anywhere = largest_component(search.anywhere(asked), now.grid, level);
    if anywhere.iter().sum::<f32>() > windowed.iter().sum::<f32>() { anywhere } else { windowed }
}

/// A frame and what it is compared with.
struct Search<'a> {
    now: &'a Cells,
    /// Prompted frames first, the last good one last.
    remembered: Vec<Remembered<'a>>,
    prompted: usize,
    /// Where the object's middle should be.
    centre: Option<(f32, f32)>,
    /// Where the object may be.
    region: Region,
    /// Whether windows are wide.
    is_wide: bool,
}

impl<'a> Search<'a> {
    /// `None` where no remembered frame has cells like this one's.
    fn new(memories: &'a Memories, frame: usize, now: &'a Cells) -> Option<Self> {
        let grid = now.grid;
        let fits = |kept: &&Kept| kept.cells.grid == grid && kept.cells.channels == now.channels;
        let recent: Vec<_> = memories.recent.iter().filter(fits).collect();
        let prompted: Vec<_> = memories.prompted.iter().filter(fits).collect();
        let way: Vec<_> = prompted.first().into_iter().chain(&recent).copied().collect();
        let gap = frame.saturating_sub(way.last()?.frame + 1).min(LONGEST_GAP) as isize;
        let farther = REACH_PER_FRAME * gap;
        let (seen, reach) = if recent.is_empty() { (&way, PROMPT_REACH) } else { (&recent, REACH) };
        let touched = |cell: usize| seen.iter().any(|kept| kept.labels.get(cell).is_some_and(|&label| label > TOUCHED));
        let region = Region::around(grid, touched).map(|region| region.grown(reach + farther, (0, 0), grid));
        let bonus = TEMPERATURE * PROMPT_WEIGHT.ln();
        let prompts = prompted.len();
        let prompted = prompted.iter().map(|kept| Remembered::new(kept, PROMPT_REACH + farther, bonus));
        let recent = recent.iter().map(|kept| Remembered::new(kept, REACH + farther, 0.0));
        let is_wide = gap >= WIDE_FROM;
        let sure = memories
            .sure
            .iter()
            .filter(|kept| !is_wide && fits(kept))
            .map(|kept| Remembered::new(kept, REACH + farther, 0.0));
        Some(Self {
            now,
            remembered: prompted.chain(sure).chain(recent).collect(),
            prompted: prompts,
            centre: predicted(&way, grid),
            region: region.unwrap_or(Region::whole(grid)),
            is_wide,
        })
    }

    /// The votes of windows that follow the object's motion.
    fn near(&self, asked: Option<&[bool]>) -> Vec<f32> {
        let memories: Vec<_> = self.remembered.iter().map(|one| one.memory(true, self.centre)).collect();
        vote(self.now, &memories, self.region, asked)
    }

    /// The votes of all asked cells for the prompted frames and the last good one, anywhere in the picture.
    fn anywhere(&self, asked: &[bool]) -> Vec<f32> {
        vote(self.now, &self.without_windows(), Region::whole(self.now.grid), Some(asked))
    }

    /// The cells that look most like the object on those frames.
    fn likeliest(&self) -> Vec<bool> {
        likeliest(self.now, &self.without_windows())
    }

    fn without_windows(&self) -> Vec<Memory<'_>> {
        let (prompted, tracked) = self.remembered.split_at(self.prompted);
        prompted.iter().chain(tracked.last()).map(|one| one.memory(false, self.centre)).collect()
    }
}

/// A frame as the vote takes it.
struct Remembered<'a> {
    kept: &'a Kept,
    reach: isize,
    bonus: f32,
}

impl<'a> Remembered<'a> {
    fn new(kept: &'a Kept, reach: isize, bonus: f32) -> Self {
        Self { kept, reach, bonus }
    }

    /// Near where the object's middle should be now, or anywhere.
    fn memory(&self, near: bool, centre: Option<(f32, f32)>) -> Memory<'_> {
        Memory {
            cells: &self.kept.cells,
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

#[cfg(test)]
#[path = "recall_tests.rs"]
mod tests;
