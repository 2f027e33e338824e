//! No damage is believed: the entry goes, and its value is computed again.

use std::fs::{self, OpenOptions};

use inference::{DiskStore, NeverAbort};

use super::*;

/// An entry, damaged as told; gives what is read, and whether the file is there afterwards.
fn read_damaged(damage: impl Fn(&Path)) -> (Option<Plain>, bool, DiskStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    put(&store, 1, 64);
    let path = place(folder.path(), "plain-1", key(1));
    damage(&path);
    let value = store.read(key(1));
    (value, path.exists(), store)
}

#[test]
fn one_changed_bit_anywhere_and_the_entry_is_discarded() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    put(&store, 1, 64);
    let path = place(folder.path(), "plain-1", key(1));
    let sound = fs::read(&path).unwrap();
    assert_eq!(sound.len(), HEADER + 64);
    for at in 0..sound.len() {
        for bit in 0..8 {
            let mut bytes = sound.clone();
            bytes[at] ^= 1 << bit;
            fs::write(&path, bytes).unwrap();
            assert_eq!(store.read::<Plain>(key(1)), None, "byte {at}, bit {bit}");
            assert!(!path.exists(), "byte {at}, bit {bit}");
        }
    }
    assert_eq!(store.stats().activity.damaged, sound.len() as u64 * 8);
}

#[test]
fn cut_short_at_any_byte_or_longer_by_one_and_the_entry_is_discarded() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    put(&store, 1, 64);
    let path = place(folder.path(), "plain-1", key(1));
    let sound = fs::read(&path).unwrap();
    let mut longer = sound.clone();
    longer.push(0);
    for bytes in (0..sound.len()).map(|length| &sound[..length]).chain([&longer[..]]) {
        fs::write(&path, bytes).unwrap();
        assert_eq!(store.read::<Plain>(key(1)), None, "{} bytes", bytes.len());
        assert!(!path.exists(), "{} bytes", bytes.len());
    }
}

#[test]
fn an_entry_wiped_to_zeros_by_a_power_cut_is_discarded_and_can_be_written_again() {
    let wipe = |path: &Path| fs::write(path, vec![0; HEADER + 64]).unwrap();
    let (value, exists, store) = read_damaged(wipe);
    assert_eq!((value, exists), (None, false));
    put(&store, 1, 64);
    assert_eq!(store.read(key(1)), Some(Plain(content(1, 64))));
}

/// As after a bad block of the medium: the length is the entry's, the bytes are not.
#[test]
fn an_entry_of_which_nothing_is_left_is_damaged_for_all_who_look_and_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    put(&store, 1, 64);
    let path = place(folder.path(), "plain-1", key(1));
    let spoil = || fs::write(&path, content(9, HEADER + 64)).unwrap();
    spoil();
    assert!(store.holds::<Plain>(key(1)));
    assert_eq!((store.read::<Plain>(key(1)), store.stats().activity.damaged), (None, 1));
    assert!(!store.holds::<Plain>(key(1)));
    put(&store, 1, 64);
    assert_eq!(store.read(key(1)), Some(Plain(content(1, 64))));
    spoil();
    put(&store, 1, 64);
    assert_eq!(store.read(key(1)), Some(Plain(content(1, 64))), "a write does not ask what it replaces");
    spoil();
    let verified = store.verify(&NeverAbort, &mut |_| {});
    assert_eq!((verified.damaged, verified.foreign, path.exists()), (1, 0, false));
    put(&store, 1, 64);
    spoil();
    let cleared = store.clear();
    assert_eq!((cleared.removed, cleared.foreign, path.exists()), (1, 0, false));
}

#[test]
fn an_entry_under_another_key_or_kind_is_discarded() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    put(&store, 1, 64);
    let path = place(folder.path(), "plain-1", key(1));
    for other in [place(folder.path(), "plain-1", key(2)), place(folder.path(), "packed-1", key(1))] {
        fs::create_dir_all(other.parent().unwrap()).unwrap();
        fs::copy(&path, &other).unwrap();
    }
    let report = store.verify(&NeverAbort, &mut |_| {});
    assert_eq!((report.sound, report.damaged, report.stuck, report.complete), (1, 2, 0, true));
    assert_eq!(files(folder.path()), [path]);
}

#[test]
fn an_entry_larger_than_the_store_may_be_is_discarded_unread() {
    let folder = tempfile::tempdir().unwrap();
    put(&store(folder.path()), 1, 64);
    let path = place(folder.path(), "plain-1", key(1));
    OpenOptions::new().write(true).open(&path).unwrap().set_len(1 << 40).unwrap();
    let store = store_of(folder.path(), 1 << 20);
    assert_eq!(store.read::<Plain>(key(1)), None);
    assert!(!path.exists());
}

/// Sound by its checksum, and still no value: written by a program with a mistake.
#[test]
fn bytes_that_make_no_value_are_discarded() {
    struct Picky;

    impl ByteSize for Picky {
        fn byte_size(&self) -> u64 {
            0
        }
    }

    impl Stored for Picky {
        const KIND: &'static str = "plain-1";

        fn write(&self, _: &mut Vec<u8>) {}

        fn read(_: &[u8]) -> Option<Self> {
            None
        }
    }

    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    store.write(key(1), &Picky, &NeverAbort);
    assert!(store.read::<Picky>(key(1)).is_none());
    assert_eq!((store.stats().activity.damaged, store.stats().entries), (1, 0));
}

#[test]
fn verifying_removes_the_damaged_counts_the_sound_and_tells_how_far_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    (0..20).for_each(|number| put(&store, number, 1000));
    for number in 0..5 {
        let path = place(folder.path(), "plain-1", key(number));
        let mut bytes = fs::read(&path).unwrap();
        bytes[HEADER + 500] ^= 4;
        fs::write(path, bytes).unwrap();
    }
    let mut steps = Vec::new();
    let report = store.verify(&NeverAbort, &mut |step| steps.push((step.checked, step.entries)));
    assert_eq!((report.sound, report.damaged, report.stuck, report.complete), (15, 5, 0, true));
    assert_eq!(report.bytes, 15 * (HEADER as u64 + 1000));
    assert_eq!(steps, (1..=20).map(|checked| (checked, 20)).collect::<Vec<_>>());
    let again = store.verify(&NeverAbort, &mut |_| {});
    assert_eq!((again.sound, again.damaged), (15, 0));
}

#[test]
fn verifying_ends_when_asked_to() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    (0..20).for_each(|number| put(&store, number, 10));
    let checked = std::sync::atomic::AtomicU64::new(0);
    let enough = || checked.load(std::sync::atomic::Ordering::Relaxed) >= 7;
    let count =
        &mut |step: inference::VerifyProgress| checked.store(step.checked, std::sync::atomic::Ordering::Relaxed);
    let report = store.verify(&enough, count);
    assert_eq!((report.sound, report.complete), (7, false));
}
