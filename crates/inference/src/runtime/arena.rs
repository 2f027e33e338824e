//! The one memory arena of all sessions.
//!
//! ONNX Runtime's own arena grows by powers of two and never shrinks. Measured with MobileSAM (encoder and decoder, two
//! threads, an idle machine; the `measure` example of `segment`), against this arena that grows as requested and is
//! shrunk after each run:
//!
//! | arena                     | at rest | peak   | encode | decode |
//! |---------------------------|---------|--------|--------|--------|
//! | ONNX Runtime's own        | 608 MB  | 608 MB | 532 ms | 37 ms  |
//! | as requested, not shrunk  | 543 MB  | 543 MB | 512 ms | 35 ms  |
//! | as requested, shrunk      | 155 MB  | 351 MB | 561 ms | 46 ms  |
//!
//! The tenth of the time goes into page faults; the memory belongs to the host, which has other things to do with it.
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
