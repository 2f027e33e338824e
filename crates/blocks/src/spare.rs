//! Freed pages that are kept for who next asks for as many.
//!
//! Every frame takes and frees blocks of the same sizes: planes of a matte, tensors of a run. New pages cost the kernel
//! more than most of the work that is done in them: it has to find and to clear each one.

use std::ptr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, TryLockError};

/// Most blocks that are kept.
const SLOTS: usize = 96;

/// Most bytes that are kept, unless [`keep`] says otherwise. A run of MobileSAM's decoder with the matte that follows
/// takes and frees 140 MB, of which 64 MB lie side by side.
const BYTES: usize = 64 << 20;

static LIMIT: AtomicUsize = AtomicUsize::new(BYTES);
static HELD: AtomicUsize = AtomicUsize::new(0);
static CLOCK: AtomicU64 = AtomicU64::new(0);

static SPARE: Mutex<[Slot; SLOTS]> = Mutex::new([EMPTY; SLOTS]);

/// A block, or none where `size` is 0.
#[derive(Clone, Copy)]
struct Slot {
    start: *mut u8,
    size: usize,
    /// When it was freed.
    stamp: u64,
}

const EMPTY: Slot = Slot { start: ptr::null_mut(), size: 0, stamp: 0 };

// SAFETY: blocks in slots are nobody's; whoever takes one out has it alone.
unsafe impl Send for Slot {}

/// Sets how many bytes of freed blocks are kept at most: 0 for none. What is more goes back to the system.
pub(crate) fn keep(bytes: usize, give: impl Fn(*mut u8, usize)) {
    LIMIT.store(bytes, Ordering::Relaxed);
    while let Some((start, size)) = oldest_beyond(bytes) {
        give(start, size);
    }
}

/// Bytes that are kept now.
pub(crate) fn held() -> usize {
    HELD.load(Ordering::Relaxed)
}

/// Gives everything that is kept back to the system; says how many bytes that were.
pub(crate) fn empty(give: impl Fn(*mut u8, usize)) -> usize {
    let mut bytes = 0;
    while let Some((start, size)) = oldest_beyond(0) {
        give(start, size);
        bytes += size;
    }
    bytes
}

/// A kept block of exactly this size: its content is what it was. A block that is larger than all that may be kept
/// empties the store: it makes a peak, and nothing shall lie idle beside it.
pub(crate) fn take(size: usize, give: impl Fn(*mut u8, usize)) -> Option<*mut u8> {
    if size > LIMIT.load(Ordering::Relaxed) {
        empty(give);
        return None;
    }
    let mut slots = slots()?;
    // The one freed last: its pages are most likely still in the processor's cache.
    let slot = slots.iter_mut().filter(|slot| slot.size == size).max_by_key(|slot| slot.stamp)?;
    let start = slot.start;
    *slot = EMPTY;
    HELD.fetch_sub(size, Ordering::Relaxed);
    Some(start)
}

/// Keeps a freed block, and gives back the oldest ones where that makes too many; `false` when it is not kept.
pub(crate) fn put(start: *mut u8, size: usize, give: impl Fn(*mut u8, usize)) -> bool {
    let limit = LIMIT.load(Ordering::Relaxed);
    if size > limit {
        return false;
    }
    let Some(mut slots) = slots() else { return false };
    let Some(slot) = slots.iter_mut().min_by_key(|slot| slot.stamp) else { return false };
    let replaced = std::mem::replace(slot, Slot { start, size, stamp: 1 + CLOCK.fetch_add(1, Ordering::Relaxed) });
    HELD.fetch_add(size, Ordering::Relaxed);
    HELD.fetch_sub(replaced.size, Ordering::Relaxed);
    drop(slots);
    if replaced.size > 0 {
        give(replaced.start, replaced.size);
    }
    while let Some((start, size)) = oldest_beyond(limit) {
        give(start, size);
    }
    true
}

/// Takes out the block that was freed first, where more than `bytes` are kept.
fn oldest_beyond(bytes: usize) -> Option<(*mut u8, usize)> {
    if held() <= bytes {
        return None;
    }
    let mut slots = slots()?;
    let slot = slots.iter_mut().filter(|slot| slot.size > 0).min_by_key(|slot| slot.stamp)?;
    let Slot { start, size, .. } = std::mem::replace(slot, EMPTY);
    HELD.fetch_sub(size, Ordering::Relaxed);
    Some((start, size))
}

/// The slots, where nobody else has them: the system is asked instead of waiting, which also serves a process that
/// forked while another thread had them.
fn slots() -> Option<MutexGuard<'static, [Slot; SLOTS]>> {
    match SPARE.try_lock() {
        Ok(slots) => Some(slots),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}
