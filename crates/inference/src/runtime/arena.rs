//! The one memory arena of all sessions.
//!
//! ONNX Runtime's own arena grows by powers of two and never shrinks. Measured with the MobileSAM encoder (1024x1024,
//! two threads, resident memory in MB, peak / at rest): own arena 527 / 527; no arena 527 / 527 (or 312 at rest, at
//! the C library's whim); this arena, growing as requested and shrunk after each run, 323 / 126. It costs 5 to 10 % of
//! the time, for the page faults.
#![allow(unsafe_code)] // `ort` has no safe function for it.

use std::ptr;

use ort::{
    AsPointer,
    environment::Environment,
    memory::{AllocationDevice, AllocatorType, MemoryInfo, MemoryType},
};

/// The session option that makes a session use this arena, and the run option that shrinks it after the run.
pub(crate) const SESSION_USES_ARENA: (&str, &str) = ("session.use_env_allocators", "1");
pub(crate) const RUN_SHRINKS_ARENA: (&str, &str) = ("memory.enable_memory_arena_shrinkage", "cpu:0");

/// `arena_extend_strategy` 1 is `kSameAsRequested` (onnxruntime_c_api.h, `CreateArenaCfgV2`).
const EXTEND_AS_REQUESTED: usize = 1;

/// Gives the environment a CPU arena that grows by what is requested.
pub(super) fn register(environment: &Environment) -> ort::Result<()> {
    let memory = MemoryInfo::new(AllocationDevice::CPU, 0, AllocatorType::Arena, MemoryType::Default)?;
    let names = [c"arena_extend_strategy".as_ptr()];
    let values = [EXTEND_AS_REQUESTED];
    let mut config = ptr::null_mut();
    // SAFETY: names and values live across the call and have one entry each; the out pointer is a local.
    unsafe {
        let status = (ort::api().CreateArenaCfgV2)(names.as_ptr(), values.as_ptr(), names.len(), &mut config);
        ort::Error::result_from_status(status)?;
    }
    // SAFETY: environment and memory info are alive, the configuration was just made; the runtime copies both.
    let registered = unsafe {
        let status = (ort::api().CreateAndRegisterAllocator)(environment.ptr().cast_mut(), memory.ptr(), config);
        ort::Error::result_from_status(status)
    };
    // SAFETY: made above, not used after this.
    unsafe { (ort::api().ReleaseArenaCfg)(config) };
    registered
}
