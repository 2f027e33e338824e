//! Handles: the opaque pointers that plugins hold.
//!
//! A handle is a number that is never reused and never points at memory, so a stale, foreign or invented one is told apart from a live
//! one without touching it. Suite functions get nothing but handles from the plugin; the table behind them has to be one per process.

use parking_lot::RwLock;
use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Weak};

type Entry = Weak<dyn Any + Send + Sync>;

/// Every live object that a plugin may name.
static LIVE: LazyLock<RwLock<HashMap<usize, Entry>>> = LazyLock::new(Default::default);

/// The next number; page zero is left out so that no handle looks like a null pointer with an offset.
static NEXT: AtomicUsize = AtomicUsize::new(0x1_0000);

/// Low bits that tell images from everything else, even after their death.
const TAG_BITS: u32 = 4;

/// What a handle was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// Anything that lives as long as its owner.
    Object = 0,
    /// An image, released by the plugin.
    Image = 1,
}

/// The handle of one object; the number dies with it.
#[derive(Debug)]
pub(super) struct Handle(usize);

impl Handle {
    /// A fresh number that nothing answers to yet.
    pub(super) fn reserve(tag: Tag) -> Self {
        let serial = NEXT.fetch_add(1, Ordering::Relaxed);
        Self((serial << TAG_BITS) | tag as usize)
    }

    /// Makes `object` answer to this handle as long as it lives.
    pub(super) fn publish<T: Any + Send + Sync>(&self, object: &Arc<T>) {
        let entry: Entry = Arc::downgrade(&(object.clone() as Arc<dyn Any + Send + Sync>));
        LIVE.write().insert(self.0, entry);
    }

    /// The handle as plugins see it.
    pub(super) fn as_ptr<T>(&self) -> *mut T {
        std::ptr::without_provenance_mut(self.0)
    }

    /// The bare number.
    pub(super) fn number(&self) -> usize {
        self.0
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        LIVE.write().remove(&self.0);
    }
}

/// The live object of type `T` behind a plugin's pointer.
pub(super) fn lookup<T: Any + Send + Sync, P>(pointer: *const P) -> Option<Arc<T>> {
    let entry = LIVE.read().get(&pointer.addr()).cloned();
    // Upgraded outside the lock: should this be the last reference, its drop needs the lock itself.
    entry?.upgrade()?.downcast::<T>().ok()
}

/// Whether this was the handle of an image once.
pub(super) fn was_image<P>(pointer: *const P) -> bool {
    let number = pointer.addr();
    number & ((1 << TAG_BITS) - 1) == Tag::Image as usize
        && (0x1_0000..NEXT.load(Ordering::Relaxed)).contains(&(number >> TAG_BITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_dies_with_its_object_and_is_not_reused() {
        let handle = Handle::reserve(Tag::Image);
        let pointer = handle.as_ptr::<u8>();
        let object = Arc::new((handle, 7_u32));
        object.0.publish(&object);
        assert_eq!(lookup::<(Handle, u32), u8>(pointer).map(|found| found.1), Some(7));
        drop(object);
        assert!(lookup::<(Handle, u32), u8>(pointer).is_none());
        assert!(was_image(pointer));
    }

    #[test]
    fn foreign_pointers_find_nothing() {
        let local = 0_u8;
        assert!(lookup::<u32, u8>(&raw const local).is_none());
        assert!(lookup::<u32, u8>(std::ptr::null()).is_none());
        assert!(!was_image(std::ptr::null::<u8>()));
    }
}
