//! The optional Matte input: a rough shape that limits the matte, is cut out of it, or says what the object is.

use std::ffi::CStr;

/// What the Matte clip does to the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatteInput {
    /// Nothing.
    Ignore,
    /// The matte is kept inside it only.
    Limit,
    /// The matte is removed inside it.
    Remove,
    /// Nothing; it is a prompt instead: see [`super::matte_prompt`].
    Prompt,
}

/// The options of the parameter, in the order of [`MatteInput::from_index`].
pub const CHOICES: &[&CStr] = &[c"Automatic", c"Limit to it", c"Cut it away", c"Ignore", c"Is the prompt of Object 1"];

impl MatteInput {
    /// The meaning of an index of the parameter; an index out of range ignores the input.
    ///
    /// "Automatic" limits, except in hosts where every clip says it is connected (Resolve): an empty input is black
    /// there, and would take the whole matte away.
    pub fn from_index(index: usize, connection_is_known: bool) -> Self {
        match index {
            0 if connection_is_known => Self::Limit,
            1 => Self::Limit,
            2 => Self::Remove,
            4 => Self::Prompt,
            _ => Self::Ignore,
        }
    }

    /// Applies the input's values to a row of alpha; both rows are of one length. Values that are not numbers count as
    /// 0, others are clamped to 0..1.
    pub fn apply(self, matte: &[f32], alpha: &mut [f32]) {
        if matches!(self, Self::Ignore | Self::Prompt) {
            return;
        }
        for (alpha, &matte) in alpha.iter_mut().zip(matte) {
            let matte = if matte.is_nan() { 0.0 } else { matte.clamp(0.0, 1.0) };
            *alpha *= if self == Self::Limit { matte } else { 1.0 - matte };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(input: MatteInput) -> Vec<f32> {
        let mut alpha = vec![1.0, 0.5, 1.0, 1.0];
        input.apply(&[0.25, 1.0, f32::NAN, 7.0], &mut alpha);
        alpha
    }

    #[test]
    fn limiting_multiplies_by_the_input_made_safe() {
        assert_eq!(applied(MatteInput::Limit), [0.25, 0.5, 0.0, 1.0]);
    }

    #[test]
    fn cutting_away_multiplies_by_what_the_input_leaves() {
        assert_eq!(applied(MatteInput::Remove), [0.75, 0.0, 1.0, 0.0]);
    }

    #[test]
    fn automatic_ignores_an_input_whose_connection_is_not_known() {
        assert_eq!(MatteInput::from_index(0, true), MatteInput::Limit);
        assert_eq!(MatteInput::from_index(0, false), MatteInput::Ignore);
    }

    #[test]
    fn ignoring_changes_nothing() {
        assert_eq!(applied(MatteInput::Ignore), [1.0, 0.5, 1.0, 1.0]);
        assert_eq!(applied(MatteInput::Prompt), [1.0, 0.5, 1.0, 1.0]);
    }
}
