//! Turning descriptors into plain data.

use super::clip::Clip;
use super::effect::Effect;
use super::param::{Param, default_of};
use super::plugin::PluginInner;
use super::property::{PropertySet, name};
use super::{
    ClipDescription, Context, ContextDescription, Depth, Description, EffectFlags, ParamDescription, RenderThreadSafety,
};
use openfx_sys as sys;
use std::ffi::CStr;
use std::sync::Arc;

impl Description {
    /// The description of an effect and its contexts.
    pub(super) fn of(plugin: &PluginInner, contexts: &[(Context, Arc<Effect>)]) -> Self {
        let effect = plugin.descriptor();
        let properties = &effect.properties;
        let depths = properties.all::<Arc<CStr>>(name(sys::kOfxImageEffectPropSupportedPixelDepths));
        Self {
            id: plugin.raw.id.clone(),
            version: plugin.raw.version,
            label: properties.string(name(sys::kOfxPropLabel)),
            grouping: properties.string(name(sys::kOfxImageEffectPluginPropGrouping)),
            text: properties.string(name(sys::kOfxPropPluginDescription)),
            contexts: plugin.offered_contexts(),
            depths: depths.unwrap_or_default().iter().filter_map(|depth| Depth::from_ofx(depth)).collect(),
            flags: flags(properties),
            described: contexts.iter().map(|(context, effect)| in_context(*context, effect)).collect(),
            properties: properties.plain(),
        }
    }
}

fn flags(properties: &PropertySet) -> EffectFlags {
    let flag = |key: &'static [u8]| properties.flag(name(key));
    let set = |key: &'static [u8]| properties.first::<usize>(name(key)) != 0;
    EffectFlags {
        thread_safety: thread_safety(properties),
        host_frame_threading: flag(sys::kOfxImageEffectPluginPropHostFrameThreading),
        tiles: flag(sys::kOfxImageEffectPropSupportsTiles),
        multi_resolution: flag(sys::kOfxImageEffectPropSupportsMultiResolution),
        temporal: flag(sys::kOfxImageEffectPropTemporalClipAccess),
        multiple_depths: flag(sys::kOfxImageEffectPropSupportsMultipleClipDepths),
        multiple_pixel_aspects: flag(sys::kOfxImageEffectPropSupportsMultipleClipPARs),
        single_instance: flag(sys::kOfxImageEffectPluginPropSingleInstance),
        overlay_v1: set(sys::kOfxImageEffectPluginPropOverlayInteractV1),
        overlay_v2: set(sys::kOfxImageEffectPluginPropOverlayInteractV2),
    }
}

/// Which renders may overlap; nothing may where the effect says something unknown.
pub(super) fn thread_safety(properties: &PropertySet) -> RenderThreadSafety {
    let said = properties.first::<Arc<CStr>>(name(sys::kOfxImageEffectPluginRenderThreadSafety));
    RenderThreadSafety::from_ofx(&said).unwrap_or(RenderThreadSafety::Unsafe)
}

fn in_context(context: Context, effect: &Effect) -> ContextDescription {
    ContextDescription {
        context,
        clips: effect.clips().iter().map(|clip| describe_clip(clip)).collect(),
        params: effect.params.all().iter().map(|param| describe_param(param)).collect(),
    }
}

fn describe_clip(clip: &Clip) -> ClipDescription {
    ClipDescription {
        name: clip.label(),
        label: clip.properties.string(name(sys::kOfxPropLabel)),
        components: clip.accepted(),
        optional: clip.is_optional(),
        mask: clip.properties.flag(name(sys::kOfxImageClipPropIsMask)),
        temporal: clip.properties.flag(name(sys::kOfxImageEffectPropTemporalClipAccess)),
        properties: clip.properties.plain(),
    }
}

fn describe_param(param: &Param) -> ParamDescription {
    let properties = &param.properties;
    ParamDescription {
        name: param.label(),
        kind: param.kind,
        label: properties.string(name(sys::kOfxPropLabel)),
        hint: properties.string(name(sys::kOfxParamPropHint)),
        parent: properties.string(name(sys::kOfxParamPropParent)),
        script_name: properties.string(name(sys::kOfxParamPropScriptName)),
        default: default_of(param.kind, properties).map(|datum| datum.value(param.kind)),
        range: range(properties, sys::kOfxParamPropMin, sys::kOfxParamPropMax),
        display_range: range(properties, sys::kOfxParamPropDisplayMin, sys::kOfxParamPropDisplayMax),
        choices: param.choices(),
        animates: param.animates(),
        secret: properties.flag(name(sys::kOfxParamPropSecret)),
        enabled: properties.flag(name(sys::kOfxParamPropEnabled)),
        properties: properties.plain(),
    }
}

fn range(properties: &PropertySet, low: &'static [u8], high: &'static [u8]) -> Option<(Vec<f64>, Vec<f64>)> {
    let read = |key: &'static [u8]| {
        let whole = || Some(properties.all::<i32>(name(key))?.into_iter().map(f64::from).collect());
        properties.all::<f64>(name(key)).or_else(whole)
    };
    read(low).zip(read(high))
}
