//! A user who sees the true mask: a box, a click in the middle, and two clicks where the result is worst.

use raster::Plane;

/// Clicks after the first.
const CORRECTIONS: usize = 2;

/// A click on a pixel of the true mask.
#[derive(Debug, Clone, Copy)]
pub struct Click {
    /// Pixels from the left and from the top: the middle of the pixel.
    pub at: (f32, f32),
    /// Whether what is there belongs to the object.
    pub include: bool,
}

/// What the user said so far.
#[derive(Debug, Clone)]
pub struct Said {
    pub clicks: Vec<Click>,
    /// Left, top, right and bottom edge in pixels of the true mask; `None` where that is empty.
    pub box_: Option<[f32; 4]>,
}

/// Box and clicks on a picture whose true mask is this, where what was said finds masks of the same size.
pub fn prompt<E>(truth: &Plane<bool>, mut found: impl FnMut(&Said) -> Result<Plane<bool>, E>) -> Result<Said, E> {
    let click = |(x, y): (usize, usize), include| Click { at: (x as f32 + 0.5, y as f32 + 0.5), include };
    let box_ = bounds(truth).map(|edges| edges.map(|edge| edge as f32));
    let mut said = Said { clicks: vec![click(deepest(truth).0, true)], box_ };
    for _ in 0..CORRECTIONS {
        let found = found(&said)?;
        let worst = |wrong: fn(bool, bool) -> bool| {
            let mut region = truth.clone();
            let pixels = region.data_mut().iter_mut().zip(found.data());
            pixels.for_each(|(pixel, &found)| *pixel = wrong(found, *pixel));
            deepest(&region)
        };
        let (missing, surplus) = (worst(|found, truth| truth && !found), worst(|found, truth| found && !truth));
        let is_missing = missing.1 >= surplus.1;
        said.clicks.push(click(if is_missing { missing.0 } else { surplus.0 }, is_missing));
    }
    Ok(said)
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
