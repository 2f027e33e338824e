//! Scenes whose answers are known: by construction, or by `tests/golden/propagation.py`.

use inference::Key;
use serde::Deserialize;

use super::*;
use crate::{
    identity::Identity,
    propagation::{
        cells::ONE,
        colour::{Colours, HISTOGRAM},
    },
};

fn colours() -> Colours {
    let none: std::sync::Arc<[f32]> = vec![0.0; HISTOGRAM].into();
    Colours { object: none.clone(), surroundings: none }
}

fn memories(prompted: Vec<Kept>, recent: Vec<Kept>) -> Memories {
    let areas = prompted.iter().take(1).chain(&recent).map(Kept::area).collect();
    let model = Identity { name: "m".into(), key: Key(1) };
    Memories { model, prompted, sure: [].into(), recent: recent.into(), areas, latest: None, canvas: (8, 8) }
}

const CHANNELS: usize = 8;

/// -0.5..0.5 of a whole number, as in `propagation.py`.
fn noise(n: usize) -> f32 {
    ((n * 7919 + (n % 1013) * (n % 997)) % 1009) as f32 / 1008.0 - 0.5
}

fn cells(grid: Grid, value: impl Fn(usize, usize, usize) -> f32) -> Cells {
    let mut features = Vec::new();
    for (x, y) in (0..grid.len()).map(|cell| (cell % grid.columns, cell / grid.columns)) {
        let one: Vec<f32> = (0..CHANNELS).map(|channel| value(x, y, channel)).collect();
        let length = one.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-6);
        features.extend(one.iter().map(|value| (value / length * ONE).round_ties_even() as i16));
    }
    Cells { grid, channels: CHANNELS, features: features.into() }
}

/// `scene` of `propagation.py`.
fn scene(frame: usize) -> Kept {
    let grid = Grid { columns: 24, rows: 16, cell: 16.0 };
    let (left, top) = (2 + 2 * frame, 3 + frame);
    let on_object = |x: usize, y: usize| {
        let (u, v) = (x.checked_sub(left)?, y.checked_sub(top)?);
        (u < 6 && v < 5).then_some((u, v))
    };
    let cells = cells(grid, |x, y, c| {
        let base = match on_object(x, y) {
            Some((u, v)) => noise(50_000 + (v * 6 + u) * 8 + c),
            None => noise((y * 24 + x) * 8 + c),
        };
        base + 0.4 * noise(200_000 + ((frame * 16 + y) * 24 + x) * 8 + c)
    });
    let label = |cell: usize| match on_object(cell % 24, cell / 24) {
        Some((0 | 5, _)) => 0.5,
        Some(_) => 1.0,
        None => 0.0,
    };
    Kept { frame, labels: (0..grid.len()).map(label).collect(), cells, colours: colours() }
}

#[derive(Deserialize)]
struct Case {
    frame: usize,
    prompted: Vec<usize>,
    recent: Vec<usize>,
    windows: bool,
    votes: Vec<f32>,
}

#[test]
fn votes_are_those_of_an_independent_implementation() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../tests/golden/propagation.json")).unwrap();
    assert_eq!(cases.len(), 5);
    for case in cases {
        let scenes = |frames: &[usize]| frames.iter().map(|&frame| scene(frame)).collect::<Vec<_>>();
        let memories = memories(scenes(&case.prompted), scenes(&case.recent));
        let now = scene(case.frame).cells;
        let search = Search::new(&memories, case.frame, &now).unwrap();
        let votes = if case.windows { search.near(None) } else { search.anywhere(&search.likeliest()) };
        for (cell, (found, expected)) in votes.iter().zip(&case.votes).enumerate() {
            assert!((found - expected).abs() < 1e-3, "frame {} cell {cell}: {found} {expected}", case.frame);
        }
    }
}

#[test]
fn one_thread_and_four_give_the_same_bits() {
    let memories = memories(vec![scene(0), scene(6)], vec![scene(1), scene(2)]);
    let now = scene(3).cells;
    let votes = [1, 4].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| recall(&memories, 3, &now))
    });
    assert_eq!(votes[0], votes[1]);
}

const WIDE: Grid = Grid { columns: 64, rows: 36, cell: 16.0 };

/// Objects of 4x4 cells of one look at these places on a plain ground; the first of them is the one that is followed.
fn plain(frame: usize, places: &[(usize, usize)]) -> Kept {
    let on =
        |x: usize, y: usize, (left, top): (usize, usize)| (left..left + 4).contains(&x) && (top..top + 4).contains(&y);
    let looks = |x: usize, y: usize, channel: usize| {
        let is_object = places.iter().any(|&place| on(x, y, place));
        f32::from(u8::from(channel == usize::from(is_object)))
    };
    let first = places.first().copied();
    let label = |cell: usize| f32::from(u8::from(first.is_some_and(|place| on(cell % 64, cell / 64, place))));
    Kept { frame, cells: cells(WIDE, looks), labels: (0..WIDE.len()).map(label).collect(), colours: colours() }
}

/// The box of the votes above one half.
fn found(votes: &[f32]) -> Option<(usize, usize, usize, usize)> {
    Region::around(WIDE, |cell| votes[cell] > 0.5).map(|region| (region.x0, region.y0, region.x1, region.y1))
}

#[test]
fn an_object_that_moves_is_found_where_it_goes() {
    let memories = memories(vec![plain(0, &[(10, 10)])], vec![plain(1, &[(13, 11)]), plain(2, &[(16, 12)])]);
    let votes = recall(&memories, 3, &plain(3, &[(19, 13)]).cells);
    assert_eq!(found(&votes), Some((19, 13, 23, 17)));
}

#[test]
fn another_object_of_the_same_look_far_away_is_not_taken() {
    let memories = memories(vec![plain(0, &[(10, 10), (50, 20)])], vec![plain(1, &[(11, 10), (50, 20)])]);
    let votes = recall(&memories, 2, &plain(2, &[(12, 10), (50, 20)]).cells);
    assert_eq!(found(&votes), Some((12, 10, 16, 14)));
}

#[test]
fn an_object_that_is_lost_is_found_again_anywhere() {
    let memories = memories(vec![plain(0, &[(10, 10)])], vec![plain(1, &[(10, 10)])]);
    let votes = recall(&memories, 2, &plain(2, &[(55, 30)]).cells);
    assert_eq!(found(&votes), Some((55, 30, 59, 34)));
}

#[test]
fn of_two_that_could_be_the_lost_one_the_larger_is_taken_alone() {
    let memories = memories(vec![plain(0, &[(10, 10)])], vec![plain(1, &[(10, 10)])]);
    let votes = recall(&memories, 2, &plain(2, &[(40, 4), (55, 28), (57, 30)]).cells);
    assert_eq!(found(&votes), Some((55, 28, 61, 34)));
}

#[test]
fn an_object_that_is_gone_gets_no_votes() {
    let memories = memories(vec![plain(0, &[(10, 10)])], vec![plain(1, &[(10, 10)])]);
    let votes = recall(&memories, 2, &plain(2, &[]).cells);
    assert!(votes.iter().all(|&vote| vote < 0.5), "{votes:?}");
}

#[test]
fn cells_that_are_no_numbers_get_no_votes_and_give_none() {
    let memories = memories(vec![plain(0, &[(10, 10)])], vec![]);
    let blank = cells(WIDE, |_, _, _| 0.0);
    assert!(recall(&memories, 1, &blank).iter().all(|&vote| vote == 0.0));
    let blind = Memories { prompted: vec![Kept { cells: blank, ..plain(0, &[(10, 10)]) }], ..memories };
    assert!(recall(&blind, 1, &plain(1, &[(10, 10)]).cells).iter().all(|vote| vote.is_finite()));
}

#[test]
fn frames_of_another_size_are_not_compared() {
    let memories = memories(vec![scene(0)], vec![]);
    assert_eq!(recall(&memories, 1, &plain(1, &[(10, 10)]).cells), vec![0.0; WIDE.len()]);
    let one = Grid { columns: 1, rows: 1, cell: 16.0 };
    let single = |value: f32| cells(one, |_, _, _| value);
    let kept = Kept { frame: 0, cells: single(1.0), labels: vec![1.0].into(), colours: colours() };
    let memories = super::tests::memories(vec![kept], vec![]);
    assert_eq!(recall(&memories, 1, &single(1.0)), [1.0]);
}
