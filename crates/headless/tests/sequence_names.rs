//! Frame sets and file patterns.

#![allow(clippy::unwrap_used, reason = "an expectation that fails ends the test")]

use headless::sequence::{FrameSet, FrameSetError, Pattern, SequenceError, describe_frames};
use proptest::prelude::*;
use std::fs;
use std::path::PathBuf;

fn frames(text: &str) -> Vec<i32> {
    text.parse::<FrameSet>().unwrap().as_slice().to_vec()
}

fn pattern(text: &str) -> Pattern {
    Pattern::parse(text).unwrap().unwrap()
}

#[test]
fn frames_ranges_and_steps_are_read() {
    assert_eq!(frames("12"), [12]);
    assert_eq!(frames("1-3, 7 9-13x2"), [1, 2, 3, 7, 9, 11, 13]);
    assert_eq!(frames("-5--3"), [-5, -4, -3]);
    assert_eq!(frames("-2-1"), [-2, -1, 0, 1]);
    assert_eq!(frames("5,1,5,3"), [1, 3, 5]);
    assert_eq!(frames("0-10x4"), [0, 4, 8]);
}

#[test]
fn frames_that_make_no_sense_are_told_apart() {
    let error = |text: &str| text.parse::<FrameSet>().unwrap_err();
    for text in ["1-", "a", "1-2-3", "5x2", "1-9x0", "1-9x", "1..5", "-", "99999999999"] {
        assert!(matches!(error(text), FrameSetError::Syntax { .. }), "{text}: {:?}", error(text));
    }
    assert!(matches!(error("9-1"), FrameSetError::Backwards { .. }));
    assert!(matches!(error("1-2000000000"), FrameSetError::TooMany { .. }));
    assert!(matches!(error(" , "), FrameSetError::Empty));
}

#[test]
fn frames_are_described_as_ranges() {
    assert_eq!(describe_frames(&[1, 2, 3, 4, 7, 9, 10, i32::MAX]), "1-4, 7, 9-10, 2147483647");
    assert_eq!(describe_frames(&[]), "");
}

proptest! {
    #[test]
    fn a_described_set_reads_back_as_itself(numbers in prop::collection::vec(-300i32..300, 1..80)) {
        let set = FrameSet::new(numbers);
        prop_assert_eq!(set.to_string().parse::<FrameSet>().unwrap(), set);
    }

    #[test]
    fn any_text_reads_as_frames_or_as_an_error(text in "[-0-9x, ]{0,12}") {
        if let Ok(set) = text.parse::<FrameSet>() {
            prop_assert!(!set.is_empty() && set.as_slice().is_sorted());
        }
    }

    #[test]
    fn every_frame_is_known_by_the_name_it_is_given(frame in any::<i32>(), digits in 1usize..=8) {
        for text in [format!("shot.%0{digits}d.exr"), format!("shot.{}.exr", "#".repeat(digits))] {
            let pattern = pattern(&text);
            let path = pattern.path(frame);
            prop_assert_eq!(pattern.frame_of(path.to_str().unwrap()), Some(frame));
        }
    }

    #[test]
    fn any_text_is_a_pattern_a_file_or_an_error(text in "[%#0-9da./]{0,16}") {
        if let Ok(Some(pattern)) = Pattern::parse(&text) {
            prop_assert!(pattern.path(7).to_str().unwrap().contains('7'));
        }
    }
}

#[test]
fn all_spellings_of_a_pattern_name_the_same_file() {
    for text in ["in/shot.%04d.exr", "in/shot.####.exr", "in/shot.%4d.exr"] {
        assert_eq!(pattern(text).path(12), PathBuf::from("in/shot.0012.exr"), "{text}");
    }
    assert_eq!(pattern("f%d.png").path(12), PathBuf::from("f12.png"));
    assert_eq!(pattern("f#.png").path(12345), PathBuf::from("f12345.png"));
    assert_eq!(pattern("take#1.%03d.png").path(-7), PathBuf::from("take#1.-07.png"));
}

#[test]
fn names_without_a_number_mean_one_file() {
    for text in ["shot.0001.exr", "100%.png", "in.%04d/shot.exr", "a##/b.tif"] {
        assert_eq!(Pattern::parse(text).unwrap(), None, "{text}");
    }
}

#[test]
fn patterns_that_make_no_sense_are_refused() {
    for text in ["a.%04d.%02d.exr", "a.##.##.exr", "a.%099d.exr", "", "..", "a.%99999999999999999999999d.exr"] {
        assert!(matches!(Pattern::parse(text), Err(SequenceError::BadPattern { .. })), "{text}");
    }
}

#[test]
fn foreign_and_wrongly_padded_names_are_not_frames() {
    let pattern = pattern("shot.%04d.exr");
    for name in [
        "shot.001.exr",
        "shot.00012.exr",
        "shot.12a4.exr",
        "shot.+001.exr",
        "shot..exr",
        "shot.0001.png",
        "shot.--01.exr",
    ] {
        assert_eq!(pattern.frame_of(name), None, "{name}");
    }
    assert_eq!(pattern.frame_of("shot.12345.exr"), Some(12345));
    assert_eq!(pattern.frame_of("shot.-005.exr"), Some(-5));
    assert_eq!(pattern.frame_of("shot.-0005.exr"), Some(-5));
}

#[test]
fn a_shot_is_discovered_with_its_gaps_and_negative_frames() {
    let folder = tempfile::tempdir().unwrap();
    for name in
        ["a.-002.png", "a.-0001.png", "a.0000.png", "a.0001.png", "a.0004.png", "a.0004.exr", "b.0009.png", "notes.txt"]
    {
        fs::write(folder.path().join(name), b"").unwrap();
    }
    let text = folder.path().join("a.%04d.png");
    let numbered = pattern(text.to_str().unwrap()).discover().unwrap();
    assert_eq!(numbered.frames().as_slice(), [-2, -1, 0, 1, 4]);
    assert_eq!(numbered.range(), (-2, 4));
    assert_eq!(numbered.file(-1).unwrap(), folder.path().join("a.-0001.png"));
    assert_eq!(numbered.missing(&FrameSet::range(-3, 5)), [-3, 2, 3, 5]);
    let words = numbered.file(3).unwrap_err().to_string();
    assert!(words.contains("frame 3") && words.contains("a.0003.png") && words.contains("-2-1, 4"), "{words}");
}

#[test]
fn a_shot_that_is_not_there_says_what_is() {
    let folder = tempfile::tempdir().unwrap();
    let name = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(name("shot_0001.png"), b"").unwrap();
    let nothing = pattern(&name("shot.%04d.png")).discover().unwrap_err();
    assert!(
        matches!(&nothing, SequenceError::NoFrames { example: Some(seen), .. } if seen == "shot_0001.png"),
        "{nothing}"
    );
    let nowhere = pattern(&name("gone/shot.%04d.png")).discover().unwrap_err();
    assert!(matches!(&nowhere, SequenceError::NoFolder { folder, .. } if folder.ends_with("gone")), "{nowhere}");
}
