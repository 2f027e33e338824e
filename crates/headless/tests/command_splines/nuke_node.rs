//! What the Roto nodes of `sam3roto splines` hold.

use crate::nuke::{Shape, drawn, shapes};
use crate::{bounds, close, shot, write_matte, written};
use std::path::Path;

const SIZE: (usize, usize) = (1280, 720);

/// How deep inside a pixel is in a frame of a shot, in pixels: a star with round arms and a hole that moves, turns and swells. On
/// frame 1006 it has no hole.
fn depth(frame: i32, (x, y): (f64, f64)) -> f64 {
    let time = f64::from(frame - 1001);
    let (dx, dy) = (x - 560.0 - 5.0 * time, y - 340.0 - 2.0 * time);
    let angle = dy.atan2(dx) + 0.02 * time;
    let radius = (250.0 + time) * (1.0 + 0.2 * (5.0 * angle).sin());
    let outline = 0.6 * (radius - dx.hypot(dy));
    let hole = (dx - 10.0).hypot(dy + 6.0) - 80.0 - 0.5 * time;
    if frame == 1006 { outline } else { outline.min(hole) }
}

fn inside(frame: i32, i: usize) -> f64 {
    depth(frame, ((i % SIZE.0) as f64 + 0.5, (i / SIZE.0) as f64 + 0.5))
}

/// Frames 1001 to 1008 with edges of one pixel.
fn star(folder: &Path) {
    for frame in 1001..=1008 {
        write_matte(folder, frame, SIZE, |i| ((inside(frame, i) + 0.5).clamp(0.0, 1.0) * 255.0).round() as u8);
    }
}

/// The least share of the mattes that a node's shapes have in common with them, pixels in both over pixels in either.
fn least_iou(shapes: &[Shape], frames: impl IntoIterator<Item = i32>) -> f64 {
    let iou = |frame: i32| {
        let found = drawn(shapes, f64::from(frame), SIZE);
        let (mut both, mut either) = (0, 0);
        for (i, found) in found.into_iter().enumerate() {
            let truth = inside(frame, i) > 0.0;
            both += i32::from(found && truth);
            either += i32::from(found || truth);
        }
        f64::from(both) / f64::from(either)
    };
    frames.into_iter().map(iou).fold(1.0, f64::min)
}

#[test]
fn an_animated_node_read_back_covers_the_mattes_on_each_frame() {
    let folder = tempfile::tempdir().unwrap();
    star(folder.path());
    let shapes = shapes(&written(folder.path(), &["--out", "curves.nk"], "curves.nk"));
    let lives: Vec<_> = shapes.iter().map(|shape| (shape.hole, shape.life, shape.frames.len())).collect();
    // The outline is there all the time, the hole not on one frame.
    assert_eq!(
        lives,
        [(true, Some((1001.0, 1005.0)), 5), (true, Some((1007.0, 1008.0)), 2), (false, None, 8)],
        "the holes lie on top"
    );
    let iou = least_iou(&shapes, 1001..=1008);
    assert!(iou >= 0.995, "{iou}");
}

#[test]
fn keys_on_some_frames_move_straight_between_them() {
    let folder = tempfile::tempdir().unwrap();
    star(folder.path());
    let arguments = ["--out", "curves.nk", "--frames", "1001-1005", "--every", "2"];
    let shapes = shapes(&written(folder.path(), &arguments, "curves.nk"));
    for shape in &shapes {
        assert_eq!(shape.frames, [1001.0, 1003.0, 1005.0]);
        let [from, between, to] = [1001.0, 1001.5, 1003.0].map(|time| shape.points(time));
        for ((from, between), to) in from.iter().zip(&between).zip(&to) {
            let straight = |i: usize, axis: usize| from[i][axis] + 0.25 * (to[i][axis] - from[i][axis]);
            assert!((0..3).all(|i| (0..2).all(|axis| (between[i][axis] - straight(i, axis)).abs() < 1e-3)));
        }
    }
    let iou = least_iou(&shapes, 1001..=1005);
    assert!(iou >= 0.99, "{iou}");
}

#[test]
fn a_node_of_one_frame_is_there_on_all_and_counts_y_upwards() {
    let folder = tempfile::tempdir().unwrap();
    shot(folder.path());
    let shapes = shapes(&written(folder.path(), &["--out", "still.nk", "--frames", "1003"], "still.nk"));
    let [hole, outline] = &shapes[..] else { panic!("{} shapes", shapes.len()) };
    assert!(hole.hole && !outline.hole && hole.life.is_none() && outline.life.is_none());
    let places = |shape: &Shape| bounds(shape.points(1003.0).into_iter().map(|[_, place, _]| place));
    close(places(hole), [34.0, 42.0, 48.0, 52.0]);
    close(places(outline), [24.0, 36.0, 64.0, 56.0]);
}
