//! Masks on disk.

use std::sync::Arc;

use inference::{ByteSize, Stored, Unread};
use raster::Plane;

use crate::{
    identity::Identity,
    saved::{read_floats, write_floats, write_size},
    segmentation::{PreviousLogits, Segmentation},
};

impl ByteSize for Segmentation {
    fn byte_size(&self) -> u64 {
        (size_of_val(self.logits.data()) + size_of_val(self.previous.canvas.data())) as u64
    }
}

impl Stored for Segmentation {
    const KIND: &'static str = "mask-1";

    /// Little-endian: extent, IoU, what was ignored; the model's key and name; both planes, each with its size.
    fn write(&self, out: &mut Vec<u8>) {
        let (width, height) = self.extent;
        write_floats(&[width, height, self.iou], out);
        write_size(self.ignored, out);
        self.previous.model.write(out);
        write_plane(&self.logits, out);
        write_plane(&self.previous.canvas, out);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = Unread(bytes);
        let extent = (rest.float()?, rest.float()?);
        let iou = rest.float()?;
        let ignored = rest.size()?;
        let model = Identity::read(&mut rest)?;
        let logits = read_plane(&mut rest)?;
        let canvas = Arc::new(read_plane(&mut rest)?);
        let previous = PreviousLogits { canvas, model };
        rest.0.is_empty().then_some(Self { logits, extent, iou, ignored, previous })
    }
}

fn write_plane(plane: &Plane<f32>, out: &mut Vec<u8>) {
    write_size(plane.width(), out);
    write_size(plane.height(), out);
    write_floats(plane.data(), out);
}

fn read_plane(rest: &mut Unread<'_>) -> Option<Plane<f32>> {
    let (width, height) = (rest.size()?, rest.size()?);
    Plane::from_vec(width, height, read_floats(rest, width.checked_mul(height)?)?).ok()
}

#[cfg(test)]
mod tests {
    use inference::Key;

    use super::*;

    fn mask() -> Segmentation {
        let plane = |width, height| {
            let values = (0..width * height).map(|i| i as f32 - 7.5).collect();
            Plane::from_vec(width, height, values).unwrap()
        };
        let model = Identity { name: Arc::from("Mobile\u{fc} in /m"), key: Key(77) };
        let previous = PreviousLogits { canvas: Arc::new(plane(6, 6)), model };
        Segmentation { logits: plane(6, 4), extent: (6.0, 3.25), iou: 0.5, ignored: 2, previous }
    }

    fn bytes() -> Vec<u8> {
        let mut bytes = Vec::new();
        mask().write(&mut bytes);
        bytes
    }

    #[test]
    fn a_stored_mask_comes_back_the_same() {
        assert_eq!(Segmentation::read(&bytes()), Some(mask()));
    }

    #[test]
    fn a_stored_mask_cut_short_or_too_long_is_none() {
        for keep in 0..bytes().len() {
            assert_eq!(Segmentation::read(&bytes()[..keep]), None, "{keep} bytes");
        }
        assert_eq!(Segmentation::read(&[bytes(), vec![0]].concat()), None);
    }

    #[test]
    fn sizes_that_lie_cost_no_memory() {
        let mut bytes = bytes();
        let width_at = 3 * 4 + 8 + 16 + 8 + mask().previous.model.name.len();
        bytes[width_at..width_at + 8].copy_from_slice(&u64::MAX.to_le_bytes());
        assert_eq!(Segmentation::read(&bytes), None);
    }
}
