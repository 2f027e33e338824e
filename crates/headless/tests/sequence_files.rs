//! Picture files: every format, depth and channel set goes out and comes back.

#![allow(clippy::unwrap_used, reason = "an expectation that fails ends the test")]

use headless::host::{Components, Depth, Frame, Premultiplication, RectI};
use headless::sequence::{
    Bits, Compression, Picture, Provenance, SequenceError, WriteSettings, read_picture, write_picture,
};
use std::fs;

fn provenance() -> Provenance {
    Provenance {
        software: "sam3roto test".to_owned(),
        effect: "org.example.Effect".to_owned(),
        frame: -12,
        ..Provenance::default()
    }
}

fn settings(depth: Option<Bits>) -> WriteSettings {
    WriteSettings { depth, ..WriteSettings::default() }
}

/// Distinct samples in the range that every depth can hold exactly after one rounding.
fn synthetic(bounds: RectI, depth: Depth, components: Components) -> Frame {
    let count = bounds.width() * bounds.height() * components.channels();
    let mut data = Vec::new();
    for index in 0..count {
        let step = (index * 37) % 251;
        match depth {
            Depth::Byte => data.push(step as u8),
            Depth::Short => data.extend(((step * 257 + index % 7) as u16).to_ne_bytes()),
            Depth::Half => data.extend(half::f16::from_f32(step as f32 / 64.0 - 0.5).to_ne_bytes()),
            Depth::Float => data.extend((step as f32 / 100.0 - 0.5).to_ne_bytes()),
        }
    }
    Frame::new(bounds, depth, components, data).unwrap()
}

fn round_trip(name: &str, picture: &Picture, settings: &WriteSettings) -> Picture {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder").join(name);
    write_picture(&path, picture, settings, &provenance()).unwrap();
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing beside the file");
    read_picture(&path).unwrap()
}

const BOUNDS: RectI = RectI::new(0, 0, 7, 5);

#[test]
fn png_and_tiff_keep_every_sample() {
    let cases = [
        ("a.png", Depth::Byte, Premultiplication::Unpremultiplied),
        ("a.png", Depth::Short, Premultiplication::Unpremultiplied),
        ("a.tif", Depth::Byte, Premultiplication::Unpremultiplied),
        ("a.tiff", Depth::Short, Premultiplication::Premultiplied),
        ("a.TIF", Depth::Float, Premultiplication::Premultiplied),
    ];
    for (name, depth, premultiplication) in cases {
        for components in [Components::Rgba, Components::Rgb] {
            let mut frame = synthetic(BOUNDS, depth, components);
            if components == Components::Rgba {
                frame = frame.with_premultiplication(premultiplication);
            }
            let picture = Picture::new(frame);
            assert_eq!(round_trip(name, &picture, &settings(None)), picture, "{name} {depth:?} {components:?}");
        }
    }
}

#[test]
fn one_channel_comes_back_as_grey() {
    for (name, depth) in [
        ("a.png", Depth::Byte),
        ("a.png", Depth::Short),
        ("a.tif", Depth::Byte),
        ("a.tif", Depth::Short),
        ("a.tif", Depth::Float),
    ] {
        let alpha = synthetic(BOUNDS, depth, Components::Alpha);
        let back = round_trip(name, &Picture::new(alpha.clone()), &settings(None));
        assert!(back.grey, "{name}");
        let reds: Vec<u8> = back.frame.data().chunks_exact(depth.bytes()).step_by(3).flatten().copied().collect();
        assert_eq!(reds, alpha.data(), "{name} {depth:?}");
        assert_eq!(round_trip(name, &back, &settings(None)), back, "grey goes out and comes back");
    }
}

#[test]
fn exr_keeps_samples_windows_and_pixel_aspect() {
    let display = RectI::new(0, 0, 20, 10);
    let windows = [
        (display, display),
        (RectI::new(3, 4, 10, 9), display),
        (RectI::new(-5, -7, 26, 14), display),
        (RectI::new(30, 40, 33, 42), display),
        (RectI::new(105, 52, 111, 57), RectI::new(100, 50, 120, 60)),
        (RectI::new(-9, -8, -2, -3), RectI::new(-10, -10, 0, 0)),
    ];
    for (bounds, display) in windows {
        for depth in [Depth::Half, Depth::Float] {
            for components in [Components::Rgba, Components::Rgb, Components::Alpha] {
                let frame = synthetic(bounds, depth, components).with_pixel_aspect(2.0);
                let picture = Picture::new(frame).with_display(display);
                assert_eq!(round_trip("a.exr", &picture, &settings(None)), picture, "{bounds:?} in {display:?}");
            }
        }
    }
}

#[test]
fn exr_windows_are_mirrored_into_the_display_window() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.exr");
    // Three pixels wide, two high, touching the top of a 20x10 picture.
    let frame = synthetic(RectI::new(4, 8, 7, 10), Depth::Half, Components::Alpha);
    let picture = Picture::new(frame).with_display(RectI::new(0, 0, 20, 10));
    write_picture(&path, &picture, &settings(None), &provenance()).unwrap();
    let meta = exr::meta::MetaData::read_from_file(&path, true).unwrap();
    let header = &meta.headers[0];
    assert_eq!(header.own_attributes.layer_position, exr::math::Vec2(4, 0), "row 0 of the file is the top");
    assert_eq!(header.layer_size, exr::math::Vec2(3, 2));
    assert_eq!(header.shared_attributes.display_window.size, exr::math::Vec2(20, 10));
}

#[test]
fn every_lossless_exr_packing_keeps_the_samples() {
    let picture = Picture::new(synthetic(RectI::new(0, 0, 40, 35), Depth::Half, Components::Rgba));
    for compression in [Compression::None, Compression::Rle, Compression::Zips, Compression::Zip, Compression::Piz] {
        let settings = WriteSettings { compression: Some(compression), ..WriteSettings::default() };
        assert_eq!(round_trip("a.exr", &picture, &settings), picture, "{compression:?}");
    }
}

#[test]
fn exr_written_twice_is_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let picture = Picture::new(synthetic(BOUNDS, Depth::Half, Components::Rgba));
    let bytes = ["a.exr", "b.exr"].map(|name| {
        let path = folder.path().join(name);
        write_picture(&path, &picture, &settings(None), &provenance()).unwrap();
        fs::read(path).unwrap()
    });
    assert_eq!(bytes[0], bytes[1]);
}

#[test]
fn exr_grey_is_a_y_channel() {
    let folder = tempfile::tempdir().unwrap();
    let png = folder.path().join("a.png");
    write_picture(
        &png,
        &Picture::new(synthetic(BOUNDS, Depth::Byte, Components::Alpha)),
        &settings(None),
        &provenance(),
    )
    .unwrap();
    let grey = read_picture(&png).unwrap();
    let back = round_trip("a.exr", &grey, &settings(None));
    assert!(back.grey);
    assert_eq!((back.frame.components(), back.frame.depth()), (Components::Rgb, Depth::Half));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("y.exr");
    write_picture(&path, &grey, &settings(None), &provenance()).unwrap();
    let meta = exr::meta::MetaData::read_from_file(&path, true).unwrap();
    assert_eq!(meta.headers[0].channels.list.len(), 1);
    assert_eq!(meta.headers[0].channels.list[0].name.to_string(), "Y");
}

#[test]
fn exr_layers_mixed_depths_and_foreign_channels_are_read() {
    use exr::prelude::*;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("layers.exr");
    let half_plane = |value: f32| FlatSamples::F16(vec![f16::from_f32(value); 6]);
    let channels = AnyChannels::sort(
        [
            AnyChannel::new("Z", FlatSamples::F32(vec![9.0; 6])),
            AnyChannel::new("beauty.R", half_plane(0.5)),
            AnyChannel::new("beauty.G", half_plane(0.25)),
            AnyChannel::new("beauty.B", half_plane(0.75)),
            AnyChannel::new("beauty.A", FlatSamples::F32(vec![1.0 / 3.0; 6])),
        ]
        .into_iter()
        .collect(),
    );
    let layer = Layer::new((3, 2), LayerAttributes::default(), Encoding::FAST_LOSSLESS, channels);
    Image::from_layer(layer).write().to_file(&path).unwrap();
    let picture = read_picture(&path).unwrap();
    assert_eq!((picture.frame.depth(), picture.frame.components()), (Depth::Float, Components::Rgba));
    let pixel: Vec<f32> =
        picture.frame.data().chunks_exact(4).take(4).map(|b| f32::from_ne_bytes(b.try_into().unwrap())).collect();
    assert_eq!(pixel, [0.5, 0.25, 0.75, 1.0 / 3.0]);
}

#[test]
fn exr_without_colour_lists_its_channels() {
    use exr::prelude::*;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("depth.exr");
    let channels =
        AnyChannels::sort([AnyChannel::new("depth.Z", FlatSamples::F32(vec![9.0; 6]))].into_iter().collect());
    let layer = Layer::new((3, 2), LayerAttributes::default(), Encoding::FAST_LOSSLESS, channels);
    Image::from_layer(layer).write().to_file(&path).unwrap();
    let error = read_picture(&path).unwrap_err().to_string();
    assert!(error.contains("depth.Z") && error.contains("depth.exr"), "{error}");
}

#[test]
fn jpeg_comes_back_close_and_without_alpha() {
    let bounds = RectI::new(0, 0, 16, 16);
    let data =
        (0..256).flat_map(|pixel: u32| [(pixel / 16 * 16) as u8, 128, 255 - (pixel / 16 * 16) as u8, 9]).collect();
    let frame = Frame::new(bounds, Depth::Byte, Components::Rgba, data).unwrap();
    let back = round_trip("a.jpg", &Picture::new(frame.clone()), &settings(None));
    assert_eq!((back.frame.components(), back.frame.depth()), (Components::Rgb, Depth::Byte));
    assert_eq!(back.frame.premultiplication(), Premultiplication::Opaque);
    let pairs = back.frame.data().chunks_exact(3).zip(frame.data().chunks_exact(4));
    let worst = pairs.flat_map(|(a, b)| a.iter().zip(b).map(|(a, b)| a.abs_diff(*b))).max().unwrap();
    assert!(worst <= 8, "off by {worst}");
}

#[test]
fn the_default_depth_loses_nothing_the_format_can_hold() {
    let written = |name: &str, depth| {
        round_trip(name, &Picture::new(synthetic(BOUNDS, depth, Components::Rgb)), &settings(None)).frame.depth()
    };
    assert_eq!(written("a.exr", Depth::Byte), Depth::Half);
    assert_eq!(written("a.exr", Depth::Short), Depth::Float);
    assert_eq!(written("a.png", Depth::Half), Depth::Short);
    assert_eq!(written("a.png", Depth::Float), Depth::Short);
    assert_eq!(written("a.tif", Depth::Half), Depth::Float);
    assert_eq!(written("a.jpg", Depth::Float), Depth::Byte);
}

#[test]
fn a_depth_that_the_format_lacks_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let picture = Picture::new(synthetic(BOUNDS, Depth::Byte, Components::Rgb));
    for (name, depth) in [
        ("a.exr", Bits::Eight),
        ("a.png", Bits::Half),
        ("a.jpg", Bits::Sixteen),
        ("a.tif", Bits::Half),
        ("a.dpx", Bits::Eight),
    ] {
        let error = write_picture(&folder.path().join(name), &picture, &settings(Some(depth)), &provenance());
        assert!(matches!(error, Err(SequenceError::Depth { .. })), "{name} {depth:?}");
    }
    let unknown = write_picture(&folder.path().join("a.bmp"), &picture, &settings(None), &provenance());
    assert!(matches!(unknown, Err(SequenceError::UnknownOutput { .. })));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn premultiplied_pictures_become_straight_in_png_alone() {
    let frame = |values: [f32; 8]| {
        let data = values.iter().flat_map(|value| value.to_ne_bytes()).collect();
        Frame::new(RectI::new(0, 0, 2, 1), Depth::Float, Components::Rgba, data).unwrap()
    };
    let picture = Picture::new(frame([0.25, 0.5, 0.0, 0.5, 0.5, 0.0, 0.0, 0.0]));
    let png = round_trip("a.png", &picture, &settings(Some(Bits::Eight)));
    assert_eq!(png.frame.data(), [128, 255, 0, 128, 128, 0, 0, 0]);
    assert_eq!(png.frame.premultiplication(), Premultiplication::Unpremultiplied);
    assert_eq!(round_trip("a.exr", &picture, &settings(None)), picture);
    assert_eq!(round_trip("a.tif", &picture, &settings(None)), picture);
}

#[test]
fn integers_clamp_round_and_survive_nan() {
    let values = [-1.0, 0.5, 2.0, f32::NAN, f32::INFINITY, 0.4 / 255.0];
    let data = values.iter().flat_map(|value| value.to_ne_bytes()).collect();
    let frame = Frame::new(RectI::new(0, 0, 2, 1), Depth::Float, Components::Rgb, data).unwrap();
    let back = round_trip("a.png", &Picture::new(frame), &settings(Some(Bits::Eight)));
    assert_eq!(back.frame.data(), [0, 128, 255, 0, 255, 0]);
}

#[test]
fn formats_without_windows_hold_the_display_window() {
    let frame = synthetic(RectI::new(-2, 3, 4, 9), Depth::Byte, Components::Rgb);
    let picture = Picture::new(frame.clone()).with_display(RectI::new(0, 0, 3, 5));
    let back = round_trip("a.png", &picture, &settings(None)).frame;
    assert_eq!((back.width(), back.height()), (3, 5));
    // The top row of the file is y = 4: row 4 from the top of the data window (y = 8), from its third pixel on.
    assert_eq!(back.row(0), &frame.row(4)[6..15]);
    assert_eq!(back.row(1), &frame.row(5)[6..15]);
    assert!(back.row(2).iter().chain(back.row(4)).all(|sample| *sample == 0), "nothing below y = 3");
}

#[test]
fn only_the_asked_channels_are_written() {
    let picture = Picture::new(synthetic(BOUNDS, Depth::Float, Components::Rgba));
    let alpha = WriteSettings { channels: Some(Components::Alpha), ..WriteSettings::default() };
    let back = round_trip("a.exr", &picture, &alpha);
    let expected: Vec<u8> = picture.frame.data().chunks_exact(16).flat_map(|pixel| &pixel[12..]).copied().collect();
    assert_eq!((back.frame.components(), back.frame.data()), (Components::Alpha, expected.as_slice()));
}

#[test]
fn files_say_where_they_come_from() {
    let folder = tempfile::tempdir().unwrap();
    let picture = Picture::new(synthetic(BOUNDS, Depth::Byte, Components::Rgb));
    for name in ["a.exr", "a.png", "a.tif"] {
        let path = folder.path().join(name);
        write_picture(&path, &picture, &settings(None), &provenance()).unwrap();
        let bytes = fs::read(&path).unwrap();
        for word in ["sam3roto test", "org.example.Effect"] {
            assert!(bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{name}: {word}");
        }
    }
    let meta = exr::meta::MetaData::read_from_file(folder.path().join("a.exr"), true).unwrap();
    let header = &meta.headers[0];
    let mut attributes = header.shared_attributes.other.iter().chain(&header.own_attributes.other);
    let frame = attributes.find(|(name, _)| **name == *"sam3roto.frame").unwrap().1;
    assert_eq!(*frame, exr::meta::attribute::AttributeValue::I32(-12));
}

#[test]
fn the_content_tells_the_format_not_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let picture = Picture::new(synthetic(BOUNDS, Depth::Byte, Components::Rgb));
    let path = folder.path().join("a.png");
    write_picture(&path, &picture, &settings(None), &provenance()).unwrap();
    let renamed = folder.path().join("a.exr");
    fs::rename(&path, &renamed).unwrap();
    assert_eq!(read_picture(&renamed).unwrap(), picture);
}
