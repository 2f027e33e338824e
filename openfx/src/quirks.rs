//! How known hosts differ from the standard, as data. The lines that pay for a quirk name it.

/// Whose character a host has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// DaVinci Resolve's own pages.
    Resolve,
    /// Fusion, alone or as Resolve's page.
    Fusion,
    /// Nuke.
    Nuke,
    /// Natron.
    Natron,
    /// MLT: Kdenlive, Shotcut, Flowblade.
    Mlt,
    /// The scripted test host.
    OpenFxRunner,
    /// VEGAS.
    Vegas,
    /// Baselight.
    Baselight,
    /// Flame.
    Flame,
    /// Silhouette.
    Silhouette,
    /// Any other; treated as keeping to the standard.
    Unknown,
}

/// Deviations from the standard. `Default` is the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quirks {
    /// Every clip says it is connected, also the empty ones (Resolve): offer a switch for an optional input.
    pub clips_always_connected: bool,
    /// Render scale on images is not to be believed (Resolve: always 1, Fusion: the inverse): use the action's.
    pub image_scale_is_wrong: bool,
    /// A suite may only be asked for in version 1 (openfx-runner aborts otherwise).
    pub only_first_versions: bool,
    /// The multithread suite is for show (Resolve) or stops the process (openfx-runner): run in the calling thread.
    pub no_host_threads: bool,
    /// Keyframes cannot be counted: MLT always says 0 although values animate, openfx-runner stops the process.
    pub keys_are_hidden: bool,
    /// Only one frame at a time whatever the host's properties say (MLT, Baselight).
    pub single_frame: bool,
}

const STANDARD: Quirks = Quirks {
    clips_always_connected: false,
    image_scale_is_wrong: false,
    only_first_versions: false,
    no_host_threads: false,
    keys_are_hidden: false,
    single_frame: false,
};

/// Hosts by the beginning of their name, in lower case; the first match counts.
static TABLE: &[(&str, Family, Quirks)] = &[
    (
        "davinciresolve",
        Family::Resolve,
        Quirks { clips_always_connected: true, image_scale_is_wrong: true, no_host_threads: true, ..STANDARD },
    ),
    ("com.blackmagicdesign.fusion", Family::Fusion, Quirks { image_scale_is_wrong: true, ..STANDARD }),
    ("com.eyeonline.fusion", Family::Fusion, Quirks { image_scale_is_wrong: true, ..STANDARD }),
    ("uk.co.thefoundry.nuke", Family::Nuke, STANDARD),
    ("fr.inria.natron", Family::Natron, STANDARD),
    ("mlt", Family::Mlt, Quirks { keys_are_hidden: true, single_frame: true, ..STANDARD }),
    (
        "openfx-driver",
        Family::OpenFxRunner,
        Quirks { only_first_versions: true, no_host_threads: true, keys_are_hidden: true, ..STANDARD },
    ),
    (
        "openfx-runner",
        Family::OpenFxRunner,
        Quirks { only_first_versions: true, no_host_threads: true, keys_are_hidden: true, ..STANDARD },
    ),
    ("com.sonycreativesoftware.vegas", Family::Vegas, STANDARD),
    ("com.vegascreativesoftware.vegas", Family::Vegas, STANDARD),
    ("baselight", Family::Baselight, Quirks { single_frame: true, ..STANDARD }),
    ("com.autodesk.flame", Family::Flame, STANDARD),
    ("com.borisfx.silhouette", Family::Silhouette, STANDARD),
    ("com.silhouettefx", Family::Silhouette, STANDARD),
];

/// The character and quirks of the host called `name`.
pub(crate) fn of(name: &str) -> (Family, Quirks) {
    let name = name.to_ascii_lowercase();
    TABLE
        .iter()
        .find(|(prefix, ..)| name.starts_with(prefix))
        .map_or((Family::Unknown, STANDARD), |&(_, family, quirks)| (family, quirks))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_known_by_the_beginning_of_its_name_in_any_case() {
        assert_eq!(of("DaVinciResolveLite").0, Family::Resolve);
        assert!(of("DaVinciResolve").1.clips_always_connected);
        assert_eq!(of("uk.co.thefoundry.nuke").0, Family::Nuke);
        assert_eq!(of("MLT").0, Family::Mlt);
    }

    #[test]
    fn an_unknown_host_keeps_to_the_standard() {
        assert_eq!(of("org.example.host"), (Family::Unknown, Quirks::default()));
        assert_eq!(of(""), (Family::Unknown, Quirks::default()));
    }
}
