//! Which network made something.

use std::sync::Arc;

use inference::{Abort, ContentHash, Engine, InferenceError, Key, KeyBuilder, ModelFile};

/// A model by content: copies of it, in whatever folder of whatever machine, are one and the same. The version of the
/// runtime, the device and the precision belong to it, because their last bits differ.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// For people: the name and the folder.
    pub name: Arc<str>,
    /// For comparison, and for the names of what it makes.
    pub key: Key,
}

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

/// The identity of what `files` make together. `kind` names the family and the version of its pre- and postprocessing.
pub(crate) fn identity(
    engine: &Engine,
    kind: &str,
    name: &Arc<str>,
    files: &[&ModelFile],
    abort: &dyn Abort,
) -> Result<Identity, InferenceError> {
    // The files first: "the model is missing" helps more than "the library is missing" where both are.
    let hashes = files.iter().map(|file| engine.model_hash(file, abort)).collect::<Result<Vec<ContentHash>, _>>()?;
    let version = engine.runtime()?.version();
    // Rounded embeddings give other masks, by a hair.
    let rounded = u64::from(engine.options().half_precision);
    let mut key = KeyBuilder::new(kind).bytes(version.as_bytes()).number(rounded);
    for (file, hash) in files.iter().zip(hashes) {
        let device = engine.placement(file, abort)?.device;
        key = key.bytes(&hash.0).bytes(device.to_string().as_bytes());
    }
    Ok(Identity { name: Arc::clone(name), key: key.finish() })
}
