//! Checksums of model files, computed once per version of a file.

use std::{
    fmt,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    str::FromStr,
};

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::{
    abort::Abort,
    cache::{ByteSize, Limits, SharedCache},
    counters::{Counters, Stage},
    error::InferenceError,
    session::ModelFile,
    stamp::Stamp,
};

/// SHA-256 of a file's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash(pub [u8; 32]);

impl ContentHash {
    /// Of bytes in memory.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for ContentHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The text is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-256 checksum has 64 hexadecimal digits")]
pub struct NotAHash;

impl FromStr for ContentHash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let digits = text.as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() {
            return Err(NotAHash);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |at: usize| pair.get(at).and_then(|&c| char::from(c).to_digit(16)).ok_or(NotAHash);
            *byte = (digit(0)? * 16 + digit(1)?) as u8;
        }
        Ok(Self(bytes))
    }
}

impl ByteSize for ContentHash {
    fn byte_size(&self) -> u64 {
        self.0.len() as u64
    }
}

/// How much is read between two looks at the abort: some 10 ms of work.
const CHUNK: usize = 4 << 20;

/// The checksums of model files, by path and version.
#[derive(Debug)]
pub(crate) struct ModelHashes(SharedCache<(PathBuf, Stamp), ContentHash>);

impl ModelHashes {
    pub fn new() -> Self {
        Self(SharedCache::new("model checksums", Limits::NONE))
    }

    /// The checksum of a model as its files are now, each compared with its manifest. That of the one file, or of the
    /// checksums of both where the weights lie beside the graph: graphs of one architecture are often equal to the byte.
    pub fn of(&self, model: &ModelFile, counters: &Counters, abort: &dyn Abort) -> Result<ContentHash, InferenceError> {
        let declared = (model.declared_bytes, model.declared_hash);
        let graph = self.of_file(&model.path, declared, counters, abort)?;
        let Some(data) = &model.data else { return Ok(graph) };
        let declared = (data.declared_bytes, data.declared_hash);
        let weights = self.of_file(&data.path, declared, counters, abort)?;
        Ok(ContentHash(Sha256::new().chain_update(graph.0).chain_update(weights.0).finalize().into()))
    }

    fn of_file(
        &self,
        file: &Path,
        (declared_bytes, declared_hash): (Option<u64>, Option<ContentHash>),
        counters: &Counters,
        abort: &dyn Abort,
    ) -> Result<ContentHash, InferenceError> {
        let stamp = Stamp::of(file).map_err(|error| InferenceError::unreadable(file, &error))?;
        let differs = |expected, found| InferenceError::ModelDiffers { file: file.to_owned(), expected, found };
        // The size first: it costs nothing and says "cut short" in numbers a person understands.
        if let Some(declared) = declared_bytes.filter(|&declared| declared != stamp.bytes) {
            return Err(differs(format!("{declared} bytes"), format!("{} bytes", stamp.bytes)));
        }
        let hash = *self.0.get_or_compute((file.to_owned(), stamp), abort, || {
            counters.measure(Stage::HashModel, || hash_file(file, abort))
        })?;
        match declared_hash.filter(|&declared| declared != hash) {
            Some(declared) => Err(differs(format!("SHA-256 {declared}"), format!("SHA-256 {hash}"))),
            None => Ok(hash),
        }
    }
}

/// The checksum of a file, read whole.
pub(crate) fn hash_file(path: &Path, abort: &dyn Abort) -> Result<ContentHash, InferenceError> {
    let unreadable = |error: std::io::Error| InferenceError::unreadable(path, &error);
    let mut file = File::open(path).map_err(unreadable)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; CHUNK];
    loop {
        abort.check()?;
        match file.read(&mut buffer).map_err(unreadable)? {
            0 => return Ok(ContentHash(hasher.finalize().into())),
            read => hasher.update(&buffer[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_survives_text_and_nonsense_is_refused() {
        let hash = ContentHash(std::array::from_fn(|i| i as u8 * 7));
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert_eq!("zz".repeat(32).parse::<ContentHash>(), Err(NotAHash));
        assert_eq!("0".repeat(63).parse::<ContentHash>(), Err(NotAHash));
        assert_eq!("\u{e9}".repeat(32).parse::<ContentHash>(), Err(NotAHash));
    }
}
