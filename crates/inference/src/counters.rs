//! What the engine did and how long it took, for tests, benchmarks and the doctor.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

/// A kind of work whose runs and durations are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Reading a model file for its checksum.
    HashModel,
    /// Loading a session.
    LoadSession,
    /// A picture to embeddings.
    Encode,
    /// A text to its features.
    Text,
    /// What a tracker adds to a frame: from a shared trunk to its own head, memories of earlier frames in and out.
    Track,
    /// Prompts and embeddings to a mask.
    Decode,
    /// Two pictures to motion.
    Flow,
    /// A picture to a soft matte.
    Matting,
}

impl Stage {
    /// Every stage, in the order of a frame's way through.
    pub const ALL: [Self; 8] = [
        Self::HashModel,
        Self::LoadSession,
        Self::Encode,
        Self::Text,
        Self::Track,
        Self::Decode,
        Self::Flow,
        Self::Matting,
    ];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::HashModel => "hash_model",
            Self::LoadSession => "load_session",
            Self::Encode => "encode",
            Self::Text => "text",
            Self::Track => "track",
            Self::Decode => "decode",
            Self::Flow => "flow",
            Self::Matting => "matting",
        }
    }
}

/// Lock-free counters of one engine.
#[derive(Debug, Default)]
pub struct Counters {
    stages: [StageCounter; Stage::ALL.len()],
    session_hits: AtomicU64,
    aborted_runs: AtomicU64,
    failed_runs: AtomicU64,
    retried_runs: AtomicU64,
    step_downs: AtomicU64,
}

#[derive(Debug, Default)]
struct StageCounter {
    count: AtomicU64,
    total_ns: AtomicU64,
    longest_ns: AtomicU64,
}

impl StageCounter {
    fn add(&self, time: Duration) {
        let ns = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.count.fetch_add(1, Ordering::Relaxed);
        self.total_ns.fetch_add(ns, Ordering::Relaxed);
        self.longest_ns.fetch_max(ns, Ordering::Relaxed);
    }

    fn time(&self) -> StageTime {
        let ms = |ns: &AtomicU64| ns.load(Ordering::Relaxed) as f64 / 1e6;
        StageTime {
            count: self.count.load(Ordering::Relaxed),
            total_ms: ms(&self.total_ns),
            longest_ms: ms(&self.longest_ns),
        }
    }
}

impl Counters {
    /// How often a stage has completed.
    pub fn count(&self, stage: Stage) -> u64 {
        self.stage(stage).count.load(Ordering::Relaxed)
    }

    /// Everything at this moment.
    pub fn snapshot(&self) -> CountersSnapshot {
        CountersSnapshot {
            encoder_runs: self.count(Stage::Encode),
            decoder_runs: self.count(Stage::Decode),
            session_loads: self.count(Stage::LoadSession),
            session_hits: self.session_hits.load(Ordering::Relaxed),
            aborted_runs: self.aborted_runs.load(Ordering::Relaxed),
            failed_runs: self.failed_runs.load(Ordering::Relaxed),
            retried_runs: self.retried_runs.load(Ordering::Relaxed),
            step_downs: self.step_downs.load(Ordering::Relaxed),
            feature_hits: 0,
            feature_misses: 0,
            stages: Stage::ALL.iter().map(|&stage| (stage.name().to_owned(), self.stage(stage).time())).collect(),
        }
    }

    pub(crate) fn add(&self, stage: Stage, time: Duration) {
        self.stage(stage).add(time);
    }

    pub(crate) fn session_hit(&self) {
        self.session_hits.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn aborted_run(&self) {
        self.aborted_runs.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn failed_run(&self) {
        self.failed_runs.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn retried_run(&self) {
        self.retried_runs.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn stepped_down(&self) {
        self.step_downs.fetch_add(1, Ordering::Relaxed);
    }

    /// Does the work and counts it when it succeeds.
    pub(crate) fn measure<T, E>(&self, stage: Stage, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let start = Instant::now();
        let result = work();
        if result.is_ok() {
            self.add(stage, start.elapsed());
        }
        result
    }

    fn stage(&self, stage: Stage) -> &StageCounter {
        // One counter per variant: `Stage::ALL` lists them in declaration order.
        &self.stages[stage as usize]
    }
}

/// Number and durations of one stage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct StageTime {
    /// Completed runs.
    pub count: u64,
    /// Sum of their durations in milliseconds.
    pub total_ms: f64,
    /// The longest of them in milliseconds.
    pub longest_ms: f64,
}

/// The counters at one moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CountersSnapshot {
    /// Pictures encoded.
    pub encoder_runs: u64,
    /// Prompts decoded.
    pub decoder_runs: u64,
    /// Sessions loaded.
    pub session_loads: u64,
    /// Sessions asked for and found loaded.
    pub session_hits: u64,
    /// Runs stopped by their caller.
    pub aborted_runs: u64,
    /// Runs that ended in an error, those that were tried again with success included.
    pub failed_runs: u64,
    /// Runs tried once more after memory was freed for them.
    pub retried_runs: u64,
    /// Times a model left a device that had no memory for it.
    pub step_downs: u64,
    /// Features found in memory.
    pub feature_hits: u64,
    /// Features computed.
    pub feature_misses: u64,
    /// Durations by stage name.
    pub stages: BTreeMap<String, StageTime>,
}
