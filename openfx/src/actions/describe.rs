//! Describe and DescribeInContext: only words, no devices, no models, no messages, since hosts do this in a process of
//! their own and keep the result.

use std::ptr;

use openfx_sys as sys;
use raster::Components;

use super::Action;
use crate::description::{ClipRow, Description, Sequential, ThreadSafety};
use crate::effect::Exported;
use crate::error::Result;
use crate::names;
use crate::overlay;
use crate::parameters;
use crate::pixels::{components_name, depth_names};
use crate::properties::PropertySet;
use crate::status::Status;
use crate::suites::call;

pub(super) fn describe<E: Exported>(action: Action<'_>) -> Result<Status> {
    let properties = action.effect_properties()?;
    let description = E::DESCRIPTION;
    name(&properties, description);
    for (index, context) in (0..).zip([names::CONTEXT_FILTER, names::CONTEXT_GENERAL]) {
        properties.offer(names::SUPPORTED_CONTEXTS, index, context);
    }
    for (index, depth) in (0..).zip(depth_names()) {
        properties.offer(names::SUPPORTED_DEPTHS, index, depth);
    }
    capabilities(&properties, description);
    for (index, row) in (0..).zip(description.rows().filter(|row| row.shapes_output)) {
        properties.offer(names::PREFERENCES_SLAVE, index, row.name());
    }
    if description.overlay && action.loaded.host.supports_overlays {
        overlay::offer::<E>(&properties, &action.loaded.host);
    }
    Ok(Status::OK)
}

fn name(properties: &PropertySet<'_>, description: &Description) {
    properties.offer(names::LABEL, 0, description.label);
    properties.offer(names::SHORT_LABEL, 0, description.label);
    properties.offer(names::LONG_LABEL, 0, description.label);
    properties.offer(names::GROUPING, 0, description.grouping);
    properties.offer(names::PLUGIN_DESCRIPTION, 0, description.about);
    for (index, number) in (0..).zip(description.version) {
        properties.offer(names::VERSION, index, i32::try_from(number).unwrap_or(i32::MAX));
    }
}

fn capabilities(properties: &PropertySet<'_>, description: &Description) {
    let safety = match description.thread_safety {
        ThreadSafety::Unsafe => names::RENDER_UNSAFE,
        ThreadSafety::InstanceSafe => names::RENDER_INSTANCE_SAFE,
        ThreadSafety::FullySafe => names::RENDER_FULLY_SAFE,
    };
    let sequential = match description.sequential {
        Sequential::No => 0,
        Sequential::Required => 1,
        Sequential::Preferred => 2,
    };
    properties.offer(names::THREAD_SAFETY, 0, safety);
    properties.offer(names::SEQUENTIAL_RENDER, 0, sequential);
    properties.offer(names::TEMPORAL_CLIP_ACCESS, 0, description.temporal);
    properties.offer(names::HOST_FRAME_THREADING, 0, false);
    properties.offer(names::SINGLE_INSTANCE, 0, false);
    // The model sees the whole picture.
    properties.offer(names::SUPPORTS_TILES, 0, false);
    properties.offer(names::SUPPORTS_MULTI_RESOLUTION, 0, true);
    properties.offer(names::SUPPORTS_CLIP_DEPTHS, 0, false);
    properties.offer(names::SUPPORTS_CLIP_PARS, 0, false);
    properties.offer(names::FIELD_RENDER_TWICE, 0, false);
}

pub(super) fn describe_in_context<E: Exported>(action: Action<'_>) -> Result<Status> {
    let general = action.arguments.string_is(names::CONTEXT, names::CONTEXT_GENERAL);
    for row in E::DESCRIPTION.clips {
        if let Err(error) = define_clip(&action, row, general) {
            log::warn!("clip {} is left out: {error}", row.name.to_string_lossy());
        }
    }
    let rows: Vec<_> = E::DESCRIPTION.rows().collect();
    parameters::describe(action.loaded, action.parameter_set()?, &rows);
    Ok(Status::OK)
}

fn define_clip(action: &Action<'_>, row: &ClipRow, general: bool) -> Result<()> {
    let suite = action.loaded.suites.effect;
    let mut properties = ptr::null_mut();
    // SAFETY: the host's descriptor, a static C string, a local.
    unsafe { call!(suite.clipDefine(action.handle, row.name.as_ptr(), &raw mut properties)) }
        .check("clipDefine", row.name.to_string_lossy())?;
    // SAFETY: on success the host answered with the clip's property set.
    let properties = unsafe { PropertySet::new(&action.loaded.suites.property, properties) };
    properties.offer(names::LABEL, 0, row.name);
    // The Filter context is that of editors: their sources and outputs are never alpha alone.
    let offered =
        row.components.iter().filter(|&&components| general || row.optional || components != Components::Alpha);
    for (index, components) in (0..).zip(offered) {
        properties.offer(names::SUPPORTED_COMPONENTS, index, components_name(*components));
    }
    properties.offer(names::CLIP_OPTIONAL, 0, row.optional);
    properties.offer(names::CLIP_IS_MASK, 0, row.mask);
    properties.offer(names::TEMPORAL_CLIP_ACCESS, 0, row.temporal);
    properties.offer(names::SUPPORTS_TILES, 0, false);
    Ok(())
}

impl Action<'_> {
    /// The property set of the descriptor or instance the action is about.
    pub(super) fn effect_properties(&self) -> Result<PropertySet<'_>> {
        let suite = self.loaded.suites.effect;
        let mut properties = ptr::null_mut();
        // SAFETY: the host's effect handle, a local.
        unsafe { call!(suite.getPropertySet(self.handle, &raw mut properties)) }
            .check("getPropertySet", "the effect")?;
        // SAFETY: on success the host answered with the effect's property set.
        Ok(unsafe { PropertySet::new(&self.loaded.suites.property, properties) })
    }

    /// The parameter set of the descriptor or instance the action is about.
    pub(super) fn parameter_set(&self) -> Result<sys::OfxParamSetHandle> {
        let suite = self.loaded.suites.effect;
        let mut set = ptr::null_mut();
        // SAFETY: the host's effect handle, a local.
        unsafe { call!(suite.getParamSet(self.handle, &raw mut set)) }.check("getParamSet", "the effect")?;
        Ok(set)
    }
}
