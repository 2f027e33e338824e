//! `sam3roto cache`: results on disk, shown, checked and emptied by the plugin that wrote them.

use super::bundle_path::BundleSearch;
use super::engine_report::{REPORT_SYMBOL, byte_text};
use super::error::CommandError;
use super::options::{CacheAction, CacheTarget};
use super::print_out;
use super::table::{Align, table};
use crate::host::{Bundle, Host, Profile};
use serde::Deserialize;
use serde_json::Value as Json;
use std::path::{Path, PathBuf, absolute};

/// Does what is asked with the folder.
pub(super) fn cache(action: CacheAction) -> Result<(), CommandError> {
    let (topic, target) = match &action {
        CacheAction::Stats(target) => ("cache-stats", target),
        CacheAction::Verify(target) => ("cache-verify", target),
        CacheAction::Clear(target) => ("cache-clear", target),
    };
    let answer = ask(topic, target)?;
    let (text, unsound) = match action {
        CacheAction::Stats(_) => (serde_json::from_value::<Stats>(answer.clone())?.text(), 0),
        CacheAction::Verify(_) => {
            let verified: Verified = serde_json::from_value(answer.clone())?;
            (verified.text(), verified.stuck + verified.unreadable)
        }
        CacheAction::Clear(_) => {
            let cleared: Cleared = serde_json::from_value(answer.clone())?;
            (cleared.text(), cleared.stuck)
        }
    };
    print_out(&if target.json { format!("{}\n", serde_json::to_string_pretty(&answer)?) } else { text })?;
    if unsound > 0 { Err(CommandError::Unsound { count: unsound }) } else { Ok(()) }
}

/// Has the plugin keep its results in a folder, whatever the settings say. To be called before it makes its first instance.
///
/// # Errors
/// When the bundle cannot, or does not want to.
pub(super) fn keep_results_in(folder: &Path, bundle: &Bundle) -> Result<(), CommandError> {
    let topic = format!("set\ncache.folder\n{}", text_of(&absolute(folder)?)?);
    answer_of(bundle, &topic).map(|_| ())
}

/// Refuses, in the plugin's words, where it keeps no results on disk.
///
/// # Errors
/// When it keeps none, or the bundle has no answer.
pub(super) fn check_that_results_are_kept(bundle: &Bundle) -> Result<(), CommandError> {
    answer_of(bundle, "cache-stats").map(|_| ())
}

fn ask(topic: &str, target: &CacheTarget) -> Result<Json, CommandError> {
    let topic = match &target.folder {
        Some(folder) if !folder.is_dir() => return Err(CommandError::NoFolder { folder: folder.clone() }),
        Some(folder) => format!("{topic}\n{}", text_of(&absolute(folder)?)?),
        None => topic.to_owned(),
    };
    let host = Host::new(Profile::Strict);
    let bundle = Bundle::open(&host, &BundleSearch::from_environment(target.bundle.clone()).find()?)?;
    answer_of(&bundle, &topic)
}

/// The plugin's answer; its `problem` as an error.
fn answer_of(bundle: &Bundle, topic: &str) -> Result<Json, CommandError> {
    let no_cache = || CommandError::NoCache { bundle: bundle.library_path().to_owned() };
    let answer: Json = serde_json::from_str(&bundle.report(REPORT_SYMBOL, topic).ok_or_else(no_cache)?)?;
    match answer.get("problem").and_then(Json::as_str) {
        Some(problem) => Err(CommandError::Plugin(problem.to_owned())),
        None => Ok(answer),
    }
}

fn text_of(path: &Path) -> Result<&str, CommandError> {
    path.to_str().ok_or_else(|| CommandError::NotUnicode { path: path.to_owned() })
}

/// What is in the folder, as the plugin tells it.
#[derive(Debug, Deserialize)]
struct Stats {
    folder: PathBuf,
    max_bytes: u64,
    entries: u64,
    bytes: u64,
    kinds: Vec<Kind>,
    temporary: u64,
    foreign: u64,
}

#[derive(Debug, Deserialize)]
struct Kind {
    kind: String,
    entries: u64,
    bytes: u64,
}

impl Stats {
    fn text(&self) -> String {
        let row = |name: &str, entries: u64, size: String| vec![name.to_owned(), entries.to_string(), size];
        let mut rows = vec![["kind", "entries", "size"].map(str::to_owned).to_vec()];
        rows.extend(self.kinds.iter().map(|kind| row(&kind.kind, kind.entries, byte_text(kind.bytes))));
        rows.push(row("all", self.entries, format!("{} of {}", byte_text(self.bytes), byte_text(self.max_bytes))));
        let mut out = format!("{}\n{}", self.folder.display(), table(&[Align::Left, Align::Right, Align::Left], &rows));
        if self.temporary > 0 {
            out.push_str(&format!(
                "  {} being written, or left by writers that ended\n",
                counted(self.temporary, "file")
            ));
        }
        out.push_str(&foreign_text(self.foreign));
        out
    }
}

/// What a check found, as the plugin tells it.
#[derive(Debug, Deserialize)]
struct Verified {
    folder: PathBuf,
    sound: u64,
    bytes: u64,
    damaged: u64,
    stuck: u64,
    unreadable: u64,
    foreign: u64,
    left_behind: u64,
}

impl Verified {
    fn text(&self) -> String {
        let mut out = format!("{}\n", self.folder.display());
        let mut line = |count: u64, noun: &str, words: &str| {
            if count > 0 {
                out.push_str(&format!("  {} {words}\n", counted(count, noun)));
            }
        };
        line(self.damaged - self.stuck.min(self.damaged), "damaged entry", "removed");
        line(self.stuck, "damaged entry", "not removed: check the permissions");
        line(self.unreadable, "entry", "not readable: check the permissions");
        line(self.left_behind, "file", "of writers that ended, removed");
        out.push_str(&format!("  {} sound ({})\n", counted(self.sound, "entry"), byte_text(self.bytes)));
        out.push_str(&foreign_text(self.foreign));
        out
    }
}

/// What was removed, as the plugin tells it.
#[derive(Debug, Deserialize)]
struct Cleared {
    folder: PathBuf,
    removed: u64,
    graphs: u64,
    bytes: u64,
    stuck: u64,
    foreign: u64,
}

impl Cleared {
    fn text(&self) -> String {
        let mut out = format!("{}\n", self.folder.display());
        let graphs = match self.graphs {
            0 => String::new(),
            graphs => format!(" and {}", counted(graphs, "optimised graph")),
        };
        out.push_str(&format!("  {}{graphs} removed ({})\n", counted(self.removed, "entry"), byte_text(self.bytes)));
        if self.stuck > 0 {
            out.push_str(&format!("  {} not removed: check the permissions\n", counted(self.stuck, "entry")));
        }
        out.push_str(&foreign_text(self.foreign));
        out
    }
}

fn foreign_text(count: u64) -> String {
    match count {
        0 => String::new(),
        _ => format!("  {} not of the cache, left alone\n", counted(count, "file")),
    }
}

/// "1 entry", "2 entries".
fn counted(count: u64, noun: &str) -> String {
    match (count, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_in_the_folder_reads_well() {
        let stats: Stats = serde_json::from_value(json!({
            "folder": "/mnt/cache", "max_bytes": 20_000_000_000_u64, "entries": 101, "bytes": 212_300_000,
            "kinds": [{"kind": "embedding-1", "entries": 100, "bytes": 212_000_000}, {"kind": "matte-1", "entries": 1, "bytes": 300_000}],
            "temporary": 2, "foreign": 1, "problem": null
        }))
        .unwrap();
        let expected = "\
/mnt/cache
  kind         entries  size
  embedding-1      100  212 MB
  matte-1            1  300 kB
  all              101  212 MB of 20.0 GB
  2 files being written, or left by writers that ended
  1 file not of the cache, left alone
";
        assert_eq!(stats.text(), expected);
    }

    #[test]
    fn a_check_tells_what_it_found_and_nothing_else() {
        let sound = json!({ "folder": "/c", "sound": 3, "bytes": 2000, "damaged": 0, "stuck": 0, "unreadable": 0, "foreign": 0, "left_behind": 0, "complete": true });
        let verified: Verified = serde_json::from_value(sound).unwrap();
        assert_eq!(verified.text(), "/c\n  3 entries sound (2.0 kB)\n");
        let verified = Verified { damaged: 2, stuck: 1, ..verified };
        assert_eq!(
            verified.text(),
            "/c\n  1 damaged entry removed\n  1 damaged entry not removed: check the permissions\n  3 entries sound (2.0 kB)\n"
        );
    }

    #[test]
    fn clearing_tells_of_entries_and_graphs() {
        let cleared = json!({ "folder": "/c", "removed": 3, "graphs": 2, "bytes": 2000, "stuck": 0, "foreign": 0 });
        let cleared: Cleared = serde_json::from_value(cleared).unwrap();
        assert_eq!(cleared.text(), "/c\n  3 entries and 2 optimised graphs removed (2.0 kB)\n");
        assert_eq!(Cleared { graphs: 0, ..cleared }.text(), "/c\n  3 entries removed (2.0 kB)\n");
    }
}
