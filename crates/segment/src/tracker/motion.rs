//! Where the object will be: the motion score of SAMURAI (Yang et al. 2024, "SAMURAI: Adapting Segment Anything Model for
//! Zero-Shot Visual Tracking with Motion-Aware Memory"), whose constants these are.

use raster::Plane;

/// Frames in a row with a good mask before the filter has a say.
const STABLE_FRAMES: u32 = 15;
/// A mask of a larger predicted IoU is good.
const STABLE_IOU: f32 = 0.3;
/// The share of the motion in a guess's score (0.15 to 0.25 in the configurations of SAMURAI).
const MOTION_SHARE: f32 = 0.25;

/// Deviations as shares of the box's height: of a place, and of a speed (Wojke et al. 2017, "Deep SORT").
const PLACE: f64 = 1.0 / 20.0;
const SPEED: f64 = 1.0 / 160.0;

/// A box in samples of the logits: left, top, right, bottom.
pub(super) type Bounds = [f64; 4];

/// The smallest box round the samples above 0; nothing where there are none.
pub(super) fn bounds(logits: &Plane<f32>) -> Option<Bounds> {
    let mut found: Option<Bounds> = None;
    for (y, row) in logits.rows().enumerate() {
        let inside = |logit: &f32| *logit > 0.0;
        let Some((left, right)) = row.iter().position(inside).zip(row.iter().rposition(inside)) else { continue };
        let (left, right, y) = (left as f64, right as f64, y as f64);
        let [l, t, r, _] = found.unwrap_or([left, y, right, y]);
        found = Some([l.min(left), t, r.max(right), y]);
    }
    found
}

/// The motion of one object on its way through the shot.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Motion {
    pub filter: Option<Filter>,
    /// Frames in a row with a good mask.
    pub stable: u32,
    /// The frame it was told of last.
    pub last: Option<usize>,
}

/// A guess of the decoder.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guess {
    pub bounds: Option<Bounds>,
    pub iou: f32,
}

impl Motion {
    /// Takes a mask that a person vouches for.
    pub fn told(&mut self, frame: usize, bounds: Option<Bounds>) {
        *self = Self { filter: bounds.map(Filter::new), stable: 1, last: Some(frame) };
    }

    /// Chooses among guesses: the best of predicted IoU and, once the object moved steadily for a while, of overlap with
    /// where it should be. Gives its place among the guesses and that overlap.
    pub fn choose(&mut self, frame: usize, guesses: &[Guess]) -> (usize, Option<f32>) {
        if self.last.is_none_or(|last| last.abs_diff(frame) != 1) {
            *self = Self::default();
        }
        self.last = Some(frame);
        let by = |score: &dyn Fn(&Guess) -> f32| {
            let mut best = 0;
            for (index, guess) in guesses.iter().enumerate() {
                best = if score(guess) > score(&guesses[best]) { index } else { best };
            }
            best
        };
        let Some(filter) = self.filter.as_mut().filter(|_| self.stable > 0) else {
            let best = by(&|guess| guess.iou);
            let bounds = guesses.get(best).and_then(|guess| guess.bounds);
            (self.filter, self.stable) = (bounds.map(Filter::new), 1);
            return (best, None);
        };
        filter.predict();
        let expected = filter.bounds();
        let overlap = |guess: &Guess| guess.bounds.map_or(0.0, |bounds| overlap(expected, bounds)) as f32;
        let is_steady = self.stable >= STABLE_FRAMES;
        let best = match is_steady {
            true => by(&|guess| MOTION_SHARE * overlap(guess) + (1.0 - MOTION_SHARE) * guess.iou),
            false => by(&|guess| guess.iou),
        };
        let Some(guess) = guesses.get(best) else { return (best, None) };
        match guess.bounds.filter(|_| guess.iou > STABLE_IOU) {
            Some(bounds) => {
                filter.update(bounds);
                self.stable = self.stable.saturating_add(1).min(STABLE_FRAMES);
            }
            None => self.stable = 0,
        }
        (best, is_steady.then(|| overlap(guess)))
    }
}

/// A Kalman filter over centre, aspect and height, each with its speed. Nothing in it couples two of them, so it is four
/// filters of two numbers each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Filter(pub [Axis; 4]);

/// A value, its speed, and their covariance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Axis {
    pub value: f64,
    pub speed: f64,
    /// Of value with value, value with speed, speed with speed.
    pub covariance: [f64; 3],
}

impl Filter {
    fn new(bounds: Bounds) -> Self {
        let measured = measured(bounds);
        let (place, speed) = (2.0 * PLACE * measured[3], 10.0 * SPEED * measured[3]);
        let axis = |index: usize, place: f64, speed: f64| Axis {
            value: measured[index],
            speed: 0.0,
            covariance: [place * place, 0.0, speed * speed],
        };
        Self([axis(0, place, speed), axis(1, place, speed), axis(2, 1e-2, 1e-5), axis(3, place, speed)])
    }

    fn height(&self) -> f64 {
        self.0[3].value
    }

    /// One frame on.
    fn predict(&mut self) {
        let (place, speed) = (PLACE * self.height(), SPEED * self.height());
        for (axis, (place, speed)) in
            self.0.iter_mut().zip([(place, speed), (place, speed), (1e-2, 1e-5), (place, speed)])
        {
            let [value, both, change] = axis.covariance;
            axis.value += axis.speed;
            axis.covariance = [value + 2.0 * both + change + place * place, both + change, change + speed * speed];
        }
    }

    /// What was seen.
    fn update(&mut self, bounds: Bounds) {
        let measured = measured(bounds);
        let place = PLACE * self.height();
        for ((axis, seen), noise) in self.0.iter_mut().zip(measured).zip([place, place, 1e-1, place]) {
            let [value, both, change] = axis.covariance;
            let all = value + noise * noise;
            if all <= 0.0 {
                continue;
            }
            let (gain, speed_gain, off) = (value / all, both / all, seen - axis.value);
            axis.value += gain * off;
            axis.speed += speed_gain * off;
            axis.covariance = [value - gain * value, both - gain * both, change - speed_gain * both];
        }
    }

    fn bounds(&self) -> Bounds {
        let [x, y, aspect, height] = self.0.map(|axis| axis.value);
        let width = aspect * height;
        [x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0]
    }
}

/// Centre, aspect, height. A box of one row is as high as a sample.
fn measured([left, top, right, bottom]: Bounds) -> [f64; 4] {
    let height = (bottom - top).max(1.0);
    [(left + right) / 2.0, (top + bottom) / 2.0, (right - left) / height, height]
}

fn overlap(a: Bounds, b: Bounds) -> f64 {
    let area = |[left, top, right, bottom]: Bounds| (right - left).max(0.0) * (bottom - top).max(0.0);
    let both = area([a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])]);
    let either = area(a) + area(b) - both;
    if either > 0.0 { both / either } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f64) -> Option<Bounds> {
        Some([x, 10.0, x + 8.0, 20.0])
    }

    #[test]
    fn of_two_alike_the_one_that_goes_on_as_before_is_chosen() {
        let mut motion = Motion::default();
        motion.told(0, at(0.0));
        for frame in 1..20 {
            let guesses = [Guess { bounds: at(frame as f64), iou: 0.9 }, Guess { bounds: at(60.0), iou: 0.5 }];
            assert_eq!(motion.choose(frame, &guesses).0, 0, "{frame}");
        }
        let crossing = [Guess { bounds: at(50.0), iou: 0.92 }, Guess { bounds: at(20.0), iou: 0.9 }];
        let (chosen, overlap) = motion.choose(20, &crossing);
        assert_eq!(chosen, 1);
        assert!(overlap.is_some_and(|overlap| overlap > 0.7), "{overlap:?}");
    }

    #[test]
    fn before_it_moved_steadily_and_after_a_jump_the_predicted_iou_alone_counts() {
        let mut motion = Motion::default();
        motion.told(0, at(0.0));
        let crossing = |iou| [Guess { bounds: at(50.0), iou }, Guess { bounds: at(1.0), iou: 0.9 }];
        assert_eq!(motion.choose(1, &crossing(0.92)), (0, None));
        motion.stable = STABLE_FRAMES;
        assert_eq!(motion.choose(7, &crossing(0.92)), (0, None), "not the next frame");
        assert_eq!(motion.choose(8, &crossing(0.2)), (1, None));
    }

    #[test]
    fn bad_masks_and_empty_ones_start_it_anew() {
        let mut motion = Motion::default();
        motion.told(0, at(0.0));
        motion.choose(1, &[Guess { bounds: at(1.0), iou: 0.2 }]);
        assert_eq!(motion.stable, 0);
        motion.choose(2, &[Guess { bounds: None, iou: 0.9 }]);
        assert_eq!((motion.filter, motion.choose(3, &[]).0), (None, 0));
    }

    #[test]
    fn the_box_of_a_mask_is_the_smallest() {
        let mut logits = Plane::new(9, 7, -1.0);
        assert_eq!(bounds(&logits), None);
        for (x, y) in [(3, 5), (6, 2), (4, 4)] {
            logits.row_mut(y)[x] = 0.5;
        }
        assert_eq!(bounds(&logits), Some([3.0, 2.0, 6.0, 5.0]));
    }
}
