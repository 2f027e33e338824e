//! A cache over a disk store: memory, then disk, then the computation; and no trouble with the disk is an error.

use std::{
    fs,
    path::Path,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use inference::{
    ByteSize, DiskOptions, DiskStore, FeatureCache, InferenceError, Key, Limits, NeverAbort, Origin, Stored,
};

#[derive(Debug, PartialEq)]
struct Number(u32);

impl ByteSize for Number {
    fn byte_size(&self) -> u64 {
        4
    }
}

impl Stored for Number {
    const KIND: &'static str = "number-1";

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(u32::from_le_bytes).map(Self)
    }
}

const KEY: Key = Key(0x1234);

fn cache() -> FeatureCache<Number> {
    FeatureCache::new("numbers", Limits::bytes(100))
}

fn store(folder: &Path) -> DiskStore {
    DiskStore::open(DiskOptions { folder: folder.to_owned(), max_bytes: 1 << 20 })
}

/// The number that comes, and from where.
#[allow(clippy::expect_used)]
fn fetch(cache: &FeatureCache<Number>, disk: Option<&DiskStore>) -> (u32, Origin) {
    let found = cache.fetch_stored(KEY, disk, &NeverAbort, || Ok::<_, InferenceError>(Number(7))).expect("a value");
    (found.value.0, found.origin)
}

#[test]
fn a_value_comes_from_memory_then_from_disk_then_from_its_computation() {
    let folder = tempfile::tempdir().unwrap();
    let (first, disk) = (cache(), store(folder.path()));
    assert_eq!(fetch(&first, Some(&disk)), (7, Origin::Computed));
    assert_eq!(fetch(&first, Some(&disk)), (7, Origin::Memory));
    first.clear();
    assert_eq!(fetch(&first, Some(&disk)), (7, Origin::Disk));
    assert_eq!(fetch(&first, Some(&disk)), (7, Origin::Memory));
    // As another process.
    assert_eq!(fetch(&cache(), Some(&store(folder.path()))), (7, Origin::Disk));
    assert_eq!(fetch(&cache(), None), (7, Origin::Computed));
    let statistics = first.statistics();
    assert_eq!((statistics.hits, statistics.disk_hits, statistics.misses), (2, 1, 1));
    assert_eq!(statistics.hit_rate(), 0.75);
    assert_eq!(disk.stats().activity.writes, 1);
}

#[test]
fn a_damaged_entry_is_computed_and_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let disk = store(folder.path());
    fetch(&cache(), Some(&disk));
    let name = KEY.to_string();
    let path = folder.path().join(Number::KIND).join(&name[..2]).join(&name);
    let sound = fs::read(&path).unwrap();
    for at in [0, sound.len() - 1] {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert_eq!(fetch(&cache(), Some(&disk)), (7, Origin::Computed), "byte {at}");
        assert_eq!(fetch(&cache(), Some(&disk)), (7, Origin::Disk), "byte {at}");
    }
    assert_eq!(disk.stats().activity.damaged, 2);
}

#[test]
fn a_failed_computation_is_not_stored() {
    let folder = tempfile::tempdir().unwrap();
    let disk = store(folder.path());
    let failed = cache().fetch_stored(KEY, Some(&disk), &NeverAbort, || Err(InferenceError::Aborted));
    assert!(failed.is_err());
    assert_eq!(disk.stats().entries, 0);
    assert_eq!(fetch(&cache(), Some(&disk)), (7, Origin::Computed));
}

#[test]
fn a_disk_that_cannot_be_used_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let (cache, disk) = (cache(), store(&file));
    assert_eq!(fetch(&cache, Some(&disk)), (7, Origin::Computed));
    assert_eq!(fetch(&cache, Some(&disk)), (7, Origin::Memory));
    assert_eq!(disk.stats().activity.refused.values().sum::<u64>(), 1);
}

/// Looks, while it is written to disk, whether its cache has it in memory.
struct Watchful {
    cache: Weak<FeatureCache<Watchful>>,
    was_there: Arc<AtomicBool>,
}

impl ByteSize for Watchful {
    fn byte_size(&self) -> u64 {
        1
    }
}

impl Stored for Watchful {
    const KIND: &'static str = "watchful-1";

    fn write(&self, _: &mut Vec<u8>) {
        let there = self.cache.upgrade().is_some_and(|cache| cache.holds(&KEY));
        self.was_there.store(there, Ordering::Relaxed);
    }

    fn read(_: &[u8]) -> Option<Self> {
        None
    }
}

#[test]
fn those_who_wait_for_a_value_do_not_wait_for_the_disk_to_take_it() {
    let folder = tempfile::tempdir().unwrap();
    let (cache, disk) = (Arc::new(FeatureCache::new("watchful", Limits::NONE)), store(folder.path()));
    let was_there = Arc::new(AtomicBool::new(false));
    let value = Watchful { cache: Arc::downgrade(&cache), was_there: Arc::clone(&was_there) };
    assert!(cache.fetch_stored(KEY, Some(&disk), &NeverAbort, || Ok::<_, InferenceError>(value)).is_ok());
    assert!(was_there.load(Ordering::Relaxed));
}
