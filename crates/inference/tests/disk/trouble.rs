//! Disks that are missing, read-only, full or gone: counted, told, and never an error.

use std::{fs, io::Write, process::Command};

use super::*;

const CHILD: &str = "SAM3ROTO_TEST_DISK_FULL";

#[test]
fn a_folder_that_does_not_exist_is_made_by_the_first_write() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("a").join("b");
    let store = store(&folder);
    assert_eq!(store.read::<Plain>(key(1)), None);
    assert_eq!((store.stats().problem, folder.exists()), (None, false));
    put(&store, 1, 10);
    assert_eq!(store.read(key(1)), Some(Plain(content(1, 10))));
}

#[test]
fn a_folder_that_vanishes_is_a_miss_and_made_again() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("cache");
    let store = store(&folder);
    for _ in 0..3 {
        put(&store, 1, 10);
        assert!(store.read::<Plain>(key(1)).is_some());
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(store.read::<Plain>(key(1)), None);
    }
    let activity = store.stats().activity;
    assert_eq!((activity.writes, activity.hits, activity.misses), (3, 3, 3));
    assert!(activity.refused.is_empty() && activity.unreadable.is_empty());
}

#[test]
fn a_file_in_the_folder_s_place_refuses_writes_and_is_told() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("cache");
    fs::write(&folder, "a file").unwrap();
    let store = store(&folder);
    for number in 0..3 {
        put(&store, number, 10);
        assert_eq!(store.read::<Plain>(key(number)), None);
    }
    let report = store.stats();
    assert_eq!((report.entries, report.activity.refused.values().sum::<u64>()), (0, 3));
    assert!(report.problem.is_some());
    assert_eq!(fs::read(&folder).unwrap(), b"a file");
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_gives_what_it_has_and_refuses_writes() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    put(&store, 1, 10);
    put(&store, 2, 10);
    let path = place(folder.path(), "plain-1", key(2));
    let folders = [folder.path(), &folder.path().join("plain-1"), path.parent().unwrap()];
    let set =
        |mode| folders.iter().for_each(|path| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap());
    fs::write(&path, b"spoiled").unwrap();
    set(0o555);
    if fs::write(folder.path().join("probe"), "").is_ok() {
        // Not `eprintln!`: the test harness would swallow it.
        let _ = writeln!(std::io::stderr(), "SKIPPED: this user may write everywhere, nothing was tested here");
        return;
    }
    let read: (Option<Plain>, Option<Plain>) = (store.read(key(1)), store.read(key(2)));
    (3..6).for_each(|number| put(&store, number, 10));
    let verified = store.verify(&inference::NeverAbort, &mut |_| {});
    let cleared = store.clear();
    set(0o755);
    assert_eq!(read, (Some(Plain(content(1, 10))), None));
    assert_eq!(store.stats().activity.refused.values().sum::<u64>(), 3);
    assert_eq!((verified.sound, verified.damaged, verified.stuck), (1, 1, 1));
    assert!(cleared.stuck >= 1 && path.exists());
}

/// A limit on the size of files stands for a full disk: the write fails in the middle of the file.
#[cfg(unix)]
#[test]
fn a_write_that_fails_half_way_leaves_nothing_behind_and_smaller_ones_go_on() {
    let folder = tempfile::tempdir().unwrap();
    // Without the signal that would end the process, writing past the limit (16 or 8 kB, by shell) is an error.
    let child = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 16; exec \"$0\" --exact trouble::the_process_with_a_full_disk --ignored"])
        .arg(std::env::current_exe().unwrap())
        .env(CHILD, folder.path())
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    assert_eq!(files(folder.path()), [place(folder.path(), "plain-1", key(2))]);
    assert_eq!(store(folder.path()).read(key(2)), Some(Plain(content(2, 1000))));
}

#[cfg(unix)]
#[test]
#[ignore = "run by the test above in a process of its own"]
fn the_process_with_a_full_disk() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let store = store(Path::new(&folder));
    put(&store, 1, 100_000);
    put(&store, 2, 1000);
    put(&store, 3, 100_000);
    let activity = store.stats().activity;
    assert_eq!((activity.writes, activity.refused.values().sum::<u64>(), activity.refused.len()), (1, 2, 1));
}
