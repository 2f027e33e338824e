//! Footage: numbered files, stills and videos behind one face.

#![allow(clippy::unwrap_used, reason = "an expectation that fails ends the test")]

use headless::host::{Components, Depth, Frame, RectI};
use headless::sequence::{
    FfmpegError, FfmpegSearch, Footage, FootageKind, FootageOptions, FrameSet, Picture, Provenance, SequenceError,
    WriteSettings, find_ffmpeg, write_picture,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn options() -> FootageOptions {
    FootageOptions { kept_frames: 3, ffmpeg: FfmpegSearch::default() }
}

fn write(path: &Path, width: i32, value: u8) {
    let bounds = RectI::new(0, 0, width, 2);
    let frame = Frame::new(bounds, Depth::Byte, Components::Rgb, vec![value; bounds.width() * 6]).unwrap();
    let provenance = Provenance::default();
    write_picture(path, &Picture::new(frame), &WriteSettings::default(), &provenance).unwrap();
}

fn first_sample(picture: &Picture) -> u8 {
    picture.frame.data()[0]
}

#[test]
fn numbered_frames_come_by_their_number() {
    let folder = tempfile::tempdir().unwrap();
    for (frame, value) in [(-1, 10), (0, 20), (3, 30)] {
        write(&folder.path().join(format!("a.{frame:04}.png")), 3, value);
    }
    let footage = Footage::open(folder.path().join("a.####.png").to_str().unwrap(), &options()).unwrap();
    assert_eq!(footage.frames().unwrap().as_slice(), [-1, 0, 3]);
    assert_eq!(footage.display(), RectI::new(0, 0, 3, 2));
    assert_eq!([3, -1, 0, 3].map(|frame| first_sample(&footage.frame(frame).unwrap())), [30, 10, 20, 30]);
    assert_eq!(footage.missing(&FrameSet::range(-1, 3)), [1, 2]);
    assert!(matches!(footage.frame(2), Err(SequenceError::MissingFrame { frame: 2, .. })));
}

#[test]
fn frames_in_the_cache_are_not_read_again() {
    let folder = tempfile::tempdir().unwrap();
    for frame in 1..=5 {
        write(&folder.path().join(format!("a.{frame}.png")), 3, frame as u8);
    }
    let footage = Footage::open(folder.path().join("a.%d.png").to_str().unwrap(), &options()).unwrap();
    for frame in 1..=5 {
        footage.frame(frame).unwrap();
    }
    for frame in 1..=5 {
        std::fs::remove_file(folder.path().join(format!("a.{frame}.png"))).unwrap();
    }
    let there: Vec<i32> = (1..=5).filter(|frame| footage.frame(*frame).is_ok()).collect();
    assert_eq!(there, [3, 4, 5], "three are kept, the last ones used");
}

#[test]
fn no_more_frames_are_held_than_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    for frame in 1..=5 {
        write(&folder.path().join(format!("a.{frame}.png")), 3, frame as u8);
    }
    let footage = Footage::open(folder.path().join("a.%d.png").to_str().unwrap(), &options()).unwrap();
    let read: Vec<_> = (1..=5).map(|frame| Arc::downgrade(&footage.frame(frame).unwrap())).collect();
    let held = read.iter().map(|picture| picture.strong_count() > 0).collect::<Vec<_>>();
    assert_eq!(held, [false, false, true, true, true], "not the first one either");
}

#[test]
fn a_still_is_there_at_every_frame() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plate.0012.png");
    write(&path, 3, 77);
    let footage = Footage::open(path.to_str().unwrap(), &options()).unwrap();
    assert!(matches!(footage.kind(), FootageKind::Still(still) if *still == path));
    assert_eq!(footage.frames(), None);
    assert_eq!(footage.missing(&FrameSet::range(-100, 100)), Vec::<i32>::new());
    assert_eq!(first_sample(&footage.frame(-100).unwrap()), 77);
}

#[test]
fn a_frame_of_another_size_is_named() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("a.1.png"), 3, 0);
    write(&folder.path().join("a.2.png"), 4, 0);
    let footage = Footage::open(folder.path().join("a.#.png").to_str().unwrap(), &options()).unwrap();
    let error = footage.frame(2).unwrap_err();
    assert!(matches!(error, SequenceError::SizeChanged { width: 4, first_width: 3, .. }));
    assert!(error.to_string().contains("a.2.png"), "{error}");
}

#[test]
fn a_video_without_ffmpeg_says_how_to_get_on() {
    let error = Footage::open("clip.mov", &options()).unwrap_err();
    assert!(matches!(error, SequenceError::Ffmpeg(FfmpegError::NotFound)));
    let words = error.to_string();
    assert!(words.contains("--ffmpeg") && words.contains("SAM3ROTO_FFMPEG"), "{words}");
}

#[cfg(unix)]
mod with_a_stand_in {
    //! A shell script in place of ffmpeg: it answers like ffmpeg and counts its starts.

    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    /// Says that there are `told` frames, sends `sent`: 1x1 pixels whose three samples are the frame number.
    fn stand_in(folder: &Path, told: i32, sent: i32) -> PathBuf {
        let starts = folder.join("starts");
        let script = format!(
            r#"#!/bin/sh
case "$*" in
*framecrc*)
  echo 'ffmpeg version 7.1 Copyright' >&2
  echo '  Stream #0:0: Video: raw, rgb24(progressive), 1x1 [SAR 2:1 DAR 2:1], 30 fps' >&2
  yes '0, 0, 0, 1, 3, 0x0' | head -n {told}
  exit 0;;
esac
echo start >> '{starts}'
first=$(echo "$*" | sed -n 's/.*gte(n\\,\([0-9]*\)).*/\1/p')
frame=$((${{first:-0}} + 1))
while [ $frame -le {sent} ]; do
  printf 'P7\nWIDTH 1\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n'
  o=$(printf '%03o' $frame)
  printf "\\$o\\$o\\$o"
  frame=$((frame + 1))
done
echo 'clip.mov: moov atom is broken' >&2
"#,
            starts = starts.display()
        );
        let path = folder.join("ffmpeg");
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn open(folder: &Path, told: i32, sent: i32) -> Footage {
        let ffmpeg = stand_in(folder, told, sent);
        let clip = folder.join("clip.mov");
        fs::write(&clip, b"").unwrap();
        let search = FfmpegSearch { option: Some(ffmpeg), ..FfmpegSearch::default() };
        Footage::open(clip.to_str().unwrap(), &FootageOptions { kept_frames: 3, ffmpeg: search }).unwrap()
    }

    fn starts(folder: &Path) -> usize {
        fs::read_to_string(folder.join("starts")).unwrap().lines().count()
    }

    #[test]
    fn frames_in_order_take_one_decoder_and_going_back_another() {
        let folder = tempfile::tempdir().unwrap();
        let footage = open(folder.path(), 40, 40);
        assert_eq!((footage.frames(), footage.frame_rate()), (Some(FrameSet::range(1, 40)), Some(30.0)));
        let numbers = |frames: &[i32]| -> Vec<u8> {
            frames.iter().map(|frame| first_sample(&footage.frame(*frame).unwrap())).collect()
        };
        assert_eq!(numbers(&[1, 2, 3, 5, 4, 5]), [1, 2, 3, 5, 4, 5]);
        assert_eq!(starts(folder.path()), 1, "4 was passed on the way to 5 and kept");
        assert_eq!(numbers(&[1, 2]), [1, 2]);
        assert_eq!(starts(folder.path()), 2);
        assert_eq!(footage.frame(2).unwrap().frame.pixel_aspect(), 2.0);
    }

    #[test]
    fn a_frame_far_ahead_pushes_out_none_that_is_in_use() {
        let folder = tempfile::tempdir().unwrap();
        let footage = open(folder.path(), 40, 40);
        for frame in [1, 2, 30, 1, 30, 2] {
            assert_eq!(i32::from(first_sample(&footage.frame(frame).unwrap())), frame);
        }
        assert_eq!(starts(folder.path()), 1);
    }

    #[test]
    fn a_video_that_breaks_off_is_told_with_ffmpegs_words() {
        let folder = tempfile::tempdir().unwrap();
        let footage = open(folder.path(), 40, 5);
        let error = footage.frame(7).unwrap_err();
        assert!(matches!(error, SequenceError::Ffmpeg(FfmpegError::Ended { frame: 6, .. })), "{error}");
        assert!(error.to_string().contains("moov atom is broken"), "{error}");
        assert_eq!(first_sample(&footage.frame(2).unwrap()), 2, "other frames still come");
        let outside = footage.frame(41).unwrap_err();
        assert!(matches!(outside, SequenceError::Ffmpeg(FfmpegError::NoFrame { frames: 40, .. })));
    }

    #[test]
    fn a_wrong_path_to_ffmpeg_is_an_error_and_not_a_reason_to_search() {
        let folder = tempfile::tempdir().unwrap();
        let there = stand_in(folder.path(), 1, 1);
        let plain = folder.path().join("plain");
        fs::write(&plain, b"").unwrap();
        let path = Some(folder.path().as_os_str().to_owned());
        let search = |option: Option<&Path>, variable: Option<&Path>| {
            let search = FfmpegSearch {
                option: option.map(Path::to_owned),
                variable: variable.map(Path::to_owned),
                path: path.clone(),
            };
            find_ffmpeg(&search)
        };
        assert_eq!(search(None, None).unwrap(), there);
        assert!(matches!(search(Some(&plain), None), Err(FfmpegError::NotAProgram { by: "--ffmpeg", .. })));
        assert!(matches!(search(None, Some(&plain)), Err(FfmpegError::NotAProgram { by: "SAM3ROTO_FFMPEG", .. })));
        assert_eq!(search(Some(&there), Some(&plain)).unwrap(), there, "the option comes first");
    }
}

/// With a real ffmpeg: a lossless video of the frames it was made from. Without one: the error that says so.
#[test]
fn a_real_video_decodes_to_its_frames() {
    let search = FfmpegSearch::from_environment(None);
    let ffmpeg = match find_ffmpeg(&search) {
        Ok(ffmpeg) => ffmpeg,
        Err(error) => return assert!(matches!(error, FfmpegError::NotFound), "{error}"),
    };
    let folder = tempfile::tempdir().unwrap();
    for (pixels, ending, depth) in [("bgr0", "avi", Depth::Byte), ("rgb48le", "mkv", Depth::Short)] {
        let clip = folder.path().join(format!("clip.{ending}"));
        let made = std::process::Command::new(&ffmpeg)
            .args([
                "-v",
                "error",
                "-f",
                "lavfi",
                "-i",
                "color=black:size=32x16:rate=25:duration=0.4,geq=r=N*10:g=Y*8:b=X*4",
            ])
            .args(["-pix_fmt", pixels, "-c:v", "ffv1"])
            .arg(&clip)
            .status();
        assert!(made.unwrap().success());
        let options = FootageOptions { kept_frames: 2, ffmpeg: search.clone() };
        let footage = Footage::open(clip.to_str().unwrap(), &options).unwrap();
        assert_eq!(footage.frames(), Some(FrameSet::range(1, 10)));
        for frame in [1, 9, 4] {
            let picture = footage.frame(frame).unwrap();
            assert_eq!((picture.frame.depth(), picture.display), (depth, RectI::new(0, 0, 32, 16)));
            let red = match depth {
                Depth::Byte => picture.frame.data()[0],
                _ => picture.frame.data()[1],
            };
            assert!(i32::from(red).abs_diff((frame - 1) * 10) <= 1, "frame {frame} of {ending}: red {red}");
        }
    }
}
