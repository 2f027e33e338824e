//! A user who sees the true mask: a box, a click in the middle, and two clicks where the result is worst.

use inference::NeverAbort;
use raster::Plane;
use segment::{Embedding, ImageSegmenter, Point, Prompt, tracker::FramePrompt};

use crate::Any;

/// Clicks after the first.
const CORRECTIONS: usize = 2;

/// Box and clicks on a picture whose true mask is this.
pub fn prompt(model: &dyn ImageSegmenter, picture: &Embedding, truth: &Plane<bool>) -> Any<FramePrompt> {
    let (width, height) = (truth.width(), truth.height());
    let size = picture.picture_size();
    let scale = (size.0 as f32 / width as f32, size.1 as f32 / height as f32);
    let click = |(x, y): (usize, usize), include| Point {
        x: (x as f32 + 0.5) * scale.0,
        y: (y as f32 + 0.5) * scale.1,
        include,
    };
    let box_ = bounds(truth)
        .map(|[x1, y1, x2, y2]| [x1 as f32 * scale.0, y1 as f32 * scale.1, x2 as f32 * scale.0, y2 as f32 * scale.1]);
    let mut points = vec![click(deepest(truth).0, true)];
    for _ in 0..CORRECTIONS {
        let prompt = Prompt { points: points.clone(), box_, ..Prompt::default() };
        let found = model.segment(picture, &prompt, &NeverAbort)?.resampled(width, height);
        let worst = |wrong: fn(bool, bool) -> bool| {
            let wrong = found.data().iter().zip(truth.data()).map(|(&logit, &truth)| wrong(logit > 0.0, truth));
            Plane::from_vec(width, height, wrong.collect()).map(|region| deepest(&region))
        };
        let (missing, surplus) = (worst(|found, truth| truth && !found)?, worst(|found, truth| found && !truth)?);
        let is_missing = missing.1 >= surplus.1;
        points.push(click(if is_missing { missing.0 } else { surplus.0 }, is_missing));
    }
    Ok(FramePrompt { points, box_, ..FramePrompt::default() })
}

/// First and last pixel (that one outside) of a region.
fn bounds(region: &Plane<bool>) -> Option<[usize; 4]> {
    let pixels =
        region.rows().enumerate().flat_map(|(y, row)| row.iter().enumerate().map(move |(x, &is_in)| (x, y, is_in)));
    pixels.filter(|(.., is_in)| *is_in).fold(None, |bounds, (x, y, _)| {
        let [x1, y1, x2, y2] = bounds.unwrap_or([x, y, x, y]);
        Some([x1.min(x), y1.min(y), x2.max(x + 1), y2.max(y + 1)])
    })
}

/// The pixel that is farthest from the outside of a region, and the square of how far. Beyond the picture is outside.
fn deepest(region: &Plane<bool>) -> ((usize, usize), usize) {
    let (width, height) = (region.width(), region.height());
    let mut deepest = ((0, 0), 0);
    // Up and down to the nearest pixel outside.
    let mut column_depths = Plane::new(width, height, 0usize);
    for x in 0..width {
        for ys in [Box::new(0..height) as Box<dyn Iterator<Item = usize>>, Box::new((0..height).rev())] {
            let mut depth = 0;
            for y in ys {
                depth = if region.row(y)[x] { depth + 1 } else { 0 };
                let value = &mut column_depths.row_mut(y)[x];
                *value = if *value == 0 { depth } else { depth.min(*value) };
            }
        }
    }
    for (y, row) in column_depths.rows().enumerate() {
        for x in 0..width {
            let depth = |x: Option<usize>| x.and_then(|x| row.get(x)).copied().unwrap_or(0);
            let mut nearest = row[x] * row[x];
            let mut away = 1;
            while away * away < nearest {
                let beside = depth(x.checked_sub(away)).min(depth(Some(x + away)));
                nearest = nearest.min(away * away + beside * beside);
                away += 1;
            }
            if nearest > deepest.1 {
                deepest = ((x, y), nearest);
            }
        }
    }
    deepest
}
