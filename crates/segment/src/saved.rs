//! Bytes of what outlives the process: a tracker's state under a seal, and the parts that saved values share.
//!
//! All numbers are little-endian, lengths are u64. No length that is read is trusted for an allocation.

use std::sync::Arc;

use inference::{Key, KeyBuilder, Unread};

use crate::{error::SegmentError, identity::Identity};

/// What bytes of one kind begin with: a checksum of the rest, which is over the kind too, and the version of the layout.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seal {
    /// Never written: bytes of another kind have other checksums.
    pub kind: &'static str,
    pub version: u32,
}

impl Seal {
    /// The bytes of a body.
    pub fn close(self, write_body: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut rest = self.version.to_le_bytes().to_vec();
        write_body(&mut rest);
        [&self.checksum(&rest).0.to_le_bytes()[..], &rest].concat()
    }

    /// What `read_body` makes of the body of these bytes, of which it has to leave nothing.
    ///
    /// # Errors
    /// [`SegmentError::State`] for bytes that are cut short, damaged, of another kind or version, or make no sense.
    pub fn open<T>(
        self,
        bytes: &[u8],
        read_body: impl FnOnce(&mut Unread<'_>) -> Option<T>,
    ) -> Result<T, SegmentError> {
        let refused = |reason: &str| SegmentError::State { reason: reason.to_owned() };
        let (found, rest) = bytes.split_first_chunk().ok_or_else(|| refused("it is cut short"))?;
        if self.checksum(rest) != Key(u128::from_le_bytes(*found)) {
            return Err(refused("it is cut short, damaged or of another way of tracking"));
        }
        let (version, body) = rest.split_first_chunk().ok_or_else(|| refused("it is cut short"))?;
        let (version, reads) = (u32::from_le_bytes(*version), self.version);
        if version != reads {
            return Err(refused(&format!("it has version {version}, this plugin reads version {reads}")));
        }
        let mut body = Unread(body);
        read_body(&mut body).filter(|_| body.0.is_empty()).ok_or_else(|| refused("it makes no sense"))
    }

    fn checksum(self, rest: &[u8]) -> Key {
        KeyBuilder::new(self.kind).bytes(rest).finish()
    }
}

/// Appends a size or a count.
pub(crate) fn write_size(number: usize, out: &mut Vec<u8>) {
    out.extend((number as u64).to_le_bytes());
}

/// Appends numbers, not how many.
pub(crate) fn write_floats<'a>(values: impl IntoIterator<Item = &'a f32>, out: &mut Vec<u8>) {
    out.extend(values.into_iter().flat_map(|value| value.to_le_bytes()));
}

/// So many numbers.
pub(crate) fn read_floats(rest: &mut Unread<'_>, count: usize) -> Option<Vec<f32>> {
    let bytes = rest.take(count.checked_mul(size_of::<f32>())?)?;
    Some(bytes.as_chunks().0.iter().map(|value| f32::from_le_bytes(*value)).collect())
}

/// Values that each know how to be read, after their count.
pub(crate) fn read_all<T>(rest: &mut Unread<'_>, mut read: impl FnMut(&mut Unread<'_>) -> Option<T>) -> Option<Vec<T>> {
    let count = rest.size()?;
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(read(rest)?);
    }
    Some(all)
}

impl Identity {
    /// Appends key and name.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.key.0.to_le_bytes());
        write_size(self.name.len(), out);
        out.extend(self.name.as_bytes());
    }

    pub(crate) fn read(rest: &mut Unread<'_>) -> Option<Self> {
        let key = Key(u128::from_le_bytes(rest.array()?));
        let length = rest.size()?;
        let name = Arc::from(std::str::from_utf8(rest.take(length)?).ok()?);
        Some(Self { name, key })
    }
}

/// What every saved state of a tracker promises.
#[cfg(test)]
pub(crate) mod promises {
    use std::{fmt::Debug, ops::Range};

    use super::Seal;
    use crate::shot_tracker::KeptState;

    /// Bytes of the checksum.
    const CHECKSUM: usize = size_of::<u128>();

    pub fn a_saved_state_comes_back_the_same<T: KeptState + PartialEq + Debug>(state: &T) {
        assert_eq!(&T::of_bytes(&state.to_bytes()).expect("the same"), state);
    }

    /// Every `step`th byte.
    pub fn a_state_cut_short_or_damaged_is_refused<T: KeptState>(state: &T, step: usize) {
        let bytes = state.to_bytes();
        for at in (0..bytes.len()).step_by(step) {
            assert!(T::of_bytes(&bytes[..at]).is_err(), "{at} bytes");
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x40;
            assert!(T::of_bytes(&damaged).is_err(), "byte {at}");
        }
        assert!(T::of_bytes(&[&bytes[..], &[0]].concat()).is_err());
    }

    /// With a good checksum over a body that lies, in one of these bytes after the checksum.
    pub fn lengths_that_lie_cost_no_memory<T: KeptState>(state: &T, seal: Seal, bytes: Option<Range<usize>>) {
        let good = state.to_bytes()[CHECKSUM..].to_vec();
        let read = |rest: &[u8]| T::of_bytes(&[&seal.checksum(rest).0.to_le_bytes()[..], rest].concat());
        assert!(read(&good).is_ok());
        for at in bytes.unwrap_or(size_of::<u32>()..good.len() - 8) {
            let mut lying = good.clone();
            lying[at..at + 8].copy_from_slice(&u64::MAX.to_le_bytes());
            // Some of the bytes are values, which may be any: then they are read as what they are.
            if let Ok(state) = read(&lying) {
                assert_eq!(state.to_bytes()[CHECKSUM..], lying, "byte {at}");
            }
        }
    }

    pub fn other_versions_are_told<T: KeptState>(state: &T, seal: Seal) {
        let newer = Seal { version: seal.version + 1, ..seal };
        let body = state.to_bytes().split_off(CHECKSUM + size_of::<u32>());
        let words = T::of_bytes(&newer.close(|out| out.extend(&body))).map(drop).expect_err("newer").to_string();
        assert!(words.contains(&format!("version {}", newer.version)), "{words}");
        let other = Seal { kind: "another kind", ..seal };
        assert!(T::of_bytes(&other.close(|out| out.extend(&body))).is_err());
    }
}
