//! Boxes whose address a host keeps for us (`kOfxPropInstanceData`).
//!
//! Hosts have been seen to destroy twice, and to copy a whole property set, pointer included, when a node is duplicated.
//! So an address that comes back is only believed while it is in the list of those alive.

use std::any::TypeId;
use std::collections::HashMap;
use std::ffi::c_void;
use std::ptr::{self, NonNull};

use parking_lot::Mutex;

use crate::error::Result;
use crate::names;
use crate::properties::PropertySet;

/// The boxes alive, by address, and what is in them.
pub(crate) struct LiveBoxes(Mutex<Option<HashMap<usize, TypeId>>>);

impl LiveBoxes {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Boxes `value` and gives its address to the host.
    pub(crate) fn store<T: 'static>(&self, properties: &PropertySet<'_>, value: T) -> Result<()> {
        let address = NonNull::from(Box::leak(Box::new(value)));
        self.insert::<T>(address);
        if let Err(error) = properties.set_pointer(names::INSTANCE_DATA, address.as_ptr().cast()) {
            drop(self.remove(address));
            return Err(error);
        }
        Ok(())
    }

    /// What the host's pointer stands for; `None` when it is not (or no longer) one of ours.
    ///
    /// # Safety
    /// [`LiveBoxes::free`] is not called for the same property set while `'a` lasts.
    pub(crate) unsafe fn get<'a, T: 'static>(&self, properties: &PropertySet<'_>) -> Option<&'a T> {
        let address = properties.pointer(names::INSTANCE_DATA)?.cast::<T>();
        let alive = self.0.lock().as_ref().and_then(|boxes| boxes.get(&address.addr().get()).copied());
        if alive != Some(TypeId::of::<T>()) {
            return None;
        }
        // SAFETY: the box is alive and of this type, the caller keeps it so, and only shared references are made.
        Some(unsafe { address.as_ref() })
    }

    /// Takes the pointer back from the host and frees the box, once.
    pub(crate) fn free<T: 'static>(&self, properties: &PropertySet<'_>) {
        let Some(address) = properties.pointer(names::INSTANCE_DATA) else { return };
        if let Err(error) = properties.set_pointer(names::INSTANCE_DATA, ptr::null_mut::<c_void>()) {
            log::debug!("{error}");
        }
        drop(self.remove(address.cast::<T>()));
    }

    fn insert<T: 'static>(&self, address: NonNull<T>) {
        self.0.lock().get_or_insert_default().insert(address.addr().get(), TypeId::of::<T>());
    }

    /// The box, out of the list. The lock is released before the caller drops it: what is in it may call the host.
    fn remove<T: 'static>(&self, address: NonNull<T>) -> Option<Box<T>> {
        let mut boxes = self.0.lock();
        let boxes = boxes.as_mut()?;
        if boxes.get(&address.addr().get()) != Some(&TypeId::of::<T>()) {
            return None;
        }
        boxes.remove(&address.addr().get());
        // SAFETY: it was leaked by `store` with this type, and has just been taken off the list, so this is the one time.
        Some(unsafe { Box::from_raw(address.as_ptr()) })
    }
}
