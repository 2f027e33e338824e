//! The words of OFX for pixels, contexts and threads, as enums that know their OFX string.

use openfx_sys as sys;
use serde::{Deserialize, Serialize};
use std::ffi::CStr;

/// Declares an enum whose variants stand for OFX string constants.
macro_rules! ofx_words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $constant:expr),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// Every value, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The OFX string of this value.
            pub fn ofx(self) -> &'static CStr {
                let bytes: &'static [u8] = match self { $(Self::$variant => $constant),+ };
                CStr::from_bytes_with_nul(bytes).unwrap_or(c"")
            }

            /// The value that an OFX string stands for.
            pub fn from_ofx(text: &CStr) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.ofx() == text)
            }
        }
    };
}

ofx_words! {
    /// How one channel sample is stored.
    Depth {
        /// 8 bit unsigned, 0..255.
        Byte = sys::kOfxBitDepthByte,
        /// 16 bit unsigned, 0..65535.
        Short = sys::kOfxBitDepthShort,
        /// 16 bit float.
        Half = sys::kOfxBitDepthHalf,
        /// 32 bit float.
        Float = sys::kOfxBitDepthFloat,
    }
}

ofx_words! {
    /// Which channels a pixel has, interleaved in this order.
    Components {
        /// Red, green, blue, alpha.
        Rgba = sys::kOfxImageComponentRGBA,
        /// Red, green, blue.
        Rgb = sys::kOfxImageComponentRGB,
        /// Alpha alone.
        Alpha = sys::kOfxImageComponentAlpha,
    }
}

ofx_words! {
    /// What alpha means for the colours.
    Premultiplication {
        /// No meaningful alpha: all opaque.
        Opaque = sys::kOfxImageOpaque,
        /// Colours are multiplied by alpha.
        Premultiplied = sys::kOfxImagePreMultiplied,
        /// Colours are not multiplied by alpha.
        Unpremultiplied = sys::kOfxImageUnPreMultiplied,
    }
}

ofx_words! {
    /// Which field of an interlaced frame is meant.
    Field {
        /// Not interlaced: the whole frame.
        None = sys::kOfxImageFieldNone,
        /// Both fields.
        Both = sys::kOfxImageFieldBoth,
        /// The lower field.
        Lower = sys::kOfxImageFieldLower,
        /// The upper field.
        Upper = sys::kOfxImageFieldUpper,
    }
}

ofx_words! {
    /// What an effect is used as.
    Context {
        /// One input, one output.
        Filter = sys::kOfxImageEffectContextFilter,
        /// Any inputs.
        General = sys::kOfxImageEffectContextGeneral,
        /// No input.
        Generator = sys::kOfxImageEffectContextGenerator,
        /// From one clip to another.
        Transition = sys::kOfxImageEffectContextTransition,
        /// A brush mask.
        Paint = sys::kOfxImageEffectContextPaint,
        /// Time changes.
        Retimer = sys::kOfxImageEffectContextRetimer,
    }
}

ofx_words! {
    /// Which render calls may overlap in time.
    RenderThreadSafety {
        /// One render at a time over all instances.
        Unsafe = sys::kOfxImageEffectRenderUnsafe,
        /// One render at a time per instance.
        InstanceSafe = sys::kOfxImageEffectRenderInstanceSafe,
        /// Any number of renders at once.
        FullySafe = sys::kOfxImageEffectRenderFullySafe,
    }
}

impl Depth {
    /// Bytes of one sample.
    pub fn bytes(self) -> usize {
        match self {
            Self::Byte => 1,
            Self::Short | Self::Half => 2,
            Self::Float => 4,
        }
    }
}

impl Components {
    /// Samples in one pixel.
    pub fn channels(self) -> usize {
        match self {
            Self::Rgba => 4,
            Self::Rgb => 3,
            Self::Alpha => 1,
        }
    }
}
