//! Files for delivery: layers, Cryptomatte, DPX and movies, read by other readers than those of this crate, or byte by byte.

#![allow(clippy::unwrap_used, reason = "an expectation that fails ends the test")]

use exr::meta::attribute::{AttributeValue, SampleType, Text};
use exr::prelude::{FlatSamples, ReadChannels, ReadLayers, read};
use headless::host::{Components, Depth, Frame, Premultiplication, RectI};
use headless::sequence::{
    Bits, Compression, FfmpegSearch, Layer, Movie, MovieSettings, Picture, Provenance, SequenceError, WriteSettings,
    cryptomatte, find_ffmpeg, read_picture, write_layers, write_picture,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SIZE: (usize, usize) = (24, 18);

fn provenance() -> Provenance {
    Provenance {
        software: "sam3roto test".to_owned(),
        effect: "org.example.Effect".to_owned(),
        frame: 1012,
        source: "/show/shöt.%04d.exr".to_owned(),
        settings: r#"{"set":{"point1Use":"true"}}"#.to_owned(),
        model: "MobileSAM on CPU".to_owned(),
    }
}

/// A float picture of these pixels.
fn picture(pixel: impl Fn(usize, usize) -> [f32; 4]) -> Picture {
    let bounds = RectI::new(0, 0, SIZE.0 as i32, SIZE.1 as i32);
    let data = (0..SIZE.0 * SIZE.1).flat_map(|at| pixel(at % SIZE.0, at / SIZE.0)).flat_map(f32::to_ne_bytes);
    Picture::new(Frame::new(bounds, Depth::Float, Components::Rgba, data.collect()).unwrap())
}

/// White with an alpha that grows to the right.
fn ramp() -> Picture {
    picture(|x, _| [x as f32 / 23.0; 4])
}

/// Two mattes that meet in column 8 with a half each.
fn mattes(settings: &WriteSettings) -> Vec<Layer> {
    let left = picture(|x, _| [0.0, 0.0, 0.0, [1.0, 0.5, 0.0][x.min(9) - x.min(7)]]);
    let right = picture(|x, _| [0.0, 0.0, 0.0, [0.0, 0.5, 1.0][x.min(9) - x.min(7)]]);
    let matte = |name, picture: &Picture| Layer::matte(name, &picture.frame, settings).unwrap();
    vec![matte("rabbit", &left), matte("a_tree", &right)]
}

/// The channels of an EXR file by name, as numbers, read by the exr crate's high level reader.
fn exr_channels(path: &Path) -> Vec<(String, Vec<f32>)> {
    let image = read().no_deep_data().largest_resolution_level().all_channels().first_valid_layer().all_attributes();
    let image = image.from_file(path).unwrap();
    let numbers = |samples: &FlatSamples| samples.values_as_f32().collect();
    image
        .layer_data
        .channel_data
        .list
        .iter()
        .map(|channel| (channel.name.to_string(), numbers(&channel.sample_data)))
        .collect()
}

fn exr_words(path: &Path, name: &str) -> Option<String> {
    let meta = exr::meta::MetaData::read_from_file(path, true).unwrap();
    let own = &meta.headers[0].own_attributes;
    let shared = &meta.headers[0].shared_attributes;
    match own.other.get(&Text::from(name)).or_else(|| shared.other.get(&Text::from(name)))? {
        AttributeValue::Text(text) => Some(String::from_utf8(text.bytes().to_vec()).unwrap()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn objects_are_layers_of_the_picture() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ids.exr");
    let settings = WriteSettings { depth: Some(Bits::Half), ..WriteSettings::default() };
    for compression in
        [Compression::None, Compression::Rle, Compression::Zips, Compression::Zip, Compression::Piz].map(Some)
    {
        let settings = WriteSettings { compression, ..settings };
        write_layers(&path, &ramp(), &mattes(&settings), &settings, &provenance()).unwrap();
        let channels = exr_channels(&path);
        let names: Vec<&str> = channels.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["A", "B", "G", "R", "a_tree.A", "rabbit.A"], "in the order of the format");
        assert_eq!(channels[5].1[6..10], [1.0, 1.0, 0.5, 0.0], "{compression:?}");
        assert_eq!(channels[4].1[6..10], [0.0, 0.0, 0.5, 1.0], "{compression:?}");
    }
    let back = read_picture(&path).unwrap();
    assert_eq!((back.frame.components(), back.frame.depth()), (Components::Rgba, Depth::Half), "the picture itself");
}

#[test]
fn cryptomattes_name_their_objects() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ids.exr");
    let settings = WriteSettings { depth: Some(Bits::Half), ..WriteSettings::default() };
    let layers = cryptomatte(&mattes(&settings)).unwrap();
    write_layers(&path, &ramp(), &layers, &settings, &provenance()).unwrap();
    // f834d0a are the first digits of the hash of crypto_object, known from the files of renderers.
    let words = |what: &str| exr_words(&path, &format!("cryptomatte/f834d0a/{what}")).unwrap();
    assert_eq!((words("name").as_str(), words("hash").as_str()), ("crypto_object", "MurmurHash3_32"));
    assert_eq!(words("conversion"), "uint32_to_float32");
    let manifest: serde_json::Value = serde_json::from_str(&words("manifest")).unwrap();
    let id = |name: &str| u32::from_str_radix(manifest[name].as_str().unwrap(), 16).unwrap();
    let meta = exr::meta::MetaData::read_from_file(&path, true).unwrap();
    let ids = meta.headers[0].channels.list.iter().filter(|channel| channel.name.to_string().starts_with("crypto"));
    assert!(
        ids.into_iter().all(|channel| channel.sample_type == SampleType::F32),
        "bits of ids survive in float alone"
    );
    let channels = exr_channels(&path);
    let rank = |name: &str, at: usize| {
        channels.iter().find(|(channel, _)| channel == &format!("crypto_object00.{name}")).unwrap().1[at]
    };
    // As a compositor does: the coverage of each pair whose id is that of the name.
    let picked = |name: &str, at: usize| {
        let pairs = [("red", "green"), ("blue", "alpha")];
        pairs.iter().filter(|(is, _)| rank(is, at).to_bits() == id(name)).map(|(_, of)| rank(of, at)).sum::<f32>()
    };
    let row: Vec<_> = (6..10).map(|x| (picked("rabbit", x), picked("a_tree", x))).collect();
    assert_eq!(row, [(1.0, 0.0), (1.0, 0.0), (0.5, 0.5), (0.0, 1.0)]);
}

#[test]
fn layers_and_packings_that_a_format_lacks_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let settings = WriteSettings::default();
    for name in ["a.png", "a.tif", "a.dpx", "a.jpg"] {
        let error = write_layers(&folder.path().join(name), &ramp(), &mattes(&settings), &settings, &provenance());
        assert!(matches!(error, Err(SequenceError::Layers { .. })), "{name}");
    }
    let packed = |compression| WriteSettings { compression: Some(compression), ..settings };
    for (name, compression) in [
        ("a.png", Compression::Zip),
        ("a.tif", Compression::Piz),
        ("a.exr", Compression::Lzw),
        ("a.dpx", Compression::None),
    ] {
        let error = write_picture(&folder.path().join(name), &ramp(), &packed(compression), &provenance()).unwrap_err();
        assert!(matches!(error, SequenceError::Compression { .. }), "{name}: {error}");
    }
    let ten = WriteSettings { depth: Some(Bits::Ten), channels: Some(Components::Rgba), ..settings };
    let error = write_picture(&folder.path().join("a.dpx"), &ramp(), &ten, &provenance()).unwrap_err();
    assert!(error.to_string().contains("--channels rgb"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn every_format_tells_model_settings_and_source() {
    let folder = tempfile::tempdir().unwrap();
    let known = provenance();
    for name in ["a.exr", "a.png", "a.tif", "a.jpg", "a.dpx"] {
        let path = folder.path().join(name);
        write_picture(&path, &ramp(), &WriteSettings::default(), &known).unwrap();
        let bytes = fs::read(&path).unwrap();
        for text in [&known.software, &known.effect, &known.source, &known.settings, &known.model] {
            // TIFF holds ASCII alone.
            let text = if name == "a.tif" { text.replace('ö', "\\u{f6}") } else { text.clone() };
            assert!(bytes.windows(text.len()).any(|window| window == text.as_bytes()), "{name}: {text}");
        }
    }
    assert_eq!(exr_words(&folder.path().join("a.exr"), "sam3roto.source"), Some(known.source));
}

#[test]
fn tiff_packings_keep_the_samples() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    for (compression, bits) in [
        (Compression::None, Bits::Float),
        (Compression::Lzw, Bits::Sixteen),
        (Compression::Lzw, Bits::Float),
        (Compression::Zip, Bits::Sixteen),
    ] {
        let settings =
            WriteSettings { depth: Some(bits), channels: Some(Components::Rgb), compression: Some(compression) };
        write_picture(&path, &ramp(), &settings, &provenance()).unwrap();
        // Read by the image crate.
        let read = image::open(&path).unwrap().to_rgb32f();
        let row = read.pixels().take(SIZE.0).enumerate();
        let near = row.into_iter().all(|(x, pixel)| pixel.0.iter().all(|value| (value - x as f32 / 23.0).abs() < 1e-4));
        assert!(near, "{compression:?} {bits:?}");
    }
}

/// A number in a DPX header.
fn field(bytes: &[u8], offset: usize) -> u32 {
    u32::from_be_bytes(bytes[offset..offset + 4].try_into().unwrap())
}

#[test]
fn dpx_headers_and_samples_stand_where_the_standard_has_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.dpx");
    for (bits, channels, descriptor, depth, row) in [
        (Bits::Ten, Components::Rgb, 50, 10, SIZE.0 * 4),
        (Bits::Sixteen, Components::Rgba, 51, 16, SIZE.0 * 8),
        (Bits::Sixteen, Components::Rgb, 50, 16, SIZE.0 * 6),
        (Bits::Sixteen, Components::Alpha, 6, 16, SIZE.0 * 2),
    ] {
        let settings = WriteSettings { depth: Some(bits), channels: Some(channels), compression: None };
        write_picture(&path, &ramp(), &settings, &provenance()).unwrap();
        let bytes = fs::read(&path).unwrap();
        assert_eq!((&bytes[..4], &bytes[8..12]), (&b"SDPX"[..], &b"V2.0"[..]));
        let begin = field(&bytes, 4) as usize;
        assert_eq!((field(&bytes, 16) as usize, bytes.len() - begin), (bytes.len(), row * SIZE.1));
        assert_eq!((field(&bytes, 772) as usize, field(&bytes, 776) as usize), SIZE);
        assert_eq!((bytes[800], bytes[803]), (descriptor, depth));
        assert_eq!((field(&bytes, 808) as usize, field(&bytes, 1712)), (begin, 1012));
        let last = &bytes[begin + row - row / SIZE.0..begin + row];
        match bits {
            Bits::Ten => assert_eq!(field(last, 0), 0xffff_fffc, "white, and two bits of padding"),
            _ => assert!(last.iter().all(|byte| *byte == 255)),
        }
    }
}

/// The ffmpeg program, or none with loud words; a missing one is a failure where everything must be there.
fn ffmpeg() -> Option<PathBuf> {
    let found = find_ffmpeg(&FfmpegSearch::from_environment(None));
    if let Err(error) = &found {
        assert!(std::env::var_os("SAM3ROTO_TESTS_REQUIRE").is_none(), "{error}");
        eprintln!("SKIPPED: {error}");
    }
    found.ok()
}

/// The first frame of a file as ffmpeg sees it, 16 bit RGBA.
fn by_ffmpeg(ffmpeg: &Path, path: &Path, matrix: &str) -> Vec<[u16; 4]> {
    let output = Command::new(ffmpeg)
        .args(["-v", "error", "-i"])
        .arg(path)
        .args(["-vf", matrix, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgba64le", "-"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let samples: Vec<u16> = output.stdout.as_chunks().0.iter().map(|two| u16::from_le_bytes(*two)).collect();
    samples.as_chunks().0.to_vec()
}

#[test]
fn ffmpeg_reads_dpx_as_it_was_meant() {
    let Some(ffmpeg) = ffmpeg() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.dpx");
    let colours = picture(|x, y| [x as f32 / 23.0, y as f32 / 17.0, 0.25, 1.0]);
    for (bits, off) in [(Bits::Ten, 70), (Bits::Sixteen, 2)] {
        let settings = WriteSettings { depth: Some(bits), channels: Some(Components::Rgb), compression: None };
        write_picture(&path, &colours, &settings, &provenance()).unwrap();
        let found = by_ffmpeg(&ffmpeg, &path, "null");
        assert_eq!(found.len(), SIZE.0 * SIZE.1);
        for (at, pixel) in found.iter().enumerate() {
            let expected =
                [(at % SIZE.0) as f32 / 23.0, (at / SIZE.0) as f32 / 17.0, 0.25].map(|value| value * 65535.0);
            let near =
                pixel.iter().zip(expected).all(|(found, expected)| (f32::from(*found) - expected).abs() < off as f32);
            assert!(near, "{bits:?}: {pixel:?}, not {expected:?}");
        }
    }
}

/// A movie of three frames that are pushed out of order: alpha grows to the right, and the frame tells by its blue which it is.
fn movie(ffmpeg: &Path, path: &Path, channels: Option<Components>) -> Result<(), SequenceError> {
    let settings = MovieSettings { ffmpeg: ffmpeg.to_owned(), frame_rate: 23.976, channels };
    let movie = Movie::new(path, settings, provenance());
    for place in [1, 0, 2] {
        let mut straight = picture(|x, _| [0.5, 0.5, 0.25 * place as f32, x as f32 / 23.0]);
        straight.frame = straight.frame.with_premultiplication(Premultiplication::Unpremultiplied);
        movie.push(place, &straight)?;
        assert!(!path.exists(), "not before it is whole");
    }
    movie.finish()
}

#[test]
fn movies_keep_alpha_order_and_words() {
    let Some(ffmpeg) = ffmpeg() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/a.mov");
    movie(&ffmpeg, &path, None).unwrap();
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing else is left");
    let told = Command::new(&ffmpeg).arg("-i").arg(&path).output().unwrap();
    let told = String::from_utf8_lossy(&told.stderr).into_owned();
    for words in ["prores (4444)", "yuva444p", "23.98 fps", "MobileSAM on CPU", "org.example.Effect", "1012"] {
        assert!(told.contains(words), "{words} is missing in {told}");
    }
    for place in 0..3 {
        let found = by_ffmpeg(&ffmpeg, &path, &format!("select=gte(n\\,{place}),scale=in_color_matrix=bt709"));
        let [_, _, blue, _] = found[12 + 9 * SIZE.0];
        assert!((f32::from(blue) / 65535.0 - 0.25 * place as f32).abs() < 0.02, "frame {place}: {blue}");
        for (x, pixel) in found[..SIZE.0].iter().enumerate() {
            assert!((f32::from(pixel[3]) / 65535.0 - x as f32 / 23.0).abs() < 0.002, "alpha at {x}: {pixel:?}");
        }
    }
}

#[test]
fn a_movie_that_is_given_up_leaves_nothing() {
    let Some(ffmpeg) = ffmpeg() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mov");
    let begun = Movie::new(&path, MovieSettings { ffmpeg, frame_rate: 24.0, channels: None }, provenance());
    begun.push(0, &ramp()).unwrap();
    drop(begun);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_program_that_is_no_ffmpeg_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("no-ffmpeg");
    let error = movie(&missing, &folder.path().join("a.mov"), None).unwrap_err().to_string();
    assert!(error.contains("no-ffmpeg"), "{error}");
}
