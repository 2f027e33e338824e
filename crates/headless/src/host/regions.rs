//! What an effect says about space and time before it renders.

use super::action::{act, arguments, scope_of};
use super::effect::Effect;
use super::plugin::bad_answer;
use super::property::{PropertySet, name, text};
use super::scope::{Phase, Scope};
use super::{Context, HostError, Identity, RectD, RectI, RenderRequest, Status};
use openfx_sys as sys;
use std::collections::BTreeMap;
use std::ffi::{CStr, CString};
use std::sync::Arc;

/// The scope of a question about one time.
fn question(effect: &Arc<Effect>, action: &'static [u8], request: &RenderRequest) -> Scope {
    scope_of(effect, action, Phase::Query).at(request.time, request.scale)
}

fn time_and_scale(request: &RenderRequest) -> Arc<PropertySet> {
    let args = arguments();
    args.put(name(sys::kOfxPropTime), vec![request.time]);
    args.put(name(sys::kOfxImageEffectPropRenderScale), vec![request.scale.0, request.scale.1]);
    args
}

/// The region of definition, canonical: what the effect says, else what the specification has as the default.
pub(super) fn region_of_definition(
    effect: &Arc<Effect>,
    context: Context,
    request: &RenderRequest,
) -> Result<RectD, HostError> {
    let default = default_region(effect, context, request.time);
    if !effect.host.character.asks_region_of_definition {
        return Ok(default);
    }
    let (args, answer) = (time_and_scale(request), arguments());
    let key = name(sys::kOfxImageEffectPropRegionOfDefinition);
    answer.offer(key, corners(&default), false);
    let action = sys::kOfxImageEffectActionGetRegionOfDefinition;
    let mut outcome = act(effect, question(effect, action, request), Some(&args), Some(&answer));
    let region = rectangle(&answer, key);
    if region.is_none() {
        outcome.findings.violations.push(bad_answer(action, "the region of definition is not a rectangle".to_owned()));
    }
    let outcome = outcome.accept(effect)?;
    let region = region.filter(|_| outcome.status == Status::OK).unwrap_or(default);
    Ok(bounded(region, &effect.session.project().area))
}

/// The default region (ofxImageEffect.h, kOfxImageEffectActionGetRegionOfDefinition).
fn default_region(effect: &Effect, context: Context, time: f64) -> RectD {
    let source = name(sys::kOfxImageEffectSimpleSourceClipName);
    let counts = |optional: bool, label: &CStr| match context {
        Context::Generator => false,
        Context::Filter | Context::Paint | Context::Retimer => label == source,
        Context::Transition | Context::General => !optional || label == source,
    };
    let inputs = effect.inputs().into_iter().filter(|clip| counts(clip.is_optional(), &clip.name));
    let regions = inputs.filter_map(|clip| clip.source()).map(|source| source.rod(time));
    regions.reduce(|all, region| all.union(&region)).unwrap_or_else(|| effect.session.project().area)
}

/// Replaces infinite edges (ofxCore.h, kOfxFlagInfiniteMin and Max) by those of the project.
fn bounded(region: RectD, area: &RectD) -> RectD {
    let low = |edge: f64, project: f64| if edge <= f64::from(i32::MIN) { project } else { edge };
    let high = |edge: f64, project: f64| if edge >= f64::from(i32::MAX) { project } else { edge };
    RectD::new(low(region.x1, area.x1), low(region.y1, area.y1), high(region.x2, area.x2), high(region.y2, area.y2))
}

fn corners(rect: &RectD) -> Vec<f64> {
    vec![rect.x1, rect.y1, rect.x2, rect.y2]
}

/// Four finite numbers that make a rectangle, which may be empty but not inside out.
fn rectangle(answer: &PropertySet, key: &CStr) -> Option<RectD> {
    let values = answer.all::<f64>(key)?;
    let [x1, y1, x2, y2] = values[..] else { return None };
    let rect = RectD::new(x1, y1, x2, y2);
    (values.iter().all(|value| value.is_finite()) && x1 <= x2 && y1 <= y2).then_some(rect)
}

fn clip_key(prefix: &str, label: &CStr) -> CString {
    let mut bytes = prefix.as_bytes().to_vec();
    bytes.extend_from_slice(label.to_bytes());
    CString::new(bytes).unwrap_or_default()
}

/// What the effect needs of every connected input for a window, canonical.
pub(super) fn regions_of_interest(
    effect: &Arc<Effect>,
    window: &RectD,
    request: &RenderRequest,
) -> Result<BTreeMap<String, RectD>, HostError> {
    let (args, answer) = (time_and_scale(request), arguments());
    args.put(name(sys::kOfxImageEffectPropRegionOfInterest), corners(window));
    let inputs: Vec<_> = effect.inputs().into_iter().filter(|clip| clip.source().is_some()).collect();
    for clip in &inputs {
        answer.offer(&clip_key(ROI, &clip.name), corners(window), false);
    }
    let action = sys::kOfxImageEffectActionGetRegionsOfInterest;
    let mut outcome = act(effect, question(effect, action, request), Some(&args), Some(&answer));
    let mut regions = BTreeMap::new();
    for clip in &inputs {
        match rectangle(&answer, &clip_key(ROI, &clip.name)).filter(|region| !region.is_empty()) {
            Some(region) => {
                regions.insert(clip.label(), region);
            }
            None => {
                let problem = format!("the region of interest of clip {} is empty or no rectangle", clip.label());
                outcome.findings.violations.push(bad_answer(action, problem));
            }
        }
    }
    outcome.accept(effect)?;
    Ok(regions)
}

const ROI: &str = "OfxImageClipPropRoI_";
const FRAMES: &str = "OfxImageClipPropFrameRange_";

/// Frame ranges that the effect needs of every connected input, both ends included.
pub(super) fn frames_needed(
    effect: &Arc<Effect>,
    request: &RenderRequest,
) -> Result<BTreeMap<String, Vec<(f64, f64)>>, HostError> {
    let inputs: Vec<_> = effect.inputs().into_iter().filter(|clip| clip.source().is_some()).collect();
    let now = vec![(request.time, request.time)];
    let temporal = effect.flag(sys::kOfxImageEffectPropTemporalClipAccess);
    if !temporal || !effect.host.character.asks_frames_needed {
        return Ok(inputs.iter().map(|clip| (clip.label(), now.clone())).collect());
    }
    let (args, answer) = (arguments(), arguments());
    args.put(name(sys::kOfxPropTime), vec![request.time]);
    for clip in &inputs {
        answer.offer(&clip_key(FRAMES, &clip.name), vec![request.time; 2], true);
    }
    let action = sys::kOfxImageEffectActionGetFramesNeeded;
    let mut outcome = act(effect, question(effect, action, request), Some(&args), Some(&answer));
    let mut needed = BTreeMap::new();
    for clip in &inputs {
        let values = answer.all::<f64>(&clip_key(FRAMES, &clip.name)).unwrap_or_default();
        let ranges: Vec<_> = values.chunks(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))).collect();
        let sound = values.len().is_multiple_of(2) && ranges.iter().all(|(first, last)| first <= last);
        if !sound {
            let problem = format!("the frames needed of clip {} are no ranges: {values:?}", clip.label());
            outcome.findings.violations.push(bad_answer(action, problem));
        }
        needed.insert(clip.label(), ranges);
    }
    outcome.accept(effect)?;
    Ok(needed)
}

/// Whether the effect would change nothing.
pub(super) fn identity(
    effect: &Arc<Effect>,
    window: &RectI,
    request: &RenderRequest,
) -> Result<Option<Identity>, HostError> {
    if !effect.host.character.asks_identity {
        return Ok(None);
    }
    let (args, answer) = (time_and_scale(request), arguments());
    args.put(name(sys::kOfxImageEffectPropRenderWindow), vec![window.x1, window.y1, window.x2, window.y2]);
    args.put(name(sys::kOfxImageEffectPropFieldToRender), vec![text(request.field.ofx())]);
    answer.offer(name(sys::kOfxPropName), vec![text(c"")], false);
    answer.offer(name(sys::kOfxPropTime), vec![request.time], false);
    let action = sys::kOfxImageEffectActionIsIdentity;
    let mut outcome = act(effect, question(effect, action, request), Some(&args), Some(&answer));
    let clip = answer.first::<Arc<CStr>>(name(sys::kOfxPropName));
    let yes = outcome.status == Status::OK && !clip.is_empty();
    if yes && !effect.inputs().iter().any(|input| *input.name == *clip) {
        let problem = format!("it is an identity of clip {}, which is no input", clip.to_string_lossy());
        outcome.findings.violations.push(bad_answer(action, problem));
    }
    outcome.accept(effect)?;
    let time = answer.first::<f64>(name(sys::kOfxPropTime));
    Ok(yes.then(|| Identity { clip: clip.to_string_lossy().into_owned(), time }))
}
