//! Why a frame has no matte.

use inference::{Failure, InferenceError};
use openfx::Error;
use segment::SegmentError;

/// The model's failure, or the host's.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FrameError {
    /// No model, a damaged or foreign file, a kind of prompt that the model cannot use, a failed run; aborted.
    #[error(transparent)]
    Model(#[from] SegmentError),
    /// A picture or a parameter that the host does not hand over.
    #[error(transparent)]
    Host(#[from] Error),
    /// The panel says that renders are to track nothing, and nobody tracked the frame.
    #[error(
        "Frame {frame} is not tracked yet: press Track Shot, or set If Not Tracked to Track on the way. If it was \
         tracked elsewhere, look whether this machine uses the same cache folder."
    )]
    NotTracked {
        /// The frame.
        frame: f64,
    },
}

impl FrameError {
    /// Whether the host gave up, so that there is nothing to report.
    pub fn is_aborted(&self) -> bool {
        match self {
            Self::Model(error) => error.is_aborted(),
            Self::Host(error) => *error == Error::Aborted,
            Self::NotTracked { .. } => false,
        }
    }
}

impl From<InferenceError> for FrameError {
    fn from(error: InferenceError) -> Self {
        Self::Model(error.into())
    }
}

impl Failure for FrameError {
    fn is_abort(&self) -> bool {
        self.is_aborted()
    }
}

/// Words for the user; quiet when the host gave up.
impl From<FrameError> for Error {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Host(error) => error,
            FrameError::Model(error) if error.is_aborted() => Self::Aborted,
            FrameError::Model(error) => Self::effect(error),
            error @ FrameError::NotTracked { .. } => Self::effect(error),
        }
    }
}
