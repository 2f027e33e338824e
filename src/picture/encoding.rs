//! How the source's colours are encoded, and what "automatic" means in each host.

use std::ffi::CStr;

use openfx::{Depth, Family};
use raster::SourceEncoding;

/// The options of the parameter, in the order of [`source_encoding`].
pub const CHOICES: &[&CStr] = &[c"Automatic", c"Display (sRGB, Rec.709)", c"Scene linear", c"Log"];

/// Hosts whose effects always see scene-linear pictures.
const LINEAR_HOSTS: &[Family] = &[Family::Nuke, Family::Natron];

/// The name under which the bundle's own command introduces itself: it reads files without converting them, so floating
/// point (EXR) is scene-linear there and integers (PNG, JPEG, TIFF, video) are display-referred.
const FILE_HOST: &str = "org.sam3roto.headless";

/// The encoding at an index of the parameter, in a host, for images of a depth.
pub fn source_encoding(index: usize, host: (Family, &str), depth: Depth) -> SourceEncoding {
    match index {
        1 => SourceEncoding::Display,
        2 => SourceEncoding::Linear,
        3 => SourceEncoding::Log,
        _ => automatic(host, depth),
    }
}

fn automatic((family, name): (Family, &str), depth: Depth) -> SourceEncoding {
    let linear_file = name == FILE_HOST && matches!(depth, Depth::Half | Depth::Float);
    if LINEAR_HOSTS.contains(&family) || linear_file { SourceEncoding::Linear } else { SourceEncoding::Display }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn automatic_is_linear_in_compositing_hosts_and_for_floating_point_files() {
        let encoding = |family, name, depth| source_encoding(0, (family, name), depth);
        assert_eq!(encoding(Family::Nuke, "uk.co.thefoundry.nuke", Depth::Float), SourceEncoding::Linear);
        assert_eq!(encoding(Family::Resolve, "DaVinciResolve", Depth::Float), SourceEncoding::Display);
        assert_eq!(encoding(Family::Unknown, FILE_HOST, Depth::Half), SourceEncoding::Linear);
        assert_eq!(encoding(Family::Unknown, FILE_HOST, Depth::Byte), SourceEncoding::Display);
    }

    #[test]
    fn a_choice_counts_in_every_host() {
        assert_eq!(source_encoding(1, (Family::Nuke, ""), Depth::Float), SourceEncoding::Display);
        assert_eq!(source_encoding(3, (Family::Resolve, ""), Depth::Byte), SourceEncoding::Log);
    }
}
