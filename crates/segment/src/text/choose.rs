//! Which of the instances that were found make the mask.

use raster::Plane;

use super::Instance;

/// Which instances of a concept are meant.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Choose {
    /// All of them together.
    #[default]
    All,
    /// The one with the highest score.
    Best,
    /// One by its place in the order of scores, 0 the highest.
    Index(usize),
    /// The one with the highest score whose mask lies under this point: pixels of the model picture, y down.
    Under {
        /// Pixels from the left edge.
        x: f32,
        /// Pixels from the top edge.
        y: f32,
    },
}

/// The places of the chosen ones among `instances` (which come in the order of scores), for a model picture of
/// `picture` x `picture` pixels.
pub(super) fn chosen(choose: Choose, instances: &[Instance], picture: usize) -> Vec<usize> {
    let all = 0..instances.len();
    match choose {
        Choose::All => all.collect(),
        Choose::Best => all.take(1).collect(),
        Choose::Index(index) => all.skip(index).take(1).collect(),
        Choose::Under { x, y } => all.filter(|&at| covers(&instances[at].logits, x, y, picture)).take(1).collect(),
    }
}

/// Whether the sample that a pixel of the model picture falls into is inside the mask. The far edges count.
fn covers(logits: &Plane<f32>, x: f32, y: f32, picture: usize) -> bool {
    let size = picture as f32;
    if !(0.0..=size).contains(&x) || !(0.0..=size).contains(&y) {
        return false;
    }
    let sample = |at: f32, samples: usize| ((at / size * samples as f32) as usize).min(samples.saturating_sub(1));
    let value = logits.get(sample(x, logits.width()), sample(y, logits.height()));
    value.is_some_and(|&logit| logit > 0.0)
}

/// The masks of the chosen ones together: where any of them is inside, with the surest logit; `outside` everywhere
/// where none is chosen.
pub(super) fn union(instances: &[Instance], chosen: &[usize], side: usize, outside: f32) -> Plane<f32> {
    let mut masks = chosen.iter().filter_map(|&at| instances.get(at)).map(|instance| &instance.logits);
    let mut union = masks.next().cloned().unwrap_or_else(|| Plane::new(side, side, outside));
    for mask in masks {
        for (row, other) in union.rows_mut().zip(mask.rows()) {
            row.iter_mut().zip(other).for_each(|(value, other)| *value = value.max(*other));
        }
    }
    union
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An instance on a 4x4 mask that covers columns `columns`.
    fn instance(score: f32, columns: std::ops::Range<usize>) -> Instance {
        let logit = |i: usize| if columns.contains(&(i % 4)) { 2.0 + score } else { -3.0 - score };
        let logits = Plane::from_vec(4, 4, (0..16).map(logit).collect()).unwrap();
        Instance { score, box_: [0.0; 4], logits }
    }

    fn found() -> Vec<Instance> {
        vec![instance(0.9, 0..2), instance(0.7, 1..3), instance(0.4, 3..3)]
    }

    #[test]
    fn best_and_index_go_by_the_order_of_scores() {
        assert_eq!(chosen(Choose::All, &found(), 8), [0, 1, 2]);
        assert_eq!(chosen(Choose::Best, &found(), 8), [0]);
        assert_eq!(chosen(Choose::Index(1), &found(), 8), [1]);
        assert!(chosen(Choose::Index(3), &found(), 8).is_empty());
        assert!(chosen(Choose::Best, &[], 8).is_empty());
    }

    #[test]
    fn the_best_mask_under_the_point_is_chosen_or_none() {
        let under = |x, y| chosen(Choose::Under { x, y }, &found(), 8);
        // Two pixels a sample.
        assert_eq!(under(3.9, 0.0), [0]);
        assert_eq!(under(4.0, 7.9), [1]);
        assert!(under(6.1, 3.0).is_empty());
        assert!(chosen(Choose::Under { x: 8.0, y: 8.0 }, &[instance(0.5, 3..4)], 8) == [0]);
        for (x, y) in [(-0.1, 1.0), (1.0, 8.1), (f32::NAN, 1.0), (1.0, f32::INFINITY)] {
            assert!(under(x, y).is_empty(), "{x}, {y}");
        }
    }

    #[test]
    fn the_union_is_inside_where_any_of_the_chosen_is() {
        let found = found();
        assert_eq!(union(&found, &[0, 1], 4, -9.0).row(0), [2.9, 2.9, 2.7, -3.7]);
        assert_eq!(union(&found, &[1], 4, -9.0), found[1].logits);
        assert_eq!(union(&found, &[], 4, -9.0), Plane::new(4, 4, -9.0));
    }
}
