//! The names of parameters, typed by what they hold.
//!
//! A key is a constant: `pub const INVERT: BooleanKey = BooleanKey::new(c"invert");`. The same key describes the
//! parameter ([`super::Row`]) and reads it ([`super::Parameters::get`]), so the two cannot disagree.

use std::ffi::CStr;

/// A parameter's script name: unique in the effect, static because hosts keep the pointer.
pub trait Key: Copy {
    /// The script name.
    fn name(self) -> &'static CStr;
}

macro_rules! keys {
    ($($(#[$doc:meta])* $key:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
            pub struct $key(&'static CStr);

            impl $key {
                /// The parameter with this script name.
                #[must_use]
                pub const fn new(name: &'static CStr) -> Self {
                    Self(name)
                }

                /// The script name, also in constants.
                #[must_use]
                pub const fn script_name(self) -> &'static CStr {
                    self.0
                }
            }

            impl Key for $key {
                fn name(self) -> &'static CStr {
                    self.0
                }
            }
        )*
    };
}

keys! {
    /// A tick box; reads as `bool`.
    BooleanKey;
    /// A whole number; reads as `i32`.
    IntegerKey;
    /// One of several options; reads as its index, `usize`.
    ChoiceKey;
    /// A number; reads as `f64`.
    DoubleKey;
    /// Two numbers, or a position in canonical coordinates; reads as `[f64; 2]`.
    Double2DKey;
    /// Text of any mode; reads as `String`.
    TextKey;
    /// A button; has no value, tells of a click through `instance_changed`.
    PushButtonKey;
    /// A group that other parameters name as their parent; has no value.
    GroupKey;
    /// A page; has no value.
    PageKey;
}
