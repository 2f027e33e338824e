//! Curves as files of other programs.
//!
//! [`json`]: all there is. [`svg`]: a frame. [`nuke`], [`silhouette`]: documents of these programs. [`nuke_script`], [`natron`]:
//! scripts that run in them.

mod json;
mod natron;
mod nuke;
mod nuke_script;
mod python;
mod silhouette;
mod svg;

use super::{Spline, SplineTrack};

/// The curves of a shot.
#[derive(Debug, Clone, PartialEq)]
pub struct SplineShot {
    /// Of the mattes, in pixels.
    pub width: usize,
    /// Of the mattes, in pixels.
    pub height: usize,
    /// Where the lower left corner of the mattes is in the program's own pixels, y up: 0, 0 but for pictures with overscan or
    /// cropped ones. Nuke and Natron count from there.
    pub origin: [f64; 2],
    /// Within which curves were asked to be fitted, in pixels; each track has its own.
    pub tolerance: f64,
    /// The frames that were looked at, ascending.
    pub frames: Vec<i32>,
    /// The curves.
    pub tracks: Vec<SplineTrack>,
}

impl SplineShot {
    /// The curves of one frame with the numbers of their tracks, counted from 1.
    pub fn at(&self, frame: i32) -> Vec<(usize, &Spline)> {
        let key = |track: &'_ SplineTrack| track.frames.iter().position(|(number, _)| *number == frame);
        let found =
            (1..).zip(&self.tracks).filter_map(|(number, track)| Some((number, &track.frames.get(key(track)?)?.1)));
        found.collect()
    }

    /// How many curves, points and frames there are and how near the mattes, in words.
    pub fn summary(&self) -> String {
        let first = self.tracks.iter().filter_map(|track| track.frames.first());
        let points: usize = first.map(|(_, spline)| spline.knots.len()).sum();
        let kept = self.tracks.iter().map(|track| track.frames.len()).max().unwrap_or_default();
        let (shapes, frames) = (self.tracks.len(), self.frames.len());
        let within = self.tracks.iter().map(|track| track.tolerance).fold(self.tolerance, f64::max);
        format!(
            "{shapes} shapes with {points} points over {frames} frames, the longest over {kept}, within {within:.2} pixels of the mattes"
        )
    }

    /// The tracks by their indices, the small ones first: those that lie on top.
    fn stacked(&self) -> Vec<usize> {
        let area = |index: &usize| {
            let first = self.tracks.get(*index).and_then(|track| track.frames.first());
            first.map_or(0.0, |(_, spline)| spline.signed_area().abs())
        };
        let mut order: Vec<usize> = (0..self.tracks.len()).collect();
        order.sort_by(|a, b| area(a).total_cmp(&area(b)));
        order
    }

    /// The first and the last frame on which a track shows: it stays until the frame before the next one that was looked at.
    /// None for a track that shows on all of them.
    fn life(&self, track: &SplineTrack) -> Option<(i32, i32)> {
        let ((first, _), (last, _)) = (track.frames.first()?, track.frames.last()?);
        let next = self.next_after(*last);
        let is_whole = self.frames.first() == Some(first) && next.is_none();
        (!is_whole).then(|| (*first, next.map_or(*last, |next| next - 1)))
    }

    /// Frames from which on a track shows and from which on it does not.
    fn turns(&self, track: &SplineTrack) -> Vec<(i32, bool)> {
        let (Some((first, _)), Some((last, _))) = (track.frames.first(), track.frames.last()) else {
            return Vec::new();
        };
        let before = self.frames.first().filter(|start| *start < first).map(|start| (*start, false));
        let after = self.next_after(*last).map(|frame| (frame, false));
        before.into_iter().chain([(*first, true)]).chain(after).collect()
    }

    /// The next frame that was looked at.
    fn next_after(&self, frame: i32) -> Option<i32> {
        self.frames.iter().copied().find(|next| *next > frame)
    }

    /// A place in pixels with y up.
    fn up(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [self.origin[0] + x, self.origin[1] + self.height as f64 - y]
    }
}

/// A kind of file that curves are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SplineFile {
    /// A script for Natron.
    NatronScript,
    /// Every curve with its points at every frame.
    Json,
    /// A picture of one frame.
    Svg,
    /// A Roto node of Nuke with its animation.
    NukeNode,
    /// A script for Nuke.
    NukeScript,
    /// A shape file of Silhouette.
    Silhouette,
}

impl SplineFile {
    /// All kinds; of two whose endings fit a name the first is meant.
    pub const ALL: [Self; 6] =
        [Self::NatronScript, Self::Json, Self::Svg, Self::NukeNode, Self::NukeScript, Self::Silhouette];

    /// How the names of such files end.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::NatronScript => ".natron.py",
            Self::Json => ".json",
            Self::Svg => ".svg",
            Self::NukeNode => ".nk",
            Self::NukeScript => ".py",
            Self::Silhouette => ".fxs",
        }
    }

    /// What a file of this name is to be; none where the ending is not known.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        Self::ALL.into_iter().find(|kind| name.ends_with(kind.ending()))
    }

    /// Whether such a file holds one frame alone.
    pub fn is_still(self) -> bool {
        self == Self::Svg
    }

    /// The file's text. `frame`: which one, where it holds one alone. `software`: who writes it, with the version.
    pub fn text(self, shot: &SplineShot, frame: i32, software: &str) -> String {
        match self {
            Self::NatronScript => natron::script(shot),
            Self::Json => json::document(shot, software),
            Self::Svg => svg::picture(shot, frame),
            Self::NukeNode => nuke::node(shot),
            Self::NukeScript => nuke_script::script(shot),
            Self::Silhouette => silhouette::shapes(shot),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where something is missing")]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_known_by_its_ending() {
        for kind in SplineFile::ALL {
            assert_eq!(SplineFile::named(&format!("/shots/A.b{}", kind.ending().to_uppercase())), Some(kind));
        }
        assert_eq!(SplineFile::named("curves.ma"), None);
    }

    #[test]
    fn what_shows_for_a_part_of_the_shot_lives_until_the_next_frame_that_was_looked_at() {
        let track = |frames: &[i32]| SplineTrack {
            hole: false,
            tolerance: 0.5,
            frames: frames.iter().map(|frame| (*frame, Spline { knots: Vec::new() })).collect(),
        };
        let shot = SplineShot {
            width: 4,
            height: 3,
            origin: [0.0; 2],
            tolerance: 0.5,
            frames: vec![1, 4, 7],
            tracks: Vec::new(),
        };
        assert_eq!((shot.life(&track(&[1, 4, 7])), shot.turns(&track(&[1, 4, 7]))), (None, vec![(1, true)]));
        assert_eq!(shot.life(&track(&[1, 4])), Some((1, 6)));
        assert_eq!(shot.life(&track(&[4, 7])), Some((4, 7)));
        assert_eq!(shot.turns(&track(&[4])), [(1, false), (4, true), (7, false)]);
        assert_eq!(shot.life(&track(&[])), None);
    }
}
