//! Rendering one frame.

use super::action::{Outcome, act, arguments, scope_of};
use super::clip::Agreed;
use super::describe::thread_safety;
use super::effect::Effect;
use super::gate::Passage;
use super::image::{Look, RenderTarget};
use super::instance::{Instance, bury, give_birth};
use super::pixels::{Layout, Pixels};
use super::property::{PropertySet, name, text};
use super::scope::Phase;
use super::{
    Field, Frame, HostError, Identity, RectD, RectI, RenderRequest, RenderThreadSafety, Rendered, Timings, Violation,
    regions,
};
use openfx_sys as sys;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// What is known before the render action.
struct Plan {
    window: RectI,
    region_of_definition: RectD,
    regions_of_interest: BTreeMap<String, RectD>,
    frames_needed: BTreeMap<String, Vec<(f64, f64)>>,
    identity: Option<Identity>,
    output: Agreed,
}

impl Instance {
    /// Renders a frame: regions, frames needed, identity, begin sequence, render, end sequence.
    ///
    /// # Errors
    /// [`HostError::NotConnected`] without a required clip, [`HostError::Aborted`], [`HostError::PersistentError`] where the host
    /// insists on that, [`HostError::Source`] when an input frame could not be read, [`HostError::Action`] with what the effect told
    /// the user, and [`HostError::Violations`].
    pub fn render(&self, request: &RenderRequest) -> Result<Rendered, HostError> {
        self.check(request)?;
        let _passage = self.passage();
        if !self.is_fresh_per_frame() {
            return self.render_on(&self.effect, request);
        }
        let effect = self.fresh()?;
        let rendered = self.render_on(&effect, request);
        let buried = bury(&effect);
        let rendered = rendered?;
        buried.map(|()| rendered)
    }

    /// The effect's region of definition, canonical.
    ///
    /// # Errors
    /// When the action fails or the rules are broken.
    pub fn region_of_definition(&self, time: f64, scale: (f64, f64)) -> Result<RectD, HostError> {
        regions::region_of_definition(&self.effect, self.context, &RenderRequest { scale, ..RenderRequest::at(time) })
    }

    fn check(&self, request: &RenderRequest) -> Result<(), HostError> {
        let (x, y) = request.scale;
        if !(request.time.is_finite() && x.is_finite() && y.is_finite() && x > 0.0 && y > 0.0) {
            return Err(HostError::Request { what: format!("time {} at scale {x} x {y}", request.time) });
        }
        let missing = self.effect.inputs().into_iter().find(|clip| !clip.is_optional() && clip.source().is_none());
        let lenient = self.render_unconnected || self.effect.host.character.renders_unconnected;
        if let Some(clip) = missing.filter(|_| !lenient) {
            return Err(HostError::NotConnected { clip: clip.label() });
        }
        if self.session.aborted() {
            return Err(HostError::Aborted { time: request.time });
        }
        let insists = self.effect.host.character.must_clear_errors;
        match self.session.standing_error().filter(|_| insists) {
            Some(error) => Err(HostError::PersistentError { id: self.effect.id.clone(), message: error.text }),
            None => Ok(()),
        }
    }

    /// Waits for other renders as far as the effect needs that.
    fn passage(&self) -> Option<Passage<'_>> {
        match thread_safety(&self.effect.properties) {
            RenderThreadSafety::Unsafe => Some(self.plugin.gate.pass()),
            RenderThreadSafety::InstanceSafe => Some(self.gate.pass()),
            RenderThreadSafety::FullySafe => None,
        }
    }

    /// A new instance of the plugin with the values, keys and clips of this node.
    fn fresh(&self) -> Result<Arc<Effect>, HostError> {
        let effect = self.descriptor.instance(self.context, self.session.clone());
        for (to, from) in effect.params.all().iter().zip(self.effect.params.all()) {
            let curve = from.read(Clone::clone);
            to.write(|target| *target = curve);
        }
        for (to, from) in effect.clips().iter().zip(self.effect.clips()) {
            to.connect(from.source());
        }
        super::project::copy_project(&self.effect, &effect);
        super::negotiate::negotiate(&effect, self.wish)?;
        give_birth(&effect, self.wish)?;
        Ok(effect)
    }

    fn render_on(&self, effect: &Arc<Effect>, request: &RenderRequest) -> Result<Rendered, HostError> {
        let mut timings = Timings::default();
        let started = Instant::now();
        let plan = self.plan(effect, request)?;
        timings.prepare = started.elapsed();
        let keeps = plan.identity.is_some() && !effect.host.character.renders_identity;
        let (frame, messages) = match plan.identity.as_ref().filter(|_| keeps) {
            Some(identity) => (identity_frame(effect, identity, &plan, request)?, Vec::new()),
            None => self.render_planned(effect, &plan, request, &mut timings)?,
        };
        let started = Instant::now();
        let depth = request.depth.unwrap_or(frame.depth());
        let frame = frame.converted(depth, request.components.unwrap_or(frame.components()))?;
        timings.check += started.elapsed();
        Ok(Rendered {
            frame,
            identity: plan.identity.filter(|_| keeps),
            messages,
            timings,
            region_of_definition: plan.region_of_definition,
            regions_of_interest: plan.regions_of_interest,
            frames_needed: plan.frames_needed,
        })
    }

    fn plan(&self, effect: &Arc<Effect>, request: &RenderRequest) -> Result<Plan, HostError> {
        let output = effect.output().and_then(|output| output.agreed());
        let output = output.ok_or_else(|| HostError::NoFormat { clip: "Output".to_owned(), what: "format" })?;
        let region_of_definition = regions::region_of_definition(effect, self.context, request)?;
        let whole = region_of_definition.to_pixels(request.scale, output.pixel_aspect);
        let tiles = effect.host.character.tiles && effect.flag(sys::kOfxImageEffectPropSupportsTiles);
        let window = request.window.filter(|_| tiles).map_or(whole, |window| window.intersect(&whole));
        if window.is_empty() {
            let asked = request.window.unwrap_or(whole);
            return Err(HostError::Request { what: format!("an empty window: {asked:?} of the region {whole:?}") });
        }
        let canonical = RectD::from_pixels(&window, request.scale, output.pixel_aspect);
        Ok(Plan {
            window,
            region_of_definition,
            regions_of_interest: regions::regions_of_interest(effect, &canonical, request)?,
            frames_needed: regions::frames_needed(effect, request)?,
            identity: regions::identity(effect, &window, request)?,
            output,
        })
    }

    fn render_planned(
        &self,
        effect: &Arc<Effect>,
        plan: &Plan,
        request: &RenderRequest,
        timings: &mut Timings,
    ) -> Result<(Frame, Vec<super::Message>), HostError> {
        let started = Instant::now();
        let target = Arc::new(target(effect, plan, request)?);
        timings.check = started.elapsed();
        sequence(effect, sys::kOfxImageEffectActionBeginSequenceRender, request)?;
        let started = Instant::now();
        let mut outcome = render_action(effect, plan, request, &target);
        timings.render = started.elapsed().saturating_sub(outcome.image_time);
        timings.images = outcome.image_time;
        let ended = sequence(effect, sys::kOfxImageEffectActionEndSequenceRender, request);
        let started = Instant::now();
        let done = outcome.status == super::Status::OK && !self.session.aborted();
        outcome.findings.violations.extend(verify(&outcome, &target, request, done));
        if self.session.aborted() && outcome.findings.violations.is_empty() {
            return Err(HostError::Aborted { time: request.time });
        }
        let outcome = outcome.accept(effect)?;
        if outcome.status != super::Status::OK {
            // A render that was not done leaves nothing to show (ofxImageEffect.h, kOfxImageEffectActionRender).
            let action = outcome.action.to_string_lossy().into_owned();
            let (id, status, messages) = (effect.id.clone(), outcome.status, outcome.findings.messages);
            return Err(HostError::Action { id, action, status, messages });
        }
        ended?;
        let frame = finished(&target, request)?;
        timings.check += started.elapsed();
        Ok((frame, outcome.findings.messages))
    }
}

/// The image that the effect says its result is.
fn identity_frame(
    effect: &Effect,
    identity: &Identity,
    plan: &Plan,
    request: &RenderRequest,
) -> Result<Frame, HostError> {
    let clips = effect.inputs();
    let source = clips.iter().find(|clip| clip.label() == identity.clip).and_then(|clip| clip.source());
    let source = source.ok_or_else(|| HostError::NotConnected { clip: identity.clip.clone() })?;
    let frame = source.frame(identity.time).map_err(|reason| HostError::Source {
        clip: identity.clip.clone(),
        time: identity.time,
        reason: reason.to_string(),
    })?;
    let frame = frame.scaled(request.scale)?.converted(plan.output.depth, plan.output.components)?;
    Ok(frame.cropped(&plan.window)?)
}

/// The output image: the window, and around it what must stay untouched.
fn target(effect: &Effect, plan: &Plan, request: &RenderRequest) -> Result<RenderTarget, HostError> {
    let character = &effect.host.character;
    let layout = Layout {
        bounds: plan.window.grown(character.output_margin),
        depth: plan.output.depth,
        components: plan.output.components,
        padding: character.row_padding,
        negative: character.negative_rows,
    };
    let aspect = plan.output.pixel_aspect;
    let look = Look {
        depth: plan.output.depth,
        components: plan.output.components,
        premultiplication: plan.output.premultiplication,
        region_of_definition: plan.region_of_definition.to_pixels(request.scale, aspect),
        render_scale: character.image_scale.of(request.scale),
        pixel_aspect: if character.pixel_aspect_zero { 0.0 } else { aspect },
        field: request.field,
    };
    Ok(RenderTarget { pixels: Pixels::new(layout)?, window: plan.window, time: request.time, look })
}

fn common_arguments(request: &RenderRequest) -> Arc<PropertySet> {
    let args = arguments();
    args.put(name(sys::kOfxImageEffectPropRenderScale), vec![request.scale.0, request.scale.1]);
    args.put(name(sys::kOfxImageEffectPropSequentialRenderStatus), vec![i32::from(request.sequential)]);
    args.put(name(sys::kOfxImageEffectPropInteractiveRenderStatus), vec![i32::from(request.interactive)]);
    args.put(name(sys::kOfxImageEffectPropOpenGLEnabled), vec![0]);
    args
}

/// Begins or ends a sequence of one frame.
fn sequence(effect: &Arc<Effect>, action: &'static [u8], request: &RenderRequest) -> Result<(), HostError> {
    let args = common_arguments(request);
    args.put(name(sys::kOfxImageEffectPropFrameRange), vec![request.time; 2]);
    args.put(name(sys::kOfxImageEffectPropFrameStep), vec![1.0]);
    args.put(name(sys::kOfxPropIsInteractive), vec![i32::from(request.interactive)]);
    let scope = scope_of(effect, action, Phase::Query).at(request.time, request.scale);
    act(effect, scope, Some(&args), None).accept(effect)?;
    Ok(())
}

fn render_action(effect: &Arc<Effect>, plan: &Plan, request: &RenderRequest, target: &Arc<RenderTarget>) -> Outcome {
    let args = common_arguments(request);
    let window = plan.window;
    args.put(name(sys::kOfxPropTime), vec![request.time]);
    args.put(name(sys::kOfxImageEffectPropRenderWindow), vec![window.x1, window.y1, window.x2, window.y2]);
    let both = effect.host.character.says_both_fields && request.field == Field::None;
    let field = if both { Field::Both } else { request.field };
    args.put(name(sys::kOfxImageEffectPropFieldToRender), vec![text(field.ofx())]);
    args.put(name(sys::kOfxImageEffectPropRenderQualityDraft), vec![i32::from(request.draft)]);
    let scope = scope_of(effect, sys::kOfxImageEffectActionRender, Phase::Render);
    let scope = scope.at(request.time, request.scale).rendering_into(target, &plan.regions_of_interest);
    act(effect, scope, Some(&args), None)
}

/// What the render did to the memory of its output.
fn verify(outcome: &Outcome, target: &RenderTarget, request: &RenderRequest, done: bool) -> Vec<Violation> {
    let action = || outcome.action.to_string_lossy().into_owned();
    let (pixels, window) = (&target.pixels, target.window);
    let damage = pixels.damage_outside(&window).map(|damage| Violation::WroteOutsideWindow {
        action: action(),
        window,
        bytes: damage.bytes,
        place: damage.place,
    });
    // A single field fills only every other row.
    let whole = matches!(request.field, Field::None | Field::Both);
    let untouched = if done && whole { pixels.untouched(&window) } else { None };
    let untouched = untouched.map(|untouched| Violation::WindowNotFilled {
        action: action(),
        window,
        pixels: untouched.pixels,
        x: untouched.x,
        y: untouched.y,
    });
    damage.into_iter().chain(untouched).collect()
}

fn finished(target: &RenderTarget, request: &RenderRequest) -> Result<Frame, HostError> {
    let (look, layout) = (&target.look, target.pixels.layout());
    let frame = Frame::new(target.window, layout.depth, layout.components, target.pixels.read(&target.window))?;
    let aspect = if look.pixel_aspect > 0.0 { look.pixel_aspect } else { 1.0 };
    Ok(frame
        .with_premultiplication(look.premultiplication)
        .with_pixel_aspect(aspect)
        .with_render_scale(request.scale)
        .with_field(request.field))
}
