//! One effect of a bundle: loaded and described.

use super::{Description, HostError};

/// A loaded effect. Cheap to clone; the library stays loaded as long as any clone or instance lives.
#[derive(Clone)]
pub struct Plugin {}

impl Plugin {
    /// Its identifier.
    pub fn id(&self) -> &str {
        todo!()
    }

    /// What it says about itself, in every context that host and effect share.
    ///
    /// # Errors
    /// When an action fails or the rules are broken.
    pub fn describe(&self) -> Result<Description, HostError> {
        todo!()
    }
}
