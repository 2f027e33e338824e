//! Who finds motion: one search for all instances, since its working memory is large.

use std::sync::Arc;

use flow::{Choice, DisEstimator, FlowError, FlowEstimator, Preset};
use inference::{Abort, Device};
use parking_lot::Mutex;

use super::parameters::motion::AUTOMATIC;
use super::settings::Settings;
use crate::engine::Shared;

/// What is built in, with the settings of the last render: instances mostly share theirs.
#[derive(Default)]
pub struct BuiltIn(Mutex<Option<(Preset, usize, Arc<DisEstimator>)>>);

impl BuiltIn {
    /// A search with a preset, on pictures whose longer side has at most so many pixels.
    pub fn with(&self, preset: Preset, longest: usize) -> Arc<dyn FlowEstimator> {
        let mut last = self.0.lock();
        if let Some((_, _, search)) = last.as_ref().filter(|(p, l, _)| (*p, *l) == (preset, longest)) {
            return Arc::clone(search) as Arc<dyn FlowEstimator>;
        }
        let search = Arc::new(DisEstimator::new(preset, longest));
        *last = Some((preset, longest, Arc::clone(&search)));
        search
    }

    /// Gives its working memory back.
    pub fn forget(&self) {
        *self.0.lock() = None;
    }
}

impl std::fmt::Debug for BuiltIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("BuiltIn").finish_non_exhaustive()
    }
}

/// Who finds motion, and which others might and do not.
pub struct Chosen {
    /// The estimator.
    pub estimator: Arc<dyn FlowEstimator>,
    /// Installed networks that would come first and are not used, and why, each a sentence without its full stop.
    pub passed_over: Vec<String>,
}

/// Who finds motion, as the panel says.
///
/// # Errors
/// As [`flow::choose`].
pub fn choose(shared: &Shared, settings: &Settings, abort: &dyn Abort) -> Result<Chosen, FlowError> {
    let built_in = shared.built_in_flow.with(settings.preset, settings.working_width);
    let Choice { estimator, device, passed_over } = flow::choose(&shared.engine, settings.flow, &built_in, abort)?;
    let mut passed_over: Vec<String> = passed_over.iter().map(ToString::to_string).collect();
    if settings.flow != AUTOMATIC || device != Some(Device::Cpu) {
        return Ok(Chosen { estimator, passed_over });
    }
    // Measured at 960 x 540: RAFT takes 20 s of one core where DIS takes half a second.
    passed_over.push(format!(
        "{} would run on the processor, tens of times slower: set Flow to RAFT to use it",
        estimator.name()
    ));
    Ok(Chosen { estimator: built_in, passed_over })
}
