//! Who holds memory, and where it lies.

use std::{fmt, sync::Arc};

use serde::{Serialize, Serializer};

/// Where bytes lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Main memory.
    Host,
    /// The memory of a device, by the number that NVML and ONNX Runtime give it.
    Device(u32),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host => f.write_str("main memory"),
            Self::Device(number) => write!(f, "memory of device {number}"),
        }
    }
}

/// What kind of thing holds memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OwnerKind {
    /// A loaded model: its weights and what ONNX Runtime keeps with them.
    Session,
    /// A running inference: its intermediate tensors.
    Run,
    /// Results kept because they may be asked for again.
    Cache,
}

/// Who holds memory: a row of the ledger has one owner and one [`Place`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Owner {
    /// Its kind.
    pub kind: OwnerKind,
    /// Its name for people: "MobileSAM encoder on CPU", "features".
    #[serde(serialize_with = "text")]
    pub name: Arc<str>,
}

fn text<S: Serializer>(name: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(name)
}

impl Owner {
    /// A loaded model.
    pub fn session(name: impl Into<Arc<str>>) -> Self {
        Self { kind: OwnerKind::Session, name: name.into() }
    }

    /// A running inference.
    pub fn run(name: impl Into<Arc<str>>) -> Self {
        Self { kind: OwnerKind::Run, name: name.into() }
    }

    /// A cache.
    pub fn cache(name: impl Into<Arc<str>>) -> Self {
        Self { kind: OwnerKind::Cache, name: name.into() }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            OwnerKind::Session => write!(f, "model {}", self.name),
            OwnerKind::Run => write!(f, "run of {}", self.name),
            OwnerKind::Cache => write!(f, "cache of {}", self.name),
        }
    }
}
