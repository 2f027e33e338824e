//! The last mask, carried along the picture's motion to the next frame: finer than cells, and right for one step.

use flow::{Dis, Preset, Sampling, luma_of_bytes, occlusion, photometric_agreement, warp};
use raster::Plane;

/// How much the carried mask counts beside the vote where motion is sure. Measured on DAVIS blackswan and dance-twirl and on
/// the twelve shots of the example `composites`: their mean J rises from 0.616 to 0.633, that of an object that turns and
/// grows by 0.10, and those two that are lost to blur and faintness anyway fall by up to 0.008. Without the trust in motion
/// what passes behind something loses 0.08.
const WEIGHT: f32 = 0.3;

/// Shares of a sample that a mask is told apart by: those of [`coverage`](super::samples::coverage).
const STEPS: f32 = 4.0;

/// A good frame, for the one right after it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Latest {
    pub frame: usize,
    /// Brightness of the thumbnail, 0..255.
    pub brightness: Plane<u8>,
    /// Quarters of each sample that the object covers.
    pub covered: Plane<u8>,
}

/// The mask of a frame as the next one's thumbnail sees it.
pub(super) struct Carried {
    /// How much of each sample the object should cover, 0..=1.
    covered: Plane<f32>,
    /// How sure the motion is, 0..=1: 0 where there and back miss each other, less than 1 where brightness changed.
    trust: Plane<f32>,
}

impl Latest {
    /// The frame of this picture, whose object covers this much of each sample.
    pub fn new(frame: usize, thumbnail: &Plane<[u8; 3]>, coverage: &Plane<f32>) -> Self {
        let brightness = luma_of_bytes(thumbnail).map(|value| value.round() as u8);
        Self { frame, brightness, covered: coverage.map(|&share| (STEPS * share).round() as u8) }
    }

    /// The mask on the next frame; `None` on any other, on one of another size, and on one without samples.
    pub fn carried(&self, frame: usize, thumbnail: &Plane<[u8; 3]>) -> Option<Carried> {
        if self.frame.checked_add(1) != Some(frame) {
            return None;
        }
        let (now, then) = (luma_of_bytes(thumbnail), self.brightness.map(|&value| f32::from(value)));
        let mut dis = Dis::new(Preset::Medium);
        let (back, there) = (dis.flow(&now, &then).ok()?, dis.flow(&then, &now).ok()?);
        let mut trust = photometric_agreement(&now, &then, &back).ok()?;
        let hidden = occlusion(&back, &there).ok()?;
        let hidden = trust.data_mut().iter_mut().zip(hidden.data()).filter(|(_, hidden)| **hidden);
        hidden.for_each(|(trust, _)| *trust = 0.0);
        let covered = self.covered.map(|&quarters| f32::from(quarters) / STEPS);
        Some(Carried { covered: warp(&covered, &back, Sampling::Bilinear).ok()?, trust })
    }
}

impl Carried {
    /// Mixes the mask into votes over the same thumbnail.
    pub fn mix_into(&self, votes: &mut Plane<f32>) {
        for ((vote, covered), trust) in votes.data_mut().iter_mut().zip(self.covered.data()).zip(self.trust.data()) {
            *vote += WEIGHT * trust * (covered - *vote);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (usize, usize) = (96, 64);

    /// A grained square on another grain, so far to the right.
    fn picture(right: usize) -> Plane<[u8; 3]> {
        let pixel = |i: usize| {
            let (x, y) = (i % SIZE.0, i / SIZE.0);
            let grain = |x: usize| (((x / 3 * 7 + y / 3 * 13) * 31) % 60) as u8;
            if is_on(right, x, y) { [200 - grain(x - right); 3] } else { [40 + grain(x); 3] }
        };
        Plane::from_vec(SIZE.0, SIZE.1, (0..SIZE.0 * SIZE.1).map(pixel).collect()).unwrap()
    }

    fn is_on(right: usize, x: usize, y: usize) -> bool {
        (20 + right..52 + right).contains(&x) && (16..48).contains(&y)
    }

    fn coverage(right: usize) -> Plane<f32> {
        let share = |i: usize| f32::from(u8::from(is_on(right, i % SIZE.0, i / SIZE.0)));
        Plane::from_vec(SIZE.0, SIZE.1, (0..SIZE.0 * SIZE.1).map(share).collect()).unwrap()
    }

    #[test]
    fn a_mask_goes_along_with_what_it_covers() {
        let carried = Latest::new(4, &picture(0), &coverage(0)).carried(5, &picture(4)).unwrap();
        let mut votes = Plane::new(SIZE.0, SIZE.1, 0.5);
        carried.mix_into(&mut votes);
        let (inside, outside) = (votes.row(32)[46], votes.row(32)[10]);
        assert!(inside > 0.5 + 0.4 * WEIGHT && outside < 0.5 - 0.4 * WEIGHT, "{inside} {outside}");
        let away: f32 = carried.covered.data().iter().zip(coverage(4).data()).map(|(a, b)| (a - b).abs()).sum();
        assert!(away < 0.1 * 32.0 * 32.0, "{away}");
        assert!(votes.data().iter().all(|vote| (0.5 - 0.5 * WEIGHT..=0.5 + 0.5 * WEIGHT).contains(vote)));
    }

    #[test]
    fn nothing_is_carried_over_a_gap_or_to_a_picture_of_another_size() {
        let latest = Latest::new(4, &picture(0), &coverage(0));
        assert!(latest.carried(6, &picture(4)).is_none() && latest.carried(4, &picture(4)).is_none());
        assert!(latest.carried(5, &Plane::new(SIZE.0, 9, [0; 3])).is_none());
        let nothing = Latest::new(usize::MAX, &Plane::new(0, 0, [0; 3]), &Plane::new(0, 0, 0.0));
        assert!(nothing.carried(0, &Plane::new(0, 0, [0; 3])).is_none());
    }

    #[test]
    fn where_the_light_changed_the_mask_counts_for_less() {
        let brighter = picture(0).map(|pixel| pixel.map(|value| value.saturating_add(50)));
        let latest = Latest::new(0, &picture(0), &coverage(0));
        let mean = |carried: Carried| carried.trust.data().iter().sum::<f32>() / carried.trust.data().len() as f32;
        let (same, other) = (latest.carried(1, &picture(0)).map(mean), latest.carried(1, &brighter).map(mean));
        assert!(same > Some(0.95) && other < Some(0.5), "{same:?} {other:?}");
    }
}
