//! Who finds motion: built in or a network, behind one trait.

use std::sync::{Mutex, PoisonError};

use inference::{Abort, InferenceError, Key, KeyBuilder};
use raster::Plane;

use crate::{Dis, Flow, FlowError, Preset, luma_of_bytes};

/// Finds the motion between two pictures.
pub trait FlowEstimator: Send + Sync {
    /// What the panel calls it: "DIS medium", "RAFT large".
    fn name(&self) -> &str;

    /// What its results depend on, but for the pictures: the algorithm with its version and settings, or the content of
    /// the model file.
    fn fingerprint(&self) -> Key;

    /// The size (width and height) at which it wants pictures of this size. Never larger than they are, but for a network's
    /// smallest size; at least one pixel for pictures that have one.
    fn working_size(&self, width: usize, height: usize) -> (usize, usize);

    /// The motion from `a` to `b` and from `b` to `a`: display-referred colours, both of a size that
    /// [`FlowEstimator::working_size`] named. The same pictures give the same motion, on any number of threads.
    ///
    /// # Errors
    /// [`FlowError::Size`] and [`FlowError::Empty`] for pictures that do not go together, [`FlowError::Inference`] where a
    /// network cannot be run, or `abort` said so.
    fn both(&self, a: &Plane<[u8; 3]>, b: &Plane<[u8; 3]>, abort: &dyn Abort) -> Result<BothWays, FlowError>;
}

/// The motion between two pictures in both directions. All of one size.
#[derive(Debug, Clone, PartialEq)]
pub struct BothWays {
    /// From the first picture to the second.
    pub forward: Flow,
    /// From the second to the first.
    pub backward: Flow,
    /// How far the estimator trusts its own vectors, 0..1, forward and backward, where it can tell. Beside, not instead of,
    /// whether there and back agree.
    pub confidence: Option<[Plane<f32>; 2]>,
}

/// Dense inverse search ([`Dis`]) as an estimator. Its working memory is kept for the next pictures; several threads may
/// use it at once.
pub struct DisEstimator {
    preset: Preset,
    longest: usize,
    idle: Mutex<Vec<Dis>>,
}

/// Changes when [`Dis`] gives other vectors than before for the same pictures.
const VERSION: &str = "dis flow 1";

impl DisEstimator {
    /// A search that works on pictures whose longer side is at most `longest` pixels.
    pub fn new(preset: Preset, longest: usize) -> Self {
        Self { preset, longest: longest.max(1), idle: Mutex::default() }
    }

    fn with_search<T>(&self, work: impl FnOnce(&mut Dis) -> T) -> T {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut search = idle().pop().unwrap_or_else(|| Dis::new(self.preset));
        let result = work(&mut search);
        idle().push(search);
        result
    }
}

impl FlowEstimator for DisEstimator {
    fn name(&self) -> &str {
        match self.preset {
            Preset::UltraFast => "DIS ultrafast",
            Preset::Fast => "DIS fast",
            Preset::Medium => "DIS medium",
        }
    }

    fn fingerprint(&self) -> Key {
        KeyBuilder::new(VERSION).bytes(self.name().as_bytes()).finish()
    }

    fn working_size(&self, width: usize, height: usize) -> (usize, usize) {
        fitted(width, height, self.longest)
    }

    fn both(&self, a: &Plane<[u8; 3]>, b: &Plane<[u8; 3]>, abort: &dyn Abort) -> Result<BothWays, FlowError> {
        let (first, second) = (luma_of_bytes(a), luma_of_bytes(b));
        let go_on = || if abort.aborted() { Err(FlowError::Inference(InferenceError::Aborted)) } else { Ok(()) };
        self.with_search(|search| {
            go_on()?;
            let forward = search.flow(&first, &second)?;
            go_on()?;
            let backward = search.flow(&second, &first)?;
            Ok(BothWays { forward, backward, confidence: None })
        })
    }
}

/// The largest size of the same proportions whose longer side is at most `longest`; the size itself where it fits.
pub fn fitted(width: usize, height: usize, longest: usize) -> (usize, usize) {
    let longer = width.max(height);
    if longer <= longest {
        return (width, height);
    }
    let scaled = |side: usize| ((side as f64 * longest as f64 / longer as f64).round() as usize).clamp(1, longest);
    (scaled(width), scaled(height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use inference::NeverAbort;

    fn shifted(by: usize) -> Plane<[u8; 3]> {
        let value = |i: usize| {
            let (x, y) = ((i % 96 + by) as f32, (i / 96) as f32);
            let value = 128.0 + 60.0 * (x * 0.21).sin() + 50.0 * (y * 0.17 + x * 0.05).cos();
            [value as u8; 3]
        };
        Plane::from_vec(96, 64, (0..96 * 64).map(value).collect()).unwrap()
    }

    #[test]
    fn motion_is_found_there_and_back() {
        let both = DisEstimator::new(Preset::Medium, 960).both(&shifted(2), &shifted(0), &NeverAbort).unwrap();
        let [there, back] = [&both.forward, &both.backward].map(|flow| flow.get(48, 32).unwrap());
        assert!((there[0] - 2.0).abs() < 0.2 && (back[0] + 2.0).abs() < 0.2, "{there:?} and {back:?}");
    }

    #[test]
    fn a_caller_that_gives_up_gets_nothing() {
        let found = DisEstimator::new(Preset::Fast, 960).both(&shifted(0), &shifted(1), &|| true);
        assert!(matches!(found, Err(FlowError::Inference(InferenceError::Aborted))));
    }

    #[test]
    fn large_pictures_are_worked_on_smaller_in_their_proportions() {
        let search = DisEstimator::new(Preset::Medium, 960);
        assert_eq!(search.working_size(1920, 1080), (960, 540));
        assert_eq!(search.working_size(1080, 1920), (540, 960));
        assert_eq!(search.working_size(640, 360), (640, 360));
        assert_eq!(search.working_size(100_000, 3), (960, 1));
    }

    #[test]
    fn presets_have_names_for_their_results() {
        let name = |preset| DisEstimator::new(preset, 960).fingerprint();
        assert_ne!(name(Preset::Fast), name(Preset::Medium));
        assert_eq!(name(Preset::Fast), DisEstimator::new(Preset::Fast, 480).fingerprint());
    }
}
