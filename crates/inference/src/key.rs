//! Names for results: 128-bit hashes of everything a result depends on.

use std::fmt;

use twox_hash::XxHash3_128;

/// The name of a cached result: a 128-bit XXH3 hash of its content. Equal content gives equal keys in every process
/// and on every machine; 128 bits make an accidental collision a non-event (2^64 frames for even odds).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(pub u128);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Builds a [`Key`] out of parts. Every part is preceded by its length, so that moving a byte from one part to the
/// next gives another key.
#[derive(Clone)]
pub struct KeyBuilder(XxHash3_128);

impl KeyBuilder {
    /// Starts a key of one kind of result; `kind` also carries the version of the computation ("sam1 embedding 1").
    pub fn new(kind: &str) -> Self {
        Self(XxHash3_128::new()).bytes(kind.as_bytes())
    }

    /// Adds a part.
    pub fn bytes(mut self, part: &[u8]) -> Self {
        self.0.write(&(part.len() as u64).to_le_bytes());
        self.0.write(part);
        self
    }

    /// Adds a number.
    pub fn number(self, part: u64) -> Self {
        self.bytes(&part.to_le_bytes())
    }

    /// The key of all parts so far.
    pub fn finish(&self) -> Key {
        Key(self.0.finish_128())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let a = KeyBuilder::new("k").bytes(b"ab").bytes(b"c").finish();
        let b = KeyBuilder::new("k").bytes(b"a").bytes(b"bc").finish();
        assert_ne!(a, b);
        assert_eq!(a, KeyBuilder::new("k").bytes(b"ab").bytes(b"c").finish());
    }

    #[test]
    fn a_key_is_the_same_in_every_process() {
        let key = KeyBuilder::new("pinned").number(7).finish();
        assert_eq!(key.to_string(), "070fd7e33003e9395f69c5b11c2ebf38");
    }
}
