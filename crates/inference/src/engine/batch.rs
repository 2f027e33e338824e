//! How many items to run at a time.

use super::Engine;
use crate::{
    abort::Abort,
    device::Device,
    error::InferenceError,
    session::{ModelFile, run_bytes},
};

/// Room left alone beside a batch, in percent: for the host, and for what runs at the same time.
const HEADROOM: u8 = 20;

/// Items of a batch at most where nobody says otherwise. Beyond a few the kernels of a GPU are busy, and a batch is the
/// time after which a pass can be cancelled.
const MOST: usize = 8;

impl Engine {
    /// How many items of `item_bytes` of input a model is best run with at a time: 1 where the graph fixes it; what the
    /// options say, as far as memory allows; otherwise 1 on the CPU, whose threads are busy with one item, and on other
    /// devices what fits into their memory. Loads the model.
    ///
    /// # Errors
    /// Those of [`Engine::placement`].
    pub fn batch_size(&self, model: &ModelFile, item_bytes: u64, abort: &dyn Abort) -> Result<usize, InferenceError> {
        let (session, placement) = self.placed(model, abort)?;
        if !session.takes_batches() {
            return Ok(1);
        }
        let most = match self.options.batch {
            Some(most) => most,
            None if placement.device == Device::Cpu => return Ok(1),
            None => MOST,
        };
        Ok(self.guard.largest_batch(placement.device.place(), run_bytes(item_bytes), HEADROOM, most))
    }
}
