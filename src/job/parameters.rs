//! The rows by which a panel is taken out of the host.

use openfx::{GroupKey, PushButtonKey, Row, TextKey, TextMode};

const GROUP: GroupKey = GroupKey::new(c"jobGroup");
/// The files of Source as the `sam3roto` command is to find them: hosts do not tell an effect.
pub const JOB_SOURCE: TextKey = TextKey::new(c"jobSource");
/// The file to write.
pub const JOB_FILE: TextKey = TextKey::new(c"jobFile");
/// Writes the file.
pub const EXPORT_JOB: PushButtonKey = PushButtonKey::new(c"exportJob");

/// The rows of the group, at the end of each effect's panel.
pub static ROWS: [Row; 4] = [
    GROUP.row(c"Job").closed(),
    JOB_SOURCE
        .row(c"Source Files", c"", TextMode::FilePath)
        .parent(GROUP)
        .panel_only()
        .hint(c"The files that Source shows, as shot.%04d.exr, for work outside of this program. The host does not tell them to an effect. Leave it empty to name them on the command line."),
    JOB_FILE
        .row(c"Job File", c"", TextMode::FilePath)
        .parent(GROUP)
        .panel_only()
        .hint(c"The file to write, as shot.json."),
    EXPORT_JOB.row(c"Export Job").parent(GROUP).hint(
        c"Writes every value and keyframe of this panel, and the frames of the shot, into the job file. `sam3roto track` and `sam3roto render` do the same work from it without this program, and `sam3roto farm` spreads it over machines.",
    ),
];
