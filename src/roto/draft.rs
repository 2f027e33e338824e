//! Draft and final: which of the two a render is.
//!
//! A render that nobody looks on while it is made goes into files, and files are final: it never is a draft, whatever the
//! panel says.
//!
//! What takes time is the network's look at a picture, and networks look at pictures of one size. So a draft takes the
//! lightest network, and where an object is tracked it looks at every [`STEP`]th frame alone: the mask is carried along the
//! picture's motion to the frames between. And it leaves the edge plain.

/// The time from one frame to the next that the network looks at in a draft. On the demo shot from frame 100 on a frame then
/// takes 0.3 of the time, and the masks share 0.96 of their area with the final ones (`cargo xtask bench feel`).
pub const STEP: f64 = 4.0;

/// What the panel says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Quality {
    /// Always final.
    #[default]
    Final,
    /// Draft for whoever looks on, and for tracking ahead of need.
    Draft,
    /// Draft where the host asks for one.
    Automatic,
}

/// What a render is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Made {
    /// As good as it gets.
    #[default]
    Final,
    /// Final although the panel says draft: it is for files.
    FinalAllTheSame,
    /// A draft.
    Draft,
}

impl Quality {
    /// The meaning at an index of the parameter; an index out of range is final.
    pub fn from_index(index: usize) -> Self {
        [Self::Final, Self::Draft, Self::Automatic].get(index).copied().unwrap_or_default()
    }

    /// What a render is of which the host says that somebody looks on, or that a draft will do.
    pub fn of_render(self, interactive: bool, draft: bool) -> Made {
        match self {
            Self::Automatic if draft => Made::Draft,
            Self::Draft if draft || interactive => Made::Draft,
            Self::Draft => Made::FinalAllTheSame,
            Self::Final | Self::Automatic => Made::Final,
        }
    }

    /// What the tracking buttons make: there somebody looks on.
    pub fn of_button(self) -> Made {
        self.of_render(true, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_render_for_files_is_final_whatever_the_panel_says() {
        assert_eq!(Quality::Draft.of_render(false, false), Made::FinalAllTheSame);
        assert_eq!(Quality::Automatic.of_render(false, false), Made::Final);
        assert_eq!(Quality::from_index(99), Quality::Final);
    }

    #[test]
    fn hints_of_the_host_count_where_the_panel_lets_them() {
        let drafts = |quality: Quality| {
            [(false, true), (true, false)]
                .map(|(interactive, draft)| quality.of_render(interactive, draft) == Made::Draft)
        };
        assert_eq!(drafts(Quality::Final), [false, false]);
        assert_eq!(drafts(Quality::Draft), [true, true]);
        assert_eq!(drafts(Quality::Automatic), [true, false]);
        assert_eq!((Quality::Draft.of_button(), Quality::Automatic.of_button()), (Made::Draft, Made::Final));
    }
}
