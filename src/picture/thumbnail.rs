//! Renders that nobody looks at closely.

use openfx::{Clip, Family, Image, Instance, RenderArgs};

/// Pictures this narrow in Resolve are media-pool and timeline thumbnails, which it renders by the dozen with nothing
/// to tell them by: the source is passed through, so that browsing never waits.
const RESOLVE_THUMBNAIL: usize = 160;

/// Whether a render of `source`, the image of `clip`, is for a thumbnail.
pub fn is_thumbnail(instance: &Instance, args: &RenderArgs, clip: Clip<'_>, source: &Image<'_>) -> bool {
    let tiny = instance.host().family == Family::Resolve && source.bounds().width() <= RESOLVE_THUMBNAIL;
    args.thumbnail || tiny || clip.is_thumbnail()
}
