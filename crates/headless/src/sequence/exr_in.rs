//! Reading OpenEXR: half and float, any data and display window, RGBA, RGB, alpha or grey.

use super::format::buffer;
use super::{Picture, SequenceError};
use crate::host::{Components, Depth, Frame, RectI};
use exr::block::UncompressedBlock;
use exr::block::reader::ChunksReader;
use exr::meta::attribute::SampleType;
use exr::meta::header::Header;
use half::f16;
use std::io::{BufRead, Seek};
use std::path::Path;

pub(super) fn read(path: &Path, file: impl BufRead + Seek) -> Result<Picture, SequenceError> {
    let failed = |error| failed(path, error);
    let reader = exr::block::read(file, false).map_err(failed)?;
    let plan = Plan::choose(path, reader.headers())?;
    let layer = plan.layer;
    let mut data = buffer(path, plan.width, plan.height, plan.pixel_bytes())?;
    let mut rows_seen = 0;
    let chunks = reader
        .filter_chunks(false, |_, tile, block| block.layer == layer && tile.is_largest_resolution_level())
        .map_err(failed)?;
    chunks
        .decompress_parallel(false, |meta, block| {
            rows_seen += block.index.pixel_size.area();
            plan.take(&meta.headers, &block, &mut data);
            Ok(())
        })
        .map_err(failed)?;
    if rows_seen < plan.width * plan.height {
        return Err(SequenceError::decode(path, "the file is cut short"));
    }
    plan.picture(data)
}

/// What to take from a file and where to put it.
struct Plan {
    layer: usize,
    width: usize,
    height: usize,
    depth: Depth,
    components: Components,
    grey: bool,
    /// For each channel of the layer, the channels of the picture that it fills.
    targets: Vec<&'static [usize]>,
    bounds: RectI,
    display: RectI,
    pixel_aspect: f64,
}

impl Plan {
    /// The first layer that has colour, grey or alpha.
    fn choose(path: &Path, headers: &[Header]) -> Result<Self, SequenceError> {
        let flat = || headers.iter().enumerate().filter(|(_, header)| !header.deep);
        let found = flat().find_map(|(layer, header)| Some((layer, header, Choice::of(header)?)));
        let (layer, header, choice) = found.ok_or_else(|| {
            let names: Vec<String> = flat()
                .flat_map(|(_, header)| header.channels.list.iter().map(|channel| channel.name.to_string()))
                .collect();
            let problem = match names.is_empty() {
                true => "it holds only deep data".to_owned(),
                false => format!("it has no R, G, B, A or Y channel that can be used, only {}", names.join(", ")),
            };
            SequenceError::decode(path, problem)
        })?;
        if header.channels.list.iter().any(|channel| channel.sampling.x() != 1 || channel.sampling.y() != 1) {
            return Err(SequenceError::decode(path, "subsampled channels are not supported: save it as RGB"));
        }
        let windows = Windows::of(header).ok_or_else(|| SequenceError::decode(path, "its windows make no sense"))?;
        Ok(Self {
            layer,
            width: header.layer_size.width(),
            height: header.layer_size.height(),
            depth: choice.depth(header),
            components: choice.components,
            grey: choice.grey,
            targets: choice.targets,
            bounds: windows.data,
            display: windows.display,
            pixel_aspect: f64::from(header.shared_attributes.pixel_aspect),
        })
    }

    fn pixel_bytes(&self) -> usize {
        self.depth.bytes() * self.components.channels()
    }

    /// Puts the samples of one block into the picture.
    fn take(&self, headers: &[Header], block: &UncompressedBlock, data: &mut [u8]) {
        let Some(header) = headers.get(self.layer) else { return };
        let pixel = self.pixel_bytes();
        for line in block.lines(&header.channels) {
            let targets = self.targets.get(line.location.channel).copied().unwrap_or_default();
            let Some(channel) = header.channels.list.get(line.location.channel).filter(|_| !targets.is_empty()) else {
                continue;
            };
            let start = (line.location.position.y() * self.width + line.location.position.x()) * pixel;
            let Some(row) = data.get_mut(start..start + line.location.sample_count * pixel) else { continue };
            let samples = line.value.chunks_exact(channel.sample_type.bytes_per_sample());
            for (target, sample) in row.chunks_exact_mut(pixel).zip(samples) {
                self.put(target, targets, channel.sample_type, sample);
            }
        }
    }

    /// One sample into the channels that it fills.
    fn put(&self, pixel: &mut [u8], targets: &[usize], sample_type: SampleType, sample: &[u8]) {
        let size = self.depth.bytes();
        let wide;
        let bytes = match (sample_type, sample) {
            (SampleType::F16, &[a, b]) if self.depth == Depth::Float => {
                wide = f16::from_ne_bytes([a, b]).to_f32().to_ne_bytes();
                &wide
            }
            (SampleType::U32, &[a, b, c, d]) => {
                wide = (u32::from_ne_bytes([a, b, c, d]) as f32).to_ne_bytes();
                &wide
            }
            _ => sample,
        };
        for target in targets {
            if let Some(place) = pixel.get_mut(target * size..(target + 1) * size)
                && place.len() == bytes.len()
            {
                place.copy_from_slice(bytes);
            }
        }
    }

    fn picture(self, data: Vec<u8>) -> Result<Picture, SequenceError> {
        let aspect = if self.pixel_aspect > 0.0 { self.pixel_aspect } else { 1.0 };
        let frame = Frame::new(self.bounds, self.depth, self.components, data)?.with_pixel_aspect(aspect);
        Ok(Picture { frame, display: self.display, grey: self.grey })
    }
}

/// Which channels of a layer make the picture.
struct Choice {
    components: Components,
    grey: bool,
    targets: Vec<&'static [usize]>,
}

impl Choice {
    /// The channels without a prefix, else those of the first prefix (`beauty.R`) that make a picture.
    fn of(header: &Header) -> Option<Self> {
        let names: Vec<String> = header.channels.list.iter().map(|channel| channel.name.to_string()).collect();
        let mut prefixes: Vec<&str> = names.iter().map(|name| split_name(name).0).collect();
        prefixes.sort_by_key(|prefix| !prefix.is_empty());
        prefixes.dedup();
        prefixes.into_iter().find_map(|prefix| Self::with_prefix(&names, prefix))
    }

    fn with_prefix(names: &[String], prefix: &str) -> Option<Self> {
        let has = |wanted: &str| {
            names.iter().any(|name| {
                let (before, channel) = split_name(name);
                before == prefix && channel.eq_ignore_ascii_case(wanted)
            })
        };
        let colour = has("R") && has("G") && has("B");
        // A lone R is a mask that some programs write; Y is grey.
        let grey = if colour { None } else { ["Y", "R"].into_iter().find(|name| has(name)) };
        let alpha = has("A");
        let components = match (colour || grey.is_some(), alpha) {
            (true, true) => Components::Rgba,
            (true, false) => Components::Rgb,
            (false, true) => Components::Alpha,
            (false, false) => return None,
        };
        let target = |name: &String| -> &'static [usize] {
            let (before, channel) = split_name(name);
            if before != prefix {
                return &[];
            }
            match channel.to_ascii_uppercase().as_str() {
                "A" if components == Components::Alpha => &[0],
                "A" => &[3],
                name if grey == Some(name) => &[0, 1, 2],
                "R" if colour => &[0],
                "G" if colour => &[1],
                "B" if colour => &[2],
                _ => &[],
            }
        };
        Some(Self { components, grey: grey.is_some() && !alpha, targets: names.iter().map(target).collect() })
    }

    /// Half where all channels used are half, else float.
    fn depth(&self, header: &Header) -> Depth {
        let used = header.channels.list.iter().zip(&self.targets).filter(|(_, targets)| !targets.is_empty());
        match used.into_iter().all(|(channel, _)| channel.sample_type == SampleType::F16) {
            true => Depth::Half,
            false => Depth::Float,
        }
    }
}

/// Layer prefix and channel of a name: `beauty.R` is `beauty` and `R`.
fn split_name(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or(("", name))
}

/// The windows of a file, y up.
struct Windows {
    data: RectI,
    display: RectI,
}

impl Windows {
    /// None where the numbers leave the range of pixels.
    fn of(header: &Header) -> Option<Self> {
        let display = header.shared_attributes.display_window;
        let (top, left) = (display.position.y(), display.position.x());
        let display = RectI::new(
            left,
            top,
            left.checked_add(i32::try_from(display.size.width()).ok()?)?,
            top.checked_add(i32::try_from(display.size.height()).ok()?)?,
        );
        let position = header.own_attributes.layer_position;
        let (width, height) =
            (i32::try_from(header.layer_size.width()).ok()?, i32::try_from(header.layer_size.height()).ok()?);
        let rows_down =
            RectI::new(position.x(), position.y(), position.x().checked_add(width)?, position.y().checked_add(height)?);
        Some(Self { data: mirrored(&rows_down, &display)?, display })
    }
}

/// A rectangle turned upside down inside the display window. Twice gives the rectangle again, so this serves reading and writing.
pub(super) fn mirrored(rect: &RectI, display: &RectI) -> Option<RectI> {
    let sum = i64::from(display.y1) + i64::from(display.y2);
    let y1 = i32::try_from(sum - i64::from(rect.y2)).ok()?;
    let y2 = i32::try_from(sum - i64::from(rect.y1)).ok()?;
    Some(RectI::new(rect.x1, y1, rect.x2, y2))
}

fn failed(path: &Path, error: exr::error::Error) -> SequenceError {
    match error {
        exr::error::Error::Io(source) => SequenceError::read(path, source),
        other => SequenceError::decode(path, other),
    }
}
