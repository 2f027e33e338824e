//! The project's own graphs of SAM2.1 and SAM3: `resources/export/CONTRACT.md` says what they are, this module runs
//! them. Pictures, prompts and masks here; the loop over a shot is in [`crate::tracker`], texts in `crate::text`.
//!
//! The picture is the frame stretched to I x I pixels; prompts are in pixels of it; masks come as 4 h x 4 h logits that
//! cover all of it.

mod decode;
mod encode;
mod facts;
mod graphs;
mod image;
mod memory;
mod run;
mod texts;

use std::sync::Arc;

use inference::{Ability, Abort, Engine, FoundModel, Key, KeyBuilder, Layout, ModelFile};

pub(crate) use decode::{Choice, Clicks, Prompted, Tokens};
pub use encode::Encoded;
pub use facts::{ConceptFacts, Facts, FactsError, Family, TrackerFacts};
pub use graphs::{Graphs, MissingRole};
pub(crate) use memory::Memories;
pub(crate) use run::{ANY, array, run};

use crate::{
    error::SegmentError,
    identity::{Identity, identity},
};

pub(crate) const SAM2_LAYOUT: Layout = Layout {
    family: "sam2",
    roles: graphs::SAM2_ROLES,
    abilities: &[(Ability::Points, &[]), (Ability::Box, &[]), (Ability::Mask, &[]), (Ability::Video, &[])],
    usual_licence: None,
    needs_manifest: true,
    not_run: None,
};
pub(crate) const SAM3_LAYOUT: Layout = Layout {
    family: "sam3",
    roles: graphs::SAM3_ROLES,
    abilities: &[
        (Ability::Points, &[]),
        (Ability::Box, &[]),
        (Ability::Mask, &[]),
        (Ability::Text, &["text_encoder", "detector"]),
        (Ability::Video, &[]),
    ],
    usual_licence: Some("SAM License"),
    needs_manifest: true,
    not_run: None,
};

/// An installed model of the project's own graphs. Opening reads no graph; the sessions come from the engine at each
/// run.
#[derive(Debug)]
pub struct Exported {
    engine: Arc<Engine>,
    name: String,
    /// Name and folder, for messages.
    place: Arc<str>,
    facts: Facts,
    graphs: Graphs,
    /// The manifest's text, hashed: its constants change results.
    manifest: Key,
}

/// Why a folder is not a usable model of these families.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ExportedError {
    /// The manifest's facts.
    #[error(transparent)]
    Facts(#[from] FactsError),
    /// A file.
    #[error(transparent)]
    Role(#[from] MissingRole),
}

impl Exported {
    /// A model from its folder.
    ///
    /// # Errors
    /// [`ExportedError`], to be read after the model's name.
    pub fn open(engine: &Arc<Engine>, found: &FoundModel, family: Family) -> Result<Self, ExportedError> {
        let manifest = found.manifest.as_deref();
        let facts = Facts::parse(family, manifest)?;
        Ok(Self {
            engine: Arc::clone(engine),
            name: found.name.clone(),
            place: format!("{} in {}", found.name, found.folder.display()).into(),
            graphs: Graphs::of(found, &facts)?,
            facts,
            manifest: KeyBuilder::new("manifest").bytes(manifest.unwrap_or_default().as_bytes()).finish(),
        })
    }

    /// The name as installed.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its manifest says.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Its graphs.
    pub fn graphs(&self) -> &Graphs {
        &self.graphs
    }

    /// The engine that runs it.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// What tells masks of single pictures from those of other models.
    pub(crate) fn identity(&self, abort: &dyn Abort) -> Result<Identity, SegmentError> {
        self.identity_of("pictures 1", &self.graphs.for_pictures(), abort)
    }

    /// What tells tracked masks from those of other models.
    pub(crate) fn tracker_identity(&self, abort: &dyn Abort) -> Result<Identity, SegmentError> {
        let graphs: Vec<_> = self.graphs.for_pictures().into_iter().chain(self.graphs.for_tracking()).collect();
        self.identity_of("tracker 1", &graphs, abort)
    }

    /// What tells encodings from those of other encoders. The rest of a model may be exchanged without a new encoding.
    pub(crate) fn encoder_identity(&self, abort: &dyn Abort) -> Result<Identity, SegmentError> {
        let family = self.facts.family.name();
        Ok(identity(&self.engine, &format!("{family} encoder 1"), &self.place, &[&self.graphs.vision_encoder], abort)?)
    }

    pub(crate) fn identity_of(
        &self,
        kind: &str,
        graphs: &[&ModelFile],
        abort: &dyn Abort,
    ) -> Result<Identity, SegmentError> {
        let kind = format!("{} {kind} {}", self.facts.family.name(), self.manifest);
        Ok(identity(&self.engine, &kind, &self.place, graphs, abort)?)
    }
}
