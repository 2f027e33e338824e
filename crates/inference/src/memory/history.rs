//! What memory did over the frames, in a few points, and whether it rises and never falls.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use super::{LedgerRow, Megabytes, Owner, OwnerKind, Place};

/// Frames of a point at first. Points are joined in pairs when there are too many, so that a few of them always tell
/// of everything since the start, until they have [`MOST_FRAMES`] each.
const FIRST_FRAMES: u64 = 25;

/// Frames of a point at most: a rise of one MB in so many frames is found.
const MOST_FRAMES: u64 = 800;

/// Points kept.
const POINTS: usize = 16;

/// So many rises in a row, with no fall between, are called steady. Caches that fill and models that are loaded rise in
/// steps and come to rest before that.
const RISES: usize = 6;

/// What does not count as a rise from one point to the next: heaps and page tables move by about that.
const NOISE: u64 = 1 << 20;

/// The least that was held during some frames. Peaks come and go; what leaks raises the minima.
#[derive(Debug, Clone, Default)]
struct Point {
    frames: u64,
    resident: Option<u64>,
    /// Of `resident`, what the ledger does not explain.
    outside: Option<u64>,
    rows: BTreeMap<(Place, Owner), u64>,
}

/// A point of the history, for the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct HistoryPoint {
    /// The last frame of the point.
    pub frame: u64,
    /// Least bytes of main memory that the process occupied during its frames.
    pub resident_bytes: Option<u64>,
    /// Least bytes in the ledger's rows, main memory and devices together.
    pub ledger_bytes: u64,
}

/// Memory that rose over many frames and never fell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeakSuspicion {
    /// Whose; `None` is outside of the engine: the host application (its own caches count here), other plugins, or
    /// memory that the ledger does not know of.
    pub owner: Option<Owner>,
    /// Where.
    pub place: Place,
    /// Bytes that it rose.
    pub rose_bytes: u64,
    /// In so many frames.
    pub frames: u64,
}

impl LeakSuspicion {
    /// For the log.
    pub(super) fn words(&self) -> String {
        let who =
            self.owner.as_ref().map_or_else(|| "outside of the engine".to_owned(), |owner| format!("of the {owner}"));
        let (rose, frames) = (Megabytes(self.rose_bytes), self.frames);
        format!("{} {who} rose by {rose} over {frames} frames and never fell", self.place)
    }
}

/// The history of one guard.
#[derive(Debug)]
pub(super) struct History {
    frames: u64,
    frames_per_point: u64,
    current: Point,
    points: VecDeque<Point>,
    told: Vec<(Option<Owner>, Place)>,
    leak: Option<LeakSuspicion>,
}

impl Default for History {
    fn default() -> Self {
        Self {
            frames: 0,
            frames_per_point: FIRST_FRAMES,
            current: Point::default(),
            points: VecDeque::new(),
            told: Vec::new(),
            leak: None,
        }
    }
}

impl History {
    /// A frame was done; `rows` are those of the ledger with the caches. Gives a suspicion that was not told before.
    pub fn sample(&mut self, resident: Option<u64>, rows: &[LedgerRow]) -> Option<&LeakSuspicion> {
        self.frames += 1;
        self.current.absorb(Point::of(resident, rows));
        if self.current.frames < self.frames_per_point {
            return None;
        }
        self.points.push_back(std::mem::take(&mut self.current));
        self.make_room();
        self.leak = self.suspicion();
        let leak = self.leak.as_ref()?;
        let who = (leak.owner.clone(), leak.place);
        if self.told.contains(&who) {
            return None;
        }
        self.told.push(who);
        Some(leak)
    }

    /// What is suspected now.
    pub fn leak(&self) -> Option<&LeakSuspicion> {
        self.leak.as_ref()
    }

    pub fn points(&self) -> Vec<HistoryPoint> {
        let mut frame = self.frames - self.current.frames - self.points.iter().map(|point| point.frames).sum::<u64>();
        let report = |point: &Point| {
            frame += point.frames;
            HistoryPoint { frame, resident_bytes: point.resident, ledger_bytes: point.rows.values().sum() }
        };
        self.points.iter().map(report).collect()
    }

    fn make_room(&mut self) {
        if self.points.len() < POINTS {
            return;
        }
        if self.frames_per_point >= MOST_FRAMES {
            self.points.pop_front();
            return;
        }
        self.frames_per_point *= 2;
        let mut joined = VecDeque::with_capacity(POINTS);
        while let Some(mut point) = self.points.pop_front() {
            if let Some(next) = self.points.pop_front() {
                point.absorb(next);
            }
            joined.push_back(point);
        }
        self.points = joined;
    }

    /// The owner that rose most, if any did; else what is outside. Caches are not suspected: they keep to limits of
    /// their own, and take long to reach them.
    fn suspicion(&self) -> Option<LeakSuspicion> {
        let window = self.points.range(self.points.len().checked_sub(RISES + 1)?..);
        let frames = window.clone().skip(1).map(|point| point.frames).sum();
        let newest = self.points.back()?;
        let held = |key| window.clone().map(move |point| Some(point.rows.get(key).copied().unwrap_or(0)));
        let owners = newest.rows.keys().filter(|(_, owner)| owner.kind != OwnerKind::Cache);
        let rising = owners.filter_map(|key| Some((steady_rise(held(key))?, key)));
        if let Some((rose_bytes, (place, owner))) = rising.max_by_key(|(rose, _)| *rose) {
            return Some(LeakSuspicion { owner: Some(owner.clone()), place: *place, rose_bytes, frames });
        }
        let rose_bytes = steady_rise(window.map(|point| point.outside))?;
        Some(LeakSuspicion { owner: None, place: Place::Host, rose_bytes, frames })
    }
}

/// By how much a series rose, if each step of it was a rise.
fn steady_rise(series: impl Iterator<Item = Option<u64>>) -> Option<u64> {
    let series: Vec<u64> = series.collect::<Option<_>>()?;
    let steady = series.windows(2).all(|pair| pair[1] > pair[0].saturating_add(NOISE));
    let (first, last) = (series.first()?, series.last()?);
    steady.then(|| last.saturating_sub(*first))
}

impl Point {
    fn of(resident: Option<u64>, rows: &[LedgerRow]) -> Self {
        let held = rows.iter().map(|row| ((row.place, row.owner.clone()), row.measured_bytes.max(row.settled_bytes)));
        let rows: BTreeMap<_, _> = held.filter(|(_, bytes)| *bytes > 0).collect();
        let explained = rows.iter().filter(|((place, _), _)| *place == Place::Host).map(|(_, bytes)| *bytes).sum();
        let outside = resident.map(|resident: u64| resident.saturating_sub(explained));
        Self { frames: 1, resident, outside, rows }
    }

    /// Joins a later point: the minima of both. Who is not in a point held nothing then.
    fn absorb(&mut self, later: Self) {
        if self.frames == 0 {
            *self = later;
            return;
        }
        self.frames += later.frames;
        self.resident = self.resident.zip(later.resident).map(|(a, b)| a.min(b));
        self.outside = self.outside.zip(later.outside).map(|(a, b)| a.min(b));
        self.rows.retain(|key, bytes| {
            *bytes = later.rows.get(key).map_or(0, |later| (*later).min(*bytes));
            *bytes > 0
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1 << 20;

    fn row(owner: Owner, bytes: u64) -> LedgerRow {
        LedgerRow {
            place: Place::Host,
            owner,
            reserved_bytes: 0,
            settled_bytes: 0,
            measured_bytes: bytes,
            charged_bytes: bytes,
            peak_bytes: bytes,
        }
    }

    /// Feeds `frames` frames of (resident, rows) and gives everything that was told.
    fn feed(frames: u64, at: impl Fn(u64) -> (u64, Vec<LedgerRow>)) -> (History, Vec<LeakSuspicion>) {
        let mut history = History::default();
        let told = (0..frames).filter_map(|frame| {
            let (resident, rows) = at(frame);
            history.sample(Some(resident), &rows).cloned()
        });
        let told = told.collect();
        (history, told)
    }

    #[test]
    fn an_owner_that_leaks_is_told_once_and_by_name() {
        let leaky = |frame| row(Owner::session("flow on CPU"), 50 * MB + frame * MB / 10);
        let steady = || row(Owner::session("encoder on CPU"), 160 * MB);
        let noise = |frame: u64| frame * 7919 % 40 * MB;
        let (history, told) =
            feed(2000, |frame| (900 * MB + frame * MB / 10 + noise(frame), vec![leaky(frame), steady()]));
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].owner, Some(Owner::session("flow on CPU")));
        assert!(history.leak().is_some_and(|leak| leak.rose_bytes > 10 * MB && leak.frames >= 150), "{history:?}");
        assert!(told[0].words().contains("of the model flow on CPU rose by"), "{}", told[0].words());
    }

    #[test]
    fn a_rise_that_the_ledger_does_not_explain_is_outside_of_the_engine() {
        let (_, told) = feed(1000, |frame| (900 * MB + frame * MB / 5, vec![row(Owner::session("encoder"), 160 * MB)]));
        assert_eq!(told.iter().map(|leak| leak.owner.clone()).collect::<Vec<_>>(), [None]);
    }

    #[test]
    fn a_slow_leak_is_found_too_since_points_grow_with_the_frames() {
        // 4 kB a frame: less than the noise in the first points.
        let (_, told) = feed(20_000, |frame| (900 * MB + frame * 4096, Vec::new()));
        assert_eq!(told.len(), 1);
    }

    #[test]
    fn caches_that_fill_models_that_come_and_noise_are_no_leak() {
        let rows = |frame: u64| {
            let features = row(Owner::cache("features"), (frame * MB).min(600 * MB));
            let loaded = row(Owner::session("encoder"), if frame > 300 { 160 * MB } else { 0 });
            let run = row(Owner::run("encoder"), frame * 31 % 190 * MB);
            vec![features, loaded, run]
        };
        let noise = |frame: u64| frame * 104_729 % 64 * MB;
        let (history, told) = feed(5000, |frame| {
            let rows = rows(frame);
            (800 * MB + noise(frame) + rows.iter().map(|row| row.measured_bytes).sum::<u64>(), rows)
        });
        assert_eq!(told, []);
        assert_eq!(history.leak(), None);
    }

    #[test]
    fn what_rose_and_fell_again_is_no_leak_any_more() {
        let saw = |frame: u64| 900 * MB + frame % 1200 * MB / 4;
        let (history, _) = feed(1300, |frame| (saw(frame), Vec::new()));
        assert_eq!(history.leak(), None);
    }

    #[test]
    fn unknown_figures_suspect_nobody() {
        let mut history = History::default();
        assert!((0..2000).all(|_| history.sample(None, &[]).is_none()));
    }

    #[test]
    fn any_number_of_frames_stays_in_a_few_points_that_end_where_the_frames_do() {
        let (history, _) = feed(100_000, |frame| (frame % 10 * MB, Vec::new()));
        let points = history.points();
        assert!((POINTS / 2 - 1..POINTS).contains(&points.len()), "{}", points.len());
        assert!(points.is_sorted_by_key(|point| point.frame));
        assert!(
            points.last().is_some_and(|point| point.frame > 100_000 - MOST_FRAMES && point.resident_bytes == Some(0))
        );
    }
}
