//! The motion of a pair of frames: found once, whoever asks and in whichever direction.

use flow::{Direction, PairMotion};
use inference::{Found, KeyBuilder, Origin};
use std::sync::Arc;

use super::failure::RefineError;
use super::film::{Film, Look};

/// The motion between two frames, the direction from the first to the second, and where it was found.
pub struct Motion {
    /// Both directions.
    pub pair: Arc<PairMotion>,
    /// That from the frame to its neighbour.
    pub direction: Direction,
    /// Where it was found.
    pub origin: Origin,
}

/// The motion from one frame to another.
///
/// # Errors
/// As [`PairMotion::find`].
pub fn motion(film: &Film<'_>, from: &Look, to: &Look) -> Result<Motion, RefineError> {
    if from.key == to.key {
        let (width, height) = film.working_size();
        let pair = Arc::new(PairMotion::still(width, height));
        return Ok(Motion { pair, direction: Direction::Forward, origin: Origin::Memory });
    }
    // By their names and not by their times: a shot that runs backwards, or stands twice on a time line, has the same pairs.
    let (first, second, direction) =
        if from.key < to.key { (from, to, Direction::Forward) } else { (to, from, Direction::Backward) };
    let mut key = KeyBuilder::new("pair motion 1");
    for part in [film.estimator.fingerprint(), first.key, second.key] {
        key = key.bytes(&part.0.to_le_bytes());
    }
    let find = || {
        let pictures = [&first.picture.colours, &second.picture.colours];
        Ok::<_, RefineError>(PairMotion::find(film.estimator, pictures[0], pictures[1], film.abort)?)
    };
    let disk = film.shared.engine.disk();
    let Found { value, origin } = film.shared.motions.fetch_stored(key.finish(), disk, film.abort, find)?;
    Ok(Motion { pair: value, direction, origin })
}
