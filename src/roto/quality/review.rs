//! The figures along a shot, while it is tracked.

use std::sync::Arc;

use inference::{Key, KeyBuilder};
use segment::Segmentation;

use super::measure::{Look, Measure};
use super::sheet::Row;
use crate::roto::model_frame::ModelPicture;
use crate::roto::track::film::Film;

/// A frame of one object as it was tracked.
pub struct Seen {
    /// The name of its mask.
    pub name: Key,
    /// The mask.
    pub mask: Arc<Segmentation>,
    /// The picture.
    pub picture: Arc<ModelPicture>,
}

/// The name of a frame's figures: both masks. Which pictures they lie on is part of their names.
fn quality_key(name: Key, neighbour: Option<Key>) -> Key {
    let key = KeyBuilder::new("quality 1").bytes(&name.0.to_le_bytes()).number(u64::from(neighbour.is_some()));
    neighbour.iter().fold(key, |key, neighbour| key.bytes(&neighbour.0.to_le_bytes())).finish()
}

/// Collects the figures of frames.
#[derive(Default)]
pub struct Review {
    measure: Measure,
    /// Frames that were tracked, those of all objects together, prompt frames not counted.
    pub tracked: usize,
    /// What was found.
    pub rows: Vec<Row>,
}

impl Review {
    /// Takes note of a frame of an object beside the one it was tracked from.
    pub fn add(&mut self, film: Film<'_>, (object, time): (usize, f64), seen: &Seen, neighbour: Option<&Seen>) {
        let key = quality_key(seen.name, neighbour.map(|other| other.name));
        let known = film.shared.qualities.find_stored(key, film.disk).map(|found| *found.value);
        let quality = known.unwrap_or_else(|| {
            let look = |seen: &Seen| Look::of(&seen.mask, &seen.picture.0);
            let found = self.measure.quality(&look(seen), neighbour.map(look).as_ref());
            *film.shared.qualities.keep_stored(key, found, film.disk, film.abort)
        });
        self.rows.push(Row { time, object, quality });
    }
}
