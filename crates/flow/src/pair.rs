//! The motion between two pictures as it is remembered.

use half::f16;
use half::slice::HalfFloatSliceExt;
use inference::{Abort, ByteSize, Stored, Unread};
use raster::Plane;

use crate::{Flow, FlowError, FlowEstimator, confidence, luma_of_bytes};

/// The motion between two pictures in both directions and how far it can be trusted: vectors in half precision (a
/// thousandth of their length), confidence in steps of 1/255. Rounded before anybody uses it, so that what is remembered
/// and what is new are the same.
#[derive(Debug, Clone, PartialEq)]
pub struct PairMotion {
    width: usize,
    height: usize,
    forward: Way,
    backward: Way,
}

/// One direction. Both row after row.
#[derive(Debug, Clone, PartialEq)]
struct Way {
    vectors: Vec<f16>,
    confidence: Vec<u8>,
}

/// Which of a pair's directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the first picture to the second.
    Forward,
    /// From the second to the first.
    Backward,
}

impl PairMotion {
    /// Finds the motion between two pictures of the estimator's working size. Confidence is whether there and back agree
    /// and whether both ends show the same brightness, times the estimator's own.
    ///
    /// # Errors
    /// As [`FlowEstimator::both`].
    pub fn find(
        estimator: &dyn FlowEstimator,
        first: &Plane<[u8; 3]>,
        second: &Plane<[u8; 3]>,
        abort: &dyn Abort,
    ) -> Result<Self, FlowError> {
        let both = estimator.both(first, second, abort)?;
        let (dark, bright) = (luma_of_bytes(first), luma_of_bytes(second));
        let [own_forward, own_backward] = both.confidence.map_or([None, None], |own| own.map(Some));
        let way = |there: &Flow, back: &Flow, [from, to]: [&Plane<f32>; 2], own: Option<Plane<f32>>| {
            let mut trust = confidence(there, back, from, to)?;
            if let Some(own) = own {
                let size = (trust.width(), trust.height());
                FlowError::unless_same("the estimator's confidence", size, (own.width(), own.height()))?;
                trust.data_mut().iter_mut().zip(own.data()).for_each(|(trust, own)| *trust *= own);
            }
            Ok::<_, FlowError>(Way::pack(there, &trust))
        };
        Ok(Self {
            width: first.width(),
            height: first.height(),
            forward: way(&both.forward, &both.backward, [&dark, &bright], own_forward)?,
            backward: way(&both.backward, &both.forward, [&bright, &dark], own_backward)?,
        })
    }

    /// A picture and itself: nothing moves, for certain.
    pub fn still(width: usize, height: usize) -> Self {
        let pixels = width.saturating_mul(height);
        let way = Way { vectors: vec![f16::ZERO; 2 * pixels], confidence: vec![u8::MAX; pixels] };
        Self { width, height, forward: way.clone(), backward: way }
    }

    /// Width and height of both fields.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// The vectors of one direction.
    pub fn flow(&self, direction: Direction) -> Flow {
        let mut flow = Flow::still(self.width, self.height);
        self.way(direction).vectors.convert_to_f32_slice(flow.vectors.as_flattened_mut());
        flow
    }

    /// How far the vectors of one direction can be trusted, 0..1.
    pub fn confidence(&self, direction: Direction) -> Plane<f32> {
        let mut plane = Plane::new(self.width, self.height, 0f32);
        for (out, &step) in plane.data_mut().iter_mut().zip(&self.way(direction).confidence) {
            *out = f32::from(step) * (1.0 / 255.0);
        }
        plane
    }

    fn way(&self, direction: Direction) -> &Way {
        match direction {
            Direction::Forward => &self.forward,
            Direction::Backward => &self.backward,
        }
    }
}

impl Way {
    fn pack(flow: &Flow, trust: &Plane<f32>) -> Self {
        let mut vectors = vec![f16::ZERO; 2 * flow.vectors.len()];
        vectors.convert_from_f32_slice(flow.vectors.as_flattened());
        let step = |&trust: &f32| (trust.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
        Self { vectors, confidence: trust.data().iter().map(step).collect() }
    }

    fn read(rest: &mut Unread<'_>, pixels: usize) -> Option<Self> {
        let (numbers, _) = rest.take(pixels.checked_mul(4)?)?.as_chunks::<2>();
        let vectors = numbers.iter().map(|&bytes| f16::from_le_bytes(bytes)).collect();
        Some(Self { vectors, confidence: rest.take(pixels)?.to_vec() })
    }
}

impl ByteSize for PairMotion {
    fn byte_size(&self) -> u64 {
        let way = |way: &Way| 2 * way.vectors.len() + way.confidence.len();
        (way(&self.forward) + way(&self.backward)) as u64
    }
}

impl Stored for PairMotion {
    const KIND: &'static str = "pair-motion-1";
    // Confidence is flat over large parts, and motion is smooth: a third goes.
    const COMPRESSED: bool = true;

    fn write(&self, out: &mut Vec<u8>) {
        for side in [self.width, self.height] {
            out.extend((side as u64).to_le_bytes());
        }
        for way in [&self.forward, &self.backward] {
            out.extend(way.vectors.iter().flat_map(|part| part.to_le_bytes()));
            out.extend(&way.confidence);
        }
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = Unread(bytes);
        let (width, height) = (rest.size()?, rest.size()?);
        let pixels = width.checked_mul(height)?;
        let (forward, backward) = (Way::read(&mut rest, pixels)?, Way::read(&mut rest, pixels)?);
        rest.0.is_empty().then_some(Self { width, height, forward, backward })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BothWays;
    use inference::{Key, NeverAbort};

    /// Says the same of all pictures.
    struct Says(BothWays);

    impl FlowEstimator for Says {
        fn name(&self) -> &str {
            "says"
        }

        fn fingerprint(&self) -> Key {
            Key(0)
        }

        fn working_size(&self, width: usize, height: usize) -> (usize, usize) {
            (width, height)
        }

        fn both(&self, _: &Plane<[u8; 3]>, _: &Plane<[u8; 3]>, _: &dyn Abort) -> Result<BothWays, FlowError> {
            Ok(self.0.clone())
        }
    }

    fn said(forward: [f32; 2], backward: [f32; 2], own: Option<[f32; 2]>) -> PairMotion {
        let flow = |vector: [f32; 2]| Flow::from_fn(12, 5, |_, _| vector);
        let confidence = own.map(|own| own.map(|own| Plane::new(12, 5, own)));
        let both = BothWays { forward: flow(forward), backward: flow(backward), confidence };
        let grey = Plane::new(12, 5, [100u8; 3]);
        PairMotion::find(&Says(both), &grey, &grey, &NeverAbort).unwrap()
    }

    #[test]
    fn each_direction_keeps_its_vectors_and_what_is_thought_of_them() {
        let pair = said([1.5, -2.25], [-1.5, 2.25], Some([1.0, 0.5]));
        assert_eq!(pair.flow(Direction::Forward).get(4, 3), Some([1.5, -2.25]));
        assert_eq!(pair.flow(Direction::Backward).get(4, 3), Some([-1.5, 2.25]));
        assert_eq!(pair.confidence(Direction::Forward).get(4, 2), Some(&1.0));
        let half = *pair.confidence(Direction::Backward).get(4, 2).unwrap();
        assert!((half - 0.5).abs() < 0.003, "{half}");
        assert_eq!(pair.confidence(Direction::Forward).get(11, 0), Some(&0.0), "leaves the frame");
    }

    #[test]
    fn what_is_stored_comes_back_the_same_and_cut_short_not_at_all() {
        let pair = said([0.1, 7.0], [3.0, 0.3], None);
        let mut bytes = Vec::new();
        pair.write(&mut bytes);
        assert_eq!(PairMotion::read(&bytes), Some(pair));
        for keep in 0..bytes.len() {
            assert_eq!(PairMotion::read(&bytes[..keep]), None, "{keep} bytes");
        }
        bytes[..8].copy_from_slice(&u64::MAX.to_le_bytes());
        assert_eq!(PairMotion::read(&bytes), None, "a size that lies costs no memory");
    }

    #[test]
    fn a_picture_and_itself_stand_still_for_certain() {
        let pair = PairMotion::still(3, 2);
        assert_eq!(pair.flow(Direction::Backward), Flow::still(3, 2));
        assert!(pair.confidence(Direction::Forward).data().iter().all(|&trust| trust == 1.0));
        assert_eq!(pair.byte_size(), 2 * 3 * 2 * 5);
    }
}
