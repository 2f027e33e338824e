//! The OFX host.
//!
//! Loads an image effect bundle as a black box, through the OFX C API alone, and drives it like a compositing program does:
//! describe, create, set and key parameters, connect clips, negotiate, render (from many threads), press buttons, move a pen over
//! the overlay, destroy. It is also the plugin's examiner: images that leak, bytes written outside the render window, parameters
//! written while rendering and the like are collected as [`Violation`]s and come back as errors.
//!
//! ```no_run
//! use headless::host::{Bundle, Host, Instance, InstanceOptions, Profile, RenderRequest, Value};
//! # fn source() -> Box<dyn headless::host::ImageSource> { unimplemented!() }
//! # fn main() -> Result<(), headless::host::HostError> {
//! let host = Host::new(Profile::Nuke);
//! let bundle = Bundle::open(&host, "Sam3Roto.ofx.bundle".as_ref())?;
//! let plugin = bundle.plugin("org.sam3roto.Roto")?;
//! let instance = Instance::create(&plugin, InstanceOptions::default())?;
//! instance.clip("Source")?.connect(source())?;
//! instance.set("invert", Value::Boolean(true))?;
//! instance.set_key("point1Position", 12.0, Value::Double2D([640.0, 360.0]))?;
//! let rendered = instance.render(&RenderRequest::at(12.0))?;
//! println!("{:?} in {:?}", rendered.frame.bounds(), rendered.timings.render);
//! instance.destroy()?;
//! # Ok(()) }
//! ```
//!
//! Coordinates are those of OFX: x to the right, y UP. Canonical coordinates are pixels at full scale with square pixels;
//! pixel coordinates are canonical ones times the render scale (x also divided by the pixel aspect ratio).

mod action;
mod bundle;
mod clip;
mod convert;
mod curve;
mod describe;
mod description;
mod edit;
mod effect;
mod error;
mod frame;
mod gate;
mod geometry;
mod handle;
mod image;
mod instance;
mod lease;
mod library;
mod message;
mod negotiate;
mod overlay;
mod param;
mod pixel;
mod pixels;
mod plugin;
mod profile;
mod project;
mod property;
mod regions;
mod render;
mod request;
mod schema;
mod scope;
mod session;
mod source;
mod suites;
mod value;
mod violation;

pub use bundle::{Bundle, Host};
pub use description::{
    ClipDescription, ContextDescription, Description, EffectFlags, ParamDescription, PropertyValues,
};
pub use error::{HostError, Status};
pub use frame::{Frame, FrameError};
pub use geometry::{RectD, RectI};
pub use instance::{ClipRef, Instance, InstanceOptions};
pub use message::{Message, MessageKind, ProgressEvent};
pub use overlay::{DrawCommand, Overlay, OverlayView};
pub use pixel::{Components, Context, Depth, Field, Premultiplication, RenderThreadSafety};
pub use plugin::Plugin;
pub use profile::{Character, EmptyImage, ImageScale, MessageSuites, Profile, Threads};
pub use project::Project;
pub use request::{Identity, RenderRequest, Rendered, Timings};
pub use source::{ClipFormat, ImageSource, NoPicture, SourceError, Still};
pub use value::{ParamKind, Value};
pub use violation::Violation;
