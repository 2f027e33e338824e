//! Picture files that are damaged or are not what they say: errors that name them, and never a panic.

#![allow(clippy::unwrap_used, reason = "an expectation that fails ends the test")]

use headless::host::{Components, Depth, Frame, RectI};
use headless::sequence::{Picture, Provenance, SequenceError, WriteSettings, read_picture, write_picture};
use proptest::prelude::*;
use std::fs;
use std::path::Path;

/// A square of 16 bit samples that differ from their neighbours.
fn steps(side: i32, components: Components) -> Frame {
    let count = (side * side) as usize * components.channels();
    let samples = (0..count).flat_map(|index| (((index * 37) % 251 * 257) as u16).to_ne_bytes()).collect();
    Frame::new(RectI::new(0, 0, side, side), Depth::Short, components, samples).unwrap()
}

fn damaged(path: &Path) -> bool {
    let Err(error) = read_picture(path) else { return false };
    let named = error.to_string().contains(path.file_name().unwrap().to_str().unwrap());
    named
        && matches!(
            error,
            SequenceError::Decode { .. } | SequenceError::Read { .. } | SequenceError::UnknownFormat { .. }
        )
}

#[test]
fn cut_and_foreign_files_are_errors_that_name_them() {
    let folder = tempfile::tempdir().unwrap();
    let picture = Picture::new(steps(64, Components::Rgb));
    for name in ["a.exr", "a.png", "a.jpg", "a.tif"] {
        let path = folder.path().join(name);
        write_picture(&path, &picture, &WriteSettings::default(), &Provenance::default()).unwrap();
        let whole = fs::read(&path).unwrap();
        for kept in [0, 3, 4, 30, whole.len() / 2] {
            fs::write(&path, &whole[..kept]).unwrap();
            assert!(damaged(&path), "{name} cut to {kept} bytes");
        }
    }
    let text = folder.path().join("text.png");
    fs::write(&text, b"this is no picture").unwrap();
    assert!(matches!(read_picture(&text), Err(SequenceError::UnknownFormat { .. })));
    assert!(matches!(read_picture(&folder.path().join("gone.exr")), Err(SequenceError::Read { .. })));
}

#[test]
fn a_tiff_that_claims_more_pixels_than_its_bytes_can_hold_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let picture = Picture::new(steps(20, Components::Rgba));
    write_picture(&path, &picture, &WriteSettings::default(), &Provenance::default()).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let mut found = 0;
    // ImageWidth and ImageLength (tags 256 and 257) with one value: tag, type, count, then the value.
    for start in 8..bytes.len().saturating_sub(12) {
        let tag = u16::from_le_bytes([bytes[start], bytes[start + 1]]);
        if (tag == 256 || tag == 257) && bytes[start + 4..start + 8] == [1, 0, 0, 0] {
            bytes[start + 2] = 4;
            bytes[start + 8..start + 12].copy_from_slice(&400_000u32.to_le_bytes());
            found += 1;
        }
    }
    assert_eq!(found, 2, "both sizes were changed");
    fs::write(&path, &bytes).unwrap();
    assert!(read_picture(&path).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn flipped_bytes_never_panic(name in prop::sample::select(vec!["a.exr", "a.png", "a.tif"]), seed in any::<u64>()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let picture = Picture::new(steps(20, Components::Rgba));
        write_picture(&path, &picture, &WriteSettings::default(), &Provenance::default()).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        let mut state = seed | 1;
        for _ in 0..4 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let place = (state >> 33) as usize % bytes.len();
            bytes[place] ^= (state >> 20) as u8;
        }
        fs::write(&path, &bytes).unwrap();
        if let Ok(read) = read_picture(&path) {
            prop_assert_eq!(read.frame.data().len(), read.frame.width() * read.frame.height() * read.frame.pixel_bytes());
        }
    }
}
