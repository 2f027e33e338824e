//! The Matte clip as a prompt: a mask that says where the first object is.

use std::sync::Arc;

use inference::{Key, KeyBuilder};
use openfx::{Image, Instance, Result};
use raster::Plane;

use super::MATTE_CLIP;
use super::garbage::MatteInput;
use super::geometry::FrameGeometry;
use super::settings::Settings;
use crate::picture::placed::Placed;

/// From this value on a place of the Matte belongs to the object, as models take it.
const INSIDE: f32 = 0.5;

/// A mask over the model's picture.
#[derive(Debug, Clone)]
pub struct MaskPrompt {
    /// 1 inside, 0 outside, of the size of the model's picture.
    pub plane: Arc<Plane<f32>>,
    /// The name of its content.
    pub key: Key,
}

impl PartialEq for MaskPrompt {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

/// What the Matte clip has to say of the first object at a frame.
#[derive(Clone, Copy)]
pub enum MattePrompt<'a> {
    /// It is not asked.
    NotAsked,
    /// It is asked, and nothing is connected to it, or it has no picture at this frame.
    Missing,
    /// Its picture.
    Picture {
        /// The pixels.
        placed: Placed<'a>,
        /// Pixels for each canonical unit.
        scale: [f64; 2],
        /// Width of a pixel over its height; 0 counts as 1 (Fusion).
        pixel_aspect: f64,
    },
}

impl MattePrompt<'_> {
    /// Whether it is asked.
    pub fn is_asked(&self) -> bool {
        !matches!(self, Self::NotAsked)
    }

    /// The mask over the model's picture; `None` where there is none, in words for the user where one was asked for.
    pub fn mask(&self, geometry: &FrameGeometry) -> (Option<MaskPrompt>, Option<String>) {
        let &Self::Picture { placed, scale, pixel_aspect } = self else {
            let missing = "The Matte input is to say what Object 1 is, and has no picture at this frame: connect one, or set Matte Input to something else.";
            return (None, self.is_asked().then(|| missing.to_owned()));
        };
        let mask = over_model_picture(&placed, scale, pixel_aspect, geometry);
        if mask.data().contains(&1.0) {
            let key = KeyBuilder::new("mask prompt 1").number(mask.width() as u64).number(mask.height() as u64);
            // Two values only: a byte each tells them apart.
            let bytes: Vec<u8> = mask.data().iter().map(|&value| u8::from(value > 0.0)).collect();
            return (Some(MaskPrompt { plane: Arc::new(mask), key: key.bytes(&bytes).finish() }), None);
        }
        let empty =
            "The Matte input is to say what Object 1 is, and is empty at this frame: no place of it reaches one half.";
        (None, Some(empty.to_owned()))
    }
}

/// The Matte clip's image where it is a prompt; `None` also where it has none.
///
/// # Errors
/// The host's refusal.
pub fn matte_prompt_image<'a>(instance: &'a Instance, time: f64, settings: &Settings) -> Result<Option<Image<'a>>> {
    if settings.matte_input == MatteInput::Prompt { instance.clip(MATTE_CLIP)?.image(time) } else { Ok(None) }
}

/// What that image says. `scale` is that of the action: images of Resolve and Fusion carry another.
///
/// # Errors
/// As [`Placed::of`].
pub fn matte_prompt<'a>(image: Option<&'a Image<'_>>, scale: [f64; 2], settings: &Settings) -> Result<MattePrompt<'a>> {
    Ok(match image {
        _ if settings.matte_input != MatteInput::Prompt => MattePrompt::NotAsked,
        None => MattePrompt::Missing,
        Some(image) => MattePrompt::Picture { placed: Placed::of(image)?, scale, pixel_aspect: image.pixel_aspect() },
    })
}

/// The Matte at the middle of every pixel of the model's picture, cut at one half. Canonical coordinates are common
/// ground: the two pictures may have other sizes, places and pixel aspects.
fn over_model_picture(matte: &Placed<'_>, scale: [f64; 2], pixel_aspect: f64, geometry: &FrameGeometry) -> Plane<f32> {
    let [width, height] = geometry.model_size();
    let aspect = if pixel_aspect.is_finite() && pixel_aspect > 0.0 { pixel_aspect } else { 1.0 };
    let middle = |index: usize| index as f32 + 0.5;
    // Columns do not depend on the row.
    let columns: Vec<usize> = (0..width)
        .map(|x| {
            let [canonical, _] = geometry.to_canonical([middle(x), 0.0]);
            let column = (canonical * scale[0] / aspect).floor() - f64::from(matte.bounds.x1);
            // Off to the left saturates to 0: told apart from column 0 by one sample of black before it.
            (column + 1.0).max(0.0) as usize
        })
        .collect();
    let count = matte.bounds.width();
    let (mut pixels, mut values) = (vec![[0.0; 4]; count], vec![0.0; count]);
    let mut mask = Plane::new(width, height, 0.0);
    for (y, target) in mask.rows_mut().enumerate() {
        let [_, canonical] = geometry.to_canonical([0.0, middle(y)]);
        let row = (canonical * scale[1]).floor();
        matte.read_matte(row as i32, matte.bounds.x1, &mut pixels, &mut values);
        for (value, &column) in target.iter_mut().zip(&columns) {
            let matte = column.checked_sub(1).and_then(|column| values.get(column)).copied().unwrap_or(0.0);
            // NaN is not inside.
            *value = f32::from(u8::from(matte >= INSIDE));
        }
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;
    use openfx::{Components, Depth};
    use raster::{PixelLayout, PixelView, RectI};

    const WHITE: [u8; 4] = [255; 4];
    const BLACK: [u8; 4] = [0, 0, 0, 0];

    fn geometry() -> FrameGeometry {
        FrameGeometry::new(RectI { x1: 0, y1: 0, x2: 8, y2: 4 }, [1.0, 1.0], 1.0, [16, 8])
    }

    fn mask_of(bytes: &[u8], bounds: RectI, scale: [f64; 2], aspect: f64) -> (Option<MaskPrompt>, Option<String>) {
        let layout = PixelLayout::packed(bounds.width(), bounds.height(), Depth::Byte, Components::Rgba);
        let placed = Placed { view: PixelView::new(bytes, layout).unwrap(), bounds, premultiplied: false };
        MattePrompt::Picture { placed, scale, pixel_aspect: aspect }.mask(&geometry())
    }

    /// Where the mask is inside: left, top, right, bottom in model pixels.
    fn extent(mask: &MaskPrompt) -> [usize; 4] {
        let inside: Vec<(usize, usize)> = (0..8)
            .flat_map(|y| (0..16).map(move |x| (x, y)))
            .filter(|&(x, y)| mask.plane.get(x, y) == Some(&1.0))
            .collect();
        let edge = |pick: fn(&(usize, usize)) -> usize| {
            let all = || inside.iter().map(pick);
            (all().min().unwrap(), all().max().unwrap() + 1)
        };
        let ((left, right), (top, bottom)) = (edge(|place| place.0), edge(|place| place.1));
        assert_eq!(inside.len(), (right - left) * (bottom - top), "a rectangle without holes");
        [left, top, right, bottom]
    }

    #[test]
    fn a_matte_of_another_place_and_pixel_aspect_lies_where_it_is_seen() {
        // Two pixels of aspect 2 each: canonical 2..6 across, 1..2 up.
        let bytes = [WHITE; 2].concat();
        let (mask, told) = mask_of(&bytes, RectI { x1: 1, y1: 1, x2: 3, y2: 2 }, [1.0, 1.0], 2.0);
        assert_eq!((extent(&mask.unwrap()), told), ([4, 4, 12, 6], None));
    }

    #[test]
    fn a_proxy_says_the_same_as_the_full_matte() {
        let full: Vec<u8> = (0..4 * 8).flat_map(|i| if i % 8 < 4 { WHITE } else { BLACK }).collect();
        let half: Vec<u8> = (0..2 * 4).flat_map(|i| if i % 4 < 2 { WHITE } else { BLACK }).collect();
        let (full, _) = mask_of(&full, RectI { x1: 0, y1: 0, x2: 8, y2: 4 }, [1.0, 1.0], 1.0);
        let (half, _) = mask_of(&half, RectI { x1: 0, y1: 0, x2: 4, y2: 2 }, [0.5, 0.5], 0.0);
        assert_eq!(extent(full.as_ref().unwrap()), [0, 0, 8, 8]);
        assert!(full == half, "the same content, the same name");
    }

    #[test]
    fn a_matte_that_says_nothing_is_told() {
        let bounds = RectI { x1: 0, y1: 0, x2: 8, y2: 4 };
        let (mask, told) = mask_of(&BLACK.repeat(32), bounds, [1.0, 1.0], 1.0);
        assert!(mask.is_none() && told.unwrap().contains("empty"));
        let (mask, told) = mask_of(&WHITE.repeat(32), RectI { x1: 100, y1: 0, x2: 108, y2: 4 }, [1.0, 1.0], 1.0);
        assert!(mask.is_none() && told.is_some(), "beside the picture");
        let (mask, told) = MattePrompt::Missing.mask(&geometry());
        assert!(mask.is_none() && told.unwrap().contains("connect"));
        assert_eq!(MattePrompt::NotAsked.mask(&geometry()), (None, None));
    }
}
