//! Why a frame is not refined.

use flow::FlowError;
use inference::{Failure, InferenceError};
use openfx::Error;

/// The failure of who finds motion, or the host's.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RefineError {
    /// No network of the kind asked for, a failed run; aborted.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// A picture or a parameter that the host does not hand over.
    #[error(transparent)]
    Host(#[from] Error),
}

impl From<InferenceError> for RefineError {
    fn from(error: InferenceError) -> Self {
        Self::Flow(error.into())
    }
}

impl Failure for RefineError {
    fn is_abort(&self) -> bool {
        match self {
            Self::Flow(error) => error.is_abort(),
            Self::Host(error) => *error == Error::Aborted,
        }
    }
}

/// Words for the user; quiet when the host gave up.
impl From<RefineError> for Error {
    fn from(error: RefineError) -> Self {
        match error {
            RefineError::Host(error) => error,
            RefineError::Flow(error) if error.is_abort() => Self::Aborted,
            RefineError::Flow(error) => Self::effect(error),
        }
    }
}
