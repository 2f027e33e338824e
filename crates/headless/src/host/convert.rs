//! Frames in other depths, channels and sizes: what a host does between a file and what was negotiated.

use super::{Components, Depth, Field, Frame, FrameError, Premultiplication, RectI};
use half::f16;

impl Frame {
    /// The same picture in another depth and other channels. Integer depths count 0..1 as 0..255 or 0..65535, rounded to the nearest
    /// and clamped (NaN gives 0). A missing alpha is 1; missing colours are 0.
    ///
    /// # Errors
    /// When the result is too large to be addressed.
    pub fn converted(&self, depth: Depth, components: Components) -> Result<Self, FrameError> {
        if depth == self.depth() && components == self.components() {
            return Ok(self.clone());
        }
        let size = super::frame::byte_size(&self.bounds(), depth, components)?;
        let rearranged = if depth == self.depth() { self.rearranged(components) } else { None };
        let data = rearranged.unwrap_or_else(|| {
            let mut data = Vec::with_capacity(size);
            for pixel in self.data().chunks_exact(self.pixel_bytes().max(1)) {
                write_pixel(read_pixel(pixel, self.depth(), self.components()), depth, components, &mut data);
            }
            data
        });
        let frame = Self::new(self.bounds(), depth, components, data)?;
        let without_alpha = components == Components::Rgb;
        let premultiplication = if without_alpha { Premultiplication::Opaque } else { self.premultiplication() };
        Ok(frame
            .with_premultiplication(premultiplication)
            .with_pixel_aspect(self.pixel_aspect())
            .with_render_scale(self.render_scale())
            .with_field(self.field()))
    }

    /// The samples of an 8 bit frame with other channels, byte for byte; `None` for what is seldom asked for.
    pub(crate) fn rearranged(&self, components: Components) -> Option<Vec<u8>> {
        if self.depth() != Depth::Byte {
            return None;
        }
        let mut data = vec![u8::MAX; self.width() * self.height() * components.channels()];
        let (from, to) = (self.data(), &mut data);
        match (self.components(), components) {
            (Components::Rgb, Components::Rgba) => {
                for (to, from) in to.as_chunks_mut::<4>().0.iter_mut().zip(from.as_chunks::<3>().0) {
                    to[..3].copy_from_slice(from);
                }
            }
            (Components::Rgba, Components::Rgb) => {
                for (to, from) in to.as_chunks_mut::<3>().0.iter_mut().zip(from.as_chunks::<4>().0) {
                    to.copy_from_slice(&from[..3]);
                }
            }
            (Components::Rgba, Components::Alpha) => {
                for (to, from) in to.iter_mut().zip(from.as_chunks::<4>().0) {
                    *to = from[3];
                }
            }
            _ => return None,
        }
        Some(data)
    }

    /// The colour of one pixel, OFX coordinates (y up); none outside the bounds.
    pub fn pixel(&self, x: i32, y: i32) -> Option<[f32; 4]> {
        let column = usize::try_from(i64::from(x) - i64::from(self.bounds().x1)).ok().filter(|x| *x < self.width())?;
        let row = usize::try_from(i64::from(self.bounds().y2) - 1 - i64::from(y)).ok()?;
        let start = column * self.pixel_bytes();
        let pixel = self.row(row).get(start..start + self.pixel_bytes())?;
        Some(read_pixel(pixel, self.depth(), self.components()))
    }

    /// The part of the picture inside `window`; what lies outside the picture is black and transparent.
    ///
    /// # Errors
    /// When the window is too large to be addressed.
    pub fn cropped(&self, window: &RectI) -> Result<Self, FrameError> {
        if *window == self.bounds() {
            return Ok(self.clone());
        }
        let mut data = vec![0; super::frame::byte_size(window, self.depth(), self.components())?];
        let common = window.intersect(&self.bounds());
        let size = self.pixel_bytes();
        let distance = |from: i32, to: i32| usize::try_from(i64::from(to) - i64::from(from)).unwrap_or(0);
        if !common.is_empty() {
            for y in common.y1..common.y2 {
                let from = distance(self.bounds().x1, common.x1) * size;
                let to = (distance(y, window.y2 - 1) * window.width() + distance(window.x1, common.x1)) * size;
                let count = common.width() * size;
                let source = self.row(distance(y, self.bounds().y2 - 1)).get(from..from + count);
                if let (Some(source), Some(target)) = (source, data.get_mut(to..to + count)) {
                    target.copy_from_slice(source);
                }
            }
        }
        let frame = Self::new(*window, self.depth(), self.components(), data)?;
        Ok(frame
            .with_premultiplication(self.premultiplication())
            .with_pixel_aspect(self.pixel_aspect())
            .with_render_scale(self.render_scale())
            .with_field(self.field()))
    }

    /// The picture at a proxy scale: every pixel is the mean of those it covers. Scales are relative to this frame.
    ///
    /// # Errors
    /// When the result is too large to be addressed.
    pub fn scaled(&self, scale: (f64, f64)) -> Result<Self, FrameError> {
        if scale == (1.0, 1.0) {
            return Ok(self.clone());
        }
        let full = self.bounds();
        let bounds = RectI::new(
            (f64::from(full.x1) * scale.0).floor() as i32,
            (f64::from(full.y1) * scale.1).floor() as i32,
            (f64::from(full.x2) * scale.0).ceil() as i32,
            (f64::from(full.y2) * scale.1).ceil() as i32,
        );
        let mut data = Vec::with_capacity(super::frame::byte_size(&bounds, self.depth(), self.components())?);
        for y in (bounds.y1..bounds.y2).rev() {
            let rows = covered(y, scale.1, full.y1, full.y2);
            for x in bounds.x1..bounds.x2 {
                let columns = covered(x, scale.0, full.x1, full.x2);
                let mean = self.mean(columns, rows.clone());
                write_pixel(mean, self.depth(), self.components(), &mut data);
            }
        }
        let (sx, sy) = self.render_scale();
        let frame = Self::new(bounds, self.depth(), self.components(), data)?;
        Ok(frame
            .with_premultiplication(self.premultiplication())
            .with_pixel_aspect(self.pixel_aspect())
            .with_render_scale((sx * scale.0, sy * scale.1))
            .with_field(Field::None))
    }

    fn mean(&self, columns: std::ops::Range<i32>, rows: std::ops::Range<i32>) -> [f32; 4] {
        let mut sum = [0.0_f32; 4];
        let mut count = 0.0_f32;
        for y in rows {
            for x in columns.clone() {
                if let Some(pixel) = self.pixel(x, y) {
                    sum.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value);
                    count += 1.0;
                }
            }
        }
        if count > 0.0 { sum.map(|value| value / count) } else { [0.0; 4] }
    }
}

/// The full-scale pixels that a scaled pixel covers; at least one inside the frame.
fn covered(index: i32, scale: f64, first: i32, end: i32) -> std::ops::Range<i32> {
    let last = end.saturating_sub(1).max(first);
    let from = ((f64::from(index) / scale).floor() as i32).clamp(first, last);
    let until = ((f64::from(index + 1) / scale).ceil() as i32).clamp(from + 1, last + 1);
    from..until
}

fn read_pixel(bytes: &[u8], depth: Depth, components: Components) -> [f32; 4] {
    let sample = |index: usize| read_sample(bytes, index * depth.bytes(), depth);
    match components {
        Components::Rgba => [sample(0), sample(1), sample(2), sample(3)],
        Components::Rgb => [sample(0), sample(1), sample(2), 1.0],
        Components::Alpha => [0.0, 0.0, 0.0, sample(0)],
    }
}

fn read_sample(bytes: &[u8], at: usize, depth: Depth) -> f32 {
    let pair = || <[u8; 2]>::try_from(bytes.get(at..at + 2).unwrap_or_default()).unwrap_or_default();
    match depth {
        Depth::Byte => f32::from(bytes.get(at).copied().unwrap_or(0)) / 255.0,
        Depth::Short => f32::from(u16::from_ne_bytes(pair())) / 65535.0,
        Depth::Half => f16::from_ne_bytes(pair()).to_f32(),
        Depth::Float => {
            f32::from_ne_bytes(<[u8; 4]>::try_from(bytes.get(at..at + 4).unwrap_or_default()).unwrap_or_default())
        }
    }
}

fn write_pixel(pixel: [f32; 4], depth: Depth, components: Components, out: &mut Vec<u8>) {
    let samples: &[f32] = match components {
        Components::Rgba => &pixel,
        Components::Rgb => &pixel[..3],
        Components::Alpha => &pixel[3..],
    };
    for sample in samples {
        match depth {
            // A float to integer cast saturates and turns NaN into 0.
            Depth::Byte => out.push((sample * 255.0).round() as u8),
            Depth::Short => out.extend_from_slice(&((sample * 65535.0).round() as u16).to_ne_bytes()),
            Depth::Half => out.extend_from_slice(&f16::from_f32(*sample).to_ne_bytes()),
            Depth::Float => out.extend_from_slice(&sample.to_ne_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(width: i32, height: i32, components: Components, data: Vec<u8>) -> Frame {
        Frame::new(RectI::new(0, 0, width, height), Depth::Byte, components, data).unwrap()
    }

    #[test]
    fn every_byte_survives_every_depth() {
        let frame = bytes(256, 1, Components::Alpha, (0..=255).collect());
        for depth in Depth::ALL {
            let there = frame.converted(*depth, Components::Rgba).unwrap();
            assert_eq!(there.converted(Depth::Byte, Components::Alpha).unwrap().data(), frame.data(), "{depth:?}");
        }
    }

    #[test]
    fn bytes_with_other_channels_are_as_through_floats() {
        let frame = bytes(16, 16, Components::Rgba, (0..16 * 16 * 4).map(|i| (i * 7 % 256) as u8).collect());
        for from in [Components::Rgba, Components::Rgb] {
            let frame = frame.converted(Depth::Byte, from).unwrap();
            let floats = frame.converted(Depth::Float, from).unwrap();
            for to in [Components::Rgba, Components::Rgb, Components::Alpha] {
                let expected = floats.converted(Depth::Byte, to).unwrap();
                assert_eq!(frame.converted(Depth::Byte, to).unwrap().data(), expected.data(), "{from:?} to {to:?}");
            }
        }
    }

    #[test]
    fn missing_channels_are_filled_in() {
        let colour = bytes(1, 1, Components::Rgb, vec![255, 0, 255]);
        assert_eq!(colour.pixel(0, 0), Some([1.0, 0.0, 1.0, 1.0]));
        let alpha = bytes(1, 1, Components::Alpha, vec![255]);
        assert_eq!(alpha.converted(Depth::Float, Components::Rgba).unwrap().pixel(0, 0), Some([0.0, 0.0, 0.0, 1.0]));
    }

    #[test]
    fn wild_floats_become_safe_integers() {
        let data = [f32::NAN, -1.0, 7.0].iter().flat_map(|value| value.to_ne_bytes()).collect();
        let frame = Frame::new(RectI::new(0, 0, 3, 1), Depth::Float, Components::Alpha, data).unwrap();
        assert_eq!(frame.converted(Depth::Byte, Components::Alpha).unwrap().data(), [0, 0, 255]);
    }

    #[test]
    fn pixels_are_addressed_from_below_and_rows_from_above() {
        let frame = bytes(1, 2, Components::Alpha, vec![255, 0]);
        assert_eq!(frame.pixel(0, 1).map(|pixel| pixel[3]), Some(1.0));
        assert_eq!(frame.row(0), [255]);
        assert_eq!(frame.pixel(0, 2), None);
    }

    #[test]
    fn half_scale_takes_means() {
        let frame = bytes(4, 2, Components::Alpha, vec![0, 100, 200, 200, 0, 100, 200, 200]);
        let half = frame.scaled((0.5, 0.5)).unwrap();
        assert_eq!((half.bounds(), half.data()), (RectI::new(0, 0, 2, 1), &[50, 200][..]));
        assert_eq!(half.render_scale(), (0.5, 0.5));
    }

    #[test]
    fn crops_keep_what_is_there_and_blacken_the_rest() {
        let frame = bytes(2, 2, Components::Alpha, vec![1, 2, 3, 4]);
        let window = RectI::new(1, -1, 3, 1);
        assert_eq!(frame.cropped(&window).unwrap().data(), [4, 0, 0, 0]);
    }
}
