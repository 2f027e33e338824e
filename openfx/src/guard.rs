//! No panic leaves the library: unwinding out of an `extern "C"` function would end the host.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use crate::status::Status;

thread_local! {
    /// Where the last panic of this thread was; the panic's payload does not say.
    static LOCATION: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `body`; a panic is logged with its location and answered with `kOfxStatFailed`.
///
/// Unwind safety is asserted: what a panicking action leaves behind is either dropped with its stack or behind locks
/// that do not poison, and caches are only written complete.
pub(crate) fn guard(action: &str, body: impl FnOnce() -> Status) -> Status {
    catch(action, body).unwrap_or(Status::FAILED)
}

/// Runs `body`; `Err` holds the words of a panic, which is logged.
pub(crate) fn catch<T>(action: &str, body: impl FnOnce() -> T) -> Result<T, String> {
    note_locations();
    panic::catch_unwind(AssertUnwindSafe(body)).map_err(|payload| {
        let location = LOCATION.take().unwrap_or_else(|| "an unknown place".to_owned());
        let words = format!("internal error in {action}: {} at {location}", words_of(payload.as_ref()));
        log::error!("{words}");
        words
    })
}

/// Once: a hook that remembers where a panic was, and then does what was done before. The hook is this library's alone,
/// as every `cdylib` has its own standard library.
fn note_locations() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            LOCATION.set(info.location().map(ToString::to_string));
            previous(info);
        }));
    });
}

fn words_of(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without words")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_answered_as_a_failure_and_told_with_its_place() {
        assert_eq!(guard("test", || panic!("on purpose")), Status::FAILED);
        let words = catch("render", || -> () { panic!("number {}", 7) }).unwrap_err();
        assert!(words.starts_with("internal error in render: number 7 at "), "{words}");
        assert!(words.contains("guard.rs:"), "{words}");
    }

    #[test]
    fn without_a_panic_the_answer_passes_through() {
        assert_eq!(guard("test", || Status::REPLY_DEFAULT), Status::REPLY_DEFAULT);
    }
}
