//! What many threads free leaves the process. A process of its own: its resident memory is the figure.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

use std::collections::VecDeque;

use blocks::Blocks;

#[global_allocator]
static BLOCKS: Blocks = Blocks;

/// Resident bytes of this process.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split_whitespace().nth(1).unwrap().parse().unwrap();
    pages * 4096
}

/// What made glibc keep 2 GB: threads that mix blocks that live long with large ones that do not.
#[test]
fn what_many_threads_free_leaves_the_process() {
    let work = || {
        let mut kept = VecDeque::new();
        for turn in 0..40usize {
            let frame = vec![1u8; (8 << 20) + turn * 4096];
            kept.push_back(vec![frame[turn]; (1 << 20) + turn * 512]);
            if kept.len() > 4 {
                kept.pop_front();
            }
        }
    };
    std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(work))));
    assert!(blocks::kept() <= 64 << 20);
    blocks::give_back();
    assert_eq!(blocks::kept(), 0);
    let first = resident();
    for _ in 0..3 {
        std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(work))));
    }
    let kept = blocks::kept();
    let grown = resident().saturating_sub(first + kept);
    assert!(grown < 8 << 20, "{grown} bytes stayed");
}
