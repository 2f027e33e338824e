//! Objects with their coverage, and how they are put over a picture.

use image::{GrayImage, RgbImage};

use crate::{Any, mix};

/// An object that was cut out: its picture, where it covers that, and its middle.
pub struct Cutout {
    picture: RgbImage,
    coverage: Vec<f32>,
    middle: (f32, f32),
    /// Half the height of its bounds.
    reach: f32,
}

/// Where an object stands.
#[derive(Clone, Copy)]
pub struct Pose {
    /// Its middle, as shares of the picture's width and height.
    pub at: (f32, f32),
    /// Its height, as a share of the picture's.
    pub height: f32,
    /// Radians.
    pub turned: f32,
    /// Its light: 1 as it was.
    pub light: f32,
    /// How much of it is seen: less than 1 lets what is behind shine through, which is low contrast.
    pub solid: f32,
}

/// Standing upright in its own light.
pub const STANDING: Pose = Pose { at: (0.5, 0.5), height: 0.5, turned: 0.0, light: 1.0, solid: 1.0 };

impl Cutout {
    /// # Errors
    /// For an empty mask, or one of another size than the picture.
    pub fn of(picture: RgbImage, mask: &GrayImage) -> Any<Self> {
        if picture.dimensions() != mask.dimensions() {
            return Err("a mask of another size than its frame".into());
        }
        let coverage = mask.as_raw().iter().map(|&value| f32::from(u8::from(value > 127))).collect();
        let inside = || mask.enumerate_pixels().filter(|(.., value)| value.0[0] > 127);
        let ends = |side: fn(u32, u32) -> u32| {
            let low = inside().map(|(x, y, _)| side(x, y)).min()?;
            Some((low as f32, inside().map(|(x, y, _)| side(x, y)).max()? as f32 + 1.0))
        };
        let (x, y) = ends(|x, _| x).zip(ends(|_, y| y)).ok_or("a mask of nothing")?;
        let middle = (0.5 * (x.0 + x.1), 0.5 * (y.0 + y.1));
        Ok(Self { picture, coverage, middle, reach: 0.5 * (y.1 - y.0) })
    }

    /// Colour and coverage, linearly between pixels.
    fn at(&self, (x, y): (f32, f32)) -> ([f32; 3], f32) {
        let (left, top) = ((x - 0.5).floor(), (y - 0.5).floor());
        let (across, down) = (x - 0.5 - left, y - 0.5 - top);
        let (mut colour, mut covered) = ([0f32; 3], 0f32);
        for (column, row, weight) in [
            (0.0, 0.0, (1.0 - across) * (1.0 - down)),
            (1.0, 0.0, across * (1.0 - down)),
            (0.0, 1.0, (1.0 - across) * down),
            (1.0, 1.0, across * down),
        ] {
            let (column, row) = (left + column, top + row);
            let (width, height) = self.picture.dimensions();
            if column < 0.0 || row < 0.0 || column >= width as f32 || row >= height as f32 {
                continue;
            }
            let share = weight * self.coverage[(row as u32 * width + column as u32) as usize];
            let pixel = self.picture.get_pixel(column as u32, row as u32);
            colour.iter_mut().zip(pixel.0).for_each(|(sum, value)| *sum += share * f32::from(value));
            covered += share;
        }
        (colour, covered)
    }
}

/// Puts an object over a picture, blurred over the poses it takes while the shutter is open; `seen` becomes how much of
/// each pixel it covers.
pub fn paste(picture: &mut RgbImage, object: &Cutout, poses: &[Pose], seen: &mut [f32]) {
    let (width, height) = picture.dimensions();
    for (index, (x, y, pixel)) in picture.enumerate_pixels_mut().enumerate() {
        let (mut colour, mut covered, mut solid) = ([0f32; 3], 0f32, 0f32);
        for pose in poses {
            let scale = 2.0 * object.reach / (pose.height * height as f32);
            let away = (x as f32 + 0.5 - pose.at.0 * width as f32, y as f32 + 0.5 - pose.at.1 * height as f32);
            let (sin, cos) = pose.turned.sin_cos();
            let there = (
                object.middle.0 + scale * (cos * away.0 + sin * away.1),
                object.middle.1 + scale * (cos * away.1 - sin * away.0),
            );
            let (one, share) = object.at(there);
            colour.iter_mut().zip(one).for_each(|(sum, value)| *sum += pose.light * value);
            covered += share;
            solid += pose.solid * share;
        }
        if covered > 0.0 {
            let over = colour.map(|sum| sum / covered);
            *pixel = mix(*pixel, over, solid / poses.len() as f32);
            seen[index] = covered / poses.len() as f32;
        }
    }
}

/// A round thing that changes its shape with `time`, with the picture for a skin.
///
/// # Errors
/// For an empty picture.
pub fn blob(skin: &RgbImage, time: f32) -> Any<Cutout> {
    let (width, height) = skin.dimensions();
    let radius = 0.3 * height as f32;
    let mask = GrayImage::from_fn(width, height, |x, y| {
        let away = (x as f32 + 0.5 - 0.5 * width as f32, y as f32 + 0.5 - 0.5 * height as f32);
        let angle = away.1.atan2(away.0);
        let wave = 0.22 * (3.0 * angle + 0.15 * time).sin() + 0.12 * (2.0 * angle - 0.25 * time).cos();
        image::Luma([if away.0.hypot(away.1) < radius * (1.0 + wave) { 255 } else { 0 }])
    });
    Cutout::of(skin.clone(), &mask)
}
