//! The memory suite, and the image memory of the image effect suite.

use super::{give, guarded, resolve};
use crate::host::Status;
use crate::host::effect::Effect;
use crate::host::handle::{Handle, Tag, lookup};
use openfx_sys as sys;
use parking_lot::Mutex;
use std::alloc::{self, Layout};
use std::collections::HashMap;
use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::{Arc, LazyLock, Weak};

pub(super) static SUITE: sys::OfxMemorySuiteV1 =
    sys::OfxMemorySuiteV1 { memoryAlloc: Some(memory_alloc), memoryFree: Some(memory_free) };

/// Aligned for any use, vectors included.
const ALIGNMENT: usize = 64;

/// A block of memory, freed when dropped.
struct Block {
    memory: NonNull<u8>,
    layout: Layout,
}

// SAFETY: the block is only owned here; what a plugin does with the bytes is its own affair.
unsafe impl Send for Block {}
// SAFETY: as above.
unsafe impl Sync for Block {}

impl Block {
    fn new(bytes: usize) -> Option<Self> {
        let layout = Layout::from_size_align(bytes.max(1), ALIGNMENT).ok()?;
        // SAFETY: the size is at least one.
        let memory = NonNull::new(unsafe { alloc::alloc_zeroed(layout) })?;
        Some(Self { memory, layout })
    }

    fn pointer(&self) -> *mut c_void {
        self.memory.as_ptr().cast()
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout, and freed only here.
        unsafe { alloc::dealloc(self.memory.as_ptr(), self.layout) };
    }
}

/// Blocks of the memory suite by address: freeing knows nothing but that.
static BLOCKS: LazyLock<Mutex<HashMap<usize, Block>>> = LazyLock::new(Default::default);

unsafe extern "C" fn memory_alloc(_owner: *mut c_void, bytes: usize, out: *mut *mut c_void) -> sys::OfxStatus {
    guarded("memoryAlloc", || {
        let block = Block::new(bytes).ok_or(Status::ERR_MEMORY)?;
        let pointer = block.pointer();
        // SAFETY: the suite's contract: there is room for the pointer.
        unsafe { give(out, pointer) }?;
        BLOCKS.lock().insert(pointer.addr(), block);
        Ok(())
    })
}

unsafe extern "C" fn memory_free(memory: *mut c_void) -> sys::OfxStatus {
    guarded("memoryFree", || {
        if BLOCKS.lock().remove(&memory.addr()).is_none() {
            super::bad_handle("memoryFree", "block of memory");
            return Err(Status::ERR_BAD_HANDLE);
        }
        Ok(())
    })
}

/// Image memory behind a handle; the effect's session holds it until it is freed.
pub(in crate::host) struct ImageMemory {
    handle: Handle,
    block: Block,
    owner: Weak<Effect>,
}

pub(super) unsafe extern "C" fn image_alloc(
    effect: sys::OfxImageEffectHandle,
    bytes: usize,
    out: *mut sys::OfxImageMemoryHandle,
) -> sys::OfxStatus {
    guarded("imageMemoryAlloc", || {
        // SAFETY: the suite's contract: there is room for the handle.
        unsafe { give(out, std::ptr::null_mut()) }?;
        let effect = resolve::<Effect, _>("imageMemoryAlloc", effect, "image effect instance")?;
        let block = Block::new(bytes).ok_or(Status::ERR_MEMORY)?;
        let memory = ImageMemory { handle: Handle::reserve(Tag::Object), block, owner: Arc::downgrade(&effect) };
        let memory = Arc::new(memory);
        memory.handle.publish(&memory);
        effect.session.image_memory.lock().insert(memory.handle.number(), memory.clone());
        // SAFETY: as above.
        unsafe { give(out, memory.handle.as_ptr()) }
    })
}

pub(super) unsafe extern "C" fn image_free(memory: sys::OfxImageMemoryHandle) -> sys::OfxStatus {
    guarded("imageMemoryFree", || {
        let memory = resolve::<ImageMemory, _>("imageMemoryFree", memory, "image memory")?;
        if let Some(effect) = memory.owner.upgrade() {
            effect.session.image_memory.lock().remove(&memory.handle.number());
        }
        Ok(())
    })
}

pub(super) unsafe extern "C" fn image_lock(memory: sys::OfxImageMemoryHandle, out: *mut *mut c_void) -> sys::OfxStatus {
    guarded("imageMemoryLock", || {
        // SAFETY: the suite's contract: there is room for the pointer.
        unsafe { give(out, std::ptr::null_mut()) }?;
        let memory = resolve::<ImageMemory, _>("imageMemoryLock", memory, "image memory")?;
        // SAFETY: as above.
        unsafe { give(out, memory.block.pointer()) }
    })
}

/// The memory never moves, so there is nothing to unlock; a bad handle is still told.
pub(super) unsafe extern "C" fn image_unlock(memory: sys::OfxImageMemoryHandle) -> sys::OfxStatus {
    guarded("imageMemoryUnlock", || {
        if lookup::<ImageMemory, _>(memory).is_none() {
            super::bad_handle("imageMemoryUnlock", "image memory");
            return Err(Status::ERR_BAD_HANDLE);
        }
        Ok(())
    })
}
