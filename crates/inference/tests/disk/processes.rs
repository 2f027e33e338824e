//! Several processes on one folder, and processes that are killed.

use std::{
    env,
    fs::File,
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant, SystemTime},
};

use inference::NeverAbort;

use super::*;

const FOLDER: &str = "SAM3ROTO_TEST_DISK_FOLDER";
const SEED: &str = "SAM3ROTO_TEST_DISK_SEED";
/// Long enough to be caught writing.
const LENGTH: usize = 400_000;
/// Keys of one process. Few come twice: to replace an entry takes longer than to write one, and cannot be interrupted.
const VALUES: u64 = 1000;
/// Room for 50 values, so that sweeping is interrupted too.
const KILLED_BYTES: u64 = 50 * (LENGTH + HEADER) as u64;

#[allow(clippy::expect_used)]
fn start(test: &str, folder: &Path, seed: u64) -> Child {
    Command::new(env::current_exe().expect("this test"))
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .env(SEED, seed.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts")
}

/// The folder and seed, in a process that was started with them.
fn task() -> Option<(PathBuf, u64)> {
    Some((env::var_os(FOLDER)?.into(), env::var(SEED).ok()?.parse().ok()?))
}

fn value(number: u64) -> Plain {
    Plain(number.to_le_bytes().repeat(LENGTH / 8))
}

#[test]
fn processes_killed_at_50_moments_leave_only_sound_entries_and_nothing_that_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut caught_writing = 0;
    for seed in 0..50 {
        let mut dice = Dice::new(seed);
        let mut child = start("processes::the_process_that_is_killed", folder.path(), seed);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // It begins to write.
        let told = lines.by_ref().map(|line| line.unwrap()).filter(|line| line.contains("writing"));
        let writes = dice.roll(6) as usize + 1;
        assert_eq!(told.take(writes).count(), writes);
        let (moment, start) = (Duration::from_micros(dice.roll(2000)), Instant::now());
        while start.elapsed() < moment {
            thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        caught_writing += u64::from(store(folder.path()).stats().temporary > caught_writing);
    }
    let store = store(folder.path());
    for path in files(folder.path()).iter().filter(|path| path.extension().is_some()) {
        let long_ago = SystemTime::now() - Duration::from_secs(7200);
        File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
    }
    println!("{caught_writing} of 50 were killed while writing");
    assert!(caught_writing > 0, "no process was killed while writing: nothing was tested");
    let report = store.verify(&NeverAbort, &mut |_| {});
    assert_eq!((report.damaged, report.foreign, report.left_behind), (0, 0, caught_writing));
    assert!(report.sound > 0 && report.complete);
    assert_eq!((store.stats().temporary, store.stats().entries), (0, report.sound));
    for number in (0..50 * VALUES).filter(|&number| place(folder.path(), "plain-1", key(number)).exists()) {
        assert!(store.read(key(number)) == Some(value(number)), "entry {number} has the content of another");
    }
}

#[test]
#[ignore = "run by the test above in a process of its own"]
fn the_process_that_is_killed() {
    let Some((folder, seed)) = task() else { return };
    let store = store_of(&folder, KILLED_BYTES);
    let mut dice = Dice::new(seed ^ 0xabcd);
    loop {
        let number = seed * VALUES + dice.roll(VALUES);
        let value = value(number);
        let mut out = std::io::stdout().lock();
        if writeln!(out, "writing {number}").and_then(|()| out.flush()).is_err() {
            return;
        }
        store.write(key(number), &value, &NeverAbort);
    }
}

#[test]
fn processes_that_write_read_and_sweep_the_same_folder_never_see_a_wrong_value() {
    let folder = tempfile::tempdir().unwrap();
    let test = "processes::the_process_that_shares";
    let children: Vec<_> = (0..3).map(|seed| start(test, folder.path(), seed)).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    let store = store(folder.path());
    let report = store.verify(&NeverAbort, &mut |_| {});
    assert_eq!((report.damaged, report.unreadable, store.stats().temporary), (0, 0, 0));
    assert!(report.sound > 0 && report.bytes <= SHARED_BYTES / 100 * 106, "{} bytes", report.bytes);
}

/// Room for a third of the values.
const SHARED_BYTES: u64 = 16 * 10_000;

#[test]
#[ignore = "run by the test above in a process of its own"]
fn the_process_that_shares() {
    let Some((folder, seed)) = task() else { return };
    let store = store_of(&folder, SHARED_BYTES);
    let mut dice = Dice::new(seed);
    for _ in 0..1500 {
        let number = dice.roll(48);
        let expected = Plain(content(number, 10_000 - HEADER));
        match store.read::<Plain>(key(number)) {
            Some(value) => assert!(value == expected, "entry {number} has the content of another"),
            None => store.write(key(number), &expected, &NeverAbort),
        }
    }
    let activity = store.stats().activity;
    assert_eq!(activity.damaged, 0);
    assert!(activity.unreadable.is_empty() && activity.refused.is_empty(), "{activity:?}");
    assert!(activity.hits > 0 && activity.removed > 0, "the mix was too tame: {activity:?}");
}
