//! The disk tier of a cache: memory, then disk, then the computation.

use super::{ByteSize, Failure, Found, Origin, SharedCache, flight::Claim};
use crate::{abort::Abort, disk::DiskStore, key::Key};

/// A value that can be kept on disk.
pub trait Stored: ByteSize + Sized {
    /// The kind of value with the version of its layout: "embedding-1". At most 32 of `a-z`, `0-9` and `-`: it names a
    /// folder. Another layout needs another kind.
    const KIND: &'static str;

    /// Whether LZ4 pays: masks and mattes shrink to a fraction, numbers out of a network do not shrink.
    const COMPRESSED: bool = false;

    /// Appends the value to `out`.
    fn write(&self, out: &mut Vec<u8>);

    /// The value of these bytes, which were checked to be those that were written under this kind; `None` if they make
    /// no value all the same.
    fn read(bytes: &[u8]) -> Option<Self>;
}

/// What of a stored value is still to be read; numbers are little-endian. None of them is trusted for an allocation: what
/// is not there is `None`.
#[derive(Debug, Clone, Copy)]
pub struct Unread<'a>(pub &'a [u8]);

impl<'a> Unread<'a> {
    /// The next bytes.
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// The next bytes, as many as the type says.
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// A u32.
    pub fn word(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// An f32.
    pub fn float(&mut self) -> Option<f32> {
        self.array().map(f32::from_le_bytes)
    }

    /// A size, written as a u64.
    pub fn size(&mut self) -> Option<usize> {
        self.array().map(u64::from_le_bytes).and_then(|number| usize::try_from(number).ok())
    }
}

impl<V: Stored> SharedCache<Key, V> {
    /// As [`SharedCache::fetch`], with a look into the disk store before computing. What is computed goes there too. A
    /// store that cannot be read or written is no error: the value is computed.
    ///
    /// # Errors
    /// As [`SharedCache::get_or_compute`].
    pub fn fetch_stored<E: Failure>(
        &self,
        key: Key,
        disk: Option<&DiskStore>,
        abort: &dyn Abort,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<Found<V>, E> {
        let flight = match self.claim(key, abort)? {
            Claim::Ready(value) => return Ok(Found { value, origin: Origin::Memory }),
            Claim::Mine(flight) => flight,
        };
        let found = flight.fly(|| match disk.and_then(|disk| disk.read(key)) {
            Some(value) => Ok((value, Origin::Disk)),
            None => compute().map(|value| (value, Origin::Computed)),
        })?;
        // After those that waited have their value.
        if let Some(disk) = disk.filter(|_| found.origin == Origin::Computed) {
            disk.write(key, &*found.value, abort);
        }
        Ok(found)
    }
}
