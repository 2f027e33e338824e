//! Images of the image effect suite: fetching, releasing, regions.

use super::{forbidden, give, guarded, resolve};
use crate::host::clip::{Agreed, Clip};
use crate::host::effect::Effect;
use crate::host::handle::{lookup, was_image};
use crate::host::image::{Content, Image, Look};
use crate::host::pixels::{Layout, Pixels};
use crate::host::profile::{Character, EmptyImage, ImageScale};
use crate::host::property::name;
use crate::host::scope::{self, Phase, Scope};
use crate::host::{Frame, FrameError, HostError, ImageSource, NoPicture, RectD, RectI, Status, Violation};
use openfx_sys as sys;
use std::sync::Arc;
use std::time::Instant;

/// Times closer than this, in frames, are the same.
const SAME_TIME: f64 = 1e-6;

pub(super) unsafe extern "C" fn get(
    clip: sys::OfxImageClipHandle,
    time: f64,
    region: *const sys::OfxRectD,
    out: *mut sys::OfxPropertySetHandle,
) -> sys::OfxStatus {
    guarded("clipGetImage", || {
        // SAFETY: the suite's contract: there is room for the handle.
        unsafe { give(out, std::ptr::null_mut()) }?;
        let clip = resolve::<Clip, _>("clipGetImage", clip, "clip")?;
        let effect = clip.effect.upgrade().ok_or(Status::ERR_BAD_HANDLE)?;
        // SAFETY: the suite's contract: null, or a rectangle.
        let region = (!region.is_null()).then(|| unsafe { region.read_unaligned() });
        let region = region.map(|region| RectD::new(region.x1, region.y1, region.x2, region.y2));
        let image = fetch(&effect, &clip, time, region)?;
        // SAFETY: as above.
        unsafe { give(out, image.properties.handle().as_ptr()) }
    })
}

fn fetch(effect: &Arc<Effect>, clip: &Arc<Clip>, time: f64, region: Option<RectD>) -> Result<Arc<Image>, Status> {
    let allowed = scope::of(effect).filter(|scope| scope.phase.fetches_images());
    let Some(scope) = allowed else {
        let violation = Violation::ImageOutsideRender { action: scope::action_name(), clip: clip.label() };
        scope::violate(Some(effect), violation);
        return Err(Status::FAILED);
    };
    if !time.is_finite() {
        return Err(Status::ERR_VALUE);
    }
    if clip.is_output() {
        return fetch_output(&scope, time);
    }
    let started = Instant::now();
    let image = fetch_input(effect, clip, &scope, time, region);
    scope.spent_on_images(started.elapsed());
    image
}

fn fetch_output(scope: &Arc<Scope>, time: f64) -> Result<Arc<Image>, Status> {
    let target =
        scope.target.as_ref().filter(|target| (target.time - time).abs() <= SAME_TIME).ok_or(Status::FAILED)?;
    let output = name(sys::kOfxImageEffectOutputClipName).to_string_lossy();
    Ok(Image::publish(scope, &output, time, &target.look, Content::Output(target.clone())))
}

fn fetch_input(
    effect: &Arc<Effect>,
    clip: &Clip,
    scope: &Arc<Scope>,
    time: f64,
    region: Option<RectD>,
) -> Result<Arc<Image>, Status> {
    let character = &effect.host.character;
    let Some((source, agreed)) = clip.source().zip(clip.agreed()) else {
        return unconnected(character, clip, scope, time);
    };
    let time = access(effect, clip, scope, time);
    let (first, last) = source.range();
    if time < first - SAME_TIME || time > last + SAME_TIME {
        return Err(Status::FAILED);
    }
    let frame = source.frame(time).map_err(|reason| {
        if !reason.is::<NoPicture>() {
            let error = HostError::Source { clip: clip.label(), time, reason: reason.to_string() };
            scope.found.lock().source_error.get_or_insert(error);
        }
        Status::FAILED
    })?;
    let made = prepare(&frame, &agreed, scope.scale).and_then(|frame| {
        let layout = layout(effect, clip, scope, &frame, region);
        Ok((Pixels::of_frame(layout, &frame)?, frame))
    });
    let (pixels, frame) = made.map_err(|_| Status::ERR_MEMORY)?;
    let look = look(character, source.as_ref(), &agreed, &frame, scope.scale, time);
    Ok(Image::publish(scope, &clip.label(), time, &look, Content::Input { pixels, frame }))
}

/// What a host gives for a clip that nothing is connected to.
fn unconnected(character: &Character, clip: &Clip, scope: &Arc<Scope>, time: f64) -> Result<Arc<Image>, Status> {
    match character.empty_image {
        EmptyImage::Fails => Err(Status::FAILED),
        EmptyImage::WithoutData => {
            let look = Look::nothing(scope.scale);
            Ok(Image::publish(scope, &clip.label(), time, &look, Content::Nothing))
        }
    }
}

/// The time that the host really looks at; other times than the rendered one need temporal access.
fn access(effect: &Arc<Effect>, clip: &Clip, scope: &Arc<Scope>, time: f64) -> f64 {
    let (Some(now), Phase::Render) = (scope.time, scope.phase) else { return time };
    if !effect.host.character.temporal_access {
        return now;
    }
    let key = sys::kOfxImageEffectPropTemporalClipAccess;
    let allowed = effect.flag(key) && clip.properties.flag(name(key));
    if (time - now).abs() > SAME_TIME && !allowed {
        forbidden(Some(effect), "clipGetImage at another time without temporal clip access");
    }
    time
}

/// The frame in the agreed format and at the scale of the action.
fn prepare(frame: &Frame, agreed: &Agreed, scale: (f64, f64)) -> Result<Frame, FrameError> {
    frame.scaled(scale)?.converted(agreed.depth, agreed.components)
}

/// How the image lies in memory: what is needed of the frame, in the host's way.
fn layout(effect: &Effect, clip: &Clip, scope: &Scope, frame: &Frame, region: Option<RectD>) -> Layout {
    let character = &effect.host.character;
    let tiles = sys::kOfxImageEffectPropSupportsTiles;
    let crops = character.tiles && effect.flag(tiles) && clip.properties.flag(name(tiles));
    let wanted = region.or_else(|| scope.regions.get(&clip.label()).copied()).filter(|_| crops);
    let wanted = wanted.map(|region| region.to_pixels(scope.scale, frame.pixel_aspect()).intersect(&frame.bounds()));
    let bounds = wanted.filter(|wanted| !wanted.is_empty()).unwrap_or(frame.bounds());
    Layout {
        bounds: bounds.grown(character.input_margin),
        depth: frame.depth(),
        components: frame.components(),
        padding: character.row_padding,
        negative: character.negative_rows,
    }
}

fn look(
    character: &Character,
    source: &dyn ImageSource,
    agreed: &Agreed,
    frame: &Frame,
    scale: (f64, f64),
    time: f64,
) -> Look {
    Look {
        depth: frame.depth(),
        components: frame.components(),
        premultiplication: agreed.premultiplication,
        region_of_definition: source.rod(time).to_pixels(scale, frame.pixel_aspect()),
        render_scale: character.image_scale.of(scale),
        pixel_aspect: agreed.pixel_aspect,
        field: frame.field(),
    }
}

impl ImageScale {
    /// What an image says its scale is.
    pub(in crate::host) fn of(self, scale: (f64, f64)) -> (f64, f64) {
        match self {
            Self::Right => scale,
            Self::AlwaysOne => (1.0, 1.0),
            Self::Inverse => (1.0 / scale.0, 1.0 / scale.1),
        }
    }
}

impl Look {
    /// Of an image without pixels.
    fn nothing(scale: (f64, f64)) -> Self {
        Self {
            depth: crate::host::Depth::Byte,
            components: crate::host::Components::Rgba,
            premultiplication: crate::host::Premultiplication::Premultiplied,
            region_of_definition: RectI::default(),
            render_scale: scale,
            pixel_aspect: 1.0,
            field: crate::host::Field::None,
        }
    }
}

pub(super) unsafe extern "C" fn release(image: sys::OfxPropertySetHandle) -> sys::OfxStatus {
    guarded("clipReleaseImage", || {
        let Some(found) = lookup::<Image, _>(image) else {
            if was_image(image) {
                scope::violate(None, Violation::ImageReleasedTwice { action: scope::action_name() });
            } else {
                super::bad_handle("clipReleaseImage", "image");
            }
            return Err(Status::ERR_BAD_HANDLE);
        };
        if let Some(owner) = found.owner.upgrade() {
            owner.found.lock().images.remove(&found.properties.handle().number());
        }
        if let Content::Input { pixels, frame } = &found.content
            && !pixels.holds(frame)
        {
            scope::violate(None, Violation::WroteInput { action: scope::action_name(), clip: found.clip.clone() });
        }
        Ok(())
    })
}

pub(super) unsafe extern "C" fn region_of_definition(
    clip: sys::OfxImageClipHandle,
    time: f64,
    bounds: *mut sys::OfxRectD,
) -> sys::OfxStatus {
    guarded("clipGetRegionOfDefinition", || {
        let clip = resolve::<Clip, _>("clipGetRegionOfDefinition", clip, "clip")?;
        let region = if clip.is_output() { output_region() } else { clip.source().map(|source| source.rod(time)) };
        let region = region.ok_or(Status::FAILED)?;
        // SAFETY: the suite's contract: there is room for a rectangle.
        unsafe { give(bounds, sys::OfxRectD { x1: region.x1, y1: region.y1, x2: region.x2, y2: region.y2 }) }
    })
}

/// The region of the output, which is known only while rendering.
fn output_region() -> Option<RectD> {
    let scope = scope::current()?;
    let look = scope.target.as_ref()?.look;
    Some(RectD::from_pixels(&look.region_of_definition, scope.scale, look.pixel_aspect))
}
