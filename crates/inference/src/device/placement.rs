//! Where a model runs, why not elsewhere, and what was learned about devices on the way.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use serde::Serialize;

use super::Device;
use crate::{hash::ContentHash, sync::Mutex};

/// Where a model runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Placement {
    /// The device.
    pub device: Device,
    /// Why the devices before it in the order are not used, one sentence each: "CUDA 0: this ONNX Runtime has no CUDA
    /// provider".
    pub fallbacks: Vec<String>,
}

/// How long a device is left alone after it had no memory for a model. Long enough that a shot is not rendered on two
/// devices in turns, short enough that closing another application helps without a restart.
const OUT_OF_MEMORY_FOR: Duration = Duration::from_secs(300);

/// What makes a model one: its content, and what it is used as.
pub(crate) type ModelKey = (ContentHash, &'static str);

/// What is known of models on devices.
#[derive(Debug, Default)]
pub(crate) struct Experience(Mutex<HashMap<(ModelKey, Device), Verdict>>);

/// What came of a model on a device.
#[derive(Debug, Clone)]
enum Verdict {
    /// It ran there, proven.
    Works,
    /// It does not run there, for this reason; until a moment if that can change by itself.
    Unusable { reason: String, until: Option<Instant> },
}

impl Experience {
    /// The model was loaded and the device proven.
    pub fn works(&self, model: ModelKey, device: Device) {
        self.0.lock().insert((model, device), Verdict::Works);
    }

    /// The device cannot run the model, for good.
    pub fn unusable(&self, model: ModelKey, device: Device, reason: String) {
        self.0.lock().insert((model, device), Verdict::Unusable { reason, until: None });
    }

    /// The device has no memory for the model at present.
    pub fn out_of_memory(&self, model: ModelKey, device: Device, reason: String) {
        let until = Some(Instant::now() + OUT_OF_MEMORY_FOR);
        self.0.lock().insert((model, device), Verdict::Unusable { reason, until });
    }

    /// Whether the device is known to run the model.
    pub fn known_to_work(&self, model: ModelKey, device: Device) -> bool {
        matches!(self.0.lock().get(&(model, device)), Some(Verdict::Works))
    }

    /// Why the device is not to be tried with the model.
    pub fn against(&self, model: ModelKey, device: Device) -> Option<String> {
        let mut known = self.0.lock();
        match known.get(&(model, device))? {
            Verdict::Unusable { until: Some(until), .. } if *until <= Instant::now() => {
                known.remove(&(model, device));
                None
            }
            Verdict::Unusable { reason, .. } => Some(reason.clone()),
            Verdict::Works => None,
        }
    }

    /// Everything is tried again.
    pub fn forget(&self) {
        self.0.lock().clear();
    }
}
