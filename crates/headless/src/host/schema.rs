//! Which properties each kind of object has: names, types, dimensions, first values, and whether the plugin may set them.
//! From the property tables of ofxCore.h, ofxImageEffect.h, ofxParam.h, ofxInteract.h and, for what came with OFX 1.5, the
//! specification of that version.

use super::ParamKind;
use super::property::{PropertySet, name, text};
use openfx_sys as sys;

/// First values of a property, which also give its type and, where fixed, its dimension.
#[derive(Debug, Clone, Copy)]
pub(super) enum Start {
    Int(&'static [i32]),
    Double(&'static [f64]),
    Text(&'static [&'static [u8]]),
    Pointer,
}

/// One property of an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) name: &'static [u8],
    pub(super) start: Start,
    pub(super) fixed: bool,
    pub(super) plugin_writes: bool,
    pub(super) since: (i32, i32),
}

impl Row {
    const fn new(name: &'static [u8], start: Start) -> Self {
        Self { name, start, fixed: true, plugin_writes: true, since: (1, 0) }
    }

    const fn any(self) -> Self {
        Self { fixed: false, ..self }
    }

    const fn locked(self) -> Self {
        Self { plugin_writes: false, ..self }
    }

    const fn since(self, major: i32, minor: i32) -> Self {
        Self { since: (major, minor), ..self }
    }
}

const fn int(name: &'static [u8], start: &'static [i32]) -> Row {
    Row::new(name, Start::Int(start))
}

const fn double(name: &'static [u8], start: &'static [f64]) -> Row {
    Row::new(name, Start::Double(start))
}

const fn string(name: &'static [u8], start: &'static [&'static [u8]]) -> Row {
    Row::new(name, Start::Text(start))
}

const fn pointer(name: &'static [u8]) -> Row {
    Row::new(name, Start::Pointer)
}

const EMPTY: &[&[u8]] = &[b"\0"];

/// Effect descriptors; instances have them too.
pub(super) const EFFECT: &[Row] = &[
    string(sys::kOfxPropType, &[sys::kOfxTypeImageEffect]).locked(),
    string(sys::kOfxPropName, EMPTY).locked(),
    string(sys::kOfxPropLabel, EMPTY),
    string(sys::kOfxPropShortLabel, EMPTY),
    string(sys::kOfxPropLongLabel, EMPTY),
    int(sys::kOfxPropVersion, &[0]).any(),
    string(sys::kOfxPropVersionLabel, EMPTY),
    string(sys::kOfxPropIcon, &[b"\0", b"\0"]),
    string(sys::kOfxPropPluginDescription, EMPTY),
    string(sys::kOfxPluginPropFilePath, EMPTY).locked(),
    string(sys::kOfxImageEffectPropSupportedContexts, &[]).any(),
    string(sys::kOfxImageEffectPluginPropGrouping, EMPTY),
    int(sys::kOfxImageEffectPluginPropSingleInstance, &[0]),
    string(sys::kOfxImageEffectPluginRenderThreadSafety, &[sys::kOfxImageEffectRenderFullySafe]),
    int(sys::kOfxImageEffectPluginPropHostFrameThreading, &[0]),
    pointer(sys::kOfxImageEffectPluginPropOverlayInteractV1),
    pointer(sys::kOfxImageEffectPluginPropOverlayInteractV2).since(1, 5),
    int(sys::kOfxImageEffectPropSupportsMultiResolution, &[1]),
    int(sys::kOfxImageEffectPropSupportsTiles, &[1]),
    int(sys::kOfxImageEffectPropTemporalClipAccess, &[0]),
    string(sys::kOfxImageEffectPropSupportedPixelDepths, &[]).any(),
    int(sys::kOfxImageEffectPluginPropFieldRenderTwiceAlways, &[1]),
    int(sys::kOfxImageEffectPropSupportsMultipleClipDepths, &[0]),
    int(sys::kOfxImageEffectPropSupportsMultipleClipPARs, &[0]),
    string(sys::kOfxImageEffectPropClipPreferencesSlaveParam, &[]).any(),
    int(sys::kOfxImageEffectInstancePropSequentialRender, &[0]),
    string(sys::kOfxPluginPropParamPageOrder, &[]).any(),
    string(sys::kOfxImageEffectPropOpenGLRenderSupported, &[b"false\0"]).since(1, 3),
    string(sys::kOfxImageEffectPropCudaRenderSupported, &[b"false\0"]).since(1, 5),
    string(sys::kOfxImageEffectPropCudaStreamSupported, &[b"false\0"]).since(1, 5),
    string(sys::kOfxImageEffectPropMetalRenderSupported, &[b"false\0"]).since(1, 5),
    string(sys::kOfxImageEffectPropOpenCLRenderSupported, &[b"false\0"]).since(1, 5),
    string(b"OfxImageEffectPropCPURenderSupported\0", &[b"true\0"]).since(1, 5),
    string(b"OfxImageEffectPropNoSpatialAwareness\0", &[b"false\0"]).since(1, 5),
];

/// What an effect instance has besides.
pub(super) const EFFECT_INSTANCE: &[Row] = &[
    string(sys::kOfxImageEffectPropContext, EMPTY).locked(),
    pointer(sys::kOfxPropInstanceData),
    pointer(sys::kOfxImageEffectPropPluginHandle).locked(),
    double(sys::kOfxImageEffectPropProjectSize, &[0.0, 0.0]).locked(),
    double(sys::kOfxImageEffectPropProjectOffset, &[0.0, 0.0]).locked(),
    double(sys::kOfxImageEffectPropProjectExtent, &[0.0, 0.0]).locked(),
    double(sys::kOfxImageEffectPropProjectPixelAspectRatio, &[1.0]).locked(),
    double(sys::kOfxImageEffectInstancePropEffectDuration, &[0.0]).locked(),
    double(sys::kOfxImageEffectPropFrameRate, &[24.0]).locked(),
    int(sys::kOfxPropIsInteractive, &[0]).locked(),
    int(sys::kOfxPropParamSetNeedsSyncing, &[0]),
];

/// Clip descriptors; instances have them too.
pub(super) const CLIP: &[Row] = &[
    string(sys::kOfxPropType, &[sys::kOfxTypeClip]).locked(),
    string(sys::kOfxPropName, EMPTY).locked(),
    string(sys::kOfxPropLabel, EMPTY),
    string(sys::kOfxPropShortLabel, EMPTY),
    string(sys::kOfxPropLongLabel, EMPTY),
    string(sys::kOfxImageEffectPropSupportedComponents, &[]).any(),
    int(sys::kOfxImageEffectPropTemporalClipAccess, &[0]),
    int(sys::kOfxImageClipPropOptional, &[0]),
    string(sys::kOfxImageClipPropFieldExtraction, &[sys::kOfxImageFieldDoubled]),
    int(sys::kOfxImageClipPropIsMask, &[0]),
    int(sys::kOfxImageEffectPropSupportsTiles, &[1]),
];

/// What a clip instance has besides.
pub(super) const CLIP_INSTANCE: &[Row] = &[
    string(sys::kOfxImageEffectPropPixelDepth, &[sys::kOfxBitDepthNone]).locked(),
    string(sys::kOfxImageEffectPropComponents, &[sys::kOfxImageComponentNone]).locked(),
    string(sys::kOfxImageClipPropUnmappedPixelDepth, &[sys::kOfxBitDepthNone]).locked(),
    string(sys::kOfxImageClipPropUnmappedComponents, &[sys::kOfxImageComponentNone]).locked(),
    string(sys::kOfxImageEffectPropPreMultiplication, &[sys::kOfxImageOpaque]).locked(),
    double(sys::kOfxImagePropPixelAspectRatio, &[1.0]).locked(),
    double(sys::kOfxImageEffectPropFrameRate, &[24.0]).locked(),
    double(sys::kOfxImageEffectPropFrameRange, &[0.0, 0.0]).locked(),
    string(sys::kOfxImageClipPropFieldOrder, &[sys::kOfxImageFieldNone]).locked(),
    int(sys::kOfxImageClipPropConnected, &[0]).locked(),
    double(sys::kOfxImageEffectPropUnmappedFrameRange, &[0.0, 0.0]).locked(),
    double(sys::kOfxImageEffectPropUnmappedFrameRate, &[24.0]).locked(),
    int(sys::kOfxImageClipPropContinuousSamples, &[0]).locked(),
];

/// Images.
pub(super) const IMAGE: &[Row] = &[
    string(sys::kOfxPropType, &[sys::kOfxTypeImage]).locked(),
    string(sys::kOfxImageEffectPropPixelDepth, EMPTY).locked(),
    string(sys::kOfxImageEffectPropComponents, EMPTY).locked(),
    string(sys::kOfxImageEffectPropPreMultiplication, EMPTY).locked(),
    double(sys::kOfxImageEffectPropRenderScale, &[1.0, 1.0]).locked(),
    double(sys::kOfxImagePropPixelAspectRatio, &[1.0]).locked(),
    pointer(sys::kOfxImagePropData).locked(),
    int(sys::kOfxImagePropBounds, &[0, 0, 0, 0]).locked(),
    int(sys::kOfxImagePropRegionOfDefinition, &[0, 0, 0, 0]).locked(),
    int(sys::kOfxImagePropRowBytes, &[0]).locked(),
    string(sys::kOfxImagePropField, &[sys::kOfxImageFieldNone]).locked(),
    string(sys::kOfxImagePropUniqueIdentifier, EMPTY).locked(),
];

/// Interact descriptors and instances.
pub(super) const INTERACT: &[Row] = &[
    int(sys::kOfxInteractPropHasAlpha, &[1]).locked(),
    int(sys::kOfxInteractPropBitDepth, &[8]).locked(),
    pointer(sys::kOfxPropEffectInstance).locked(),
    pointer(sys::kOfxPropInstanceData),
    double(sys::kOfxInteractPropPixelScale, &[1.0, 1.0]).locked(),
    double(sys::kOfxInteractPropBackgroundColour, &[0.0, 0.0, 0.0]).locked(),
    double(sys::kOfxInteractPropSuggestedColour, &[1.0, 1.0, 1.0]).locked(),
    double(sys::kOfxInteractPropViewportSize, &[0.0, 0.0]).locked(),
    string(sys::kOfxInteractPropSlaveToParam, &[]).any(),
];

/// What all parameters have.
const PARAM: &[Row] = &[
    string(sys::kOfxPropType, &[sys::kOfxTypeParameter]).locked(),
    string(sys::kOfxPropName, EMPTY).locked(),
    string(sys::kOfxPropLabel, EMPTY),
    string(sys::kOfxPropShortLabel, EMPTY),
    string(sys::kOfxPropLongLabel, EMPTY),
    string(sys::kOfxParamPropType, EMPTY).locked(),
    int(sys::kOfxParamPropSecret, &[0]),
    string(sys::kOfxParamPropHint, EMPTY),
    string(sys::kOfxParamPropScriptName, EMPTY),
    string(sys::kOfxParamPropParent, EMPTY),
    int(sys::kOfxParamPropEnabled, &[1]),
    pointer(sys::kOfxParamPropDataPtr),
    string(sys::kOfxPropIcon, &[b"\0", b"\0"]),
];

/// What parameters with a value have.
const PARAM_VALUE: &[Row] = &[
    int(sys::kOfxParamPropAnimates, &[1]),
    int(sys::kOfxParamPropIsAnimating, &[0]).locked(),
    int(sys::kOfxParamPropIsAutoKeying, &[0]).locked(),
    int(sys::kOfxParamPropPersistant, &[1]),
    int(sys::kOfxParamPropEvaluateOnChange, &[1]),
    int(sys::kOfxParamPropPluginMayWrite, &[0]),
    string(sys::kOfxParamPropCacheInvalidation, &[sys::kOfxParamInvalidateValueChange]),
    int(sys::kOfxParamPropCanUndo, &[1]),
    pointer(sys::kOfxParamPropInteractV1),
    double(sys::kOfxParamPropInteractSize, &[0.0, 0.0]).locked(),
    double(sys::kOfxParamPropInteractSizeAspect, &[1.0]),
    double(sys::kOfxParamPropInteractMinimumSize, &[10.0, 10.0]),
    int(sys::kOfxParamPropInteractPreferedSize, &[10, 10]),
    int(sys::kOfxParamPropHasHostOverlayHandle, &[0]).locked(),
    int(sys::kOfxParamPropUseHostOverlayHandle, &[0]),
];

const PARAM_DOUBLE: &[Row] = &[
    double(sys::kOfxParamPropIncrement, &[1.0]),
    int(sys::kOfxParamPropDigits, &[2]),
    string(sys::kOfxParamPropDoubleType, &[sys::kOfxParamDoubleTypePlain]),
    string(sys::kOfxParamPropDefaultCoordinateSystem, &[sys::kOfxParamCoordinatesCanonical]),
    int(sys::kOfxParamPropShowTimeMarker, &[0]),
];

const PARAM_CHOICE: &[Row] =
    &[string(sys::kOfxParamPropChoiceOption, &[]).any(), int(b"OfxParamPropChoiceOrder\0", &[]).any().since(1, 5)];

const PARAM_STRING: &[Row] = &[
    string(sys::kOfxParamPropStringMode, &[sys::kOfxParamStringIsSingleLine]),
    int(sys::kOfxParamPropStringFilePathExists, &[1]),
];

const PARAM_CUSTOM: &[Row] = &[pointer(sys::kOfxParamPropCustomInterpCallbackV1)];

const PARAM_GROUP: &[Row] = &[int(sys::kOfxParamPropGroupOpen, &[1])];

const PARAM_PAGE: &[Row] = &[string(sys::kOfxParamPropPageChild, &[]).any()];

/// The properties of a parameter of this kind, with the range and default that fit it.
pub(super) fn param(kind: ParamKind, api: (i32, i32), closed: bool) -> std::sync::Arc<PropertySet> {
    let special: &[Row] = match kind {
        ParamKind::Double | ParamKind::Double2D | ParamKind::Double3D => PARAM_DOUBLE,
        ParamKind::Choice => PARAM_CHOICE,
        ParamKind::String => PARAM_STRING,
        ParamKind::Custom => PARAM_CUSTOM,
        ParamKind::Group => PARAM_GROUP,
        ParamKind::Page => PARAM_PAGE,
        _ => &[],
    };
    let common: &[Row] = if matches!(kind, ParamKind::Group | ParamKind::Page) { &[] } else { PARAM_VALUE };
    let set = PropertySet::new(&[PARAM, common, special], api, closed);
    values_of(kind, &set);
    set
}

/// Default, range and dimension labels, whose dimension depends on the kind.
fn values_of(kind: ParamKind, set: &PropertySet) {
    let dimension = kind.dimension();
    let default = name(sys::kOfxParamPropDefault);
    match kind {
        ParamKind::Integer | ParamKind::Integer2D | ParamKind::Integer3D => {
            set.offer(default, vec![0_i32; dimension], false);
            range(set, vec![i32::MIN; dimension], vec![i32::MAX; dimension]);
        }
        ParamKind::Boolean | ParamKind::Choice => set.offer(default, vec![0_i32], false),
        ParamKind::Double | ParamKind::Double2D | ParamKind::Double3D => {
            set.offer(default, vec![0.0_f64; dimension], false);
            range(set, vec![-f64::MAX; dimension], vec![f64::MAX; dimension]);
        }
        ParamKind::Rgb | ParamKind::Rgba => {
            set.offer(default, vec![0.0_f64; dimension], false);
            range(set, vec![0.0_f64; dimension], vec![1.0; dimension]);
        }
        ParamKind::String | ParamKind::Custom => set.offer(default, vec![text(c"")], false),
        ParamKind::Group | ParamKind::Page | ParamKind::PushButton => {}
    }
    if dimension > 1 {
        let labels = [c"x", c"y", c"z", c"w"].iter().take(dimension).map(|label| text(label)).collect();
        set.offer(name(sys::kOfxParamPropDimensionLabel), labels, false);
    }
}

fn range<T: super::property::Element>(set: &PropertySet, low: Vec<T>, high: Vec<T>) {
    set.offer(name(sys::kOfxParamPropMin), low.clone(), false);
    set.offer(name(sys::kOfxParamPropDisplayMin), low, false);
    set.offer(name(sys::kOfxParamPropMax), high.clone(), false);
    set.offer(name(sys::kOfxParamPropDisplayMax), high, false);
}
