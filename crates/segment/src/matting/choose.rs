//! Which installed network is used: one of a kind, by its name, or the best there is.

use std::sync::Arc;

use inference::{Engine, FoundModel, Layout};

use super::{
    contracts::{MODNET_LAYOUT, RVM_LAYOUT, VITMATTE_LAYOUT},
    matter::{Kind, Matter},
};
use crate::{error::SegmentError, ladder::PassedOver};

/// The families of networks: for [`inference::EngineOptions::layouts`].
pub const LAYOUTS: &[Layout] = &[VITMATTE_LAYOUT, RVM_LAYOUT, MODNET_LAYOUT];

/// From the best to the humblest: what mattes any object by the trimap, what remembers frames before, what does not.
const LADDER: [Kind; 3] = [Kind::VitMatte, Kind::Rvm, Kind::ModNet];

/// A network, and which better ones are installed and cannot be used.
#[derive(Debug)]
pub struct Choice {
    /// The network to use.
    pub matter: Matter,
    /// Those that stand before it on the ladder, best first.
    pub passed_over: Vec<PassedOver>,
}

/// Chooses an installed network. `asked` is, upper or lower case alike: `"auto"` or `""` for the best; `"vitmatte"`, `"rvm"`
/// or `"modnet"`; or the name of one that is installed. Reads no weights: files are checked and loaded by the first call
/// that needs them.
///
/// # Errors
/// [`SegmentError::NoMatting`].
pub fn choose(engine: &Arc<Engine>, asked: &str) -> Result<Choice, SegmentError> {
    let installed = engine.registry().recent();
    let asked = asked.trim();
    let any = asked.is_empty() || asked.eq_ignore_ascii_case("auto");
    let line = LADDER.into_iter().find(|kind| kind.family().eq_ignore_ascii_case(asked));
    let is_wanted = |kind: Kind, found: &FoundModel| {
        any || line.map_or_else(|| found.name.eq_ignore_ascii_case(asked), |line| line == kind)
    };
    let of = |kind: Kind| installed.iter().filter(move |found| found.family.as_deref() == Some(kind.family()));
    let mut passed_over = Vec::new();
    for (kind, found) in LADDER.into_iter().flat_map(|kind| of(kind).map(move |found| (kind, found))) {
        if !is_wanted(kind, found) {
            continue;
        }
        match Matter::open(engine, kind, found) {
            Ok(matter) => return Ok(Choice { matter, passed_over }),
            Err(problem) => {
                let (name, folder) = (found.name.clone(), found.folder.clone());
                passed_over.push(PassedOver { name, folder, problem });
            }
        }
    }
    let problems: Vec<_> = passed_over.iter().map(PassedOver::to_string).collect();
    Err(SegmentError::NoMatting {
        kind: match line {
            Some(line) => format!(" of the kind {line}"),
            None if any => String::new(),
            None => format!(" of the name \"{asked}\""),
        },
        remedy: line.map_or_else(|| "ViTMatte, RVM or MODNet".to_owned(), |line| line.to_string()),
        searched: engine.registry().folders().to_vec(),
        problems: if problems.is_empty() { String::new() } else { format!(" ({})", problems.join("; ")) },
    })
}
