//! Places well inside of a mask: where it is deepest, and where what is left round that is.

use raster::Plane;

/// Places at most.
const MOST: usize = 3;

/// No further place where what is left is shallower than this share of the first one's depth.
const SHALLOWEST: f32 = 0.25;

/// A place keeps others away for so many times its depth.
const KEPT_AWAY: f32 = 1.5;

/// Length of a step aside and of one across, for depths that are nearly those of a ruler (chamfer distances of 3 and 4).
const ASIDE: f32 = 1.0;
const ACROSS: f32 = 4.0 / 3.0;

/// Places inside of a mask of logits, in samples.
pub(super) fn inner_points(logits: &Plane<f32>) -> Vec<[f32; 2]> {
    let mut depths = depths(logits);
    let (mut places, mut first) = (Vec::new(), 0f32);
    while places.len() < MOST {
        let samples = depths.data().iter().copied().enumerate();
        let (at, depth) = samples.fold((0, 0f32), |deepest, one| if one.1 > deepest.1 { one } else { deepest });
        first = first.max(depth);
        if depth <= 0.0 || depth < SHALLOWEST * first {
            break;
        }
        let place = [(at % depths.width()) as f32 + 0.5, (at / depths.width()) as f32 + 0.5];
        places.push(place);
        let away = KEPT_AWAY * depth + 1.0;
        for (y, row) in depths.rows_mut().enumerate() {
            for (x, depth) in row.iter_mut().enumerate() {
                if (x as f32 + 0.5 - place[0]).hypot(y as f32 + 0.5 - place[1]) <= away {
                    *depth = 0.0;
                }
            }
        }
    }
    places
}

/// How far inside every sample lies, in samples; beyond the plane is outside.
fn depths(logits: &Plane<f32>) -> Plane<f32> {
    let (width, height) = (logits.width(), logits.height());
    let mut depths = Plane::new(width + 2, height + 2, 0f32);
    for (y, row) in logits.rows().enumerate() {
        for (depth, logit) in depths.row_mut(y + 1)[1..].iter_mut().zip(row) {
            *depth = if *logit > 0.0 { f32::INFINITY } else { 0.0 };
        }
    }
    let there = [(-1isize, 0isize, ASIDE), (-1, -1, ACROSS), (0, -1, ASIDE), (1, -1, ACROSS)];
    let stride = (width + 2) as isize;
    for sign in [1, -1] {
        for step in 0..width * height {
            let index = if sign > 0 { step } else { width * height - 1 - step };
            let at = ((index / width + 1) * (width + 2) + index % width + 1) as isize;
            let near = there.map(|(x, y, length)| depths.data()[(at + sign * (y * stride + x)) as usize] + length);
            let depth = &mut depths.data_mut()[at as usize];
            *depth = near.into_iter().fold(*depth, f32::min);
        }
    }
    let mut inner = Plane::new(width, height, 0f32);
    for (y, row) in inner.rows_mut().enumerate() {
        row.copy_from_slice(&depths.row(y + 1)[1..=width]);
    }
    inner
}
