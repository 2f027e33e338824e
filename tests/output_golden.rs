//! Every view and every preset of MatteOutput on one small scene, as pictures. After a change that is meant,
//! `SAM3ROTO_WRITE_GOLDEN=1 cargo xtask test --test output_golden` draws them anew: look at them before they are committed.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use std::path::Path;

use headless::host::{Components, Depth, Frame, Instance, RectI, RenderRequest, Value};
use headless::sequence::{Picture, Provenance, WriteSettings, read_picture, write_picture};
use support::output::*;
use support::*;

const SIZE: (usize, usize) = (96, 64);
const COLUMNS: usize = 4;
/// Steps of eight bits by which a value may be off: compilers round in other places.
const TOLERANCE: u8 = 2;

/// A render as eight bits over grey, so that what is transparent can be seen.
fn shown(instance: &Instance) -> Vec<[u8; 3]> {
    let frame = render(instance, &RenderRequest::at(0.0)).frame;
    let over_grey = |[r, g, b, a]: [f32; 4]| [r, g, b].map(|c| c + 0.5 * (1.0 - a));
    let byte = |value: f32| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
    rgba(&frame).into_iter().map(|pixel| over_grey(pixel).map(byte)).collect()
}

/// Holds a sheet of pictures against the one that is kept, or keeps it.
fn compare(name: &str, pictures: &[Vec<[u8; 3]>]) {
    let rows = pictures.len().div_ceil(COLUMNS);
    let (width, height) = (COLUMNS * SIZE.0, rows * SIZE.1);
    let mut sheet = vec![[0u8; 3]; width * height];
    for (number, picture) in pictures.iter().enumerate() {
        for (y, row) in picture.chunks_exact(SIZE.0).enumerate() {
            let start = (number / COLUMNS * SIZE.1 + y) * width + number % COLUMNS * SIZE.0;
            sheet[start..start + SIZE.0].copy_from_slice(row);
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/output_golden").join(name);
    if std::env::var_os("SAM3ROTO_WRITE_GOLDEN").is_some() {
        let data = sheet.into_flattened();
        let bounds = RectI { x1: 0, y1: 0, x2: width as i32, y2: height as i32 };
        let picture = Picture::new(Frame::new(bounds, Depth::Byte, Components::Rgb, data).unwrap());
        let provenance =
            Provenance { software: "sam3roto".to_owned(), effect: OUTPUT.to_owned(), ..Provenance::default() };
        return write_picture(&path, &picture, &WriteSettings::default(), &provenance).unwrap();
    }
    let kept = read_picture(&path).expect("the golden picture").frame;
    assert_eq!((kept.width(), kept.height()), (width, height), "{name}");
    for (y, row) in sheet.chunks_exact(width).enumerate() {
        for (x, (new, old)) in row.iter().zip(kept.row(y).chunks_exact(kept.pixel_bytes())).enumerate() {
            let off = new.iter().zip(old).map(|(new, old)| new.abs_diff(*old)).max().unwrap();
            let picture = y / SIZE.1 * COLUMNS + x / SIZE.0;
            assert!(off <= TOLERANCE, "{name}, picture {picture}, {} {}: {new:?}, not {old:?}", x % SIZE.0, y % SIZE.1);
        }
    }
}

#[test]
fn every_view_looks_as_it_did() {
    let background = drawn(SIZE.0, SIZE.1, |x, y| [x as f32 / 96.0, 0.2, y as f32 / 64.0, 1.0]);
    let clips = vec![("Source", scene(SIZE.0, SIZE.1)), ("Matte", matte(SIZE.0, SIZE.1)), ("Background", background)];
    let values = vec![("lightWrap", Value::Double(0.3)), ("hairWidth", Value::Double(8.0))];
    let Some(instance) = instance(Setup { clips, values }) else { return };
    let views = (0..12).map(|mode| {
        instance.set("outputMode", Value::Integer(mode)).unwrap();
        shown(&instance)
    });
    compare("views.png", &views.collect::<Vec<_>>());
    instance.destroy().unwrap();
}

#[test]
fn every_preset_looks_as_it_did() {
    let Some(instance) = on_scene(SIZE.0, SIZE.1, &[]) else { return };
    let presets = (1..=10).map(|preset| {
        instance.set("preset", Value::Integer(preset)).unwrap();
        shown(&instance)
    });
    compare("presets.png", &presets.collect::<Vec<_>>());
    instance.destroy().unwrap();
}
