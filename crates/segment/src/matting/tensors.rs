//! Pictures and trimaps to tensors, and tensors to alphas.

use ndarray::{Array4, ArrayD};
use raster::Plane;

/// What a trimap says of a pixel, in the 8-bit steps that networks were trained on.
pub const BACKGROUND: u8 = 0;
/// See [`BACKGROUND`].
pub const UNKNOWN: u8 = 128;
/// See [`BACKGROUND`].
pub const OBJECT: u8 = 255;

/// A picture as [1, channels, rows, columns], black and white being `range`. What `outer` adds on the right and below is 0,
/// as `VitMatteImageProcessor` has it. With a trimap of the picture's size it is the fourth channel, 0..1.
pub(super) fn picture(
    picture: &Plane<[u8; 3]>,
    trimap: Option<&Plane<u8>>,
    range: [f32; 2],
    outer: (usize, usize),
) -> Array4<f32> {
    let [black, white] = range;
    let steps: [f32; 256] = std::array::from_fn(|step| black + (white - black) * (step as f32 / 255.0));
    let mut values = Array4::zeros((1, if trimap.is_some() { 4 } else { 3 }, outer.1, outer.0));
    for (channel, mut plane) in values.index_axis_mut(ndarray::Axis(0), 0).outer_iter_mut().enumerate() {
        for (y, mut row) in plane.outer_iter_mut().enumerate().take(picture.height()) {
            match trimap.filter(|_| channel == 3) {
                Some(trimap) => {
                    row.iter_mut().zip(trimap.row(y)).for_each(|(to, value)| *to = f32::from(*value) / 255.0);
                }
                None => {
                    row.iter_mut().zip(picture.row(y)).for_each(|(to, pixel)| *to = steps[usize::from(pixel[channel])])
                }
            }
        }
    }
    values
}

/// The top left `size` of an output [1, 1, rows, columns], within 0..1.
///
/// # Errors
/// What is odd about it, in words.
pub(super) fn alpha(
    tensor: &ArrayD<f32>,
    (width, height): (usize, usize),
    outer: (usize, usize),
) -> Result<Vec<f32>, String> {
    if tensor.shape() != [1, 1, outer.1, outer.0] {
        return Err(format!(
            "it is {:?}, and [1, 1, {}, {}] belongs to this picture",
            tensor.shape(),
            outer.1,
            outer.0
        ));
    }
    let rows = (0..height).flat_map(|y| (0..width).map(move |x| [0, 0, y, x]));
    let alphas: Vec<f32> = rows.map(|at| tensor[at]).collect();
    if alphas.iter().any(|alpha| !alpha.is_finite()) {
        return Err("it holds what is no number".to_owned());
    }
    Ok(alphas.into_iter().map(|alpha| alpha.clamp(0.0, 1.0)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_and_its_trimap_lie_top_left_and_the_rest_is_0_after_normalising() {
        let colours = Plane::from_vec(2, 1, vec![[0, 255, 51], [255, 0, 0]]).unwrap();
        let trimap = Plane::from_vec(2, 1, vec![UNKNOWN, OBJECT]).unwrap();
        let values = picture(&colours, Some(&trimap), [-1.0, 1.0], (4, 2));
        let at = |channel, y, x| values[[0, channel, y, x]];
        assert_eq!((at(0, 0, 0), at(1, 0, 0), at(0, 0, 1)), (-1.0, 1.0, 1.0));
        assert!((at(2, 0, 0) + 0.6).abs() < 1e-6);
        assert_eq!((at(3, 0, 0), at(3, 0, 1)), (128.0 / 255.0, 1.0));
        assert!((0..4).all(|channel| at(channel, 1, 1) == 0.0 && at(channel, 0, 3) == 0.0));
        assert_eq!(picture(&colours, None, [0.0, 1.0], (2, 1)).shape(), [1, 3, 1, 2]);
    }

    #[test]
    fn an_alpha_is_cut_out_and_brought_within_its_limits_and_an_odd_one_is_named() {
        let tensor = |values: Vec<f32>| ArrayD::from_shape_vec(vec![1, 1, 2, 2], values).unwrap();
        assert_eq!(alpha(&tensor(vec![-0.5, 3.0, 0.25, 9.0]), (1, 2), (2, 2)), Ok(vec![0.0, 0.25]));
        assert!(alpha(&tensor(vec![f32::NAN; 4]), (1, 1), (2, 2)).is_err_and(|words| words.contains("no number")));
        assert!(alpha(&tensor(vec![0.0; 4]), (1, 1), (4, 2)).is_err_and(|words| words.contains("[1, 1, 2, 4]")));
    }
}
