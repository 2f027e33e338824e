//! Values that come by the way, while something else is computed: looked for without computing, kept when they come.

use std::sync::Arc;

use super::{Found, Origin, SharedCache, Stored, state::Held};
use crate::{abort::Abort, disk::DiskStore, key::Key};

impl<V: Stored> SharedCache<Key, V> {
    /// The value of `key` from memory or from disk. Neither computes it nor waits for whoever does.
    pub fn find_stored(&self, key: Key, disk: Option<&DiskStore>) -> Option<Found<V>> {
        let mut state = self.state.lock();
        if let Some(value) = state.get(&key) {
            state.statistics.hits += 1;
            return Some(Found { value, origin: Origin::Memory });
        }
        drop(state);
        let value = disk?.read(key)?;
        Some(Found { value: self.take_in(key, value, Origin::Disk), origin: Origin::Disk })
    }

    /// Keeps a value that was computed, in memory and on disk, and gives it back. Where the key has one already, that
    /// one stays.
    pub fn keep_stored(&self, key: Key, value: V, disk: Option<&DiskStore>, abort: &dyn Abort) -> Arc<V> {
        let value = self.take_in(key, value, Origin::Computed);
        if let Some(disk) = disk {
            disk.write(key, &*value, abort);
        }
        value
    }

    fn take_in(&self, key: Key, value: V, origin: Origin) -> Arc<V> {
        let bytes = value.byte_size();
        let mut state = self.state.lock();
        match origin {
            Origin::Disk => state.statistics.disk_hits += 1,
            Origin::Memory | Origin::Computed => state.statistics.misses += 1,
        }
        if let Some(value) = state.get(&key) {
            return value;
        }
        let value = Arc::new(value);
        let evicted = state.put(key, Held { value: Arc::clone(&value), bytes }, self.limits);
        drop(state);
        drop(evicted);
        value
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ByteSize, Limits};
    use super::*;
    use crate::abort::NeverAbort;
    use crate::disk::DiskOptions;

    #[derive(Debug, PartialEq)]
    struct Number(u8);

    impl ByteSize for Number {
        fn byte_size(&self) -> u64 {
            1
        }
    }

    impl Stored for Number {
        const KIND: &'static str = "number-1";

        fn write(&self, out: &mut Vec<u8>) {
            out.push(self.0);
        }

        fn read(bytes: &[u8]) -> Option<Self> {
            bytes.first().copied().map(Self)
        }
    }

    #[test]
    fn what_is_kept_is_found_also_on_disk_and_counted() {
        let folder = tempfile::tempdir().unwrap();
        let disk = DiskStore::open(DiskOptions { folder: folder.path().to_owned(), max_bytes: 1 << 20 });
        let cache = SharedCache::<Key, Number>::new("numbers", Limits::bytes(1));
        assert!(cache.find_stored(Key(1), Some(&disk)).is_none());
        assert_eq!(*cache.keep_stored(Key(1), Number(7), Some(&disk), &NeverAbort), Number(7));
        assert_eq!(cache.find_stored(Key(1), None).unwrap().origin, Origin::Memory);
        cache.keep_stored(Key(2), Number(8), None, &NeverAbort);
        assert!(cache.find_stored(Key(1), None).is_none(), "the second took its place");
        let found = cache.find_stored(Key(1), Some(&disk)).unwrap();
        assert_eq!((&*found.value, found.origin), (&Number(7), Origin::Disk));
        let statistics = cache.statistics();
        assert_eq!((statistics.hits, statistics.disk_hits, statistics.misses), (1, 1, 2));
    }

    #[test]
    fn the_first_value_of_a_key_stays() {
        let cache = SharedCache::<Key, Number>::new("numbers", Limits::bytes(8));
        let first = cache.keep_stored(Key(1), Number(7), None, &NeverAbort);
        let second = cache.keep_stored(Key(1), Number(7), None, &NeverAbort);
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!((cache.statistics().entries, cache.statistics().bytes), (1, 1));
    }
}
