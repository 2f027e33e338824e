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
