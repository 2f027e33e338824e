//! Graphs of files that were looked at before.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::onnx::{Flaw, Graph};
use crate::{stamp::Stamp, sync::Mutex};

/// A graph, or why the file has none.
pub(super) type Seen = Result<Arc<Graph>, Flaw>;

/// What was read of each file, as long as its size and its time of change stay what they were.
#[derive(Debug, Default)]
pub(super) struct Graphs(Mutex<HashMap<PathBuf, (Stamp, Seen)>>);

/// Files remembered. More than that and all are forgotten: nobody has so many.
const MOST: usize = 4096;

impl Graphs {
    /// The graph of a file. Not remembered when the file cannot be asked for its stamp.
    pub fn of(&self, path: &Path) -> Seen {
        let stamp = Stamp::of(path).map_err(|error| Flaw::Unreadable(error.to_string()))?;
        let known = self.0.lock().get(path).filter(|(then, _)| *then == stamp).map(|(_, seen)| seen.clone());
        if let Some(seen) = known {
            return seen;
        }
        // Not under the lock: a file on a network may take its time.
        let seen = Graph::of_file(path).map(Arc::new);
        let mut all = self.0.lock();
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(path.to_owned(), (stamp, seen.clone()));
        seen
    }
}
