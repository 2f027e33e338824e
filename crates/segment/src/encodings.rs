//! Pictures to what encoders make of them, the same way for every family: named by content, remembered in memory and on
//! disk, encoded together where several are new.

use std::collections::{HashMap, HashSet};

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

    /// The encodings of named pictures in their order. Those that are nowhere remembered are encoded together, each once.
    fn encodings(
        &self,
        pictures: &[(Key, &Plane<[u8; 3]>)],
        abort: &dyn Abort,
    ) -> Result<Vec<Found<Feature>>, SegmentError> {
        let (features, disk) = (self.engine().features(), self.engine().disk());
        let is_new = |key: &Key| !features.holds(key) && !disk.is_some_and(|disk| disk.holds::<Feature>(*key));
        let mut seen = HashSet::new();
        let new = pictures.iter().copied().filter(|(key, _)| is_new(key) && seen.insert(*key));
        let (keys, new): (Vec<_>, Vec<_>) = new.unzip();
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

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use inference::{EngineOptions, NeverAbort};

    use super::*;

    /// An encoder without a network.
    struct Brightness {
        engine: Arc<Engine>,
        encoded: AtomicUsize,
    }

    impl Encoder for Brightness {
        fn engine(&self) -> &Engine {
            &self.engine
        }

        fn encode(&self, pictures: &[&Plane<[u8; 3]>], _: &dyn Abort) -> Result<Vec<Feature>, SegmentError> {
            self.encoded.fetch_add(pictures.len(), Ordering::Relaxed);
            let feature = |picture: &&Plane<[u8; 3]>| {
                let value = f32::from(picture.data()[0][0]);
                Feature::new(vec![ArrayD::from_elem(vec![1, 1], value)])
            };
            Ok(pictures.iter().map(feature).collect())
        }
    }

    #[test]
    fn a_picture_that_comes_twice_in_a_batch_is_encoded_once() {
        let encoder = Brightness { engine: Engine::new(EngineOptions::default()), encoded: AtomicUsize::new(0) };
        let pictures = [3u8, 9, 3, 9, 9].map(|value| Plane::new(2, 2, [value; 3]));
        let named: Vec<_> = pictures.iter().map(|picture| (Key(picture.data()[0][0].into()), picture)).collect();
        let found = encoder.encodings(&named, &NeverAbort).unwrap();
        let values: Vec<_> = found.iter().map(|found| found.value.tensors()[0][[0, 0]]).collect();
        assert_eq!(values, [3.0, 9.0, 3.0, 9.0, 9.0]);
        assert_eq!(encoder.encoded.load(Ordering::Relaxed), 2);
    }
}
