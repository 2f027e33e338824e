//! What a host is told of an effect before any instance exists.

use std::ffi::CStr;

use raster::Components;

use crate::clip::ClipKey;
use crate::parameters::Row;

/// The contexts an effect is used in. Every effect of this crate offers both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// One source, one output; editors and finishing tools.
    Filter,
    /// Any number of inputs; node compositors prefer it.
    General,
}

/// How many renders may run at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThreadSafety {
    /// One in the whole process.
    Unsafe,
    /// One for each instance.
    InstanceSafe,
    /// As many as the host likes.
    FullySafe,
}

/// Whether frames should come in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sequential {
    /// Any order.
    No,
    /// They must.
    Required,
    /// It is faster when they do (`kOfxImageEffectInstancePropSequentialRender` = 2).
    Preferred,
}

/// An effect's description: made in a constant, handed to the host in Describe and DescribeInContext.
///
/// Fixed for every effect: contexts Filter and General; depths float, half, short, byte; no tiles; images of any size;
/// no mixed depths; no frame threading by the host.
#[derive(Debug, Clone, Copy)]
pub struct Description {
    pub(crate) identifier: &'static CStr,
    pub(crate) version: [u32; 2],
    pub(crate) label: &'static CStr,
    pub(crate) grouping: &'static CStr,
    pub(crate) about: &'static CStr,
    pub(crate) clips: &'static [ClipRow],
    pub(crate) parameters: &'static [&'static [Row]],
    pub(crate) thread_safety: ThreadSafety,
    pub(crate) sequential: Sequential,
    pub(crate) temporal: bool,
    pub(crate) overlay: bool,
}

impl Description {
    /// Its input clips, in order.
    pub fn inputs(&self) -> impl Iterator<Item = ClipKey> + use<> {
        let keys = self.clips.iter().map(|clip| ClipKey::new(clip.name));
        keys.filter(|key| *key != ClipKey::OUTPUT)
    }

    /// An effect with its reverse-domain identifier and label.
    ///
    /// # Panics
    /// Where the label has a space or a `-` (Nuke makes node names of labels); in a constant that stops the build.
    #[must_use]
    pub const fn new(identifier: &'static CStr, label: &'static CStr) -> Self {
        let bytes = label.to_bytes();
        let mut index = 0;
        while index < bytes.len() {
            assert!(bytes[index] != b'-' && bytes[index] != b' ', "labels become node names: no spaces, no '-'");
            index += 1;
        }
        Self {
            identifier,
            version: [1, 0],
            label,
            grouping: c"",
            about: c"",
            clips: &[],
            parameters: &[],
            thread_safety: ThreadSafety::FullySafe,
            sequential: Sequential::No,
            temporal: false,
            overlay: false,
        }
    }

    /// The effect's identifier.
    #[must_use]
    pub const fn identifier(&self) -> &'static CStr {
        self.identifier
    }

    /// Major and minor version. A higher major version makes hosts keep both.
    #[must_use]
    pub const fn version(mut self, major: u32, minor: u32) -> Self {
        self.version = [major, minor];
        self
    }

    /// The menu it is found in.
    #[must_use]
    pub const fn grouping(mut self, grouping: &'static CStr) -> Self {
        self.grouping = grouping;
        self
    }

    /// A few sentences for the host's help panel.
    #[must_use]
    pub const fn about(mut self, about: &'static CStr) -> Self {
        self.about = about;
        self
    }

    /// Its clips, `Source` first. `Source` and `Output` must be there: Natron crashes without either.
    ///
    /// # Panics
    /// Where `Source` or `Output` is missing; in a constant that stops the build.
    #[must_use]
    pub const fn clips(mut self, clips: &'static [ClipRow]) -> Self {
        let (mut source, mut output) = (false, false);
        let mut index = 0;
        while index < clips.len() {
            source = source || same(clips[index].name, ClipKey::SOURCE.name());
            output = output || same(clips[index].name, ClipKey::OUTPUT.name());
            index += 1;
        }
        assert!(source && output, "an effect has the clips Source and Output");
        self.clips = clips;
        self
    }

    /// Its parameters, in sections that follow each other.
    #[must_use]
    pub const fn parameters(mut self, sections: &'static [&'static [Row]]) -> Self {
        self.parameters = sections;
        self
    }

    /// How many renders may run at once; [`ThreadSafety::FullySafe`] without it.
    #[must_use]
    pub const fn thread_safety(mut self, safety: ThreadSafety) -> Self {
        self.thread_safety = safety;
        self
    }

    /// Whether frames should come in order.
    #[must_use]
    pub const fn sequential(mut self, sequential: Sequential) -> Self {
        self.sequential = sequential;
        self
    }

    /// It fetches other frames than the one rendered.
    #[must_use]
    pub const fn temporal(mut self) -> Self {
        self.temporal = true;
        self
    }

    /// It has an overlay: [`crate::Effect::overlay`] makes one.
    #[must_use]
    pub const fn overlay(mut self) -> Self {
        self.overlay = true;
        self
    }

    /// Every parameter row, in order.
    pub fn rows(&self) -> impl Iterator<Item = &'static Row> + use<> {
        self.parameters.iter().flat_map(|section| section.iter())
    }
}

const fn same(a: &CStr, b: &CStr) -> bool {
    let (a, b) = (a.to_bytes(), b.to_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut index = 0;
    while index < a.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// A clip of an effect, made by [`ClipKey::row`].
#[derive(Debug, Clone, Copy)]
pub struct ClipRow {
    pub(crate) name: &'static CStr,
    pub(crate) components: &'static [Components],
    pub(crate) optional: bool,
    pub(crate) mask: bool,
    pub(crate) temporal: bool,
}

impl ClipKey {
    /// Describes the clip. `components` in order of preference, RGBA first for sources and outputs; `Alpha` on a clip
    /// that is not optional is offered in the General context only.
    #[must_use]
    pub const fn row(self, components: &'static [Components]) -> ClipRow {
        ClipRow { name: self.name(), components, optional: false, mask: false, temporal: false }
    }
}

impl ClipRow {
    /// It may stay unconnected.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// It is a mask: hosts offer mask inputs, and RGBA is read by its alpha.
    #[must_use]
    pub const fn mask(mut self) -> Self {
        self.mask = true;
        self
    }

    /// Other frames than the one rendered are fetched from it.
    #[must_use]
    pub const fn temporal(mut self) -> Self {
        self.temporal = true;
        self
    }
}
