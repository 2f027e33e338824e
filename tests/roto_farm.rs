//! One tracked shot rendered in one go, in any order, in chunks and by several processes on one folder: the same bits.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

#[path = "roto_track/shot.rs"]
#[allow(dead_code, reason = "shared with the tests of tracking")]
mod shot;
mod support;

use std::collections::BTreeMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::path::Path;

use shot::*;
use support::workplace::{again, is_inside};

const TEST: &str = "a_shot_has_the_same_bits_however_its_frames_are_given_out";
const FRAMES: usize = 20;
/// As often a frame may be blank: the object is out of sight from 14 to 18.
const BLANK: usize = 5;
const ORDER: &str = "SAM3ROTO_TEST_ORDER";

/// The mattes of a process by their frame, each as a number that stands for all its bits.
type Mattes = BTreeMap<usize, u64>;

/// A process of its own that renders frames in an order, on a folder of results.
fn process(order: &[usize], folder: Option<&Path>) -> Option<Mattes> {
    let order = order.iter().map(usize::to_string).collect::<Vec<_>>().join(" ");
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/resources/export/fixtures");
    let mut variables = vec![("SAM3ROTO_MODELS", fixtures), (ORDER, &order)];
    variables.extend(folder.map(|folder| ("SAM3ROTO_CACHE", folder.to_str().unwrap())));
    let words = again(TEST, &variables)?;
    let line = |line: &str| {
        let (frame, bits) = line.strip_prefix("matte ")?.split_once(' ')?;
        Some((frame.parse().ok()?, bits.parse().ok()?))
    };
    Some(words.lines().filter_map(line).collect())
}

/// Renders what it is told to, and tells of each matte.
fn render_and_tell() {
    let (_bundle, plugin) = opened();
    let instance = instance(&plugin, &Shot::over(0.0, FRAMES as f64 - 1.0), SAM2);
    instance.set("point2Object", headless::host::Value::Integer(1)).unwrap();
    for (slot, time, at) in [(1, 3.0, [30.0, 56.0]), (1, 11.0, [60.0, 56.0]), (2, 7.0, [24.0, 100.0])] {
        key(&instance, slot, time, at);
    }
    println!();
    for frame in std::env::var(ORDER).unwrap().split_whitespace() {
        let matte = matte(&instance, frame.parse().unwrap());
        let bytes: Vec<u8> = matte.iter().flat_map(|alpha| alpha.to_le_bytes()).collect();
        println!("matte {frame} {}", BuildHasherDefault::<DefaultHasher>::default().hash_one(bytes));
    }
    instance.destroy().unwrap();
}

#[test]
fn a_shot_has_the_same_bits_however_its_frames_are_given_out() {
    if is_inside(TEST) {
        return render_and_tell();
    }
    let in_order: Vec<usize> = (0..FRAMES).collect();
    let Some(expected) = process(&in_order, None) else { return };
    assert_eq!(expected.len(), FRAMES);
    let different: std::collections::BTreeSet<_> = expected.values().collect();
    assert!(different.len() >= FRAMES - BLANK, "mattes are blank: {expected:?}");

    let shuffled: Vec<usize> = (0..FRAMES).map(|index| index * 7 % FRAMES).collect();
    assert_eq!(process(&shuffled, None).unwrap(), expected, "in another order");

    let folder = tempfile::tempdir().unwrap();
    let chunks = in_order.chunks(FRAMES / 4).rev().flat_map(|chunk| process(chunk, Some(folder.path())).unwrap());
    assert_eq!(chunks.collect::<Mattes>(), expected, "four chunks, the last one first");

    let folder = tempfile::tempdir().unwrap();
    let parts: [Vec<usize>; 2] = [0, 1].map(|odd| shuffled.iter().copied().filter(|frame| frame % 2 == odd).collect());
    let together = std::thread::scope(|scope| {
        let processes = parts.each_ref().map(|part| scope.spawn(|| process(part, Some(folder.path())).unwrap()));
        processes.map(|process| process.join().unwrap())
    });
    assert_eq!(together.into_iter().flatten().collect::<Mattes>(), expected, "two processes at the same time");

    assert_eq!(process(&in_order, Some(folder.path())).unwrap(), expected, "what they left behind");
}
