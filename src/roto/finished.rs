//! A frame's finished matte: what is remembered and stored, so that it is never made twice.

use inference::{ByteSize, Key, KeyBuilder, Stored};
use matte::{AlphaRuns, EdgeSettings, EdgeUpsample, Polyline};
use raster::{SourceEncoding, display_row};

use super::placed::Placed;
use super::prompts::ModelPrompts;
use super::settings::Settings;

/// How far the viewer's outline may be from the edge, in model pixels: less than a screen shows.
const OUTLINE_TOLERANCE: f32 = 0.25;

/// The matte of one picture at the picture's size, before inversion and the Matte clip.
#[derive(Debug, PartialEq)]
pub struct FinishedMatte {
    /// Alpha, row 0 at the top.
    pub alpha: AlphaRuns,
    /// The outline in model pixels, for the viewer.
    pub outline: Vec<Polyline>,
    /// The model's own opinion of its mask.
    pub iou: f32,
}

impl FinishedMatte {
    /// Brings a matte at the model's size to the picture's, row by row, guided by the picture.
    pub fn new(upsample: &EdgeUpsample, source: &Placed<'_>, encoding: SourceEncoding, iou: f32) -> Self {
        let Placed { view, premultiplied, .. } = source;
        let (width, height) = (view.width(), view.height());
        let alpha = AlphaRuns::from_rows(width, height, |y, alpha| {
            // Colours are converted only where the matte asks for them: round its edge.
            let mut colours = |x: usize, to: &mut [[f32; 3]]| display_row(view, encoding, *premultiplied, y, x, to);
            upsample.alpha_row_from(width, height, y, 0, &mut colours, alpha);
        });
        let outline = upsample.outline().iter().map(|line| line.simplified(OUTLINE_TOLERANCE)).collect();
        Self { alpha, outline, iou }
    }
}

impl ByteSize for FinishedMatte {
    fn byte_size(&self) -> u64 {
        let points: usize = self.outline.iter().map(|line| size_of_val(&line.points[..])).sum();
        self.alpha.byte_size() + points as u64
    }
}

impl Stored for FinishedMatte {
    const KIND: &'static str = "matte-1";

    /// The IoU, the number of outlines, each with its number of points and the points, the alpha; little-endian.
    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.iou.to_le_bytes());
        out.extend((self.outline.len() as u32).to_le_bytes());
        for line in &self.outline {
            out.extend((line.points.len() as u32).to_le_bytes());
            out.extend(line.points.iter().flatten().flat_map(|number| number.to_le_bytes()));
        }
        self.alpha.write(out);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let iou = f32::from_bits(word(&mut rest)?);
        let lines = word(&mut rest)?;
        let mut outline = Vec::new();
        for _ in 0..lines {
            let points = word(&mut rest)?;
            // Not trusted for an allocation: the bytes end before a false number does.
            let points: Option<Vec<[f32; 2]>> = (0..points)
                .map(|_| Some([f32::from_bits(word(&mut rest)?), f32::from_bits(word(&mut rest)?)]))
                .collect();
            outline.push(Polyline { points: points? });
        }
        Some(Self { alpha: AlphaRuns::read_from(rest)?, outline, iou })
    }
}

fn word(bytes: &mut &[u8]) -> Option<u32> {
    let (word, rest) = bytes.split_first_chunk::<4>()?;
    *bytes = rest;
    Some(u32::from_le_bytes(*word))
}

/// How the panel wants the edge.
pub fn edge_settings(settings: &Settings) -> EdgeSettings {
    EdgeSettings {
        threshold: settings.threshold as f32,
        softness: settings.softness as f32,
        strength: settings.edge_detail as f32,
        ..EdgeSettings::default()
    }
}

/// The name of a finished matte: the picture, the model and the size it worked at, the prompts, the panel.
pub fn matte_key(
    source: Key,
    model: Key,
    [width, height]: [usize; 2],
    prompts: &ModelPrompts,
    settings: &Settings,
) -> Key {
    let key = KeyBuilder::new("finished matte 1").bytes(&source.0.to_le_bytes()).bytes(&model.0.to_le_bytes());
    let mut key = add_prompts(key.number(width as u64).number(height as u64), prompts);
    for number in [settings.threshold, settings.softness, settings.edge_detail] {
        key = key.number(number.to_bits());
    }
    key.finish()
}

/// The name of a source picture at a model's size.
pub fn picture_key(source: Key, [width, height]: [usize; 2]) -> Key {
    let key = KeyBuilder::new("model picture 1").bytes(&source.0.to_le_bytes());
    key.number(width as u64).number(height as u64).finish()
}

/// The name of a decoded mask: the encoded picture and the prompts.
pub fn decoded_key(embedding: Key, prompts: &ModelPrompts) -> Key {
    add_prompts(KeyBuilder::new("decoded 1").bytes(&embedding.0.to_le_bytes()), prompts).finish()
}

fn add_prompts(mut key: KeyBuilder, prompts: &ModelPrompts) -> KeyBuilder {
    key = key.number(prompts.points.len() as u64);
    for &([x, y], include) in &prompts.points {
        key = key.number(u64::from(x.to_bits())).number(u64::from(y.to_bits())).number(u64::from(include));
    }
    for edge in prompts.bounding_box.iter().flatten() {
        key = key.number(u64::from(edge.to_bits()));
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished() -> FinishedMatte {
        let alpha = AlphaRuns::from_rows(7, 3, |y, row| {
            row.iter_mut().enumerate().for_each(|(x, alpha)| *alpha = if x > 3 { 1.0 } else { (x * y) as f32 / 9.0 });
        });
        let line = |count| Polyline { points: (0..count).map(|i| [i as f32, -0.5]).collect() };
        FinishedMatte { alpha, outline: vec![line(3), line(0), line(5)], iou: 0.93 }
    }

    #[test]
    fn a_stored_matte_comes_back_the_same() {
        let mut bytes = Vec::new();
        finished().write(&mut bytes);
        assert_eq!(FinishedMatte::read(&bytes), Some(finished()));
    }

    #[test]
    fn a_stored_matte_cut_short_anywhere_is_none() {
        let mut bytes = Vec::new();
        finished().write(&mut bytes);
        for keep in 0..bytes.len() {
            assert_eq!(FinishedMatte::read(&bytes[..keep]), None, "{keep} bytes");
        }
    }

    #[test]
    fn numbers_that_lie_cost_no_memory() {
        let mut bytes = Vec::new();
        finished().write(&mut bytes);
        bytes[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(FinishedMatte::read(&bytes), None);
    }
}
