//! Which installed network is used: by its name, its family, its line, or the best there is; else what is built in.

use std::{path::PathBuf, sync::Arc};

use inference::{Abort, Device, Engine, FoundModel, InferenceError, Layout};

use super::{
    contracts::{NEUFLOW_LAYOUT, PINTO_LAYOUT, RAFT_LAYOUT, SEA_RAFT_LAYOUT, SEA_RAFT_SHORT_LAYOUT},
    estimator::{Network, Refusal},
    form::{FORMS, Told},
};
use crate::{FlowError, FlowEstimator};

/// The families of networks that this crate can run: for [`inference::EngineOptions::layouts`].
pub const LAYOUTS: &[Layout] = &[RAFT_LAYOUT, PINTO_LAYOUT, SEA_RAFT_LAYOUT, SEA_RAFT_SHORT_LAYOUT, NEUFLOW_LAYOUT];

/// A kind of network, and who asks for it.
struct Rung {
    family: &'static str,
    /// What the manifest names as the network; any where nothing is said here.
    network: Option<&'static str>,
    /// The word for this and all like it.
    line: &'static str,
}

const fn rung(family: &'static str, network: Option<&'static str>, line: &'static str) -> Rung {
    Rung { family, network, line }
}

/// From the best to the humblest.
const LADDER: [Rung; 7] = [
    rung(RAFT_LAYOUT.family, Some("raft_large"), RAFT),
    rung(PINTO_LAYOUT.family, None, RAFT),
    rung(RAFT_LAYOUT.family, Some("raft_small"), RAFT),
    rung(RAFT_LAYOUT.family, None, RAFT),
    rung(SEA_RAFT_LAYOUT.family, None, RAFT),
    rung(SEA_RAFT_SHORT_LAYOUT.family, None, RAFT),
    rung(NEUFLOW_LAYOUT.family, None, "neuflow"),
];

/// RAFT and those made after it, whoever exported them.
const RAFT: &str = "raft";

/// Who finds motion, and which better ones are installed and cannot be used.
pub struct Choice {
    /// The estimator to use.
    pub estimator: Arc<dyn FlowEstimator>,
    /// Where it runs, if it is a network.
    pub device: Option<Device>,
    /// Those that stand before it on the ladder, best first. Empty where one was asked for by its name.
    pub passed_over: Vec<PassedOver>,
}

/// An installed network that would have been used before what is. Displays as a sentence without its full stop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} in {} cannot be used: {problem}", folder.display())]
pub struct PassedOver {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Why it cannot be used, and what to do.
    pub problem: String,
}

/// Chooses who finds motion. `asked` is, upper or lower case alike:
/// * `"auto"` or `""`: the best installed network, else `built_in`;
/// * `"dis"`: `built_in`;
/// * `"raft"` or `"neuflow"`: the best network of that line;
/// * the name of an installed network, or of a family ("sea-raft").
///
/// A network's file is read whole when it is first chosen, for its checksum; it is loaded by the first call that needs it.
///
/// # Errors
/// [`FlowError::NoNetwork`] when a network is asked for and none can be used; [`FlowError::Inference`] when `abort` says so.
pub fn choose(
    engine: &Arc<Engine>,
    asked: &str,
    built_in: &Arc<dyn FlowEstimator>,
    abort: &dyn Abort,
) -> Result<Choice, FlowError> {
    let asked = asked.trim();
    let is = |word: &str| asked.eq_ignore_ascii_case(word);
    let fallback = |passed_over| Choice { estimator: Arc::clone(built_in), device: None, passed_over };
    if is("dis") {
        return Ok(fallback(Vec::new()));
    }
    let installed = engine.registry().recent();
    if asked.is_empty() || is("auto") {
        // A folder that cannot be made out may have been meant for the best of all: it is told, and never the choice.
        let unknown = installed.iter().filter(|found| found.family.is_none());
        let all: Vec<_> = unknown.chain(by_rank(&installed, |_| true)).collect();
        return Ok(first_usable(engine, &all, abort)?.unwrap_or_else(fallback));
    }
    let mut wanted = by_rank(&installed, |rung| is(rung.line));
    if wanted.is_empty() {
        wanted = by_rank(&installed, |_| true).into_iter().filter(|found| is(&found.name)).take(1).collect();
    }
    if wanted.is_empty() {
        wanted = by_rank(&installed, |rung| is(rung.family));
    }
    first_usable(engine, &wanted, abort)?.map_err(|passed_over| FlowError::NoNetwork {
        asked: asked.to_owned(),
        problems: passed_over.iter().map(|network| format!("; {network}")).collect(),
        searched: engine.registry().folders().to_vec(),
    })
}

/// The installed networks on the rungs that are wanted, from the top; on one rung in the order of the search.
fn by_rank(installed: &[FoundModel], is_wanted: impl Fn(&Rung) -> bool) -> Vec<&FoundModel> {
    let rank = |found: &FoundModel| {
        let network = Told::of(found.manifest.as_deref()).ok().and_then(|told| told.network);
        let is_on = |rung: &Rung| {
            Some(rung.family) == found.family.as_deref()
                && (rung.network.is_none() || rung.network == network.as_deref())
        };
        LADDER.iter().position(is_on).filter(|&rank| is_wanted(&LADDER[rank]))
    };
    let mut ranked: Vec<_> = installed.iter().filter_map(|found| Some((rank(found)?, found))).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, found)| found).collect()
}

/// The first that can be used, or all that cannot.
fn first_usable(
    engine: &Arc<Engine>,
    models: &[&FoundModel],
    abort: &dyn Abort,
) -> Result<Result<Choice, Vec<PassedOver>>, FlowError> {
    let mut passed_over = Vec::new();
    for found in models {
        match make(engine, found, abort) {
            Ok(network) => {
                let device = Some(network.device());
                return Ok(Ok(Choice { estimator: Arc::new(network), device, passed_over }));
            }
            Err(Refusal::Aborted) => return Err(InferenceError::Aborted.into()),
            Err(Refusal::Problem(problem)) => {
                let (name, folder) = (found.name.clone(), found.folder.clone());
                passed_over.push(PassedOver { name, folder, problem });
            }
        }
    }
    Ok(Err(passed_over))
}

fn make(engine: &Arc<Engine>, found: &FoundModel, abort: &dyn Abort) -> Result<Network, Refusal> {
    if let Some(problem) = &found.problem {
        return Err(Refusal::Problem(problem.clone()));
    }
    let form = FORMS.iter().find(|form| Some(form.family) == found.family.as_deref());
    let form = form.ok_or_else(|| Refusal::Problem("it does not find motion".to_owned()))?;
    Network::open(engine, found, form, abort)
}
