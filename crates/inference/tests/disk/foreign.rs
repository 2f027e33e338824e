//! What is not the store's by its name and place the store does not touch.

use std::fs;

use inference::NeverAbort;

use super::*;

/// Files of other people, in all places where the store has its own.
fn foreign_files(folder: &Path) -> Vec<PathBuf> {
    let entry = place(folder, "plain-1", key(1));
    let shard = entry.parent().unwrap();
    let name = key(1).to_string();
    let mut files = vec![
        folder.join("readme.txt"),
        folder.join(&name),
        folder.join("plain-1").join("notes"),
        folder.join("Plain-2").join(&name[..2]).join(&name),
        folder.join("plain-1").join("zz").join(&name),
        shard.join("thumbs.db"),
        shard.join(format!("{name}.bak")),
        shard.join(format!("{name}.123.tmp")),
    ];
    // A key's name in another key's shard.
    files.push(folder.join("plain-1").join(if name.starts_with("00") { "01" } else { "00" }).join(&name));
    for file in &files {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "not yours").unwrap();
    }
    files.sort();
    files
}

#[test]
fn reading_writing_verifying_sweeping_and_clearing_leave_foreign_files_alone() {
    let folder = tempfile::tempdir().unwrap();
    let foreign = foreign_files(folder.path());
    let store = store_of(folder.path(), 10_000);
    (10..40).for_each(|number| put(&store, number, 1000));
    assert!(store.stats().activity.removed > 0, "swept");
    store.verify(&NeverAbort, &mut |_| {});
    let report = store.clear();
    assert!(report.removed > 0);
    assert_eq!(files(folder.path()), foreign);
    assert!(foreign.iter().all(|file| fs::read(file).unwrap() == b"not yours"));
    assert_eq!(report.foreign, 4, "those that lie among the entries");
}

#[test]
fn clearing_removes_the_store_s_own_and_the_folders_that_are_empty_then() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    (0..50).for_each(|number| put(&store, number, 100));
    fs::create_dir(folder.path().join("somebodys-folder")).unwrap();
    let report = store.clear();
    assert_eq!((report.removed, report.bytes, report.stuck, report.foreign), (50, 50 * (HEADER as u64 + 100), 0, 0));
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|child| child.unwrap().file_name()).collect();
    assert_eq!(left, ["somebodys-folder"]);
    put(&store, 1, 100);
    assert_eq!(store.read(key(1)), Some(Plain(content(1, 100))), "and it goes on working");
}

#[cfg(unix)]
#[test]
fn links_pipes_and_folders_in_an_entry_s_place_are_neither_followed_nor_opened_and_refuse_its_writing() {
    use std::os::unix::fs::symlink;

    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = store(folder.path());
    put(&super::store(elsewhere.path()), 1, 10);
    let target = place(elsewhere.path(), "plain-1", key(1));
    let at = |number| {
        let path = place(folder.path(), "plain-1", key(number));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    };
    symlink(&target, at(1)).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(at(2)).status().unwrap().success());
    fs::create_dir(at(3)).unwrap();
    let temporary = at(1).with_extension("0123456789abcdef.tmp");
    symlink(&target, &temporary).unwrap();
    for number in 1..=3 {
        assert!(!store.holds::<Plain>(key(number)));
        assert_eq!(store.read::<Plain>(key(number)), None);
        put(&store, number, 10);
    }
    let (verified, cleared, report) = (store.verify(&NeverAbort, &mut |_| {}), store.clear(), store.stats());
    assert!((1..=3).all(|number| !fs::symlink_metadata(at(number)).unwrap().is_file()));
    assert!(temporary.is_symlink());
    assert_eq!(super::store(elsewhere.path()).read(key(1)), Some(Plain(content(1, 10))));
    assert_eq!((verified.foreign, cleared.foreign, report.foreign), (4, 4, 4));
    for causes in [report.activity.unreadable, report.activity.refused] {
        assert_eq!(
            causes.into_iter().collect::<Vec<_>>(),
            [("a link, a pipe or a folder is in an entry's place".into(), 3)]
        );
    }
}
