//! Pictures to tensors, and tensors to motion.

use ndarray::{Array4, ArrayD, ArrayView2, Axis};
use raster::Plane;

use super::{
    form::{Channels, Facts},
    padding::Padding,
};
use crate::Flow;

/// The pictures as one batch [n, 3, rows, columns].
pub(super) fn pictures(pictures: &[&Plane<[u8; 3]>], padding: &Padding, facts: &Facts) -> Array4<f32> {
    let (width, height) = padding.outer;
    let (left, top) = padding.offset();
    let [black, white] = facts.range;
    let steps: [f32; 256] = std::array::from_fn(|step| black + (white - black) * (step as f32 / 255.0));
    let mut values = Array4::zeros((pictures.len(), 3, height, width));
    for (mut value, picture) in values.outer_iter_mut().zip(pictures) {
        for (place, mut plane) in value.outer_iter_mut().enumerate() {
            let channel = match facts.channels {
                Channels::Rgb => place,
                Channels::Bgr => 2 - place,
            };
            for (y, mut row) in plane.outer_iter_mut().enumerate() {
                let source = picture.row(Padding::within(y, top, padding.inner.1));
                for (x, value) in row.iter_mut().enumerate() {
                    let pixel = source[Padding::within(x, left, padding.inner.0)];
                    *value = steps[usize::from(pixel[channel])];
                }
            }
        }
    }
    values
}

/// Motion of one picture, and where it is a number.
pub(super) struct Found {
    pub flow: Flow,
    /// 1 where a vector is two numbers, 0 where it is not and stands as no motion; nothing where all are.
    pub known: Option<Plane<f32>>,
}

/// The motion of picture `index` of a batch [n, 2, rows, columns].
///
/// # Errors
/// What is odd about the tensor, in words.
pub(super) fn motion(tensor: &ArrayD<f32>, index: usize, padding: &Padding) -> Result<Found, String> {
    let [u, v] = channels::<2>(tensor, index, padding)?;
    let ((width, height), (left, top)) = (padding.inner, padding.offset());
    let flow = Flow::from_fn(width, height, |x, y| [u[[y + top, x + left]], v[[y + top, x + left]]]);
    let is_known = |vector: &[f32; 2]| vector.iter().all(|part| part.is_finite());
    if flow.vectors.iter().all(is_known) {
        return Ok(Found { flow, known: None });
    }
    if !flow.vectors.iter().any(is_known) {
        return Err("not one of its vectors is a number".to_owned());
    }
    let mut known = Plane::new(width, height, 1f32);
    let mut flow = flow;
    for (vector, known) in flow.vectors.iter_mut().zip(known.data_mut()) {
        if !is_known(vector) {
            (*vector, *known) = ([0.0; 2], 0.0);
        }
    }
    Ok(Found { flow, known: Some(known) })
}

/// Confidence from SEA-RAFT's mixture of two Laplace distributions [n, 4, rows, columns]: weights before their softmax,
/// then the logarithms of the scales of a wide and of the narrow one. SEA-RAFT (Wang, Lipson, Deng 2024), and
/// `get_heatmap` of its `custom.py`: all configurations clamp the logarithms to 0..10 and to 0..0.
///
/// It is the probability that a component of the vector is off by less than a pixel, over that of the narrow distribution
/// alone: 1 where the network knows, towards 0 where it guesses.
///
/// # Errors
/// As [`motion`].
pub(super) fn confidence(tensor: &ArrayD<f32>, index: usize, padding: &Padding) -> Result<Plane<f32>, String> {
    let [wide_weight, narrow_weight, wide_scale, _] = channels::<4>(tensor, index, padding)?;
    let ((width, height), (left, top)) = (padding.inner, padding.offset());
    let mut confidence = Plane::new(width, height, 0f32);
    for (y, row) in confidence.rows_mut().enumerate() {
        for (x, confidence) in row.iter_mut().enumerate() {
            let at = [y + top, x + left];
            *confidence = certainty(wide_weight[at] - narrow_weight[at], wide_scale[at]);
        }
    }
    Ok(confidence)
}

/// Largest logarithm of a scale (`var_max` of SEA-RAFT's configurations).
const LARGEST: f32 = 10.0;

/// `lead`: how far the wide distribution's weight is ahead before the softmax. What is no number is not trusted.
fn certainty(lead: f32, log_scale: f32) -> f32 {
    let wide = 1.0 / (1.0 + (-lead).exp());
    let within = |scale: f32| 1.0 - (-1.0 / scale).exp();
    let of_wide = within(log_scale.clamp(0.0, LARGEST).exp()) / within(1.0);
    let certainty = 1.0 - wide * (1.0 - of_wide);
    if certainty.is_nan() { 0.0 } else { certainty.clamp(0.0, 1.0) }
}

/// The channels of one item of a batch, as large as the network's picture.
fn channels<'a, const N: usize>(
    tensor: &'a ArrayD<f32>,
    index: usize,
    padding: &Padding,
) -> Result<[ArrayView2<'a, f32>; N], String> {
    let (width, height) = padding.outer;
    let shape = tensor.shape();
    if shape.len() != 4 || shape[0] <= index || shape[1..] != [N, height, width] {
        return Err(format!("it is {shape:?}, and [{}, {N}, {height}, {width}] belongs to these pictures", index + 1));
    }
    let item = tensor.index_axis(Axis(0), index);
    let channel = |channel| item.clone().index_axis_move(Axis(0), channel).into_dimensionality();
    let channels: Result<Vec<_>, _> = (0..N).map(channel).collect();
    let odd = || format!("it is {shape:?}");
    channels.map_err(|_| odd())?.try_into().map_err(|_| odd())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::form::FORMS;

    fn gradient() -> Plane<[u8; 3]> {
        Plane::from_vec(5, 3, (0..15).map(|i| [i as u8, 100 + i as u8, 255]).collect()).unwrap()
    }

    #[test]
    fn a_picture_is_extended_by_its_border_on_both_sides() {
        let facts = Facts { smallest: 8, ..FORMS[1].facts };
        let padding = Padding::free((5, 3), &facts);
        assert_eq!((padding.outer, padding.offset()), ((8, 8), (1, 2)));
        let values = pictures(&[&gradient()], &padding, &facts);
        assert_eq!((values[[0, 0, 0, 0]], values[[0, 0, 2, 1]]), (0.0, 0.0));
        assert_eq!((values[[0, 0, 7, 7]], values[[0, 1, 4, 3]], values[[0, 2, 3, 3]]), (14.0, 112.0, 255.0));
    }

    #[test]
    fn ranges_and_the_order_of_channels_are_the_networks() {
        let small = Facts { multiple: 1, smallest: 1, ..FORMS[0].facts };
        let value =
            |facts: &Facts, channel| pictures(&[&gradient()], &Padding::free((5, 3), facts), facts)[[0, channel, 0, 0]];
        assert_eq!((value(&small, 0), value(&small, 2)), (-1.0, 1.0));
        let turned = Facts { channels: Channels::Bgr, range: [0.0, 1.0], ..small };
        assert_eq!((value(&turned, 0), value(&turned, 2)), (1.0, 0.0));
    }

    #[test]
    fn vectors_that_are_no_numbers_are_no_motion_and_not_trusted() {
        let padding = Padding { inner: (2, 2), outer: (4, 4) };
        let mut tensor = ArrayD::from_elem(vec![1, 2, 4, 4], 3f32);
        assert!(motion(&tensor, 0, &padding).unwrap().known.is_none());
        tensor[[0, 1, 1, 2]] = f32::NAN;
        let found = motion(&tensor, 0, &padding).unwrap();
        assert_eq!((found.flow.get(1, 0), found.flow.get(0, 0)), (Some([0.0; 2]), Some([3.0; 2])));
        assert_eq!(found.known.unwrap().data(), [1.0, 0.0, 1.0, 1.0]);
        tensor.fill(f32::INFINITY);
        assert!(motion(&tensor, 0, &padding).is_err());
    }

    #[test]
    fn a_tensor_of_another_size_is_named() {
        let padding = Padding { inner: (4, 4), outer: (4, 4) };
        for shape in [vec![1, 2, 4, 5], vec![1, 3, 4, 4], vec![2, 4, 4], vec![0, 2, 4, 4]] {
            let words = motion(&ArrayD::zeros(shape.clone()), 0, &padding).err().unwrap();
            assert!(words.contains(&format!("{shape:?}")) && words.contains("[1, 2, 4, 4]"), "{words}");
        }
    }

    #[test]
    fn certainty_falls_with_the_weight_and_the_scale_of_the_wide_distribution() {
        assert!(certainty(-30.0, 5.0) > 0.999);
        assert!(certainty(30.0, 0.0) > 0.999, "as narrow as the narrow one");
        assert!(certainty(30.0, 10.0) < 0.001);
        let (half, less) = (certainty(0.0, 4.0), certainty(0.0, 1.0));
        assert!(half > 0.5 && half < 0.53 && less > half);
        assert_eq!(certainty(0.0, 99.0), certainty(0.0, 10.0));
        assert_eq!((certainty(f32::NAN, 0.5), certainty(0.5, f32::NAN)), (0.0, 0.0));
    }
}
