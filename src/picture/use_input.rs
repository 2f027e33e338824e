//! Whether an optional clip is used, as the panel says.

use std::ffi::CStr;

/// The options of the parameter, in the order of [`UseInput::from_index`].
pub const CHOICES: &[&CStr] = &[c"Automatic", c"Always", c"Never"];

/// Whether an optional clip is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UseInput {
    /// Where something is connected to it.
    IfConnected,
    /// In any case.
    Always,
    /// Not at all.
    Never,
}

impl UseInput {
    /// The meaning of an index of the parameter. "Automatic" is "never" in hosts where every clip says it is connected
    /// (Resolve): an empty one is black there.
    pub fn from_index(index: usize, connection_is_known: bool) -> Self {
        match index {
            0 if connection_is_known => Self::IfConnected,
            1 => Self::Always,
            _ => Self::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn automatic_is_never_where_hosts_do_not_tell_what_is_connected() {
        assert_eq!(UseInput::from_index(0, true), UseInput::IfConnected);
        assert_eq!(UseInput::from_index(0, false), UseInput::Never);
        assert_eq!(UseInput::from_index(1, false), UseInput::Always);
        assert_eq!(UseInput::from_index(9, true), UseInput::Never);
    }
}
