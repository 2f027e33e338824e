//! The guide's shot, drawn: a striped ball rolls past a blue vase. Nobody owns it, and everybody can draw it again.

use canvas::{Canvas, Colour};

/// Width and height in pixels.
pub const SIZE: (usize, usize) = (960, 540);
/// Frames, counted from 1.
pub const FRAMES: i32 = 24;

/// Samples along each side of a pixel, for smooth edges.
const SAMPLES: usize = 3;
/// Where the floor begins.
const HORIZON: f64 = 330.0;
/// Where the light comes from: a direction of length 1, x right, y down, z towards the viewer.
const LIGHT: [f64; 3] = [-0.48, -0.62, 0.62];

const RADIUS: f64 = 92.0;
const ORANGE: [f64; 3] = [0.93, 0.45, 0.13];
const CREAM: [f64; 3] = [0.96, 0.90, 0.78];
const BLUE: [f64; 3] = [0.16, 0.38, 0.70];

/// The middle of the ball on a frame, from the top left corner.
pub fn ball(frame: i32) -> [f64; 2] {
    let along = f64::from(frame - 1) / f64::from(FRAMES - 1);
    [150.0 + 640.0 * along, 372.0 + 26.0 * along]
}

/// The middle of the vase.
pub const VASE: [f64; 2] = [600.0, 270.0];
/// From its mouth to its foot.
const VASE_ROWS: (f64, f64) = (130.0, 402.0);

/// A frame of the shot.
pub fn frame(number: i32) -> Canvas {
    let mut pixels = Vec::with_capacity(SIZE.0 * SIZE.1);
    for y in 0..SIZE.1 {
        for x in 0..SIZE.0 {
            pixels.push(pixel(number, x, y));
        }
    }
    Canvas { width: SIZE.0, height: SIZE.1, pixels }
}

fn pixel(number: i32, x: usize, y: usize) -> Colour {
    let mut sum = [0.0; 3];
    for row in 0..SAMPLES {
        for column in 0..SAMPLES {
            let at = |pixel: usize, sample: usize| pixel as f64 + (sample as f64 + 0.5) / SAMPLES as f64;
            let colour = sample(number, at(x, column), at(y, row));
            sum = std::array::from_fn(|c| sum[c] + colour[c]);
        }
    }
    sum.map(|value| (255.0 * (value / (SAMPLES * SAMPLES) as f64).clamp(0.0, 1.0)).round() as u8)
}

/// What is seen at a point: the ball before the vase before the room.
fn sample(number: i32, x: f64, y: f64) -> [f64; 3] {
    on_ball(number, x, y).or_else(|| on_vase(x, y)).unwrap_or_else(|| {
        let middle = ball(number);
        let shade = shadow(x, y, [middle[0] + 34.0, middle[1] + RADIUS - 8.0], [118.0, 24.0]).min(shadow(
            x,
            y,
            [VASE[0] + 40.0, VASE_ROWS.1 - 4.0],
            [112.0, 20.0],
        ));
        room(x, y).map(|value| value * shade)
    })
}

fn on_ball(number: i32, x: f64, y: f64) -> Option<[f64; 3]> {
    let [cx, cy] = ball(number);
    let (u, v) = ((x - cx) / RADIUS, (y - cy) / RADIUS);
    let inside = 1.0 - u * u - v * v;
    (inside >= 0.0).then(|| {
        let normal = [u, v, inside.sqrt()];
        // It rolls: as far as it goes, so far its surface turns.
        let turned = (cx - ball(1)[0]) / RADIUS;
        let across = u * turned.cos() + v * turned.sin();
        let colour = if across.abs() < 0.22 || across.abs() > 0.86 { CREAM } else { ORANGE };
        lit(colour, normal, 0.5)
    })
}

/// Half the width of the vase at a height.
fn vase_width(y: f64) -> f64 {
    let along = (y - VASE_ROWS.0) / (VASE_ROWS.1 - VASE_ROWS.0);
    // A lip, a neck, a belly, a foot.
    let belly = 84.0 * (std::f64::consts::PI * ((along - 0.22) / 0.86).clamp(0.0, 1.0)).sin().powf(0.8);
    let neck = 34.0 + 16.0 * (-along / 0.05).exp();
    neck.max(belly).max(if along > 0.93 { 46.0 } else { 0.0 })
}

fn on_vase(x: f64, y: f64) -> Option<[f64; 3]> {
    let width = vase_width(y);
    let across = (x - VASE[0]) / width;
    (across.abs() <= 1.0 && (VASE_ROWS.0..VASE_ROWS.1).contains(&y)).then(|| {
        let slope = (vase_width(y - 1.0) - vase_width(y + 1.0)) / 2.0;
        let tilt = (1.0 + slope * slope).sqrt();
        let normal = [across / tilt, slope / tilt, (1.0 - across * across).sqrt() / tilt];
        let ring = [(196.0, 204.0), (318.0, 328.0)].iter().any(|(from, to)| (*from..*to).contains(&y));
        lit(if ring { CREAM } else { BLUE }, normal, 0.9)
    })
}

/// A surface in the light, with a highlight.
fn lit(colour: [f64; 3], normal: [f64; 3], shine: f64) -> [f64; 3] {
    let facing: f64 = (0..3).map(|axis| normal[axis] * LIGHT[axis]).sum::<f64>().max(0.0);
    let mirrored = 2.0 * facing * normal[2] - LIGHT[2];
    let highlight = shine * mirrored.max(0.0).powi(24);
    colour.map(|value| value * (0.30 + 0.75 * facing) + 0.6 * highlight)
}

/// How much light is left beside what stands on the floor: 1 far from it.
fn shadow(x: f64, y: f64, middle: [f64; 2], [rx, ry]: [f64; 2]) -> f64 {
    let away = ((x - middle[0]) / rx).hypot((y - middle[1]) / ry);
    1.0 - 0.62 * (1.0 - ((away - 0.35) / 0.75).clamp(0.0, 1.0)) * f64::from(u8::from(y > HORIZON))
}

/// A papered wall and a floor of boards.
fn room(x: f64, y: f64) -> [f64; 3] {
    if y < HORIZON {
        let paper = if (x / 40.0).rem_euclid(2.0) < 1.0 { 0.0 } else { 0.025 };
        let down = y / HORIZON;
        return [0.60, 0.66, 0.58].map(|value| value * (0.80 + 0.20 * down) + paper);
    }
    if y < HORIZON + 10.0 {
        return [0.86, 0.84, 0.78];
    }
    // Boards run towards a point above the horizon.
    let depth = 120.0 / (y - HORIZON + 60.0);
    let board = (x - SIZE.0 as f64 / 2.0) * depth / 95.0 + 40.0;
    let seam = board.fract() < 0.03;
    let tone = 0.86 + 0.10 * (board.floor() * 2.4).sin();
    [0.52, 0.36, 0.24].map(|value| value * if seam { 0.55 } else { tone } * (1.25 - 0.25 * depth))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ball_is_where_it_is_said_to_be() {
        for number in [1, FRAMES / 2, FRAMES] {
            let [x, y] = ball(number);
            assert!(on_ball(number, x, y).is_some() && on_ball(number, x, y - RADIUS - 1.0).is_none());
        }
        assert!(on_vase(VASE[0], VASE[1]).is_some() && on_vase(VASE[0] - 120.0, VASE[1]).is_none());
    }

    #[test]
    fn the_ball_hides_the_vase_that_it_passes() {
        let passes = |number: i32| (ball(number)[0] - VASE[0]).abs() < 20.0;
        let number = (1..=FRAMES).find(|&number| passes(number)).expect("it passes the vase");
        let [x, y] = ball(number);
        assert_eq!(sample(number, x, y), on_ball(number, x, y).unwrap());
    }
}
