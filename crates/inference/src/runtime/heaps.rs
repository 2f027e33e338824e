//! What loading a model leaves in the heaps of the C library.
//!
//! ONNX Runtime parses a model and moves its weights with `malloc`, and glibc keeps what is freed then, for as long as
//! the process lives: MobileSAM's encoder and decoder (45 MB) left heaps of 98 MB, of which a sweep leaves 32. A shot
//! at HD peaks at 394 MB with it and at 461 without. The heaps of Windows and macOS give large blocks back themselves.
#![allow(unsafe_code)] // A call of the C library.

/// Gives freed pages of all heaps of the process back to the system. Other threads wait meanwhile when they allocate:
/// for heaps of 2 GB, half of them holes, that was a second on a busy machine.
pub(crate) fn sweep_heaps() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: takes a number, locks each heap while it looks at it, and leaves every live block as it is.
    unsafe {
        libc::malloc_trim(0);
    }
}
