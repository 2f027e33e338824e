//! What is remembered, as bytes: under the [`Seal`] the model's key and name; the size of the decoder's logits; prompted,
//! sure and recent frames, areas, the last good frame.

use std::collections::VecDeque;

use inference::{ByteSize, Unread};
use raster::Plane;

use super::{
    carried::Latest,
    cells::{Cells, Grid},
    colour::{Colours, HISTOGRAM},
    memory::{AREAS, Kept, Memories, RECENT, SURE},
};
use crate::{
    error::SegmentError,
    identity::Identity,
    saved::{Seal, read_all, read_floats, write_floats, write_size},
    shot_tracker::KeptState,
};

const SEAL: Seal = Seal { kind: "embedding tracker state", version: 2 };

/// Samples on a side of a decoder's logits, at most: far beyond any model.
const MOST_LOGITS: usize = 4096;

impl KeptState for Memories {
    fn to_bytes(&self) -> Vec<u8> {
        SEAL.close(|out| {
            self.model.write(out);
            write_size(self.canvas.0, out);
            write_size(self.canvas.1, out);
            write_size(self.prompted.len(), out);
            self.prompted.iter().for_each(|kept| write_kept(kept, out));
            for frames in [&self.sure, &self.recent] {
                write_size(frames.len(), out);
                frames.iter().for_each(|kept| write_kept(kept, out));
            }
            write_size(self.areas.len(), out);
            write_floats(&self.areas, out);
            write_latest(self.latest.as_ref(), out);
        })
    }

    fn of_bytes(bytes: &[u8]) -> Result<Self, SegmentError> {
        SEAL.open(bytes, read_body)
    }
}

impl ByteSize for Memories {
    fn byte_size(&self) -> u64 {
        let kept = |kept: &Kept| {
            let floats = kept.labels.len() + kept.colours.object.len() + kept.colours.surroundings.len();
            size_of::<Kept>() + size_of_val(&*kept.cells.features) + floats * size_of::<f32>()
        };
        let latest =
            self.latest.as_ref().map_or(0, |latest| latest.brightness.data().len() + latest.covered.data().len());
        (size_of::<Self>() + self.all().map(kept).sum::<usize>() + latest) as u64
    }
}

fn write_kept(kept: &Kept, out: &mut Vec<u8>) {
    let Grid { columns, rows, cell } = kept.cells.grid;
    for number in [kept.frame, columns, rows, kept.cells.channels] {
        write_size(number, out);
    }
    out.extend(cell.to_le_bytes());
    out.extend(kept.cells.features.iter().flat_map(|value| value.to_le_bytes()));
    write_floats(kept.labels.iter().chain(kept.colours.object.iter()).chain(kept.colours.surroundings.iter()), out);
}

fn read_body(rest: &mut Unread<'_>) -> Option<Memories> {
    let model = Identity::read(rest)?;
    let side = |rest: &mut Unread<'_>| rest.size().filter(|&side| side <= MOST_LOGITS);
    let canvas = (side(rest)?, side(rest)?);
    let prompted = read_all(rest, read_kept)?;
    let sure = VecDeque::from(read_all(rest, read_kept)?);
    let recent = VecDeque::from(read_all(rest, read_kept)?);
    let count = rest.size().filter(|&count| count <= AREAS)?;
    let areas = VecDeque::from(read_floats(rest, count)?);
    let latest = read_latest(rest)?;
    let makes_sense = sure.len() <= SURE && recent.len() <= RECENT;
    makes_sense.then_some(Memories { model, prompted, sure, recent, areas, latest, canvas })
}

fn read_kept(rest: &mut Unread<'_>) -> Option<Kept> {
    let (frame, columns, rows, channels) = (rest.size()?, rest.size()?, rest.size()?, rest.size()?);
    let cell = rest.float().filter(|cell| cell.is_finite() && *cell > 0.0)?;
    let cells = columns.checked_mul(rows).filter(|&cells| cells > 0)?;
    let values = cells.checked_mul(channels)?;
    let bytes = rest.take(values.checked_mul(size_of::<i16>())?)?;
    let features = bytes.as_chunks().0.iter().map(|value| i16::from_le_bytes(*value)).collect();
    let labels = read_floats(rest, cells)?.into();
    let (object, surroundings) = (read_floats(rest, HISTOGRAM)?.into(), read_floats(rest, HISTOGRAM)?.into());
    let cells = Cells { grid: Grid { columns, rows, cell }, channels, features };
    Some(Kept { frame, cells, labels, colours: Colours { object, surroundings } })
}

/// How many there are, then the frame, the size, both planes.
fn write_latest(latest: Option<&Latest>, out: &mut Vec<u8>) {
    write_size(usize::from(latest.is_some()), out);
    if let Some(Latest { frame, brightness, covered }) = latest {
        for number in [*frame, brightness.width(), brightness.height()] {
            write_size(number, out);
        }
        out.extend(brightness.data());
        out.extend(covered.data());
    }
}

fn read_latest(rest: &mut Unread<'_>) -> Option<Option<Latest>> {
    let count = rest.size().filter(|&count| count <= 1)?;
    if count == 0 {
        return Some(None);
    }
    let (frame, width, height) = (rest.size()?, rest.size()?, rest.size()?);
    let mut plane = || Plane::from_vec(width, height, rest.take(width.checked_mul(height)?)?.to_vec()).ok();
    Some(Some(Latest { frame, brightness: plane()?, covered: plane()? }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use inference::Key;

    use super::*;
    use crate::saved::promises;

    fn kept(frame: usize, value: f32) -> Kept {
        let grid = Grid { columns: 3, rows: 2, cell: 14.0 };
        Kept {
            frame,
            cells: Cells { grid, channels: 5, features: vec![(value * 100.0) as i16; 30].into() },
            labels: vec![value; 6].into(),
            colours: Colours { object: vec![value; HISTOGRAM].into(), surroundings: vec![0.0; HISTOGRAM].into() },
        }
    }

    fn memories() -> Memories {
        Memories {
            model: Identity { name: Arc::from("m\u{fc}de"), key: Key(99) },
            prompted: vec![kept(0, 0.5), kept(40, 0.25)],
            sure: [kept(3, 0.5)].into(),
            recent: [kept(6, 1.0), kept(7, 0.75)].into(),
            areas: [3.5, 4.0].into(),
            latest: Some(Latest { frame: 7, brightness: Plane::new(4, 3, 200), covered: Plane::new(4, 3, 2) }),
            canvas: (256, 256),
        }
    }

    #[test]
    fn a_saved_state_comes_back_the_same() {
        promises::a_saved_state_comes_back_the_same(&memories());
        promises::a_saved_state_comes_back_the_same(&Memories { latest: None, ..memories() });
    }

    #[test]
    fn a_state_cut_short_or_damaged_anywhere_is_refused() {
        promises::a_state_cut_short_or_damaged_is_refused(&memories(), 97);
    }

    #[test]
    fn lengths_that_lie_cost_no_memory_and_other_versions_are_told() {
        // Key, name, sizes and the head of the first frame.
        promises::lengths_that_lie_cost_no_memory(&memories(), SEAL, Some(4..150));
        promises::other_versions_are_told(&memories(), SEAL);
    }
}
