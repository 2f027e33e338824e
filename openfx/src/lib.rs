//! A safe OpenFX plugin layer over openfx-sys.
//!
//! An effect is a type that implements [`Effect`]: a constant [`Description`] (label, clips, a table of parameters) and
//! a `render`. [`export_plugins!`] puts effects into a `cdylib`. All `unsafe` of the plugin lives in this crate.
//!
//! ```
//! use openfx::{BooleanKey, ClipKey, Components, Description, Effect, Error, Instance, RenderArgs, Result, Row};
//!
//! const INVERT: BooleanKey = BooleanKey::new(c"invert");
//! const PARAMETERS: &[Row] = &[INVERT.row(c"Invert", false).hint(c"Turns the matte inside out.")];
//!
//! struct Copy;
//!
//! impl Effect for Copy {
//!     const DESCRIPTION: &'static Description = &Description::new(c"org.example.Copy", c"Copy")
//!         .grouping(c"Example")
//!         .clips(&[
//!             ClipKey::SOURCE.row(&[Components::Rgba, Components::Rgb]),
//!             ClipKey::OUTPUT.row(&[Components::Rgba, Components::Rgb, Components::Alpha]),
//!         ])
//!         .parameters(&[PARAMETERS]);
//!
//!     fn create(_: &Instance) -> Result<Self> {
//!         Ok(Self)
//!     }
//!
//!     fn render(&self, instance: &Instance, args: &RenderArgs) -> Result<()> {
//!         let _invert = instance.parameters().get(INVERT, args.time)?;
//!         let source = instance.clip(ClipKey::SOURCE)?.image(args.time)?;
//!         let mut output = instance.clip(ClipKey::OUTPUT)?.output_image(args.time)?.ok_or(Error::Aborted)?;
//!         let window = output.writable(args.window);
//!         let mut pixels = vec![[0.0; 4]; window.width()];
//!         let mut view = output.view_mut(window)?;
//!         for y in 0..window.height() {
//!             // ... fill `pixels` from `source` ...
//!             view.write_rgba(y, 0, &pixels);
//!         }
//!         Ok(())
//!     }
//! }
//! openfx::export_plugins!(Copy);
//! # fn main() {}
//! ```

mod actions;
mod arguments;
mod clip;
mod description;
mod effect;
mod entry;
mod error;
mod export;
mod geometry;
mod guard;
mod host;
mod image;
mod instance;
mod library_path;
mod live_boxes;
mod message;
mod names;
mod overlay;
mod parameters;
mod pixels;
mod progress;
mod properties;
mod quirks;
mod report;
mod status;
mod suites;
mod threads;
mod write_access;

pub use arguments::{Change, ClipPreferences, FramesNeeded, Identity, Reason, RegionArgs, RenderArgs, SequenceArgs};
pub use clip::{Clip, ClipKey};
pub use description::{ClipRow, Context, Description, Sequential, ThreadSafety};
pub use effect::{Effect, Exported};
pub use entry::Entry;
pub use error::{Error, Result};
pub use export::{Plugin, set_library_host};
pub use geometry::RectD;
pub use host::{Family, Host, Quirks};
pub use image::{Image, OutputImage};
pub use instance::Instance;
pub use library_path::library_path;
pub use message::MessageKind;
pub use overlay::{Draw, KeyStroke, Modifiers, Overlay, OverlayView, Pen, Stipple, TextAnchor, key};
pub use parameters::{
    AnyValue, BooleanKey, ChoiceKey, Direction, Double2DKey, DoubleKey, EditBlock, GroupKey, IntegerKey, Key, PageKey,
    Parameters, PushButtonKey, Row, TextKey, TextMode, Value,
};
pub use pixels::{Field, Premultiplication};
pub use progress::Progress;
pub use properties::{PropertySet, PropertyValue};
pub use raster::{Components, Depth, PixelView, PixelViewMut, RectI};
#[doc(hidden)]
pub use report::hand_out_report;
pub use status::Status;
