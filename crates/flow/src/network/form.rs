//! What differs between the families: data, and what a manifest says otherwise.

use std::fmt;

use inference::Contract;
use serde::Deserialize;

use super::contracts::{
    NEUFLOW, NEUFLOW_LAYOUT, PINTO, PINTO_LAYOUT, RAFT, RAFT_LAYOUT, SEA_RAFT, SEA_RAFT_LAYOUT, SEA_RAFT_SHORT,
    SEA_RAFT_SHORT_LAYOUT,
};

/// One kind of graph.
#[derive(Debug)]
pub(super) struct Form {
    pub family: &'static str,
    pub contract: &'static Contract,
    pub flow: Output,
    /// The output with SEA-RAFT's mixture, of which confidence is made.
    pub mixture: Option<&'static str>,
    pub facts: Facts,
}

/// Where the motion comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    Named(&'static str),
    /// The output of this index, whatever its name.
    Nth(usize),
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => write!(f, "\"{name}\""),
            Self::Nth(index) => write!(f, "number {}", index + 1),
        }
    }
}

/// How pictures go in and motion comes out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Facts {
    /// What black and white are.
    pub range: [f32; 2],
    pub channels: Channels,
    /// Pixels of which both sides are multiples.
    pub multiple: usize,
    /// Pixels of the shortest side that the network takes.
    pub smallest: usize,
    pub direction: Direction,
}

/// The order of a picture's channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Channels {
    Rgb,
    Bgr,
}

/// Whose pixels the vectors belong to, and where they lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Direction {
    #[serde(rename = "first to second")]
    FirstToSecond,
    #[serde(rename = "second to first")]
    SecondToFirst,
}

/// RAFT's own: 8 pixels to a cell. Below 16 cells the coarsest of its four correlation levels has one, and torchvision
/// names 128 pixels as the least.
const fn raft(range: [f32; 2]) -> Facts {
    Facts { range, channels: Channels::Rgb, multiple: 8, smallest: 128, direction: Direction::FirstToSecond }
}

const BYTES: [f32; 2] = [0.0, 255.0];

/// NeuFlow's coarser features have 16 pixels to a cell. It was trained on RGB (`data_utils/datasets.py` reads with the
/// Python Imaging Library), though its demonstrations feed what OpenCV reads, which is BGR.
const NEUFLOW_FACTS: Facts = Facts { multiple: 16, smallest: 16, ..raft([0.0, 1.0]) };

/// All kinds.
pub(super) static FORMS: [Form; 5] = [
    Form {
        family: RAFT_LAYOUT.family,
        contract: &RAFT,
        flow: Output::Named("flow"),
        mixture: None,
        facts: raft([-1.0, 1.0]),
    },
    Form { family: PINTO_LAYOUT.family, contract: &PINTO, flow: Output::Nth(1), mixture: None, facts: raft(BYTES) },
    Form {
        family: SEA_RAFT_LAYOUT.family,
        contract: &SEA_RAFT,
        flow: Output::Named("flow_final"),
        mixture: Some("info_final"),
        facts: raft(BYTES),
    },
    Form {
        family: SEA_RAFT_SHORT_LAYOUT.family,
        contract: &SEA_RAFT_SHORT,
        flow: Output::Named("flow"),
        mixture: Some("info"),
        facts: raft(BYTES),
    },
    Form {
        family: NEUFLOW_LAYOUT.family,
        contract: &NEUFLOW,
        flow: Output::Named("output"),
        mixture: None,
        facts: NEUFLOW_FACTS,
    },
];

/// The `[flow]` table of a manifest. What it leaves out is as the family has it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    /// The network: "raft_large", "raft_small".
    pub network: Option<String>,
    /// Updates that the graph makes; told, not needed.
    #[serde(rename = "iterations")]
    _iterations: Option<u32>,
    range: Option<[f32; 2]>,
    channels: Option<Channels>,
    multiple: Option<usize>,
    smallest: Option<usize>,
    direction: Option<Direction>,
}

/// Most that a manifest may ask for as a multiple or a smallest side, in pixels.
const MOST: usize = 1024;

impl Told {
    /// Reads a `model.toml`; nothing is told where there is none.
    ///
    /// # Errors
    /// What is wrong with the table, in words.
    pub fn of(manifest: Option<&str>) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Manifest {
            #[serde(default)]
            flow: Told,
        }
        let Some(text) = manifest else { return Ok(Self::default()) };
        let read = toml::from_str::<Manifest>(text);
        let told = read.map_err(|error| format!("model.toml, [flow]: {}", error.to_string().trim_end()))?.flow;
        let sizes = [("multiple", told.multiple), ("smallest", told.smallest)];
        let odd = sizes.into_iter().find(|(_, size)| size.is_some_and(|size| size == 0 || size > MOST));
        if let Some((key, Some(size))) = odd {
            return Err(format!("model.toml, [flow]: {key} is {size}, and 1 to {MOST} is possible"));
        }
        match told.range {
            Some([black, white]) if !(black.is_finite() && white.is_finite() && black != white) => {
                Err(format!("model.toml, [flow]: range is [{black}, {white}], which leaves no picture"))
            }
            _ => Ok(told),
        }
    }

    /// What a family has, and what is told instead.
    pub fn over(&self, facts: Facts) -> Facts {
        Facts {
            range: self.range.unwrap_or(facts.range),
            channels: self.channels.unwrap_or(facts.channels),
            multiple: self.multiple.unwrap_or(facts.multiple),
            smallest: self.smallest.unwrap_or(facts.smallest),
            direction: self.direction.unwrap_or(facts.direction),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_says_otherwise_and_nonsense_is_refused() {
        let told =
            Told::of(Some("name = \"x\"\n[flow]\nrange = [0, 255]\nchannels = \"bgr\"\nmultiple = 32\n")).unwrap();
        let facts = told.over(FORMS[0].facts);
        assert_eq!((facts.range, facts.channels, facts.multiple), ([0.0, 255.0], Channels::Bgr, 32));
        assert_eq!((facts.smallest, facts.direction), (128, Direction::FirstToSecond));
        assert_eq!(Told::of(None).unwrap().over(FORMS[0].facts), FORMS[0].facts);
        for (odd, named) in [
            ("multiple = 0", "multiple is 0"),
            ("smallest = 5000", "smallest is 5000"),
            ("range = [1, 1]", "range is [1, 1]"),
            ("channels = \"yuv\"", "yuv"),
            ("direction = \"back\"", "back"),
            ("rnage = [0, 1]", "rnage"),
        ] {
            let words = Told::of(Some(&format!("[flow]\n{odd}\n"))).unwrap_err();
            assert!(words.contains(named), "{words}");
        }
    }
}
