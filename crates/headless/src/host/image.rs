//! Images handed to a plugin, and what a render writes into.

use super::handle::{Handle, Tag};
use super::pixels::Pixels;
use super::property::{PropertySet, name, text, text_of};
use super::scope::Scope;
use super::{Components, Depth, Field, Frame, Premultiplication, RectI, schema};
use openfx_sys as sys;
use std::sync::{Arc, Weak};

/// The output image of one render action.
#[derive(Debug)]
pub(super) struct RenderTarget {
    pub(super) pixels: Pixels,
    pub(super) window: RectI,
    pub(super) time: f64,
    pub(super) look: Look,
}

/// What an image says about itself besides its memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) depth: Depth,
    pub(super) components: Components,
    pub(super) premultiplication: Premultiplication,
    pub(super) region_of_definition: RectI,
    pub(super) render_scale: (f64, f64),
    pub(super) pixel_aspect: f64,
    pub(super) field: Field,
}

/// Where an image's pixels are.
#[derive(Debug)]
pub(super) enum Content {
    /// A copy for the plugin to read, and the frame that it was made from.
    Input { pixels: Pixels, frame: Frame },
    /// The output of a render.
    Output(Arc<RenderTarget>),
    /// Nothing: an image without data, as some hosts give for an unconnected clip.
    Nothing,
}

/// One image between fetching and releasing.
#[derive(Debug)]
pub(super) struct Image {
    pub(super) properties: PropertySet,
    pub(super) clip: String,
    pub(super) time: f64,
    pub(super) content: Content,
    /// The action that fetched it, which holds it until it is released.
    pub(super) owner: Weak<Scope>,
}

impl Image {
    /// Publishes an image under a handle of its own and gives it to the action that fetched it.
    pub(super) fn publish(owner: &Arc<Scope>, clip: &str, time: f64, look: &Look, content: Content) -> Arc<Self> {
        let properties = PropertySet::unpublished(&[schema::IMAGE], (1, 0), true, Handle::reserve(Tag::Image));
        describe(&properties, clip, time, look, &content);
        let image = Arc::new(Self { properties, clip: clip.to_owned(), time, content, owner: Arc::downgrade(owner) });
        image.properties.handle().publish(&image);
        owner.found.lock().images.insert(image.properties.handle().number(), image.clone());
        image
    }
}

fn describe(properties: &PropertySet, clip: &str, time: f64, look: &Look, content: &Content) {
    properties.put(name(sys::kOfxImageEffectPropPixelDepth), vec![text(look.depth.ofx())]);
    properties.put(name(sys::kOfxImageEffectPropComponents), vec![text(look.components.ofx())]);
    properties.put(name(sys::kOfxImageEffectPropPreMultiplication), vec![text(look.premultiplication.ofx())]);
    properties.put(name(sys::kOfxImageEffectPropRenderScale), vec![look.render_scale.0, look.render_scale.1]);
    properties.put(name(sys::kOfxImagePropPixelAspectRatio), vec![look.pixel_aspect]);
    properties.put(name(sys::kOfxImagePropField), vec![text(look.field.ofx())]);
    properties.put(name(sys::kOfxImagePropRegionOfDefinition), corners(&look.region_of_definition));
    let identifier = format!("{clip}@{time}:{:x}", properties.handle().number());
    properties.put(name(sys::kOfxImagePropUniqueIdentifier), vec![text_of(&identifier)]);
    let pixels = match content {
        Content::Input { pixels, .. } => pixels,
        Content::Output(target) => &target.pixels,
        Content::Nothing => return,
    };
    properties.put(name(sys::kOfxImagePropBounds), corners(&pixels.layout().bounds));
    properties.put(name(sys::kOfxImagePropRowBytes), vec![pixels.layout().row_bytes()]);
    properties.put(name(sys::kOfxImagePropData), vec![pixels.origin().expose_provenance()]);
}

fn corners(rect: &RectI) -> Vec<i32> {
    vec![rect.x1, rect.y1, rect.x2, rect.y2]
}
