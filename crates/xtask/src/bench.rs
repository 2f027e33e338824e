//! `cargo xtask bench [name] [options]`: the benchmarks print their own tables.

use crate::cargo::REMEDY;
use crate::environment::Environment;
use crate::error::Error;
use crate::workspace::{Profile, Workspace};
use crate::{bundle, programs, python, say};
use std::ffi::OsString;
use std::path::PathBuf;

/// A benchmark.
struct Benchmark {
    name: &'static str,
    /// Takes many minutes: only run when it is named.
    long: bool,
    /// What it is held against, where that is a script.
    script: Option<Script>,
    /// Settings that its promise is about; those of the environment win.
    settings: &'static [(&'static str, &'static str)],
}

/// Whose Python a script runs with.
#[derive(Clone, Copy)]
enum Script {
    /// Without it there is no benchmark.
    Parity,
    /// With the libraries that we are held against. Without them the benchmark measures, compares nothing and says so.
    References,
}

const BENCHMARK: Benchmark = Benchmark { name: "", long: false, script: None, settings: &[] };

/// Every benchmark of the workspace.
const ALL: [Benchmark; 16] = [
    Benchmark { name: "feel", settings: &[("SAM3ROTO_THREADS", "2"), ("RAYON_NUM_THREADS", "2")], ..BENCHMARK },
    Benchmark { name: "finishing", script: Some(Script::References), ..BENCHMARK },
    Benchmark { name: "flow", script: Some(Script::References), ..BENCHMARK },
    Benchmark { name: "frame", ..BENCHMARK },
    // On the demo shot, and on footage that SAM3ROTO_CLIPS names.
    Benchmark { name: "keys", long: true, ..BENCHMARK },
    Benchmark { name: "memory", long: true, script: Some(Script::Parity), ..BENCHMARK },
    // Of a model that is named with --model.
    Benchmark { name: "model", long: true, ..BENCHMARK },
    // Of the networks in a folder that is named with --models.
    Benchmark { name: "networks", long: true, ..BENCHMARK },
    Benchmark { name: "output", settings: &[("RAYON_NUM_THREADS", "2")], ..BENCHMARK },
    Benchmark { name: "propagation", settings: &[("SAM3ROTO_THREADS", "2"), ("RAYON_NUM_THREADS", "2")], ..BENCHMARK },
    Benchmark { name: "refine", ..BENCHMARK },
    Benchmark { name: "rerun", long: true, ..BENCHMARK },
    Benchmark { name: "resegment", settings: &[("SAM3ROTO_THREADS", "2")], ..BENCHMARK },
    // A cache of features that is full long before the warm-up ends.
    Benchmark { name: "soak", long: true, settings: &[("SAM3ROTO_FEATURE_CACHE_MB", "128")], ..BENCHMARK },
    Benchmark { name: "tracker", settings: &[("SAM3ROTO_THREADS", "2")], ..BENCHMARK },
    Benchmark { name: "upsample", ..BENCHMARK },
];

/// Runs the benchmarks that do not take long, or the one named. `arguments` go to the benchmarks.
pub fn run(workspace: &Workspace, name: Option<&str>, arguments: &[OsString]) -> Result<(), Error> {
    // What they need comes first: the bundle takes minutes.
    let chosen = chosen(name)?.into_iter().map(|benchmark| Ok((benchmark, interpreter(workspace, benchmark.script)?)));
    let chosen = chosen.collect::<Result<Vec<_>, Error>>()?;
    let mut environment = Environment::for_checks(workspace)?;
    let bundled = bundle::build(workspace, Profile::Release)?;
    environment.set("SAM3ROTO_BUNDLE", bundled.bundle);
    for (benchmark, python) in chosen {
        let mut environment = environment.clone();
        for (name, value) in benchmark.settings {
            environment.set(name, std::env::var_os(name).unwrap_or_else(|| value.into()));
        }
        if let Some(python) = python {
            environment.set("SAM3ROTO_PYTHON", python);
        }
        let mut cargo = workspace.cargo();
        cargo.args(["bench", "--workspace", "--bench", benchmark.name, "--"]).args(arguments);
        programs::run(environment.give(&mut cargo), &format!("the benchmark {}", benchmark.name), REMEDY)?;
    }
    Ok(())
}

/// The Python of a script. None where there is none, or where the benchmark goes without: then it is told why.
fn interpreter(workspace: &Workspace, script: Option<Script>) -> Result<Option<PathBuf>, Error> {
    match script {
        None => Ok(None),
        Some(Script::Parity) => python::interpreter(workspace).map(Some),
        Some(Script::References) => Ok(python::finishing(workspace)
            .inspect_err(|error| say::line("without", &format!("references: {error}")))
            .ok()),
    }
}

fn chosen(name: Option<&str>) -> Result<Vec<&'static Benchmark>, Error> {
    let chosen: Vec<&Benchmark> = match name {
        Some(name) => ALL.iter().filter(|benchmark| benchmark.name == name).collect(),
        None => ALL.iter().filter(|benchmark| !benchmark.long).collect(),
    };
    if chosen.is_empty() {
        let names: Vec<&str> = ALL.iter().map(|benchmark| benchmark.name).collect();
        return Err(Error::Usage(format!("there is no benchmark of this name; there are {}", names.join(", "))));
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;

    #[test]
    fn every_benchmark_of_the_workspace_is_known() {
        let workspace = Workspace::find().unwrap();
        let crates = fs::read_dir(workspace.path("crates")).unwrap().map(|entry| entry.unwrap().path());
        let folders = crates.chain([workspace.path("openfx"), workspace.path("")]).map(|folder| folder.join("benches"));
        let files = folders.filter_map(|folder| fs::read_dir(folder).ok()).flatten().map(|entry| entry.unwrap().path());
        let sources = files.filter(|file| file.extension().is_some_and(|ending| ending == "rs"));
        let found: BTreeSet<String> =
            sources.map(|file| file.file_stem().unwrap().to_string_lossy().into_owned()).collect();
        let known: BTreeSet<String> = ALL.iter().map(|benchmark| benchmark.name.to_owned()).collect();
        assert_eq!(found, known);
    }

    #[test]
    fn without_a_name_nothing_long_runs() {
        assert!(chosen(None).unwrap().iter().all(|benchmark| !benchmark.long));
        assert_eq!(chosen(Some("soak")).unwrap().len(), 1);
        assert!(chosen(Some("sok")).is_err_and(|error| error.to_string().contains("soak")));
    }
}
