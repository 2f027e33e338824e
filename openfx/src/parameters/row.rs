//! One row of the parameter table: all that a host is told of a parameter.

use std::ffi::CStr;
use std::ops::RangeInclusive;

use super::keys::{
    BooleanKey, ChoiceKey, Double2DKey, DoubleKey, GroupKey, IntegerKey, PageKey, PushButtonKey, TextKey,
};

/// A parameter's description, made by a key's `row` and refined by the methods here; all usable in a `static`.
///
/// A refinement that does not belong to the parameter's type stops the build when used in a constant or static table.
/// Labels, hints and options are static because hosts keep the pointers, and fixed after describe because Nuke takes no
/// changes.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub(crate) name: &'static CStr,
    pub(crate) label: &'static CStr,
    pub(crate) kind: Kind,
    pub(crate) hint: Option<&'static CStr>,
    pub(crate) parent: Option<&'static CStr>,
    pub(crate) animates: bool,
    pub(crate) evaluates: bool,
    pub(crate) invalidates_all: bool,
    pub(crate) shapes_output: bool,
    pub(crate) secret: bool,
    pub(crate) enabled: bool,
    pub(crate) persistent: bool,
}

/// What only one type of parameter has.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Boolean { default: bool },
    Integer { default: i32, range: [i32; 2], display: [i32; 2] },
    Choice { default: usize, options: &'static [&'static CStr] },
    Double { default: f64, range: [f64; 2], display: [f64; 2], increment: f64, digits: i32 },
    Double2D { default: [f64; 2], range: [f64; 2], display: [f64; 2], increment: f64, digits: i32, position: bool },
    Text { default: &'static CStr, mode: TextMode },
    PushButton,
    Group { open: bool },
    Page,
}

impl Kind {
    /// Which of the host's calling conventions reads and writes it; none without a value.
    pub(crate) const fn form(&self) -> Option<Form> {
        Some(match self {
            Self::Boolean { .. } | Self::Integer { .. } | Self::Choice { .. } => Form::Int,
            Self::Double { .. } => Form::Double,
            Self::Double2D { .. } => Form::Double2D,
            Self::Text { .. } => Form::Text,
            Self::PushButton | Self::Group { .. } | Self::Page => return None,
        })
    }
}

/// What the host's variadic functions take for a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One int.
    Int,
    /// One double.
    Double,
    /// Two doubles.
    Double2D,
    /// One string.
    Text,
}

/// How a text parameter is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextMode {
    /// One line.
    SingleLine,
    /// Several lines.
    MultiLine,
    /// A file, with a browse button; it need not exist.
    FilePath,
    /// A folder, with a browse button.
    DirectoryPath,
    /// Words for the user that they cannot edit.
    Label,
    /// The plugin's own data in a custom parameter: never shown.
    Custom,
}

/// The numeric limits of positions: far beyond any picture, and finite because some hosts choke on infinities.
const POSITION_LIMIT: f64 = 1.0e6;
/// What a position's slider spans.
const POSITION_DISPLAY: [f64; 2] = [-10_000.0, 10_000.0];

impl Row {
    const fn new(name: &'static CStr, label: &'static CStr, kind: Kind, animates: bool) -> Self {
        Self {
            name,
            label,
            kind,
            hint: None,
            parent: None,
            animates,
            evaluates: true,
            invalidates_all: false,
            shapes_output: false,
            secret: false,
            enabled: true,
            persistent: true,
        }
    }

    /// The script name.
    #[must_use]
    pub const fn name(&self) -> &'static CStr {
        self.name
    }

    /// Whether it holds something, rather than arranging the panel or being a button.
    pub(crate) const fn has_value(&self) -> bool {
        self.kind.form().is_some()
    }

    /// The tool tip.
    #[must_use]
    pub const fn hint(mut self, hint: &'static CStr) -> Self {
        self.hint = Some(hint);
        self
    }

    /// The group it is shown in. The group's row must come earlier in the table.
    #[must_use]
    pub const fn parent(mut self, group: GroupKey) -> Self {
        self.parent = Some(group.script_name());
        self
    }

    /// It cannot be keyframed.
    #[must_use]
    pub const fn fixed(mut self) -> Self {
        self.animates = false;
        self
    }

    /// Changing it needs no new render: for things of the panel and the overlay only.
    #[must_use]
    pub const fn panel_only(mut self) -> Self {
        self.evaluates = false;
        self
    }

    /// Changing it, or one of its keys, changes every frame of the shot: for prompts that propagate.
    #[must_use]
    pub const fn invalidates_all(mut self) -> Self {
        self.invalidates_all = true;
        self
    }

    /// [`crate::Effect::clip_preferences`] depends on it, so that the host asks again when it changes.
    #[must_use]
    pub const fn shapes_output(mut self) -> Self {
        self.shapes_output = true;
        self
    }

    /// Hidden. Nuke never shows again what was hidden at describe: hide there only what stays hidden.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Greyed out at first.
    #[must_use]
    pub const fn disabled(mut self) -> Self {
        self.enabled = false;
        self
    }

    /// Not saved with the project.
    #[must_use]
    pub const fn volatile(mut self) -> Self {
        self.persistent = false;
        self
    }

    /// What the slider of a double spans; the limits without it.
    ///
    /// # Panics
    /// Where the row is of another type; in a static table that stops the build.
    #[must_use]
    pub const fn display(mut self, span: RangeInclusive<f64>) -> Self {
        match &mut self.kind {
            Kind::Double { display, .. } | Kind::Double2D { display, .. } => *display = [*span.start(), *span.end()],
            _ => panic!("only doubles have a display span of doubles"),
        }
        self
    }

    /// What the slider of an integer spans; the limits without it.
    ///
    /// # Panics
    /// As [`Row::display`].
    #[must_use]
    pub const fn display_integers(mut self, span: RangeInclusive<i32>) -> Self {
        match &mut self.kind {
            Kind::Integer { display, .. } => *display = [*span.start(), *span.end()],
            _ => panic!("only integers have a display span of integers"),
        }
        self
    }

    /// The step of a double's spin box.
    ///
    /// # Panics
    /// As [`Row::display`].
    #[must_use]
    pub const fn increment(mut self, step: f64) -> Self {
        match &mut self.kind {
            Kind::Double { increment, .. } | Kind::Double2D { increment, .. } => *increment = step,
            _ => panic!("only doubles have an increment"),
        }
        self
    }

    /// Digits shown after the point.
    ///
    /// # Panics
    /// As [`Row::display`].
    #[must_use]
    pub const fn digits(mut self, count: i32) -> Self {
        match &mut self.kind {
            Kind::Double { digits, .. } | Kind::Double2D { digits, .. } => *digits = count,
            _ => panic!("only doubles have digits"),
        }
        self
    }

    /// The limits of a Double2D.
    ///
    /// # Panics
    /// As [`Row::display`].
    #[must_use]
    pub const fn limits(mut self, limits: RangeInclusive<f64>) -> Self {
        match &mut self.kind {
            Kind::Double2D { range, .. } => *range = [*limits.start(), *limits.end()],
            _ => panic!("the other types take their limits in `row`"),
        }
        self
    }

    /// A group that starts folded.
    ///
    /// # Panics
    /// As [`Row::display`].
    #[must_use]
    pub const fn closed(mut self) -> Self {
        match &mut self.kind {
            Kind::Group { open } => *open = false,
            _ => panic!("only groups fold"),
        }
        self
    }
}

impl BooleanKey {
    /// A tick box.
    #[must_use]
    pub const fn row(self, label: &'static CStr, default: bool) -> Row {
        Row::new(self.script_name(), label, Kind::Boolean { default }, true)
    }
}

impl IntegerKey {
    /// A whole number within limits.
    #[must_use]
    pub const fn row(self, label: &'static CStr, default: i32, limits: RangeInclusive<i32>) -> Row {
        let range = [*limits.start(), *limits.end()];
        Row::new(self.script_name(), label, Kind::Integer { default, range, display: range }, true)
    }
}

impl ChoiceKey {
    /// One of `options`; `default` is an index into them.
    ///
    /// # Panics
    /// Where `default` is no such index; in a static table that stops the build.
    #[must_use]
    pub const fn row(self, label: &'static CStr, default: usize, options: &'static [&'static CStr]) -> Row {
        assert!(default < options.len(), "the default is one of the options");
        Row::new(self.script_name(), label, Kind::Choice { default, options }, true)
    }
}

impl DoubleKey {
    /// A number within limits.
    #[must_use]
    pub const fn row(self, label: &'static CStr, default: f64, limits: RangeInclusive<f64>) -> Row {
        let range = [*limits.start(), *limits.end()];
        let kind = Kind::Double { default, range, display: range, increment: 0.01, digits: 3 };
        Row::new(self.script_name(), label, kind, true)
    }
}

impl Double2DKey {
    /// Two plain numbers, each within `limits`.
    #[must_use]
    pub const fn row(self, label: &'static CStr, default: [f64; 2], limits: RangeInclusive<f64>) -> Row {
        let range = [*limits.start(), *limits.end()];
        let kind = Kind::Double2D { default, range, display: range, increment: 0.01, digits: 3, position: false };
        Row::new(self.script_name(), label, kind, true)
    }

    /// A position in the picture, in canonical coordinates, with the host's own handle where it has one.
    #[must_use]
    pub const fn position(self, label: &'static CStr, default: [f64; 2]) -> Row {
        let range = [-POSITION_LIMIT, POSITION_LIMIT];
        let kind =
            Kind::Double2D { default, range, display: POSITION_DISPLAY, increment: 1.0, digits: 1, position: true };
        Row::new(self.script_name(), label, kind, true)
    }
}

impl TextKey {
    /// Text; it does not animate (few hosts could).
    #[must_use]
    pub const fn row(self, label: &'static CStr, default: &'static CStr, mode: TextMode) -> Row {
        let row = Row::new(self.script_name(), label, Kind::Text { default, mode }, false);
        match mode {
            TextMode::Custom => row.secret(),
            TextMode::Label => row.panel_only(),
            _ => row,
        }
    }
}

impl PushButtonKey {
    /// A button.
    #[must_use]
    pub const fn row(self, label: &'static CStr) -> Row {
        Row::new(self.script_name(), label, Kind::PushButton, false)
    }
}

impl GroupKey {
    /// A group, unfolded.
    #[must_use]
    pub const fn row(self, label: &'static CStr) -> Row {
        Row::new(self.script_name(), label, Kind::Group { open: true }, false)
    }
}

impl PageKey {
    /// A page that holds every row of the table without a parent, in the table's order.
    #[must_use]
    pub const fn row(self, label: &'static CStr) -> Row {
        Row::new(self.script_name(), label, Kind::Page, false)
    }
}
