//! The allocator as the one of a whole process: this one's.

use std::alloc::{GlobalAlloc, Layout};

use blocks::Blocks;

#[global_allocator]
static BLOCKS: Blocks = Blocks;

const LARGE: usize = 16 << 10;

/// Sizes on both sides of every boundary.
const SIZES: [usize; 9] = [1, 64, LARGE - 1, LARGE, LARGE + 1, 1 << 20, (4 << 20) - 1, (4 << 20) + 1, 33 << 20];

#[test]
fn blocks_of_all_sizes_and_alignments_are_aligned_writable_and_zeroed_where_asked() {
    for size in SIZES {
        for align in [1, 64, 4096, 1 << 16] {
            let layout = Layout::from_size_align(size, align).unwrap();
            // SAFETY: the size is not zero; the block is used within its size and given back once.
            unsafe {
                for start in [BLOCKS.alloc(layout), BLOCKS.alloc_zeroed(layout)] {
                    assert!(!start.is_null() && start.addr() % align == 0, "{size} aligned to {align}");
                    start.write_bytes(0xa5, size);
                    assert_eq!(start.add(size - 1).read(), 0xa5);
                    BLOCKS.dealloc(start, layout);
                }
                let zeroed = BLOCKS.alloc_zeroed(layout);
                assert!((0..size).step_by(97).all(|at| zeroed.add(at).read() == 0), "{size}");
                BLOCKS.dealloc(zeroed, layout);
            }
        }
    }
}

#[test]
fn a_block_keeps_its_bytes_from_any_size_to_any_other() {
    for old in SIZES {
        for new in SIZES {
            let mut bytes: Vec<u8> = (0..old).map(|at| (at * 31 % 251) as u8).collect();
            bytes.shrink_to_fit();
            bytes.resize(new, 7);
            bytes.shrink_to_fit();
            let kept = old.min(new);
            assert!((0..kept).all(|at| bytes[at] == (at * 31 % 251) as u8), "{old} to {new}");
            assert!(bytes[kept..].iter().all(|&byte| byte == 7));
        }
    }
}

#[test]
fn what_cannot_be_had_is_refused() {
    let layout = Layout::from_size_align(isize::MAX as usize - 4095, 64).unwrap();
    // SAFETY: the size is not zero.
    assert!(unsafe { BLOCKS.alloc(layout) }.is_null());
}
