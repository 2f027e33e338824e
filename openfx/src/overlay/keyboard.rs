//! Keys and the modifiers held down.

use std::sync::atomic::{AtomicU8, Ordering};

use openfx_sys as sys;

/// Key symbols an overlay may want to know (ofxKeySyms.h).
pub mod key {
    use openfx_sys as sys;

    /// The delete key.
    pub const DELETE: i32 = sys::kOfxKey_Delete as i32;
    /// The backspace key.
    pub const BACKSPACE: i32 = sys::kOfxKey_BackSpace as i32;
    /// The escape key.
    pub const ESCAPE: i32 = sys::kOfxKey_Escape as i32;
    /// The return key.
    pub const RETURN: i32 = sys::kOfxKey_Return as i32;
    /// The tabulator.
    pub const TAB: i32 = sys::kOfxKey_Tab as i32;
    /// Arrow left.
    pub const LEFT: i32 = sys::kOfxKey_Left as i32;
    /// Arrow right.
    pub const RIGHT: i32 = sys::kOfxKey_Right as i32;
    /// Arrow up.
    pub const UP: i32 = sys::kOfxKey_Up as i32;
    /// Arrow down.
    pub const DOWN: i32 = sys::kOfxKey_Down as i32;
}

/// Modifier keys. OpenFX pens carry none, so they are followed from the key events the viewer gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Modifiers {
    /// Either shift key.
    pub shift: bool,
    /// Either control key.
    pub control: bool,
    /// Either alt (option) key.
    pub alt: bool,
    /// Either meta, super or command key.
    pub meta: bool,
}

/// The modifier keys held down: one bit for each key, left and right apart, so that releasing one of two keeps the
/// other.
#[derive(Debug, Default)]
pub(super) struct HeldKeys(AtomicU8);

const SHIFT: u8 = 0b0000_0011;
const CONTROL: u8 = 0b0000_1100;
const ALT: u8 = 0b0011_0000;
const META: u8 = 0b1100_0000;

impl HeldKeys {
    /// A key went down or came up.
    pub(super) fn note(&self, symbol: i32, down: bool) {
        let bit = bit(symbol);
        if down {
            self.0.fetch_or(bit, Ordering::Relaxed);
        } else {
            self.0.fetch_and(!bit, Ordering::Relaxed);
        }
    }

    /// The viewer lost the keyboard: what comes up elsewhere is not told.
    pub(super) fn forget(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    pub(super) fn modifiers(&self) -> Modifiers {
        let held = self.0.load(Ordering::Relaxed);
        Modifiers {
            shift: held & SHIFT != 0,
            control: held & CONTROL != 0,
            alt: held & ALT != 0,
            meta: held & META != 0,
        }
    }
}

fn bit(symbol: i32) -> u8 {
    match u32::try_from(symbol).unwrap_or(0) {
        sys::kOfxKey_Shift_L => 1,
        sys::kOfxKey_Shift_R => 1 << 1,
        sys::kOfxKey_Control_L => 1 << 2,
        sys::kOfxKey_Control_R => 1 << 3,
        sys::kOfxKey_Alt_L => 1 << 4,
        sys::kOfxKey_Alt_R => 1 << 5,
        sys::kOfxKey_Meta_L | sys::kOfxKey_Super_L => 1 << 6,
        sys::kOfxKey_Meta_R | sys::kOfxKey_Super_R => 1 << 7,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modifier_lasts_until_its_last_key_comes_up() {
        let held = HeldKeys::default();
        held.note(sys::kOfxKey_Shift_L as i32, true);
        held.note(sys::kOfxKey_Shift_R as i32, true);
        held.note(sys::kOfxKey_Shift_L as i32, false);
        assert_eq!(held.modifiers(), Modifiers { shift: true, ..Modifiers::default() });
        held.note(sys::kOfxKey_Shift_R as i32, false);
        assert_eq!(held.modifiers(), Modifiers::default());
    }

    #[test]
    fn losing_the_keyboard_releases_all_modifiers_and_other_keys_are_none() {
        let held = HeldKeys::default();
        held.note(sys::kOfxKey_Control_L as i32, true);
        held.note(key::DELETE, true);
        held.note(-1, true);
        assert_eq!(held.modifiers(), Modifiers { control: true, ..Modifiers::default() });
        held.forget();
        assert_eq!(held.modifiers(), Modifiers::default());
    }
}
