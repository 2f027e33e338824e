//! Presets, and what comes in.

use openfx::{BooleanKey, ChoiceKey, GroupKey, PushButtonKey, Row, TextKey, TextMode};

use crate::output::presets;
use crate::picture::{encoding, matte_channel, use_input};

/// Sets the parameters below for a material: see [`presets`].
pub const PRESET: ChoiceKey = ChoiceKey::new(c"preset");
/// The name of a preset of the user's own.
pub const USER_PRESET: TextKey = TextKey::new(c"userPreset");
/// Writes the parameters into the user's preset.
pub const SAVE_PRESET: PushButtonKey = PushButtonKey::new(c"savePreset");

const GROUP: GroupKey = GroupKey::new(c"inputGroup");
/// Whether the matte comes from the Matte clip: see [`use_input::UseInput`].
pub const USE_MATTE_INPUT: ChoiceKey = ChoiceKey::new(c"useMatteInput");
/// What of the Matte clip is the matte: see [`matte_channel::MatteChannel`].
pub const MATTE_CHANNEL: ChoiceKey = ChoiceKey::new(c"matteChannel");
/// Exchanges object and background before all else.
pub const INVERT: BooleanKey = BooleanKey::new(c"invert");
/// Whether the Trimap clip is used.
pub const USE_TRIMAP_INPUT: ChoiceKey = ChoiceKey::new(c"useTrimapInput");
/// How the source's colours are encoded: see [`encoding`].
pub const SOURCE_ENCODING: ChoiceKey = ChoiceKey::new(c"sourceEncoding");

/// The rows.
pub static ROWS: [Row; 9] = [
    PRESET.row(c"Preset", 0, presets::CHOICES).fixed().panel_only().hint(
        c"Sets the parameters below for a material, except what comes in and what is written. Change them freely afterwards. User preset takes the one named below.",
    ),
    USER_PRESET.row(c"User Preset", c"", TextMode::SingleLine).panel_only().hint(
        c"The name of a preset of your own, a file name.toml in your folder of presets (setting presets.folder), or its full path. Naming it loads it.",
    ),
    SAVE_PRESET
        .row(c"Save User Preset")
        .hint(c"Writes the parameters below, as they are at this frame, into the preset named above."),
    GROUP.row(c"Input"),
    USE_MATTE_INPUT.row(c"Use Matte Input", 0, use_input::CHOICES).parent(GROUP).fixed().hint(
        c"Where the matte comes from: the Matte input, or else the alpha of Source. Automatic takes the Matte input when one is connected, and the alpha of Source in hosts that cannot tell (Resolve): choose Always there.",
    ),
    MATTE_CHANNEL
        .row(c"Matte Channel", 0, matte_channel::CHOICES)
        .parent(GROUP)
        .fixed()
        .hint(c"What of the Matte input is the matte. Alpha takes the luminance where there is no alpha."),
    INVERT.row(c"Invert", false).parent(GROUP).hint(c"Exchanges object and background before all else."),
    USE_TRIMAP_INPUT.row(c"Use Trimap Input", 0, use_input::CHOICES).parent(GROUP).fixed().hint(
        c"A painted trimap: white is object, black background, grey is to be found out. Without one it is made from the matte. Automatic takes it when it is connected, except in hosts that cannot tell (Resolve).",
    ),
    SOURCE_ENCODING.row(c"Source Is", 0, encoding::CHOICES).parent(GROUP).fixed().hint(
        c"How the colours of Source are encoded. Refining looks at them as on a display; the output keeps the source's own colours.",
    ),
];
