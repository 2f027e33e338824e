//! Pictures to what encoders make of them, the same way for every family: named by content, remembered in memory and on
//! disk, encoded together where several are new.

use std::collections::HashMap;

use inference::{Abort, Engine, Feature, Found, Key};
use ndarray::{ArrayD, Axis, Slice};
use raster::Plane;

use crate::error::SegmentError;

/// A model that encodes pictures.
pub(crate) trait Encoder {
    /// Where encodings are remembered.
    fn engine(&self) -> &Engine;

    /// Runs the encoder: one feature for each picture, in their order.
    fn encode(&self, pictures: &[&Plane<[u8; 3]>], abort: &dyn Abort) -> Result<Vec<Feature>, SegmentError>;

    /// The encoding of a picture of this name: out of memory, from disk, or new.
    fn encoding(&self, key: Key, picture: &Plane<[u8; 3]>, abort: &dyn Abort) -> Result<Found<Feature>, SegmentError> {
        self.remembered(key, abort, || self.encode_one(picture, abort))
    }

    /// The encodings of named pictures in their order. Those that are nowhere remembered are encoded together.
    fn encodings(
        &self,
        pictures: &[(Key, &Plane<[u8; 3]>)],
        abort: &dyn Abort,
    ) -> Result<Vec<Found<Feature>>, SegmentError> {
        let (features, disk) = (self.engine().features(), self.engine().disk());
        let is_new = |key: &Key| !features.holds(key) && !disk.is_some_and(|disk| disk.holds::<Feature>(*key));
        let (keys, new): (Vec<_>, Vec<_>) = pictures.iter().copied().filter(|(key, _)| is_new(key)).unzip();
        let encoded = if new.is_empty() { Vec::new() } else { self.encode(&new, abort)? };
        let mut encoded: HashMap<Key, Feature> = keys.into_iter().zip(encoded).collect();
        pictures
            .iter()
            .map(|(key, picture)| {
                // Through the cache all the same: what it dropped meanwhile is encoded again.
                let encode = || encoded.remove(key).map_or_else(|| self.encode_one(picture, abort), Ok);
                self.remembered(*key, abort, encode)
            })
            .collect()
    }

    /// Out of memory, from disk, or from `encode`.
    fn remembered(
        &self,
        key: Key,
        abort: &dyn Abort,
        encode: impl FnOnce() -> Result<Feature, SegmentError>,
    ) -> Result<Found<Feature>, SegmentError> {
        self.engine().features().fetch_stored(key, self.engine().disk(), abort, encode)
    }

    /// The encoding of one picture, computed.
    fn encode_one(&self, picture: &Plane<[u8; 3]>, abort: &dyn Abort) -> Result<Feature, SegmentError> {
        // One picture, one feature: `encode` has seen to it.
        Ok(self.encode(&[picture], abort)?.pop().unwrap_or_else(|| Feature::new(Vec::new())))
    }
}

/// The outputs of one run, [pictures, ..] each, as one feature for each picture, in the engine's precision.
pub(crate) fn features(engine: &Engine, outputs: &[ArrayD<f32>], pictures: usize) -> Vec<Feature> {
    let feature = |index: usize| {
        let one = |output: &ArrayD<f32>| output.slice_axis(Axis(0), Slice::from(index..index + 1)).to_owned();
        let tensors = outputs.iter().map(one).collect();
        if engine.options().half_precision { Feature::half(tensors) } else { Feature::new(tensors) }
    };
    (0..pictures).map(feature).collect()
}

/// Refuses pictures of another size than `side` x `side`.
pub(crate) fn check_square(picture: &Plane<[u8; 3]>, side: usize) -> Result<(), SegmentError> {
    let (width, height) = (picture.width(), picture.height());
    if (width, height) != (side, side) {
        let expected = format!("this model takes pictures of {side}x{side}");
        return Err(SegmentError::PictureSize { width, height, expected });
    }
    Ok(())
}
