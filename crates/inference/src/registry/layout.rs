//! What the members of a model family look like.

use serde::Serialize;

use crate::contract::Contract;

/// A model family: its files by role, each known by its tensors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// The family the files make up: "sam1".
    pub family: &'static str,
    /// Its files.
    pub roles: &'static [Role],
    /// What a model of the family can do, and the roles that each takes.
    pub abilities: &'static [(Ability, &'static [&'static str])],
    /// The licence that its weights usually come under, told where the folder says nothing.
    pub usual_licence: Option<&'static str>,
    /// Whether its `model.toml` holds what it cannot run without.
    pub needs_manifest: bool,
    /// Why a model of the family cannot be run, and what to use in its place; `None` for one that can.
    pub not_run: Option<&'static str>,
}

/// One file of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Role {
    /// What the file is within its family: "encoder".
    pub name: &'static str,
    /// Its usual name. A folder may name it otherwise: without a manifest a file is known by its tensors alone.
    pub file: &'static str,
    /// Its tensors.
    pub contract: &'static Contract,
    /// Whether the family does nothing without it.
    pub needed: bool,
    /// What has to lie beside the graphs where this file is used, and is no graph itself.
    pub beside: Option<Beside>,
}

/// A file with what a graph's callers need to know. It lies in the model's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beside {
    /// What it is within its family: "constants".
    pub role: &'static str,
    /// Its name.
    pub file: &'static str,
}

impl Role {
    /// A file that the family needs.
    pub const fn needed(name: &'static str, file: &'static str, contract: &'static Contract) -> Self {
        Self { name, file, contract, needed: true, beside: None }
    }

    /// A file that adds to what the family can do.
    pub const fn optional(name: &'static str, file: &'static str, contract: &'static Contract) -> Self {
        Self { name, file, contract, needed: false, beside: None }
    }

    /// The same, which takes another file beside the graphs.
    pub const fn with(self, beside: Beside) -> Self {
        Self { beside: Some(beside), ..self }
    }
}

/// What a model takes as a prompt, or does with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Ability {
    /// Clicks on the object and beside it.
    Points,
    /// A box round the object.
    Box,
    /// A mask as the prompt.
    Mask,
    /// Words.
    Text,
    /// Following the object through a shot with the network's own memory.
    Video,
    /// No prompt: finding the motion between two pictures.
    Motion,
    /// No prompt: finding how much of each pixel is object.
    Matting,
}

impl std::fmt::Display for Ability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Points => "points",
            Self::Box => "box",
            Self::Mask => "mask",
            Self::Text => "text",
            Self::Video => "video",
            Self::Motion => "motion",
            Self::Matting => "matting",
        })
    }
}

impl Layout {
    /// The files that are no graphs and belong to these roles.
    pub(super) fn beside(&self, has: impl Fn(&str) -> bool) -> impl Iterator<Item = Beside> {
        self.roles.iter().filter(move |role| has(role.name)).filter_map(|role| role.beside)
    }

    /// A role by its name.
    pub(super) fn role(&self, name: &str) -> Option<&'static Role> {
        self.roles.iter().find(|role| role.name == name)
    }

    /// What a model with these roles can do.
    pub(super) fn abilities_with(&self, has: impl Fn(&str) -> bool) -> Vec<Ability> {
        let whole = |(_, roles): &&(Ability, &[&str])| roles.iter().all(|role| has(role));
        if self.not_run.is_some() {
            return Vec::new();
        }
        self.abilities.iter().filter(whole).map(|(ability, _)| *ability).collect()
    }
}
