//! A frame's finished matte: what is remembered and stored, so that it is never made twice.

use inference::{ByteSize, Stored, Unread};
use matte::{AlphaRuns, EdgeSettings, EdgeUpsample, Polyline};
use raster::{SourceEncoding, display_row};

use super::objects::Opinion;
use super::settings::Settings;
use super::text::TextFound;
use crate::picture::placed::Placed;

/// How far the viewer's outline may be from the edge, in model pixels: less than a screen shows.
const OUTLINE_TOLERANCE: f32 = 0.25;

/// The matte of one picture at the picture's size, before inversion and the Matte clip.
#[derive(Debug, PartialEq)]
pub struct FinishedMatte {
    /// Alpha, row 0 at the top.
    pub alpha: AlphaRuns,
    /// The outline in model pixels, for the viewer.
    pub outline: Vec<Polyline>,
    /// What the model thinks of it.
    pub opinion: Opinion,
}

impl FinishedMatte {
    /// Brings a matte at the model's size to the picture's, row by row, guided by the picture.
    pub fn new(upsample: &EdgeUpsample, source: &Placed<'_>, encoding: SourceEncoding, opinion: Opinion) -> Self {
        let Placed { view, premultiplied, .. } = source;
        let (width, height) = (view.width(), view.height());
        let rows = || {
            AlphaRuns::from_rows(width, height, |y, alpha| {
                // Colours are converted only where the matte asks for them: round its edge.
                let mut colours = |x: usize, to: &mut [[f32; 3]]| display_row(view, encoding, *premultiplied, y, x, to);
                upsample.alpha_row_from(width, height, y, 0, &mut colours, alpha);
            })
        };
        let lines = || upsample.outline().iter().map(|line| line.simplified(OUTLINE_TOLERANCE)).collect();
        let (alpha, outline) = rayon::join(rows, lines);
        Self { alpha, outline, opinion }
    }
}

impl ByteSize for FinishedMatte {
    fn byte_size(&self) -> u64 {
        let points: usize = self.outline.iter().map(|line| size_of_val(&line.points[..])).sum();
        self.alpha.byte_size() + points as u64
    }
}

impl Stored for FinishedMatte {
    const KIND: &'static str = "matte-2";

    /// The IoU, 1 and four words on the text or 0 without one, the number of outlines, each with its number of points
    /// and the points, the alpha; little-endian.
    fn write(&self, out: &mut Vec<u8>) {
        let Opinion { iou, text } = self.opinion;
        out.extend(iou.to_le_bytes());
        out.extend(u32::from(text.is_some()).to_le_bytes());
        if let Some(TextFound { found, chosen, presence, cut }) = text {
            let words = [found, chosen, presence.to_bits(), u32::from(cut)];
            out.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        }
        out.extend((self.outline.len() as u32).to_le_bytes());
        for line in &self.outline {
            out.extend((line.points.len() as u32).to_le_bytes());
            out.extend(line.points.iter().flatten().flat_map(|number| number.to_le_bytes()));
        }
        self.alpha.write(out);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = Unread(bytes);
        let iou = rest.float()?;
        let text = if rest.word()? == 0 { None } else { Some(text_found(&mut rest)?) };
        let lines = rest.word()?;
        let mut outline = Vec::new();
        for _ in 0..lines {
            let points = rest.word()?;
            // Not trusted for an allocation: the bytes end before a false number does.
            let points: Option<Vec<[f32; 2]>> = (0..points).map(|_| Some([rest.float()?, rest.float()?])).collect();
            outline.push(Polyline { points: points? });
        }
        Some(Self { alpha: AlphaRuns::read_from(rest.0)?, outline, opinion: Opinion { iou, text } })
    }
}

fn text_found(rest: &mut Unread<'_>) -> Option<TextFound> {
    let (found, chosen) = (rest.word()?, rest.word()?);
    Some(TextFound { found, chosen, presence: rest.float()?, cut: rest.word()? != 0 })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn finished() -> FinishedMatte {
        let alpha = AlphaRuns::from_rows(7, 3, |y, row| {
            row.iter_mut().enumerate().for_each(|(x, alpha)| *alpha = if x > 3 { 1.0 } else { (x * y) as f32 / 9.0 });
        });
        let line = |count| Polyline { points: (0..count).map(|i| [i as f32, -0.5]).collect() };
        let text = Some(TextFound { found: 3, chosen: 1, presence: 0.75, cut: true });
        FinishedMatte { alpha, outline: vec![line(3), line(0), line(5)], opinion: Opinion { iou: 0.93, text } }
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
        // Past the IoU and the five words of the text.
        bytes[24..28].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(FinishedMatte::read(&bytes), None);
    }
}
