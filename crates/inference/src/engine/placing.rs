//! Running a model where it is best run: the devices in their order, memory that runs out, and the step down.

use std::{sync::Arc, time::Duration};

use ndarray::ArrayD;

use super::{
    Engine,
    ladder::{self, Step},
};
use crate::{
    abort::Abort,
    device::{Device, ModelKey, Placement},
    error::InferenceError,
    memory::Cleanup,
    session::{Input, ModelFile, Session},
};

impl Engine {
    /// Runs a model where it is best run. `inputs` are fed by name, `outputs` names what is wanted; the arrays come back
    /// in that order.
    ///
    /// Where memory runs out, everything that can be freed is freed and the run tried once more; then the next device
    /// of the order takes over, and keeps the model for some minutes.
    ///
    /// # Errors
    /// Those of [`Engine::session`] on the CPU, and of [`Session::run`].
    pub fn run(
        &self,
        model: &ModelFile,
        inputs: &[(&str, Input<'_>)],
        outputs: &[&str],
        abort: &dyn Abort,
    ) -> Result<Vec<ArrayD<f32>>, InferenceError> {
        let key = (self.model_hash(model, abort)?, model.contract.name);
        ladder::descend(
            || self.placed(model, abort).map(|(session, _)| session),
            |session| session.run(inputs, outputs, abort),
            |step| match step {
                Step::Free { device, reason } => {
                    self.counters.retried_run();
                    log::warn!("{device} has no memory for a run of {}: {reason}; freeing what can be freed", key.1);
                    self.guard.cleanup(Cleanup::Hard);
                }
                Step::Down { device, reason } => {
                    self.step_down(key, device, reason);
                    self.sessions.evict(Duration::ZERO, |session| (session.key(), session.device()) == (key, device));
                }
            },
        )
    }

    /// Where a model runs, and why not on the devices before it. Costs and loads nothing where the order names the CPU
    /// alone; otherwise the model is loaded once to see which device proves itself.
    ///
    /// # Errors
    /// Those of [`Engine::session`].
    pub fn placement(&self, model: &ModelFile, abort: &dyn Abort) -> Result<Placement, InferenceError> {
        if self.options.devices.devices() == [Device::Cpu] {
            return Ok(Placement { device: Device::Cpu, fallbacks: Vec::new() });
        }
        let key = (self.model_hash(model, abort)?, model.contract.name);
        let mut fallbacks = Vec::new();
        for device in self.candidates()? {
            match self.experience.against(key, device) {
                Some(reason) => fallbacks.push(format!("{device}: {reason}")),
                None if self.experience.known_to_work(key, device) => return Ok(Placement { device, fallbacks }),
                None => return self.placed(model, abort).map(|(_, placement)| placement),
            }
        }
        Ok(Placement { device: Device::Cpu, fallbacks })
    }

    /// The session of a model on the first device that runs it.
    pub(super) fn placed(
        &self,
        model: &ModelFile,
        abort: &dyn Abort,
    ) -> Result<(Arc<Session>, Placement), InferenceError> {
        let key = (self.model_hash(model, abort)?, model.contract.name);
        let mut fallbacks = Vec::new();
        for device in self.candidates()? {
            if let Some(reason) = self.experience.against(key, device) {
                fallbacks.push(format!("{device}: {reason}"));
                continue;
            }
            match self.session(model, device, abort) {
                Ok(session) => {
                    self.experience.works(key, device);
                    return Ok((session, Placement { device, fallbacks }));
                }
                Err(InferenceError::DeviceUnusable { reason, .. }) => {
                    log::warn!("{} does not run on {device}: {reason}", model.contract.name);
                    fallbacks.push(format!("{device}: {reason}"));
                    self.experience.unusable(key, device, reason);
                }
                Err(InferenceError::OutOfMemory { reason, .. }) => {
                    fallbacks.push(format!("{device}: {}", self.step_down(key, device, &reason)));
                }
                Err(other) => return Err(other),
            }
        }
        let session = self.session(model, Device::Cpu, abort)?;
        Ok((session, Placement { device: Device::Cpu, fallbacks }))
    }

    /// Leaves a device that has no memory for a model, for some minutes; gives the reason as the user reads it.
    fn step_down(&self, model: ModelKey, device: Device, reason: &str) -> String {
        let reason = format!("not enough memory: {reason}");
        log::warn!("{} leaves {device} for some minutes: {reason}", model.1);
        self.counters.stepped_down();
        self.experience.out_of_memory(model, device, reason.clone());
        reason
    }

    /// The devices to try before the CPU. Where the system chooses, what the library was not built with is no news.
    fn candidates(&self) -> Result<Vec<Device>, InferenceError> {
        let order = &self.options.devices;
        let before_cpu = order.devices().iter().copied().filter(|&device| device != Device::Cpu);
        if !order.is_auto() {
            return Ok(before_cpu.collect());
        }
        self.runtime()?; // Knows its providers once it is loaded.
        Ok(before_cpu.filter(Device::in_library).collect())
    }
}
