//! The folder stays within its size: what was used least recently goes first.

use std::{
    fs::File,
    time::{Duration, SystemTime},
};

use inference::NeverAbort;

use super::*;

const ENTRY: u64 = 1000;

fn put_one(store: &DiskStore, number: u64) {
    put(store, number, ENTRY as usize - HEADER);
}

fn is_there(folder: &Path, number: u64) -> bool {
    place(folder, "plain-1", key(number)).exists()
}

fn set_age(path: &Path, modified: SystemTime) {
    File::options().write(true).open(path).unwrap().set_modified(modified).unwrap();
}

fn hours_ago(hours: u64) -> SystemTime {
    SystemTime::now() - Duration::from_secs(3600 * hours)
}

#[test]
fn many_writes_stay_within_the_size_and_a_fiftieth() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_of(folder.path(), 100 * ENTRY);
    for number in 0..400 {
        put_one(&store, number);
        if number % 40 == 0 {
            assert!(store.stats().bytes <= 102 * ENTRY);
        }
    }
    let report = store.stats();
    assert!((85 * ENTRY..=102 * ENTRY).contains(&report.bytes), "{} bytes", report.bytes);
    assert_eq!(report.activity.removed, 400 - report.entries);
}

#[test]
fn the_entries_unused_for_longest_leave_first_and_a_hit_is_a_use() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_of(folder.path(), 100 * ENTRY);
    for number in 0..99 {
        put_one(&store, number);
        set_age(&place(folder.path(), "plain-1", key(number)), hours_ago(1000 - number));
    }
    assert!(store.read::<Plain>(key(3)).is_some());
    (100..105).for_each(|number| put_one(&store, number));
    let gone: Vec<_> = (0..99).filter(|&number| !is_there(folder.path(), number)).collect();
    assert!((10..16).contains(&gone.len()), "{gone:?}");
    let expected: Vec<_> = (0..99).filter(|&number| number != 3).take(gone.len()).collect();
    assert_eq!(gone, expected);
}

#[test]
fn a_store_that_finds_too_much_from_others_shrinks_it() {
    let folder = tempfile::tempdir().unwrap();
    let generous = store(folder.path());
    (0..200).for_each(|number| put_one(&generous, number));
    let strict = store_of(folder.path(), 50 * ENTRY);
    put_one(&strict, 1000);
    assert!(strict.stats().bytes <= 51 * ENTRY);
    assert!(is_there(folder.path(), 1000));
}

#[test]
fn a_value_larger_than_the_whole_store_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_of(folder.path(), 1000);
    put(&store, 1, 2000);
    assert!(files(folder.path()).is_empty());
    assert_eq!(store.stats().activity.refused.values().sum::<u64>(), 1);
}

#[test]
fn what_killed_writers_left_goes_and_what_is_being_written_stays_whatever_the_clocks_say() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_of(folder.path(), 100 * ENTRY);
    put_one(&store, 1);
    let entry = place(folder.path(), "plain-1", key(1));
    let temporary = |mark: u64, bytes: &[u8], modified| {
        let mut path = entry.clone().into_os_string();
        path.push(format!(".{mark:016x}.tmp"));
        std::fs::write(&path, bytes).unwrap();
        set_age(Path::new(&path), modified);
        PathBuf::from(path)
    };
    let whole = std::fs::read(&entry).unwrap();
    let ahead = SystemTime::now() + Duration::from_secs(2 * 3600);
    let stale = [
        temporary(1, &whole[..500], hours_ago(2)),
        temporary(2, &[], hours_ago(2)),
        temporary(3, &whole, ahead),
        temporary(5, b"spoiled", hours_ago(2)),
    ];
    let fresh = temporary(4, &whole[..10], SystemTime::now());
    assert_eq!(store.stats().temporary, 5);
    (2..6).for_each(|number| put_one(&store, number));
    assert!(stale.iter().all(|path| !path.exists()), "a sweep removes them");
    set_age(&fresh, hours_ago(2));
    assert_eq!(store.verify(&NeverAbort, &mut |_| {}).left_behind, 1, "and so does a verification");
    assert!(entry.exists());
}

#[test]
fn a_caller_that_gives_up_is_not_kept_by_a_sweep_and_the_next_write_takes_it_up() {
    let folder = tempfile::tempdir().unwrap();
    let generous = store(folder.path());
    (0..200).for_each(|number| put_one(&generous, number));
    let strict = store_of(folder.path(), 50 * ENTRY);
    let value = Plain(content(1000, ENTRY as usize - HEADER));
    strict.write(key(1000), &value, &|| true);
    assert_eq!(strict.stats().entries, 201);
    strict.write(key(1001), &Plain(Vec::new()), &NeverAbort);
    assert!(strict.stats().bytes <= 51 * ENTRY);
}
