//! Agreeing with an effect on the format of every clip.

use super::action::{act, arguments, scope_of};
use super::clip::{Agreed, Clip};
use super::effect::Effect;
use super::plugin::bad_answer;
use super::property::{PropertySet, name, text};
use super::scope::Phase;
use super::{Components, Depth, HostError, Premultiplication, Violation};
use openfx_sys as sys;
use std::ffi::{CStr, CString};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What the user of the host would like.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wish {
    pub(super) depth: Option<Depth>,
    pub(super) components: Option<Components>,
}

/// Agrees on formats: the host's proposal, and where the plugin has an instance, what that makes of it.
pub(super) fn negotiate(effect: &Arc<Effect>, wish: Wish) -> Result<(), HostError> {
    let proposal = propose(effect, wish)?;
    for (clip, agreed) in &proposal {
        settle(effect, clip, *agreed);
    }
    if effect.born.load(Ordering::Acquire) {
        for (clip, agreed) in ask(effect, &proposal)? {
            settle(effect, &clip, agreed);
        }
    }
    Ok(())
}

type Formats = Vec<(Arc<Clip>, Option<Agreed>)>;

/// The host's proposal: one depth for all clips, channels as near to the source's as both sides have them.
fn propose(effect: &Arc<Effect>, wish: Wish) -> Result<Formats, HostError> {
    let inputs = effect.inputs();
    let deepest =
        inputs.iter().filter_map(|clip| clip.format()).map(|format| format.depth).max_by_key(|depth| rank(*depth));
    let wanted = wish.depth.or(deepest).unwrap_or(Depth::Float);
    let depth = pick_depth(&depths(effect), wanted);
    let depth = depth.ok_or_else(|| HostError::NoFormat { clip: "Output".to_owned(), what: "pixel depth" })?;
    let mut formats = Formats::new();
    for clip in inputs {
        let Some(format) = clip.format() else {
            formats.push((clip, None));
            continue;
        };
        let components = pick_components(&components(effect, &clip), format.components);
        let components = components.ok_or_else(|| no_components(&clip))?;
        let premultiplication = premultiplication(effect, components, format.premultiplication);
        formats.push((clip, Some(Agreed { depth, components, premultiplication, pixel_aspect: format.pixel_aspect })));
    }
    if let Some(output) = effect.output() {
        let agreed = propose_output(effect, &output, depth, wish, &formats)?;
        formats.push((output, Some(agreed)));
    }
    Ok(formats)
}

fn propose_output(
    effect: &Effect,
    output: &Clip,
    depth: Depth,
    wish: Wish,
    inputs: &Formats,
) -> Result<Agreed, HostError> {
    // The main input is "Source", else the first that is connected.
    let source = name(sys::kOfxImageEffectSimpleSourceClipName);
    let main = inputs.iter().find(|(clip, agreed)| clip.name.as_c_str() == source && agreed.is_some());
    let main = main.or_else(|| inputs.iter().find(|(_, agreed)| agreed.is_some())).and_then(|(_, agreed)| *agreed);
    let wanted = wish.components.or(main.map(|main| main.components)).unwrap_or(Components::Rgba);
    let components = pick_components(&components(effect, output), wanted).ok_or_else(|| no_components(output))?;
    let given = main.map_or(Premultiplication::Premultiplied, |main| main.premultiplication);
    Ok(Agreed {
        depth,
        components,
        premultiplication: premultiplication(effect, components, given),
        pixel_aspect: main.map_or_else(|| effect.session.project().pixel_aspect, |main| main.pixel_aspect),
    })
}

fn no_components(clip: &Clip) -> HostError {
    HostError::NoFormat { clip: clip.label(), what: "components" }
}

fn premultiplication(effect: &Effect, components: Components, given: Premultiplication) -> Premultiplication {
    match components {
        Components::Rgb => Premultiplication::Opaque,
        _ if effect.host.character.always_unpremultiplied => Premultiplication::Unpremultiplied,
        _ => given,
    }
}

/// From shallow to deep.
fn rank(depth: Depth) -> u8 {
    match depth {
        Depth::Byte => 0,
        Depth::Short => 1,
        Depth::Half => 2,
        Depth::Float => 3,
    }
}

/// Depths that host and effect share.
fn depths(effect: &Effect) -> Vec<Depth> {
    let said =
        effect.properties.all::<Arc<CStr>>(name(sys::kOfxImageEffectPropSupportedPixelDepths)).unwrap_or_default();
    let said: Vec<Depth> = said.iter().filter_map(|depth| Depth::from_ofx(depth)).collect();
    effect.host.character.depths.iter().copied().filter(|depth| said.contains(depth)).collect()
}

/// Channels that host and clip share, the clip's favourite first.
fn components(effect: &Effect, clip: &Clip) -> Vec<Components> {
    let host = effect.host.character.components;
    clip.accepted().into_iter().filter(|components| host.contains(components)).collect()
}

/// The wanted depth, else the next deeper one, else the deepest.
fn pick_depth(shared: &[Depth], wanted: Depth) -> Option<Depth> {
    let deeper = shared.iter().copied().filter(|depth| rank(*depth) >= rank(wanted));
    deeper.min_by_key(|depth| rank(*depth)).or_else(|| shared.iter().copied().max_by_key(|depth| rank(*depth)))
}

/// The wanted channels, else RGBA, else the clip's favourite.
fn pick_components(shared: &[Components], wanted: Components) -> Option<Components> {
    [wanted, Components::Rgba].into_iter().find(|components| shared.contains(components)).or(shared.first().copied())
}

/// Writes what was agreed on into the clip and its properties.
fn settle(effect: &Effect, clip: &Clip, agreed: Option<Agreed>) {
    clip.agree(agreed);
    let (character, project) = (&effect.host.character, effect.session.project());
    let properties = &clip.properties;
    let format = clip.format();
    let connected = clip.is_output() || format.is_some() || character.claims_connected;
    properties.put(name(sys::kOfxImageClipPropConnected), vec![i32::from(connected)]);
    let (depth, components) = match agreed {
        Some(agreed) => (agreed.depth.ofx(), agreed.components.ofx()),
        None if character.unconnected_is_none => (name(sys::kOfxBitDepthNone), name(sys::kOfxImageComponentNone)),
        None => (character.depths.first().map_or(c"", |depth| depth.ofx()), Components::Rgba.ofx()),
    };
    properties.put(name(sys::kOfxImageEffectPropPixelDepth), vec![text(depth)]);
    properties.put(name(sys::kOfxImageEffectPropComponents), vec![text(components)]);
    let unmapped = format.map_or((depth, components), |format| (format.depth.ofx(), format.components.ofx()));
    properties.put(name(sys::kOfxImageClipPropUnmappedPixelDepth), vec![text(unmapped.0)]);
    properties.put(name(sys::kOfxImageClipPropUnmappedComponents), vec![text(unmapped.1)]);
    let premultiplication = agreed.map_or(Premultiplication::Opaque, |agreed| agreed.premultiplication);
    properties.put(name(sys::kOfxImageEffectPropPreMultiplication), vec![text(premultiplication.ofx())]);
    let aspect = agreed.map_or(project.pixel_aspect, |agreed| agreed.pixel_aspect);
    let aspect = if character.pixel_aspect_zero { 0.0 } else { aspect };
    properties.put(name(sys::kOfxImagePropPixelAspectRatio), vec![aspect]);
    let rate = format.map_or(project.frame_rate, |format| format.frame_rate);
    let range = clip.source().map_or(project.range, |source| source.range());
    for key in [sys::kOfxImageEffectPropFrameRate as &'static [u8], sys::kOfxImageEffectPropUnmappedFrameRate] {
        properties.put(name(key), vec![rate]);
    }
    for key in [sys::kOfxImageEffectPropFrameRange as &'static [u8], sys::kOfxImageEffectPropUnmappedFrameRange] {
        properties.put(name(key), vec![range.0, range.1]);
    }
    if let Some(format) = format {
        properties.put(name(sys::kOfxImageClipPropFieldOrder), vec![text(format.field.ofx())]);
    }
}

fn key(prefix: &str, clip: &Clip) -> CString {
    let mut bytes = prefix.as_bytes().to_vec();
    bytes.extend_from_slice(clip.name.to_bytes());
    CString::new(bytes).unwrap_or_default()
}

const COMPONENTS: &str = "OfxImageClipPropComponents_";
const DEPTH: &str = "OfxImageClipPropDepth_";
const ASPECT: &str = "OfxImageClipPropPAR_";

/// Asks the plugin for its preferences, with the proposal as the default answer.
fn ask(effect: &Arc<Effect>, proposal: &Formats) -> Result<Formats, HostError> {
    let answers = arguments();
    for (clip, agreed) in proposal {
        let Some(agreed) = agreed else { continue };
        answers.offer(&key(COMPONENTS, clip), vec![text(agreed.components.ofx())], false);
        answers.offer(&key(DEPTH, clip), vec![text(agreed.depth.ofx())], false);
        answers.offer(&key(ASPECT, clip), vec![agreed.pixel_aspect], false);
    }
    let output = effect.output().and_then(|output| output.agreed());
    let premultiplication = output.map_or(Premultiplication::Opaque, |agreed| agreed.premultiplication);
    answers.offer(name(sys::kOfxImageEffectPropFrameRate), vec![effect.session.project().frame_rate], false);
    answers.offer(name(sys::kOfxImageEffectPropPreMultiplication), vec![text(premultiplication.ofx())], false);
    answers.offer(name(sys::kOfxImageClipPropContinuousSamples), vec![0], false);
    answers.offer(name(sys::kOfxImageEffectFrameVarying), vec![0], false);
    answers.offer(name(sys::kOfxImageClipPropFieldOrder), vec![text(name(sys::kOfxImageFieldNone))], false);
    let action = sys::kOfxImageEffectActionGetClipPreferences;
    let mut outcome = act(effect, scope_of(effect, action, Phase::Query), None, Some(&answers));
    let formats: Result<Formats, Violation> =
        proposal.iter().map(|(clip, agreed)| Ok((clip.clone(), read(effect, clip, *agreed, &answers)?))).collect();
    let formats = formats.unwrap_or_else(|violation| {
        outcome.findings.violations.push(violation);
        Formats::new()
    });
    outcome.accept(effect)?;
    if let Some(output) = effect.output() {
        for key in [sys::kOfxImageClipPropContinuousSamples as &'static [u8], sys::kOfxImageEffectFrameVarying] {
            output.properties.put(name(key), vec![answers.first::<i32>(name(key))]);
        }
    }
    Ok(formats)
}

/// The plugin's answer for one clip, if it makes sense.
fn read(
    effect: &Effect,
    clip: &Clip,
    proposed: Option<Agreed>,
    answers: &PropertySet,
) -> Result<Option<Agreed>, Violation> {
    let Some(proposed) = proposed else { return Ok(None) };
    let wrong = |what: &str, answer: &CStr| {
        let problem = format!("clip {} cannot have {what} {}", clip.label(), answer.to_string_lossy());
        bad_answer(sys::kOfxImageEffectActionGetClipPreferences, problem)
    };
    let answer = answers.first::<Arc<CStr>>(&key(COMPONENTS, clip));
    let chosen = Components::from_ofx(&answer).filter(|chosen| components(effect, clip).contains(chosen));
    let components = chosen.ok_or_else(|| wrong("components", &answer))?;
    let answer = answers.first::<Arc<CStr>>(&key(DEPTH, clip));
    let chosen = Depth::from_ofx(&answer).filter(|chosen| depths(effect).contains(chosen));
    let depth = chosen.ok_or_else(|| wrong("depth", &answer))?;
    if depth != proposed.depth && !effect.host.character.multiple_depths {
        return Err(wrong("another depth than all clips of this host:", &answer));
    }
    let answer = answers.first::<Arc<CStr>>(name(sys::kOfxImageEffectPropPreMultiplication));
    let premultiplication = Premultiplication::from_ofx(&answer).ok_or_else(|| wrong("premultiplication", &answer))?;
    let premultiplication = if clip.is_output() { premultiplication } else { proposed.premultiplication };
    Ok(Some(Agreed { depth, components, premultiplication, pixel_aspect: proposed.pixel_aspect }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_kept_or_deepened_rather_than_cut() {
        assert_eq!(pick_depth(&[Depth::Float, Depth::Byte], Depth::Short), Some(Depth::Float));
        assert_eq!(pick_depth(&[Depth::Byte, Depth::Short], Depth::Float), Some(Depth::Short));
        assert_eq!(pick_depth(&[], Depth::Float), None);
    }

    #[test]
    fn channels_fall_back_to_rgba() {
        let shared = [Components::Alpha, Components::Rgba];
        assert_eq!(pick_components(&shared, Components::Rgb), Some(Components::Rgba));
        assert_eq!(pick_components(&[Components::Alpha], Components::Rgb), Some(Components::Alpha));
    }
}
