//! Between sample types, channels and meanings of alpha.

use crate::host::{Components, Depth, Frame, FrameError, Premultiplication, RectI};
use half::f16;

/// Rec. 709 weights of red, green and blue in luma (ITU-R BT.709-6, item 3.2).
const LUMA: [f32; 3] = [0.2126, 0.7152, 0.0722];

/// Colours divided by alpha, where they were multiplied by it; a pixel without alpha keeps its colours. Alpha is untouched.
///
/// # Errors
/// When the frame is too large to be addressed.
pub fn straight(frame: &Frame) -> Result<Frame, FrameError> {
    if frame.components() != Components::Rgba || frame.premultiplication() != Premultiplication::Premultiplied {
        return Ok(frame.clone());
    }
    let divided = map_pixels(frame, frame.depth(), Components::Rgba, |[r, g, b, a]| match a > 0.0 {
        true => [r / a, g / a, b / a, a],
        false => [r, g, b, a],
    })?;
    Ok(divided.with_premultiplication(Premultiplication::Unpremultiplied))
}

/// Colours multiplied by alpha, where they were not.
///
/// # Errors
/// When the frame is too large to be addressed.
pub fn premultiplied(frame: &Frame) -> Result<Frame, FrameError> {
    if frame.components() != Components::Rgba || frame.premultiplication() != Premultiplication::Unpremultiplied {
        return Ok(frame.clone());
    }
    let multiplied = map_pixels(frame, frame.depth(), Components::Rgba, |[r, g, b, a]| [r * a, g * a, b * a, a])?;
    Ok(multiplied.with_premultiplication(Premultiplication::Premultiplied))
}

/// A frame of alpha alone, holding the luma (Rec. 709 weights on the values as they are) of the colours.
///
/// # Errors
/// When the frame is too large to be addressed.
pub fn luma_as_alpha(frame: &Frame) -> Result<Frame, FrameError> {
    map_pixels(frame, frame.depth(), Components::Alpha, |[r, g, b, _]| {
        [0.0, 0.0, 0.0, if r == g && g == b { r } else { r * LUMA[0] + g * LUMA[1] + b * LUMA[2] }]
    })
}

/// The frame in another sample type and with other channels: alpha that is missing is 1, colours that are missing are 0. Integer
/// samples are clamped to 0..1 and rounded, NaN becomes 0.
pub(super) fn converted(frame: &Frame, depth: Depth, components: Components) -> Result<Frame, FrameError> {
    if frame.depth() == depth && frame.components() == components {
        return Ok(frame.clone());
    }
    if let Some(data) = frame.rearranged(components).filter(|_| frame.depth() == depth) {
        return like(frame, frame.bounds(), depth, components, data);
    }
    map_pixels(frame, depth, components, |pixel| pixel)
}

/// The part of the frame inside `bounds`, with zeros where the frame has no pixels.
pub(super) fn cropped(frame: &Frame, bounds: RectI) -> Result<Frame, FrameError> {
    if frame.bounds() == bounds {
        return Ok(frame.clone());
    }
    let pixel = frame.pixel_bytes();
    let shared = frame.bounds().intersect(&bounds);
    let size = bounds.width().checked_mul(bounds.height()).and_then(|count| count.checked_mul(pixel));
    let size = size.ok_or(FrameError::TooLarge { width: bounds.width(), height: bounds.height() })?;
    let mut data = vec![0; size];
    if !shared.is_empty() {
        let from = offset(frame.bounds().x1, shared.x1) * pixel;
        let to = offset(bounds.x1, shared.x1) * pixel;
        let length = shared.width() * pixel;
        let rows = data.chunks_exact_mut(bounds.width() * pixel).skip(offset(shared.y2, bounds.y2));
        for (row, source_row) in rows.zip(offset(shared.y2, frame.bounds().y2)..).take(shared.height()) {
            let source = frame.row(source_row).get(from..from + length);
            if let (Some(target), Some(source)) = (row.get_mut(to..to + length), source) {
                target.copy_from_slice(source);
            }
        }
    }
    like(frame, bounds, frame.depth(), frame.components(), data)
}

/// Rows of RGBA, top row first, as 32 bit floats.
pub(super) fn rgba_row(frame: &Frame, from_top: usize, samples: &mut Vec<f32>, out: &mut Vec<[f32; 4]>) {
    samples_to_f32(frame.row(from_top), frame.depth(), samples);
    out.clear();
    match frame.components() {
        Components::Rgba => out.extend(samples.as_chunks::<4>().0),
        Components::Rgb => out.extend(samples.as_chunks::<3>().0.iter().map(|[r, g, b]| [*r, *g, *b, 1.0])),
        Components::Alpha => out.extend(samples.iter().map(|a| [0.0, 0.0, 0.0, *a])),
    }
}

/// Samples as numbers: integers become 0..1, floats stay as they are.
fn samples_to_f32(bytes: &[u8], depth: Depth, out: &mut Vec<f32>) {
    out.clear();
    match depth {
        Depth::Byte => out.extend(bytes.iter().map(|byte| f32::from(*byte) / 255.0)),
        Depth::Short => out.extend(bytes.as_chunks().0.iter().map(|two| f32::from(u16::from_ne_bytes(*two)) / 65535.0)),
        Depth::Half => out.extend(bytes.as_chunks().0.iter().map(|two| f16::from_ne_bytes(*two).to_f32())),
        Depth::Float => out.extend(bytes.as_chunks().0.iter().map(|four| f32::from_ne_bytes(*four))),
    }
}

/// Appends numbers as samples. `as` saturates and turns NaN into 0, which is what integer samples want.
fn push_samples(values: &[f32], depth: Depth, out: &mut Vec<u8>) {
    match depth {
        Depth::Byte => out.extend(values.iter().map(|value| (value * 255.0).round() as u8)),
        Depth::Short => out.extend(values.iter().flat_map(|value| ((value * 65535.0).round() as u16).to_ne_bytes())),
        Depth::Half => out.extend(values.iter().flat_map(|value| f16::from_f32(*value).to_ne_bytes())),
        Depth::Float => out.extend(values.iter().flat_map(|value| value.to_ne_bytes())),
    }
}

/// Every pixel through `change`, into a frame of this format.
fn map_pixels(
    frame: &Frame,
    depth: Depth,
    components: Components,
    change: impl Fn([f32; 4]) -> [f32; 4],
) -> Result<Frame, FrameError> {
    let (mut samples, mut row) = (Vec::new(), Vec::new());
    let mut data = Vec::with_capacity(frame.width() * frame.height() * depth.bytes() * components.channels());
    for from_top in 0..frame.height() {
        rgba_row(frame, from_top, &mut samples, &mut row);
        samples.clear();
        for pixel in &row {
            let changed = change(*pixel);
            match components {
                Components::Rgba => samples.extend(changed),
                Components::Rgb => samples.extend(&changed[..3]),
                Components::Alpha => samples.push(changed[3]),
            }
        }
        push_samples(&samples, depth, &mut data);
    }
    like(frame, frame.bounds(), depth, components, data)
}

/// A frame with what `frame` says about itself beside its format.
fn like(
    frame: &Frame,
    bounds: RectI,
    depth: Depth,
    components: Components,
    data: Vec<u8>,
) -> Result<Frame, FrameError> {
    let premultiplication = match (frame.components(), components) {
        (_, Components::Rgb) => Premultiplication::Opaque,
        (Components::Rgb, _) => Premultiplication::Premultiplied,
        _ => frame.premultiplication(),
    };
    Ok(Frame::new(bounds, depth, components, data)?
        .with_premultiplication(premultiplication)
        .with_pixel_aspect(frame.pixel_aspect())
        .with_render_scale(frame.render_scale())
        .with_field(frame.field()))
}

/// How far `to` lies beyond `from`; 0 when it does not.
fn offset(from: i32, to: i32) -> usize {
    usize::try_from(i64::from(to) - i64::from(from)).unwrap_or(0)
}
