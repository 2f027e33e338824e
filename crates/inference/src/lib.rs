//! ONNX Runtime for the whole process: loading the library, sessions, feature cache, model registry, counters.
//!
//! One [`Engine`] serves every effect and every instance in a host process. It knows nothing of OpenFX and nothing of
//! what a model means: families are words, tensors are named arrays, and a [`Contract`] handed in by the caller says
//! which tensors a model file must have.
//!
//! Everything that can take long takes an [`Abort`] and polls it on the *calling* thread, so that a host's abort
//! function is only ever called from the thread the host gave us.

#![deny(unsafe_code)]

mod abort;
mod cache;
mod contract;
mod counters;
mod device;
mod disk;
mod engine;
mod error;
mod feature;
mod hash;
mod key;
mod memory;
mod prefetch;
mod registry;
mod report;
mod runtime;
mod session;
mod stamp;
mod sync;

pub use abort::{Abort, Background, NeverAbort, Priority};
pub use cache::{ByteSize, CacheStatistics, Failure, FeatureCache, Found, Limits, Origin, SharedCache, Stored, Unread};
pub use contract::{Contract, Dim, Element, GraphTensor, Misfit, Sizes, TensorSpec};
pub use counters::{Counters, CountersSnapshot, Stage, StageTime};
pub use device::{Device, DeviceOrder, NotADevice, Placement, Precision};
pub use disk::{
    ClearReport, DiskActivity, DiskOptions, DiskReport, DiskStore, KindReport, VerifyProgress, VerifyReport,
};
pub use engine::{Engine, EngineOptions};
pub use error::InferenceError;
pub use feature::Feature;
pub use hash::{ContentHash, NotAHash};
pub use key::{Key, KeyBuilder};
pub use memory::{
    Cleanup, CleanupCounts, CleanupReport, HistoryPoint, LeakSuspicion, LedgerRow, MemoryFigures, MemoryGuard,
    MemoryMeter, MemoryOptions, MemoryRefused, MemoryReport, Owner, OwnerKind, Place, PlaceReport, Reclaim,
    Reservation, Scope, SystemMeter,
};
pub use prefetch::{Pass, PassProgress};
pub use registry::{
    Ability, Beside, FetchFile, FetchPlan, FileCheck, FolderReport, FoundFile, FoundModel, InstallError, InstallPlan,
    Layout, PlannedFile, Registry, Role, Weights,
};
pub use report::{Budgets, DeviceReport, EngineReport, LibraryReport, SessionReport};
pub use runtime::{Runtime, RuntimeError};
pub use session::{DataFile, Input, ModelFile, Session};
#[cfg(feature = "interleave")]
#[doc(hidden)]
pub use session::{Pool, Pooled, Turns};
