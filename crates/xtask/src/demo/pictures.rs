//! Mattes and cutouts from what the effect rendered: the picture, with the matte in alpha.

use super::frames::Rendered;
use super::png_files::{self, Picture};
use crate::error::Error;
use canvas::{Canvas, Colour};
use std::path::Path;

/// Writes matte and cutout of every frame.
pub fn write(rendered: &[Rendered], output: &Path, linear: bool) -> Result<(), Error> {
    for Rendered { frame, path } in rendered {
        let picture = png_files::read(path)?;
        let (width, height) = (picture.width, picture.height);
        let alpha: Vec<u8> = picture.pixels.iter().map(|pixel| alpha(*pixel)).collect();
        png_files::write_grey(width, height, &alpha, &output.join(format!("matte/matte.{frame:04}.png")))?;
        png_files::write(&cutout(&picture, linear), &output.join(format!("cutout/cutout.{frame:04}.png")))?;
    }
    Ok(())
}

/// The alpha as grey, white inside.
pub fn matte(picture: &Picture) -> Canvas {
    converted(picture, |_, pixel| [alpha(pixel); 3])
}

/// The colours as they are shown.
pub fn plate(picture: &Picture, linear: bool) -> Canvas {
    converted(picture, |_, pixel| shown(pixel, linear).map(byte))
}

/// The object over the new background.
pub fn cutout(picture: &Picture, linear: bool) -> Canvas {
    converted(picture, |y, pixel| {
        let (front, back, alpha) = (shown(pixel, linear), background(y, picture.height), unit(pixel[3]));
        std::array::from_fn(|c| byte(front[c] * alpha + back[c] * (1.0 - alpha)))
    })
}

fn converted(picture: &Picture, colour: impl Fn(usize, [u16; 4]) -> Colour) -> Canvas {
    let width = picture.width.max(1);
    let pixels = picture.pixels.iter().enumerate().map(|(index, pixel)| colour(index / width, *pixel)).collect();
    Canvas { width: picture.width, height: picture.height, pixels }
}

/// A studio backdrop: nothing in it is green or grey like the demo's shot, so that edges show.
fn background(y: usize, height: usize) -> [f32; 3] {
    const TOP: [f32; 3] = [0.16, 0.23, 0.42];
    const BOTTOM: [f32; 3] = [0.93, 0.62, 0.45];
    let share = y as f32 / height.max(2).saturating_sub(1) as f32;
    std::array::from_fn(|c| TOP[c] + (BOTTOM[c] - TOP[c]) * share)
}

fn shown([r, g, b, _]: [u16; 4], linear: bool) -> [f32; 3] {
    [r, g, b].map(unit).map(|value| if linear { srgb(value) } else { value })
}

/// The transfer function of IEC 61966-2-1.
fn srgb(linear: f32) -> f32 {
    match linear <= 0.003_130_8 {
        true => linear * 12.92,
        false => 1.055 * linear.powf(1.0 / 2.4) - 0.055,
    }
}

fn alpha(pixel: [u16; 4]) -> u8 {
    byte(unit(pixel[3]))
}

fn unit(sample: u16) -> f32 {
    f32::from(sample) / 65535.0
}

fn byte(value: f32) -> u8 {
    (value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(pixel: [u16; 4]) -> Picture {
        Picture { width: 1, height: 1, pixels: vec![pixel] }
    }

    #[test]
    fn the_cutout_shows_the_picture_inside_and_the_background_outside() {
        assert_eq!(cutout(&one([65535, 0, 0, 65535]), false).pixels, [[255, 0, 0]]);
        assert_eq!(cutout(&one([65535, 0, 0, 0]), false).pixels, [background(0, 1).map(byte)]);
    }

    #[test]
    fn the_matte_is_the_alpha() {
        assert_eq!(matte(&one([0, 0, 0, 32896])).pixels, [[128; 3]]);
    }

    #[test]
    fn linear_pictures_are_shown_through_the_srgb_curve() {
        let grey = one([11796, 11796, 11796, 0]);
        assert_eq!(plate(&grey, true).pixels, [[118; 3]]);
        assert_eq!(plate(&grey, false).pixels, [[46; 3]]);
    }
}
