//! The files beside a graph that hold its weights.

use std::path::{Component, Path};

use super::{FoundFile, onnx::Graph};
use crate::stamp::Stamp;

/// The data files of a graph as files of a model, with the role `ROLE.data`, and what is wrong with the first that is
/// not whole. A graph whose weights lie in several files gives only the first as a file: that is what can be loaded
/// and checked as one thing; all are looked at.
pub(super) fn files_of(role: &str, graph_file: &Path, graph: &Graph) -> (Vec<FoundFile>, Option<String>) {
    let folder = graph_file.parent().unwrap_or(Path::new(""));
    let mut files = Vec::new();
    for (name, needed) in &graph.data_files {
        let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !inside {
            let words = format!("{} keeps its weights outside of its folder, in {name}", graph_file.display());
            return (files, Some(words));
        }
        let path = folder.join(name);
        match Stamp::of(&path).map(|stamp| stamp.bytes) {
            Ok(found) if found < *needed => {
                let words = format!(
                    "{} has {found} bytes and {} needs {needed}: it is cut short or exchanged; install the model again",
                    path.display(),
                    graph_file.file_name().unwrap_or_default().to_string_lossy()
                );
                return (files, Some(words));
            }
            Ok(_) if files.is_empty() => files.push(FoundFile::at(&format!("{role}.data"), path)),
            Ok(_) => {}
            Err(_) => return (files, Some(format!("{} is missing; install the model again", path.display()))),
        }
    }
    (files, None)
}
