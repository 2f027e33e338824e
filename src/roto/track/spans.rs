//! The spans of a shot: the frames between two prompt frames that follow each other, before the first and after the
//! last. A span is tracked on its own, from one end and conditioned by both, so that a prompt that is changed moves
//! nothing but the two spans it is an end of.
//!
//! What was tracked from one end seldom agrees to the pixel with what the user says at the other. So that the matte does
//! not jump there, the last frames of a span are tracked back from its other end too, and go over from the one to the
//! other: see [`Span::meeting`].
//!
//! Inside a span frames are counted in the direction of tracking from its start, which has number 0. Frames lie at whole
//! times, whatever the times of the prompt frames, because there the host has pictures of its own. A draft's are
//! [several times apart](Span::every).

/// Where a time lies between the prompt frames.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Place {
    /// On a prompt frame.
    OnPrompt,
    /// In a span.
    In(Span),
}

/// A span by the times of its ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// The prompt frame where tracking starts.
    pub start: f64,
    /// The prompt frame at the other end; none after the last and before the first.
    pub end: Option<f64>,
    /// Whether times fall: before the first prompt frame, and back from the other end.
    pub reverse: bool,
    /// The time from one tracked frame to the next.
    pub step: f64,
}

/// Frames before the other end of a span in which its two ways meet at most: a third of a second, as long as a dissolve
/// of shapes takes that no one sees. Half of a shorter span.
const MEETING: f64 = 8.0;

/// Where `time` lies between prompt frames, which are sorted and each there once; `None` without any.
pub fn place(prompt_frames: &[f64], time: f64) -> Option<Place> {
    let after = prompt_frames.partition_point(|&frame| frame <= time);
    Some(match (after.checked_sub(1).and_then(|at| prompt_frames.get(at)), prompt_frames.get(after)) {
        (Some(&before), _) if before == time => Place::OnPrompt,
        (Some(&start), end) => Place::In(Span { start, end: end.copied(), reverse: false, step: 1.0 }),
        (None, Some(&start)) => Place::In(Span { start, end: None, reverse: true, step: 1.0 }),
        (None, None) => return None,
    })
}

impl Span {
    /// The same, where frames so far apart are tracked: a whole number of times, at least 1.
    #[must_use]
    pub fn every(self, step: f64) -> Self {
        Self { step, ..self }
    }

    /// The time of a frame of the span.
    pub fn time(&self, frame: usize) -> f64 {
        let away = frame as f64 * self.step;
        if self.reverse { self.start.ceil() - away } else { self.start.floor() + away }
    }

    /// The last frame that comes before `time` or lies on it; 0 where that is the start.
    pub fn frame_to(&self, time: f64) -> usize {
        let away = if self.reverse { self.start.ceil() - time } else { time - self.start.floor() };
        // Saturates: nothing is negative, and no shot is that long.
        (away / self.step).floor() as usize
    }

    /// Where `time` lies near the other end, the span that is tracked back from there, and its share of the mask: 0 to 1,
    /// more the nearer the end.
    pub fn meeting(&self, time: f64) -> Option<(Self, f32)> {
        let end = self.end.filter(|_| !self.reverse)?;
        let length = MEETING.min((end - self.start) / 2.0);
        let left = end - time;
        let back = Self { start: end, end: Some(self.start), reverse: true, step: self.step };
        (left < length).then(|| (back, (1.0 - left / length) as f32))
    }

    /// The number of the other end: beyond all frames of the span, and beyond a time between the last two of them.
    pub fn end_frame(&self) -> usize {
        let beyond = |end: f64| if self.reverse { end.floor() } else { end.ceil() };
        self.end.map_or(0, |end| self.frame_to(beyond(end)) + 1)
    }

    /// Times between which a render at `time` needs pictures, the start not counted, and no more than `most` frames of
    /// them.
    pub fn needed(&self, time: f64, from: f64, most: f64) -> (f64, f64) {
        if self.reverse { (time, from.min(time + most).max(time)) } else { (from.max(time - most).min(time), time) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(start: f64, end: Option<f64>, reverse: bool) -> Span {
        Span { start, end, reverse, step: 1.0 }
    }

    #[test]
    fn times_lie_before_between_after_and_on_prompt_frames() {
        let frames = [10.0, 20.0, 30.5];
        let place = |time| place(&frames, time).unwrap();
        assert_eq!(place(3.0), Place::In(span(10.0, None, true)));
        assert_eq!(place(10.0), Place::OnPrompt);
        assert_eq!(place(10.25), Place::In(span(10.0, Some(20.0), false)));
        assert_eq!(place(29.0), Place::In(span(20.0, Some(30.5), false)));
        assert_eq!(place(30.5), Place::OnPrompt);
        assert_eq!(place(1e6), Place::In(span(30.5, None, false)));
        assert_eq!(place(-7.5), Place::In(span(10.0, None, true)));
        assert_eq!(super::place(&[], 3.0), None);
    }

    #[test]
    fn frames_lie_at_whole_times_on_the_way_from_the_start() {
        let forward = span(10.5, Some(14.0), false);
        assert_eq!([1, 2, 3].map(|frame| forward.time(frame)), [11.0, 12.0, 13.0]);
        assert_eq!([10.75, 11.0, 11.9, 13.0].map(|time| forward.frame_to(time)), [0, 1, 1, 3]);
        let reverse = span(10.5, None, true);
        assert_eq!([1, 2].map(|frame| reverse.time(frame)), [10.0, 9.0]);
        assert_eq!([10.25, 10.0, 9.5, -3.0].map(|time| reverse.frame_to(time)), [0, 1, 1, 14]);
    }

    #[test]
    fn a_span_may_be_tracked_in_steps_of_several_frames() {
        let forward = span(10.5, Some(20.0), false).every(4.0);
        assert_eq!([1, 2].map(|frame| forward.time(frame)), [14.0, 18.0]);
        assert_eq!([13.9, 14.0, 17.0, 18.0].map(|time| forward.frame_to(time)), [0, 1, 1, 2]);
        assert_eq!(forward.end_frame(), 3);
        let reverse = span(20.0, None, true).every(4.0);
        assert_eq!(
            [17.0, 16.0, 13.0].map(|time| (reverse.frame_to(time), reverse.time(1))),
            [(0, 16.0), (1, 16.0), (1, 16.0)]
        );
    }

    #[test]
    fn the_other_end_is_no_frame_of_the_span_nor_of_a_time_between() {
        assert_eq!(span(10.0, Some(11.0), false).end_frame(), 2);
        assert_eq!(span(10.2, Some(10.8), false).end_frame(), 2);
        assert_eq!(span(10.0, Some(20.0), false).end_frame(), 11);
        assert_eq!(span(20.0, Some(10.0), true).end_frame(), 11);
        assert_eq!(span(10.8, Some(10.2), true).end_frame(), 2);
    }

    #[test]
    fn near_its_other_end_a_span_is_tracked_back_and_the_way_back_counts_more_and_more() {
        let forward = span(10.0, Some(50.0), false);
        let share = |span: Span, time| span.meeting(time).map(|(back, share)| (back.start, back.reverse, share));
        assert_eq!(share(forward, 42.0), None);
        assert_eq!(share(forward, 43.0), Some((50.0, true, 0.125)));
        assert_eq!(share(forward, 49.0), Some((50.0, true, 0.875)));
        let short = span(10.0, Some(14.0), false);
        assert_eq!([11.0, 12.0, 13.0].map(|time| share(short, time).map(|(.., share)| share)), [None, None, Some(0.5)]);
        assert_eq!(share(span(10.0, None, false), 11.0), None);
        assert_eq!(share(span(10.0, None, true), 9.0), None);
    }

    #[test]
    fn the_pictures_needed_are_bounded() {
        let forward = span(10.0, None, false);
        assert_eq!(forward.needed(15.0, 10.0, 48.0), (10.0, 15.0));
        assert_eq!(forward.needed(500.0, 10.0, 48.0), (452.0, 500.0));
        assert_eq!(forward.needed(500.0, 499.0, 48.0), (499.0, 500.0));
        assert_eq!(forward.needed(20.0, 400.0, 48.0), (20.0, 20.0), "tracked farther already");
        let reverse = span(100.0, None, true);
        assert_eq!(reverse.needed(95.0, 100.0, 48.0), (95.0, 100.0));
        assert_eq!(reverse.needed(5.0, 100.0, 48.0), (5.0, 53.0));
    }

    proptest! {
        #[test]
        fn every_time_is_in_one_span_and_between_its_frames(
            mut frames in prop::collection::vec(-200.0..200.0f64, 1..6), time in -400.0..400.0f64
        ) {
            frames.sort_by(f64::total_cmp);
            frames.dedup();
            let Some(Place::In(span)) = place(&frames, time) else { return Ok(()) };
            let between = if span.reverse { time < span.start } else { time > span.start };
            prop_assert!(between && span.end.is_none_or(|end| time < end));
            let frame = span.frame_to(time);
            let (at, next) = (span.time(frame), span.time(frame + 1));
            let around = if span.reverse { next < time && time <= at } else { at <= time && time < next };
            prop_assert!(around, "{at} {time} {next}");
            prop_assert!(span.end.is_none() || frame + 1 < span.end_frame() + usize::from(frame == 0));
        }
    }
}
