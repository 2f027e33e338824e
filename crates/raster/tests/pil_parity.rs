//! The model's picture equals Pillow's resize, within one step of 8 bits.
//! The expected pictures are made by `golden/pil_bilinear.py`.
#![allow(clippy::unwrap_used, reason = "a test whose input cannot be made should stop there")]

use raster::{Components, Depth, PixelLayout, PixelView, SourceEncoding, model_picture};

/// The picture the script makes.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut state = width.wrapping_mul(65536).wrapping_add(height);
    (0..width * height * 3)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect()
}

fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

#[test]
fn model_picture_is_pillows_to_the_bit() {
    let mut cases = 0;
    for line in include_str!("golden/pil_bilinear.txt").lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let [width, height, to_width, to_height] = [0, 1, 2, 3].map(|i| fields[i].parse::<u32>().unwrap());
        let bytes = picture(width, height);
        let layout = PixelLayout::packed(width as usize, height as usize, Depth::Byte, Components::Rgb);
        let view = PixelView::new(&bytes, layout).unwrap();
        let made = model_picture(&view, SourceEncoding::Display, false, to_width as usize, to_height as usize);
        assert_eq!(made.as_bytes(), unhex(fields[4]), "{width}x{height} to {to_width}x{to_height}");
        cases += 1;
    }
    assert_eq!(cases, 9);
}
