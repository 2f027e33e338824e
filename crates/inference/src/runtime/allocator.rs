//! The allocator of all sessions: counts every block of ONNX Runtime for the account it belongs to, refuses what
//! would go over the budget, and gives back at once what is freed.
//!
//! Measured with MobileSAM (encoder and decoder, two threads; the `measure` example of `segment` with 10 frames, whose
//! embeddings are 40 MB of the memory at rest):
//!
//! | allocator                                   | at rest | peak   | encode | decode | processor time |
//! |---------------------------------------------|---------|--------|--------|--------|----------------|
//! | ONNX Runtime's arena, shrunk after each run | 167 MB  | 360 MB | 462 ms | 39 ms  | 12.2 s         |
//! | this one                                    | 173 MB  | 370 MB | 454 ms | 35 ms  | 11.8 s         |
//! | this one, without pages of 2 MB             | 175 MB  | 372 MB | 480 ms | 41 ms  | 12.7 s         |
//!
//! The arena as ONNX Runtime makes it by default kept 600 MB. What an arena cannot do is say whose its memory is, keep
//! to a budget that changes, and be given back by other means than a run.
#![allow(unsafe_code)] // An allocator for a C library.

use std::{
    alloc::{self, Layout},
    ffi::c_void,
    mem, ptr,
    sync::atomic::{AtomicU64, Ordering},
};

use ort::{
    AsPointer,
    environment::Environment,
    memory::{AllocationDevice, AllocatorType, MemoryInfo, MemoryType},
    sys::{OrtAllocator, OrtMemoryInfo},
};

use crate::memory::{Account, current_account};

/// The session option that makes a session use this allocator.
pub(crate) const SESSION_USES_ALLOCATOR: (&str, &str) = ("session.use_env_allocators", "1");

/// What blocks are aligned to: the 64 bytes of ONNX Runtime's own allocator (`MlasGetPreferredBufferAlignment`).
const ALIGNMENT: usize = 64;

/// More than any system has: asking ONNX Runtime's allocator for it is how a refusal is told.
const TOO_MUCH: usize = isize::MAX as usize;

/// Bytes taken outside of any scope: by ONNX Runtime's own threads, or by callers that have no reservation.
static UNSCOPED: AtomicU64 = AtomicU64::new(0);

/// Bytes that ONNX Runtime holds and no account stands for.
pub(crate) fn unscoped_bytes() -> u64 {
    UNSCOPED.load(Ordering::Relaxed)
}

type Alloc = unsafe extern "system" fn(*mut OrtAllocator, usize) -> *mut c_void;
type AllocOrThrow = unsafe extern "system-unwind" fn(*mut OrtAllocator, usize) -> *mut c_void;
type Reserve = unsafe extern "system" fn(*const OrtAllocator, usize) -> *mut c_void;
type ReserveOrThrow = unsafe extern "system-unwind" fn(*const OrtAllocator, usize) -> *mut c_void;

/// What ONNX Runtime is handed: its own structure first, so that a pointer to the one is a pointer to the other.
#[repr(C)]
struct CountingAllocator {
    functions: OrtAllocator,
    info: MemoryInfo<'static>,
    /// ONNX Runtime's own allocator, whose failure is an exception, if that has been proved.
    throws: Option<Throws>,
}

/// Stands before each block, in as many bytes as the alignment.
struct Header {
    /// Bytes as asked for.
    size: usize,
    /// Kept by the block, so that the account is there when the block is freed, whoever frees it.
    account: Option<Account>,
}

const _: () = assert!(size_of::<Header>() <= ALIGNMENT && align_of::<Header>() <= ALIGNMENT);

/// Gives the environment this allocator for main memory. It lives as long as the process, as the environment does.
pub(super) fn register(environment: &Environment) -> ort::Result<()> {
    // "Device" is ONNX Runtime's word for "not one of its own arenas" (`RegisterAllocator` insists).
    let info = MemoryInfo::new(AllocationDevice::CPU, 0, AllocatorType::Device, MemoryType::Default)?;
    let throws = Throws::prove()?;
    if throws.is_none() {
        log::warn!("this ONNX Runtime cannot be told that memory is short: only admissions keep to the budget");
    }
    // SAFETY: the same signature but for the exception that may leave it. ONNX Runtime, the only caller, calls it from
    // C++ that was compiled with exceptions, or the proof would have failed.
    let (allocate, reserve) = unsafe {
        (mem::transmute::<AllocOrThrow, Alloc>(allocate), mem::transmute::<ReserveOrThrow, Reserve>(reserve))
    };
    // SAFETY: plain data.
    let defaults = unsafe { OrtAllocator::default() };
    let functions = OrtAllocator {
        Alloc: Some(allocate),
        Free: Some(free),
        Info: Some(info_of),
        Reserve: Some(reserve),
        ..defaults
    };
    let allocator = Box::leak(Box::new(CountingAllocator { functions, info, throws }));
    // SAFETY: the environment is alive, the allocator lives for ever, and its functions do what `OrtAllocator` says.
    unsafe {
        let status = (ort::api().RegisterAllocator)(environment.ptr().cast_mut(), (&raw mut *allocator).cast());
        ort::Error::result_from_status(status)
    }
}

unsafe extern "system" fn info_of(this: *const OrtAllocator) -> *const OrtMemoryInfo {
    // SAFETY: ONNX Runtime passes what was registered, which is the first field of a `CountingAllocator`.
    unsafe { (*this.cast::<CountingAllocator>()).info.ptr() }
}

unsafe extern "system-unwind" fn allocate(this: *mut OrtAllocator, size: usize) -> *mut c_void {
    // SAFETY: see `info_of`.
    let this = unsafe { &*this.cast::<CountingAllocator>() };
    this.allocate(size)
}

/// For weights and the like, which live as long as their session. No difference here.
unsafe extern "system-unwind" fn reserve(this: *const OrtAllocator, size: usize) -> *mut c_void {
    // SAFETY: see `info_of`.
    let this = unsafe { &*this.cast::<CountingAllocator>() };
    this.allocate(size)
}

impl CountingAllocator {
    /// A block, or ONNX Runtime's own exception.
    fn allocate(&self, size: usize) -> *mut c_void {
        let enforced = self.throws.is_some();
        match (block(size, enforced), self.throws) {
            (Some(block), _) => block,
            // As ONNX Runtime's own allocator answers.
            (None, _) if size == 0 => ptr::null_mut(),
            (None, Some(throws)) => throws.throw(),
            (None, None) => ptr::null_mut(),
        }
    }
}

/// A block for the account of this thread; `None` when it is refused or not to be had.
fn block(size: usize, enforced: bool) -> Option<*mut c_void> {
    let layout = layout(size)?;
    let account = current_account();
    if !count(account.as_ref(), size, enforced) {
        return None;
    }
    // From the process's allocator, which is this library's own (`blocks`): large blocks leave when they are freed.
    // SAFETY: the size is not zero, for there is a header.
    let start = unsafe { alloc::alloc(layout) };
    if start.is_null() {
        discount(account.as_ref(), size);
        return None;
    }
    // SAFETY: the block begins with `ALIGNMENT` bytes for the header, aligned for it.
    unsafe {
        start.cast::<Header>().write(Header { size, account });
        Some(start.add(ALIGNMENT).cast())
    }
}

unsafe extern "system" fn free(_this: *mut OrtAllocator, block: *mut c_void) {
    if block.is_null() {
        return;
    }
    // SAFETY: ONNX Runtime frees what `block` gave it, once; the header stands before it.
    let (start, header) = unsafe {
        let start = block.cast::<u8>().sub(ALIGNMENT);
        (start, start.cast::<Header>().read())
    };
    // It was a layout when the block was made.
    if let Some(layout) = layout(header.size) {
        // SAFETY: taken with this layout, and nobody's any more.
        unsafe { alloc::dealloc(start, layout) };
    }
    discount(header.account.as_ref(), header.size);
}

/// Header and block. `None` for an empty block, as for one that no address space holds.
fn layout(size: usize) -> Option<Layout> {
    let size = size.checked_add(ALIGNMENT).filter(|_| size > 0)?;
    Layout::from_size_align(size, ALIGNMENT).ok()
}

fn count(account: Option<&Account>, size: usize, enforced: bool) -> bool {
    let bytes = size as u64;
    match account {
        Some(account) => account.ledger.take(account.id, bytes, enforced),
        None => {
            UNSCOPED.fetch_add(bytes, Ordering::Relaxed);
            true
        }
    }
}

fn discount(account: Option<&Account>, size: usize) {
    let bytes = size as u64;
    match account {
        Some(account) => account.ledger.give(account.id, bytes),
        None => {
            UNSCOPED.fetch_sub(bytes, Ordering::Relaxed);
        }
    }
}

/// How ONNX Runtime is told that there is no memory. A null pointer would be written through: it looks at the pointer
/// when it loads a model, and not when it runs one (`Tensor`'s constructor). What it expects of an allocator is
/// `std::bad_alloc`, which it turns into the status of the call, and its own default allocator can throw that for us.
#[derive(Clone, Copy)]
struct Throws {
    allocator: *mut OrtAllocator,
    allocate: AllocOrThrow,
}

impl Throws {
    /// Asks ONNX Runtime's own allocator for more than there is, through the function that turns exceptions into a
    /// status. `None` when none came.
    fn prove() -> ort::Result<Option<Self>> {
        let mut allocator = ptr::null_mut();
        let mut block = ptr::null_mut();
        // SAFETY: the out pointers are locals; the allocator is ONNX Runtime's own and lives as long as the library.
        let (alloc, status) = unsafe {
            ort::Error::result_from_status((ort::api().GetAllocatorWithDefaultOptions)(&mut allocator))?;
            let status = (ort::api().AllocatorAlloc)(allocator, TOO_MUCH, &mut block);
            ((*allocator).Alloc, ort::Error::result_from_status(status))
        };
        let thrown = status.is_err() && block.is_null();
        // SAFETY: the function is C++ that was seen to throw; this type says so.
        let alloc = alloc.map(|alloc| unsafe { mem::transmute::<Alloc, AllocOrThrow>(alloc) });
        Ok(alloc.filter(|_| thrown).map(|allocate| Self { allocator, allocate }))
    }

    /// Leaves by an exception, through this module's `system-unwind` functions, none of which holds anything then.
    fn throw(self) -> *mut c_void {
        // SAFETY: the allocator lives as long as the library. It has no such block; should it ever have, it is handed
        // on like any other answer of an allocator.
        unsafe { (self.allocate)(self.allocator, TOO_MUCH) }
    }
}
