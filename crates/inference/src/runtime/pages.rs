//! Memory for blocks: small ones from the process's heap, large ones from the system, and back to it when freed.
#![allow(unsafe_code)] // Memory from the system.

use std::{
    alloc::{self, Layout},
    ptr::NonNull,
};

/// Blocks of this size and more are pages of their own where the heap would keep them. glibc's does: one freed block of
/// 30 MB makes it keep everything smaller from then on, and a run's memory stayed with the process (160 MB to 340 MB at
/// rest, by chance, instead of 160). The heaps of Windows and macOS give large blocks back themselves.
const LARGE: usize = if cfg!(target_os = "linux") { 256 << 10 } else { usize::MAX };

/// Memory of a layout whose size is not zero.
pub(super) fn take(layout: Layout) -> Option<NonNull<u8>> {
    if layout.size() >= LARGE {
        return mapped::take(layout.size());
    }
    // SAFETY: the size is not zero.
    NonNull::new(unsafe { alloc::alloc(layout) })
}

/// Gives memory back.
///
/// # Safety
/// `start` came from [`take`] with the same layout, and nobody uses it any more.
pub(super) unsafe fn give(start: *mut u8, layout: Layout) {
    // SAFETY: as promised by the caller; the same size goes the same way back.
    unsafe {
        if layout.size() >= LARGE {
            mapped::give(start, layout.size());
        } else {
            alloc::dealloc(start, layout);
        }
    }
}

#[cfg(target_os = "linux")]
mod mapped {
    use std::ptr::{self, NonNull};

    use libc::{MADV_HUGEPAGE, MAP_ANONYMOUS, MAP_FAILED, MAP_PRIVATE, PROT_READ, PROT_WRITE, madvise, mmap, munmap};

    const NO_FILE: i32 = -1;

    /// From here on pages of 2 MB are asked for: a run touches all of its memory, and taking it in pages of 4 kB cost a
    /// third more time in the kernel.
    const HUGE: usize = 4 << 20;

    pub fn take(size: usize) -> Option<NonNull<u8>> {
        // SAFETY: new memory at an address of the system's choice.
        let start =
            unsafe { mmap(ptr::null_mut(), size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, NO_FILE, 0) };
        let failed = start == MAP_FAILED;
        if !failed && size >= HUGE {
            // SAFETY: the pages just mapped. Where it cannot be done nothing is lost.
            unsafe { madvise(start, size, MADV_HUGEPAGE) };
        }
        NonNull::new(start.cast()).filter(|_| !failed)
    }

    /// # Safety
    /// As [`super::give`].
    pub unsafe fn give(start: *mut u8, size: usize) {
        // SAFETY: as promised by the caller. It fails only for what is no mapping.
        unsafe { munmap(start.cast(), size) };
    }
}

#[cfg(not(target_os = "linux"))]
mod mapped {
    use std::ptr::NonNull;

    pub fn take(_size: usize) -> Option<NonNull<u8>> {
        None
    }

    pub unsafe fn give(_start: *mut u8, _size: usize) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_all_sizes_are_aligned_and_writable_and_impossible_ones_are_refused() {
        for size in [1, 64, (256 << 10) - 1, 256 << 10, (4 << 20) + 1, 33 << 20] {
            let layout = Layout::from_size_align(size, 64).unwrap();
            let start = take(layout).expect("there is memory");
            assert_eq!(start.addr().get() % 64, 0, "{size}");
            // SAFETY: `size` bytes that are ours.
            unsafe {
                start.write_bytes(0xa5, size);
                assert_eq!(start.add(size - 1).read(), 0xa5);
                give(start.as_ptr(), layout);
            }
        }
        assert_eq!(take(Layout::from_size_align(isize::MAX as usize - 63, 64).unwrap()), None);
    }
}
