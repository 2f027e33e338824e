//! In which actions parameters may be written.
//!
//! Hosts accept writes in InstanceChanged and in the overlay's actions (draw excepted). Elsewhere Nuke 17 crashes or
//! refuses and Resolve's Smart Cache breaks, so a write there fails here, in every host alike. What counts is the
//! thread: a render may run beside an InstanceChanged of the same instance.

use std::cell::Cell;

thread_local! {
    static ALLOWED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `action` with parameter writes allowed, or forbidden, in this thread; nested actions (a write makes the host
/// call InstanceChanged or Draw at once) put back what was there.
pub(crate) fn during<T>(allowed: bool, action: impl FnOnce() -> T) -> T {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            ALLOWED.set(self.0);
        }
    }
    let _restore = Restore(ALLOWED.replace(allowed));
    action()
}

/// Whether parameters may be written here and now.
pub(crate) fn allowed() -> bool {
    ALLOWED.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_render_nested_in_a_change_may_not_write_and_the_change_may_again_afterwards() {
        assert!(!allowed());
        during(true, || {
            during(false, || assert!(!allowed()));
            assert!(allowed());
        });
        assert!(!allowed());
    }

    #[test]
    fn the_permission_ends_with_the_action_even_when_it_panics() {
        let outcome = std::panic::catch_unwind(|| during(true, || panic!("on purpose")));
        assert!(outcome.is_err());
        assert!(!allowed());
    }
}
