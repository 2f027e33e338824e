//! Masks on disk.

use std::sync::Arc;

use inference::{ByteSize, Key, Stored, Unread};
use raster::Plane;

use crate::{
    identity::Identity,
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
        out.extend([width, height, self.iou].iter().flat_map(|number| number.to_le_bytes()));
        out.extend((self.ignored as u64).to_le_bytes());
        let Identity { name, key } = &self.previous.model;
        out.extend(key.0.to_le_bytes());
        out.extend((name.len() as u64).to_le_bytes());
        out.extend(name.as_bytes());
        write_plane(&self.logits, out);
        write_plane(&self.previous.canvas, out);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = Unread(bytes);
        let extent = (rest.float()?, rest.float()?);
        let iou = rest.float()?;
        let ignored = rest.size()?;
        let key = Key(u128::from_le_bytes(rest.array()?));
        let name_length = rest.size()?;
        let name = Arc::from(std::str::from_utf8(rest.take(name_length)?).ok()?);
        let logits = read_plane(&mut rest)?;
        let canvas = Arc::new(read_plane(&mut rest)?);
        let previous = PreviousLogits { canvas, model: Identity { name, key } };
        rest.0.is_empty().then_some(Self { logits, extent, iou, ignored, previous })
    }
}

fn write_plane(plane: &Plane<f32>, out: &mut Vec<u8>) {
    out.extend([plane.width() as u64, plane.height() as u64].iter().flat_map(|number| number.to_le_bytes()));
    out.extend(plane.data().iter().flat_map(|value| value.to_le_bytes()));
}

fn read_plane(rest: &mut Unread<'_>) -> Option<Plane<f32>> {
    let (width, height) = (rest.size()?, rest.size()?);
    let bytes = rest.take(width.checked_mul(height)?.checked_mul(size_of::<f32>())?)?;
    let values = bytes.as_chunks::<4>().0.iter().map(|value| f32::from_le_bytes(*value)).collect();
    Plane::from_vec(width, height, values).ok()
}

#[cfg(test)]
mod tests {
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
