//! A picture small enough to stay with its embedding, for what follows colours through a shot.

use raster::{Components, Depth, PixelLayout, PixelView, Plane, SourceEncoding, model_picture};

/// Picture pixels on a side of a thumbnail's: the samples of a SAM1 or SAM2.1 mask.
pub(crate) const REDUCTION: usize = 4;

/// The picture at a quarter of its width and height, rounded up.
pub fn thumbnail(picture: &Plane<[u8; 3]>) -> Plane<[u8; 3]> {
    let (width, height) = (picture.width(), picture.height());
    let layout = PixelLayout::packed(width, height, Depth::Byte, Components::Rgb);
    let (columns, rows) = (width.div_ceil(REDUCTION), height.div_ceil(REDUCTION));
    match PixelView::new(picture.as_bytes(), layout) {
        Ok(view) => model_picture(&view, SourceEncoding::Display, false, columns, rows),
        // Nothing to see: an empty picture has no view.
        Err(_) => Plane::new(columns, rows, [0; 3]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbnail_has_the_colours_of_the_picture_where_they_were() {
        let mut picture = Plane::new(1024, 575, [10u8, 20, 30]);
        picture.rows_mut().skip(400).for_each(|row| row[512..].fill([200, 100, 0]));
        let small = thumbnail(&picture);
        assert_eq!((small.width(), small.height()), (256, 144));
        assert_eq!((small.get(3, 3), small.get(250, 140)), (Some(&[10, 20, 30]), Some(&[200, 100, 0])));
    }

    #[test]
    fn pictures_of_no_pixels_and_of_one_are_served() {
        assert!(thumbnail(&Plane::new(0, 7, [0; 3])).is_empty());
        assert_eq!(thumbnail(&Plane::new(1, 1, [7, 8, 9])).data(), [[7, 8, 9]]);
    }
}
