//! The names under which tracked masks and states are remembered: hashes of all they depend on.
//!
//! A tracked mask depends on the pictures of all frames between the start of its span and its own. Its name has those of
//! the two ends and of the frame itself: the others cannot be looked at without fetching them all from the host for
//! every frame that is shown. Where only pictures on the way change, and neither an end nor the frame itself does, the
//! mask stays as it was.

use inference::{Key, KeyBuilder};

use super::spans::Span;
use crate::roto::keys::decoded_key;
use crate::roto::model_prompts::ObjectPrompt;

/// The name of a way of tracking in a take of the shot: in the first it is the tracker's own.
pub fn take_key(tracker: Key, take: i32) -> Key {
    match take {
        0 => tracker,
        _ => KeyBuilder::new("take 1").bytes(&tracker.0.to_le_bytes()).number(take as u64).finish(),
    }
}

/// The name of a way of tracking that looks at frames so far apart: at every one it is the tracker's own.
pub fn paced_key(tracker: Key, step: f64) -> Key {
    if step == 1.0 {
        return tracker;
    }
    KeyBuilder::new("draft track 1").bytes(&tracker.0.to_le_bytes()).number(step.to_bits()).finish()
}

/// The name of one end of a span: its picture, the size the model sees it at, and what is said of the object there.
pub fn end_key(model: Key, source: Key, [width, height]: [usize; 2], prompt: &ObjectPrompt) -> Key {
    let key = KeyBuilder::new("span end 1").bytes(&decoded_key(model, source, prompt).0.to_le_bytes());
    key.number(width as u64).number(height as u64).finish()
}

/// The name of a span: the way of tracking, its ends and its direction. When it takes place does not matter.
pub fn span_key(tracker: Key, start: Key, end: Option<Key>, reverse: bool) -> Key {
    let key = KeyBuilder::new("span 1").bytes(&tracker.0.to_le_bytes()).bytes(&start.0.to_le_bytes());
    let key = key.number(u64::from(reverse)).number(u64::from(end.is_some()));
    end.iter().fold(key, |key, end| key.bytes(&end.0.to_le_bytes())).finish()
}

/// The name of a tracked mask: the span, how far from its start, the frame's picture.
pub fn frame_key(span: Key, times: &Span, time: f64, source: Key) -> Key {
    let key = KeyBuilder::new("tracked 1").bytes(&span.0.to_le_bytes()).bytes(&source.0.to_le_bytes());
    // A whole start gives whole distances, the same wherever in time the span lies.
    key.number((time - times.start).abs().to_bits()).finish()
}

/// The name of a mask in which a share of another one counts.
pub fn meeting_key(mask: Key, other: Key, share: f32) -> Key {
    let key = KeyBuilder::new("meeting 1").bytes(&mask.0.to_le_bytes()).bytes(&other.0.to_le_bytes());
    key.number(u64::from(share.to_bits())).finish()
}

/// The name of what the tracker knows after a frame.
pub fn state_key(frame: Key) -> Key {
    KeyBuilder::new("tracked state 1").bytes(&frame.0.to_le_bytes()).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_about_a_tracked_frame_is_in_its_name_but_when_it_is() {
        let (end, other) = (Some(Key(3)), Some(Key(4)));
        let spans = [
            span_key(Key(1), Key(2), end, false),
            span_key(Key(1), Key(2), other, false),
            span_key(Key(1), Key(2), None, false),
            span_key(Key(1), Key(2), None, true),
            span_key(Key(5), Key(2), end, false),
            span_key(Key(1), Key(6), end, false),
        ];
        for (index, span) in spans.iter().enumerate() {
            assert!(!spans[index + 1..].contains(span), "{index}");
        }
        let name = |start, time, source| {
            frame_key(spans[0], &Span { start, end: None, reverse: false, step: 1.0 }, time, Key(source))
        };
        assert_eq!(name(10.0, 13.0, 1), name(-50.0, -47.0, 1));
        assert_ne!(name(10.0, 13.0, 1), name(10.0, 13.5, 1));
        assert_ne!(name(10.0, 13.0, 1), name(10.0, 13.0, 2));
        assert_ne!(state_key(Key(9)), Key(9));
    }

    #[test]
    fn a_draft_that_tracks_fewer_frames_shares_no_names_with_the_final() {
        assert_eq!(paced_key(Key(1), 1.0), Key(1));
        assert_ne!(paced_key(Key(1), 4.0), Key(1));
        assert_ne!(paced_key(Key(1), 4.0), paced_key(Key(1), 3.0));
    }

    #[test]
    fn an_end_is_named_by_picture_size_and_prompt() {
        let prompt = ObjectPrompt { points: vec![([1.0, 2.0], true)], ..ObjectPrompt::default() };
        let moved = ObjectPrompt { points: vec![([1.5, 2.0], true)], ..ObjectPrompt::default() };
        let key = end_key(Key(1), Key(2), [64, 64], &prompt);
        assert_ne!(key, end_key(Key(1), Key(2), [64, 64], &moved));
        assert_ne!(key, end_key(Key(1), Key(3), [64, 64], &prompt));
        assert_ne!(key, end_key(Key(1), Key(2), [64, 36], &prompt));
    }
}
