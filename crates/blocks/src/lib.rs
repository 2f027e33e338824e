//! Memory for a guest in somebody else's process: large blocks come straight from the system and go straight back.
//!
//! glibc keeps what is freed. Its threshold for blocks of their own rises to 32 MB with the first that is freed, and from
//! then on frames, masks and embeddings lie in the heaps of whatever threads made them, with holes between what lives
//! long and what does not. Eight threads rendering a shot had 2.1 GB resident, and rising, while the caches were limited to
//! 350 MB. The heaps of Windows and macOS give large blocks back themselves.
//!
//! A bounded number of freed pages is kept for the next that asks for as many (see [`keep`]), because every frame takes and
//! frees the same blocks. Of the processor time of a moved point 19 % went into finding and clearing new pages.

#[cfg(target_os = "linux")]
mod spare;

use std::alloc::{GlobalAlloc, Layout, System};

/// Blocks of this size and more are pages of their own: below it a finished matte's rows would lie in the heaps again,
/// each among what its thread made and freed meanwhile. A mapping takes about 2 microseconds.
const LARGE: usize = if cfg!(target_os = "linux") { 16 << 10 } else { usize::MAX };

/// No page of any system is smaller: what is aligned to less is aligned by being a page.
const PAGE: usize = 4096;

/// The allocator: `#[global_allocator] static BLOCKS: Blocks = Blocks;`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Blocks;

/// Sets how many bytes of freed pages are kept for reuse at most, 64 MB unless it is called. A block larger than that is
/// never kept, and asking for one gives back all that is: where it makes a peak, nothing lies idle beside it.
pub fn keep(bytes: usize) {
    pages::keep(bytes);
}

/// Bytes of freed pages that are kept now.
pub fn kept() -> usize {
    pages::kept()
}

/// Gives freed pages that are kept back to the system, and says how many bytes that were.
pub fn give_back() -> usize {
    pages::give_back()
}

/// Whether a block of this layout is pages of its own. The same for a block's whole life, which is how it finds its way
/// back.
fn is_large(layout: Layout) -> bool {
    layout.size() >= LARGE && layout.align() <= PAGE
}

// SAFETY: large blocks are mappings of at least their size, aligned to pages; all others are the system allocator's. A
// layout says which, in every function alike.
unsafe impl GlobalAlloc for Blocks {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if is_large(layout) {
            return pages::take(layout.size());
        }
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if is_large(layout) {
            return pages::take_zeroed(layout.size());
        }
        // SAFETY: as promised by the caller.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: as promised by the caller; the layout leads to where the block came from.
        unsafe { if is_large(layout) { pages::give(start, layout.size()) } else { System.dealloc(start, layout) } }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises that `size` makes a layout with this alignment.
        let new = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (is_large(layout), is_large(new)) {
            // SAFETY: as promised by the caller, and both are pages.
            (true, true) => unsafe { pages::resize(start, layout.size(), size) },
            // SAFETY: as promised by the caller, and both are the system allocator's.
            (false, false) => unsafe { System.realloc(start, layout, size) },
            // SAFETY: the new block does not overlap the old one; both hold what is copied.
            _ => unsafe {
                let moved = self.alloc(new);
                if !moved.is_null() {
                    moved.copy_from_nonoverlapping(start, layout.size().min(size));
                    self.dealloc(start, layout);
                }
                moved
            },
        }
    }
}

#[cfg(target_os = "linux")]
mod pages {
    use std::ptr;

    use crate::spare;

    use libc::{
        MADV_HUGEPAGE, MAP_ANONYMOUS, MAP_FAILED, MAP_PRIVATE, MREMAP_MAYMOVE, PROT_READ, PROT_WRITE, madvise, mmap,
        mremap, munmap,
    };

    const NO_FILE: i32 = -1;

    /// From here on pages of 2 MB are asked for: frames and runs touch all of their memory, and taking it in pages of
    /// 4 kB cost a third more time in the kernel.
    const HUGE: usize = 4 << 20;

    /// A block's size in whole pages, by which blocks are kept.
    fn whole(size: usize) -> usize {
        size.next_multiple_of(super::PAGE)
    }

    pub fn keep(bytes: usize) {
        spare::keep(bytes, unmap);
    }

    pub fn kept() -> usize {
        spare::held()
    }

    pub fn give_back() -> usize {
        spare::empty(unmap)
    }

    /// Pages with any content; null where there are none.
    pub fn take(size: usize) -> *mut u8 {
        spare::take(whole(size), unmap).unwrap_or_else(|| map(size))
    }

    /// Pages that are all zero; null where there are none.
    pub fn take_zeroed(size: usize) -> *mut u8 {
        match spare::take(whole(size), unmap) {
            Some(start) => {
                // SAFETY: a block of at least this size, which is nobody else's.
                unsafe { start.write_bytes(0, size) };
                start
            }
            None => map(size),
        }
    }

    /// New pages, all zero; null where there are none.
    fn map(size: usize) -> *mut u8 {
        // SAFETY: new memory at an address of the system's choice.
        let start =
            unsafe { mmap(ptr::null_mut(), size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, NO_FILE, 0) };
        if start == MAP_FAILED {
            return ptr::null_mut();
        }
        if size >= HUGE {
            // SAFETY: the pages just mapped. Where it cannot be done nothing is lost.
            unsafe { madvise(start, size, MADV_HUGEPAGE) };
        }
        start.cast()
    }

    /// # Safety
    /// `start` came from [`take`] or [`resize`] with this size, and nobody uses it any more.
    pub unsafe fn give(start: *mut u8, size: usize) {
        let size = whole(size);
        if !spare::put(start, size, unmap) {
            unmap(start, size);
        }
    }

    /// Of blocks that are nobody's any more.
    fn unmap(start: *mut u8, size: usize) {
        // SAFETY: a mapping of this size that `map` made and nobody uses. It fails only for what is no mapping.
        unsafe { munmap(start.cast(), size) };
    }

    /// The same pages at another size, at the same place or another; null, and nothing changed, where there are none.
    ///
    /// # Safety
    /// `start` came from [`take`] or [`resize`] with the size `old`; after success only the new place is used.
    pub unsafe fn resize(start: *mut u8, old: usize, new: usize) -> *mut u8 {
        // SAFETY: as promised by the caller.
        let moved = unsafe { mremap(start.cast(), old, new, MREMAP_MAYMOVE) };
        if moved == MAP_FAILED { ptr::null_mut() } else { moved.cast() }
    }
}

/// Nothing is large here: none of this is ever called.
#[cfg(not(target_os = "linux"))]
mod pages {
    pub fn keep(_bytes: usize) {}

    pub fn kept() -> usize {
        0
    }

    pub fn give_back() -> usize {
        0
    }

    pub fn take(_size: usize) -> *mut u8 {
        std::ptr::null_mut()
    }

    pub fn take_zeroed(_size: usize) -> *mut u8 {
        std::ptr::null_mut()
    }

    pub unsafe fn give(_start: *mut u8, _size: usize) {}

    pub unsafe fn resize(_start: *mut u8, _old: usize, _new: usize) -> *mut u8 {
        std::ptr::null_mut()
    }
}
