//! What a cache did and holds.

use serde::{Deserialize, Serialize};

/// What a cache did and holds. Every call of [`super::SharedCache::fetch`] and its kin counts as one hit, disk hit,
/// miss or failure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheStatistics {
    /// Answers from memory, including those that waited for another caller's computation.
    pub hits: u64,
    /// Answers from the disk tier.
    pub disk_hits: u64,
    /// Answers computed by their caller.
    pub misses: u64,
    /// Calls without an answer: the computation failed, or the caller gave up.
    pub failures: u64,
    /// Values dropped to stay within the limits or to give memory back.
    pub evictions: u64,
    /// Values held now.
    pub entries: u64,
    /// Bytes held now.
    pub bytes: u64,
    /// The limit in bytes.
    pub budget_bytes: u64,
    /// The limit in values.
    pub budget_entries: u64,
}

impl CacheStatistics {
    /// The share of the answers that nobody had to compute, 0 to 1; 0 before the first answer.
    pub fn hit_rate(&self) -> f64 {
        let remembered = self.hits + self.disk_hits;
        match remembered + self.misses {
            0 => 0.0,
            answers => remembered as f64 / answers as f64,
        }
    }
}
