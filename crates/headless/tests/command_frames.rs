//! Which frames are rendered into which files, and going through them.

#![allow(clippy::unwrap_used, reason = "an expectation that fails ends the test")]

use headless::command::error::CommandError;
use headless::command::frame_work::{Outcome, for_each_frame};
use headless::command::interrupt::Interrupt;
use headless::command::job::{Existing, Job};
use headless::command::objects::LayersName;
use headless::command::options::OnError;
use headless::command::plan::plan;
use headless::host::{Components, Depth, Frame, Profile, RectI};
use headless::sequence::{
    Bits, FfmpegSearch, Footage, FootageOptions, FrameSet, Picture, Provenance, SequenceError, WriteSettings,
    write_picture,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

fn shot(folder: &Path, frames: &[i32]) {
    for frame in frames {
        let picture = Frame::new(RectI::new(0, 0, 1, 1), Depth::Byte, Components::Rgb, vec![0; 3]).unwrap();
        let provenance = Provenance { frame: *frame, ..Provenance::default() };
        let path = folder.join(format!("shot.{frame:04}.png"));
        write_picture(&path, &Picture::new(picture), &WriteSettings::default(), &provenance).unwrap();
    }
}

fn open(text: &str) -> Footage {
    Footage::open(text, &FootageOptions { kept_frames: 2, ffmpeg: FfmpegSearch::default() }).unwrap()
}

struct Room {
    folder: tempfile::TempDir,
    job: Job,
}

impl Room {
    fn new(frames: &[i32]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        shot(folder.path(), frames);
        let text = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let job = Job {
            bundle: None,
            effect: None,
            input: text("shot.%04d.png"),
            output: text("out/matte.%04d.exr"),
            clips: BTreeMap::new(),
            region: None,
            values: BTreeMap::new(),
            keys: BTreeMap::new(),
            frames: None,
            threads: 1,
            context: None,
            host: Profile::Strict,
            proxy: 1.0,
            depth: None,
            channels: None,
            compression: None,
            objects: Vec::new(),
            layers: LayersName::Mattes,
            frame_rate: None,
            existing: Existing::Refuse,
            on_error: OnError::Stop,
            cache: None,
            ffmpeg: None,
            quiet: false,
        };
        Self { folder, job }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn plan(&self) -> Result<headless::command::plan::Plan, CommandError> {
        plan(&self.job, &open(&self.job.input), &[])
    }

    fn frames(&self) -> Vec<i32> {
        self.plan().unwrap().frames.into_iter().map(|(frame, _)| frame).collect()
    }
}

#[test]
fn all_of_the_shot_is_rendered_and_gaps_are_told() {
    let room = Room::new(&[-1, 0, 1, 5]);
    let plan = room.plan().unwrap();
    assert_eq!(room.frames(), [-1, 0, 1, 5]);
    assert!(plan.notes[0].contains("no frames 2-4"), "{:?}", plan.notes);
    assert_eq!(plan.frames[0].1, room.folder.path().join("out/matte.-001.exr"));
}

#[test]
fn frames_that_are_missing_stop_a_careful_render_before_it_begins() {
    let mut room = Room::new(&[1, 2, 4]);
    room.job.frames = Some(FrameSet::range(1, 5));
    let error = room.plan().unwrap_err();
    assert!(
        matches!(&error, CommandError::Sequence(SequenceError::MissingFrames { frames, .. }) if *frames == [3, 5]),
        "{error}"
    );
    assert_eq!(error.exit_code(), 1);
    room.job.on_error = OnError::Continue;
    assert_eq!(room.frames(), [1, 2, 3, 4, 5], "then each fails by itself");
}

#[test]
fn missing_frames_of_another_clip_are_told_too() {
    let room = Room::new(&[1, 2, 3]);
    let other = Room::new(&[1, 3]);
    let error = plan(&room.job, &open(&room.job.input), &[&open(&other.job.input)]).unwrap_err();
    assert!(error.to_string().contains(&other.job.input) && error.to_string().ends_with(": 2"), "{error}");
}

#[test]
fn a_still_is_one_frame_unless_more_are_asked_for() {
    let mut room = Room::new(&[7]);
    room.job.input = room.path("shot.0007.png");
    room.job.output = room.path("matte.png");
    assert_eq!(room.frames(), [1]);
    room.job.frames = Some(FrameSet::range(1, 2));
    let error = room.plan().unwrap_err();
    assert!(matches!(error, CommandError::Sequence(SequenceError::NeedsNumber { frames: 2, .. })));
    assert_eq!(error.exit_code(), 2);
    room.job.output = room.path("matte.%d.png");
    assert_eq!(room.frames(), [1, 2]);
}

#[test]
fn files_in_the_way_are_refused_replaced_or_left() {
    let mut room = Room::new(&[1, 2, 3]);
    room.job.output = room.path("matte.%04d.png");
    for frame in [2, 3] {
        std::fs::write(room.path(&format!("matte.{frame:04}.png")), b"").unwrap();
    }
    let error = room.plan().unwrap_err();
    assert!(matches!(&error, CommandError::Exists { others: 1, path } if path.ends_with("matte.0002.png")), "{error}");
    room.job.existing = Existing::Overwrite;
    assert_eq!(room.frames(), [1, 2, 3]);
    room.job.existing = Existing::Skip;
    assert_eq!((room.frames(), room.plan().unwrap().skipped), (vec![1], 2));
}

#[test]
fn inputs_are_never_written_over() {
    let mut room = Room::new(&[1, 2]);
    room.job.existing = Existing::Overwrite;
    for output in ["shot.%04d.png", "./shot.####.png"] {
        room.job.output = room.path(output);
        let error = room.plan().unwrap_err();
        assert!(matches!(error, CommandError::OutputIsInput { .. }), "{error}");
        assert_eq!(error.exit_code(), 2);
    }
}

#[test]
fn outputs_that_cannot_be_written_are_refused_before_rendering() {
    let mut room = Room::new(&[1]);
    room.job.depth = Some(Bits::Eight);
    assert!(matches!(room.plan(), Err(CommandError::Sequence(SequenceError::Depth { .. }))));
    room.job.output = room.path("matte.%04d.gif");
    assert!(matches!(room.plan(), Err(CommandError::Sequence(SequenceError::UnknownOutput { .. }))));
}

const FRAMES: &[i32] = &[1, 2, 3, 4, 5, 6, 7, 8];

#[test]
fn every_frame_is_done_once_by_any_number_of_threads() {
    for threads in [1, 2, 8, 50] {
        let calls = AtomicUsize::new(0);
        let work = |_| {
            calls.fetch_add(1, Ordering::SeqCst);
            Ok(())
        };
        let outcome = for_each_frame(FRAMES, threads, OnError::Stop, &Interrupt::default(), work, |_, _| {});
        assert_eq!(outcome, Outcome { done: FRAMES.to_vec(), failed: Vec::new() });
        assert_eq!(calls.load(Ordering::SeqCst), FRAMES.len());
    }
}

#[test]
fn threads_work_at_the_same_time() {
    // Each of the two frames waits for the other: one thread alone would never end.
    let meeting = Barrier::new(2);
    let work = |_| {
        meeting.wait();
        Ok(())
    };
    let outcome = for_each_frame(&[1, 2], 2, OnError::Stop, &Interrupt::default(), work, |_, _| {});
    assert_eq!(outcome.done, [1, 2]);
}

#[test]
fn a_failure_stops_or_is_passed_by() {
    let work = |frame| if frame % 3 == 0 { Err(format!("no {frame}")) } else { Ok(()) };
    let heard = parking_lot::Mutex::new(Vec::new());
    let listen = |frame, reason: &str| heard.lock().push((frame, reason.to_owned()));
    let stopped = for_each_frame(FRAMES, 1, OnError::Stop, &Interrupt::default(), work, listen);
    assert_eq!(stopped, Outcome { done: vec![1, 2], failed: vec![(3, "no 3".to_owned())] });
    assert_eq!(*heard.lock(), [(3, "no 3".to_owned())]);
    let passed = for_each_frame(FRAMES, 1, OnError::Continue, &Interrupt::default(), work, |_, _| {});
    assert_eq!(passed.done, [1, 2, 4, 5, 7, 8]);
    assert_eq!(passed.failed.len(), 2);
}

#[test]
fn an_interrupt_keeps_what_is_done_and_blames_no_frame() {
    let interrupt = Interrupt::default();
    let work = |frame| match frame {
        3 => {
            interrupt.raise();
            Err("aborted".to_owned())
        }
        _ => Ok(()),
    };
    let outcome = for_each_frame(FRAMES, 1, OnError::Continue, &interrupt, work, |_, _| {});
    assert_eq!(outcome, Outcome { done: vec![1, 2], failed: Vec::new() });
}

#[test]
fn reactions_to_an_interrupt_run_once_and_also_when_late() {
    let interrupt = Interrupt::default();
    let count = std::sync::Arc::new(AtomicUsize::new(0));
    let reaction = || {
        let count = count.clone();
        move || {
            count.fetch_add(1, Ordering::SeqCst);
        }
    };
    interrupt.on_raise(reaction());
    assert!(!interrupt.is_raised());
    interrupt.raise();
    interrupt.raise();
    assert_eq!(count.load(Ordering::SeqCst), 1);
    interrupt.on_raise(reaction());
    assert_eq!(count.load(Ordering::SeqCst), 2);
}
