//! A text a library hands out beside the OpenFX entry points, for tools that load it without being a host.

use std::ffi::{CStr, c_char};

/// Exports `size_t NAME(const char *topic, char *out, size_t capacity)` from a `cdylib`:
/// `openfx::export_report!(MyReport, my_report)` with `fn my_report(topic: &str) -> Option<String>`.
///
/// The function copies the text and a NUL to `out` where `capacity` bytes hold them, and returns the bytes it needs, the
/// NUL included; 0 for an unknown topic. Call it with a null `out` to ask for the size; the text may change between two
/// calls, so ask again when the size grew.
#[macro_export]
macro_rules! export_report {
    ($name:ident, $report:path) => {
        /// A report about this library; see `openfx::export_report`.
        ///
        /// # Safety
        /// `topic` is a C string; `out` is null or has room for `capacity` bytes.
        // SAFETY: no other function of the library has this name.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            topic: *const ::std::ffi::c_char,
            out: *mut ::std::ffi::c_char,
            capacity: usize,
        ) -> usize {
            // SAFETY: the caller's promise.
            unsafe { $crate::hand_out_report(topic, out, capacity, $report) }
        }
    };
}

/// What [`export_report!`] exports.
///
/// # Safety
/// `topic` is null or a C string; `out` is null or has room for `capacity` bytes.
#[doc(hidden)]
pub unsafe fn hand_out_report(
    topic: *const c_char,
    out: *mut c_char,
    capacity: usize,
    report: fn(&str) -> Option<String>,
) -> usize {
    if topic.is_null() {
        return 0;
    }
    // SAFETY: a C string by the caller's promise.
    let topic = unsafe { CStr::from_ptr(topic) }.to_string_lossy();
    let text = std::panic::catch_unwind(|| report(&topic)).unwrap_or_default();
    let Some(text) = text else { return 0 };
    let needed = text.len() + 1;
    if !out.is_null() && capacity >= needed {
        // SAFETY: there is room for the text and the NUL; the text is no part of the caller's buffer.
        unsafe {
            std::ptr::copy_nonoverlapping(text.as_ptr().cast(), out, text.len());
            out.add(text.len()).write(0);
        }
    }
    needed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(topic: &CStr, capacity: usize) -> (usize, Vec<u8>) {
        let mut out = vec![7u8; 16];
        // SAFETY: the buffer is larger than any capacity asked for here.
        let needed = unsafe {
            hand_out_report(topic.as_ptr(), out.as_mut_ptr().cast(), capacity, |topic| match topic {
                "good" => Some("text".to_owned()),
                "bad" => panic!("on purpose"),
                _ => None,
            })
        };
        (needed, out)
    }

    #[test]
    fn a_text_is_copied_with_its_nul_where_it_fits() {
        let (needed, out) = told(c"good", 5);
        assert_eq!((needed, &out[..6]), (5, &b"text\0\x07"[..]));
    }

    #[test]
    fn a_buffer_too_small_is_left_alone_and_the_size_told() {
        let (needed, out) = told(c"good", 4);
        assert_eq!((needed, out[0]), (5, 7));
    }

    #[test]
    fn unknown_topics_and_panics_need_nothing() {
        assert_eq!(told(c"other", 16).0, 0);
        assert_eq!(told(c"bad", 16).0, 0);
    }
}
