//! How large the pictures of each kind of network are.

use super::matter::Kind;

/// ViTMatte's `size_divisor`, and what MODNet's five halvings take.
pub(super) const MULTIPLE: usize = 32;
/// The shorter side of MODNet's pictures (`ref_size` of its `inference_onnx.py`).
const MODNET_SIDE: usize = 512;
/// The longer side to which RVM makes its own picture smaller before it looks at it (`auto_downsample_ratio` of its
/// `inference_onnx.py`); its last step works at full size.
const RVM_SIDE: f64 = 512.0;
/// The smallest longer side that a small budget may lead to.
pub(super) const SMALLEST: usize = 256;
/// Of the memory that the engine may ever use, the part that one run may take, as its divisor.
const PART: u64 = 2;

/// The size of the picture for an area of `size` square pixels: at most `longest` on its longer side, never enlarged for
/// ViTMatte and RVM, within `budget` bytes. `fixed`: the only size that a graph takes.
pub(super) fn picture_size(
    kind: Kind,
    size: (usize, usize),
    longest: usize,
    fixed: Option<(usize, usize)>,
    budget: u64,
) -> (usize, usize) {
    match (kind, fixed) {
        // Its shape would be another trimap's; it has a place within the graph's size.
        (Kind::VitMatte, Some((width, height))) => {
            let scale = (width as f64 / size.0.max(1) as f64).min(height as f64 / size.1.max(1) as f64).min(1.0);
            scaled(size, scale)
        }
        (_, Some(fixed)) => fixed,
        (Kind::ModNet, None) => modnet_size(size),
        (_, None) => {
            let mut longest = longest.clamp(SMALLEST, size.0.max(size.1).max(SMALLEST));
            let fitted = |longest: usize| scaled(size, (longest as f64 / size.0.max(size.1).max(1) as f64).min(1.0));
            while longest > SMALLEST && run_bytes(kind, fitted(longest)) > budget / PART {
                longest = (longest * 7 / 8).max(SMALLEST);
            }
            fitted(longest)
        }
    }
}

/// The picture with what is added on the right and below, so that the graph takes it.
pub(super) fn padded_size(kind: Kind, size: (usize, usize), fixed: Option<(usize, usize)>) -> (usize, usize) {
    match (kind, fixed) {
        (Kind::VitMatte, Some(fixed)) => fixed,
        (Kind::VitMatte, None) => (size.0.next_multiple_of(MULTIPLE), size.1.next_multiple_of(MULTIPLE)),
        _ => size,
    }
}

/// RVM's `downsample_ratio`.
pub(super) fn downsample_ratio((width, height): (usize, usize)) -> f32 {
    (RVM_SIDE / width.max(height).max(1) as f64).min(1.0) as f32
}

/// MODNet's rule: pictures all smaller or all larger than its own side get it for their shorter one, and both sides are
/// cut down to multiples.
fn modnet_size((width, height): (usize, usize)) -> (usize, usize) {
    let (shorter, longer) = (width.min(height).max(1), width.max(height));
    let (mut size, side) = ((width, height), MODNET_SIDE);
    if longer < side || shorter > side {
        let other = |side_of: usize| (side_of as f64 / shorter as f64 * side as f64) as usize;
        size = if width >= height { (other(width), side) } else { (side, other(height)) };
    }
    let cut = |side: usize| (side - side % MULTIPLE).max(MULTIPLE);
    // A strip of a picture does not make the network's picture larger than any other does.
    let most = |side: usize| side.min(4 * MODNET_SIDE);
    (cut(most(size.0)), cut(most(size.1)))
}

fn scaled((width, height): (usize, usize), scale: f64) -> (usize, usize) {
    let side = |side: usize| ((side as f64 * scale).round() as usize).max(1);
    (side(width), side(height))
}

/// Bytes that a run takes. ViTMatte compares all patches of 16 x 16 pixels with all others, in twelve heads at most (the
/// base network), twice in memory at a time; what its convolutions and RVM's take grows with the pixels.
fn run_bytes(kind: Kind, (width, height): (usize, usize)) -> u64 {
    let pixels = (width as u64).saturating_mul(height as u64);
    let patches = (width as u64).div_ceil(16).saturating_mul((height as u64).div_ceil(16));
    let compared = patches.saturating_mul(patches).saturating_mul(2 * 12 * 4);
    let per_pixel = pixels.saturating_mul(BYTES_PER_PIXEL);
    if kind == Kind::VitMatte { compared.saturating_add(per_pixel) } else { per_pixel }
}

/// What the convolutions at full size hold: ViTMatte's small network of random weights takes 0.31 GB at 512 x 512 and
/// 1.11 GB at 1280 x 736, of which its six heads have 0.05 and 0.65.
const BYTES_PER_PIXEL: u64 = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_not_enlarged_and_not_larger_than_asked_for() {
        let of = |kind, size, longest| picture_size(kind, size, longest, None, u64::MAX);
        for kind in [Kind::VitMatte, Kind::Rvm] {
            assert_eq!(of(kind, (3840, 2160), 1280), (1280, 720));
            assert_eq!(of(kind, (300, 200), 1280), (300, 200));
            assert_eq!(of(kind, (1, 1), 1280), (1, 1));
            assert_eq!(of(kind, (16_384, 100), 1024), (1024, 6));
        }
    }

    #[test]
    fn modnets_own_rule_holds() {
        let of = |size| picture_size(Kind::ModNet, size, 4000, None, 0);
        assert_eq!(of((1920, 1080)), (896, 512));
        assert_eq!(of((1080, 1920)), (512, 896));
        assert_eq!(of((700, 400)), (672, 384), "one side shorter, one longer: as it is");
        assert_eq!(of((300, 200)), (768, 512), "small ones are enlarged");
        assert_eq!(of((1, 1)), (512, 512));
        assert_eq!(of((16_384, 100)), (2048, 96), "however wide a strip is");
    }

    #[test]
    fn a_small_budget_makes_pictures_smaller_in_their_proportions_down_to_a_least_size() {
        let (width, height) = picture_size(Kind::VitMatte, (1920, 1080), 1920, None, 2 << 30);
        assert!((500..1500).contains(&width) && (width * 9).abs_diff(height * 16) <= 16, "{width} x {height}");
        assert_eq!(picture_size(Kind::VitMatte, (1920, 1080), 1920, None, 0).0, SMALLEST);
        assert_eq!(run_bytes(Kind::VitMatte, (usize::MAX, usize::MAX)), u64::MAX);
    }

    #[test]
    fn graphs_of_one_size_get_it() {
        let fixed = Some((512, 512));
        assert_eq!(picture_size(Kind::ModNet, (1920, 1080), 1280, fixed, u64::MAX), (512, 512));
        assert_eq!(picture_size(Kind::VitMatte, (1920, 1080), 1280, fixed, u64::MAX), (512, 288));
        assert_eq!(padded_size(Kind::VitMatte, (512, 288), fixed), (512, 512));
        assert_eq!(padded_size(Kind::VitMatte, (131, 70), None), (160, 96));
        assert_eq!(padded_size(Kind::Rvm, (131, 70), None), (131, 70));
    }

    #[test]
    fn rvm_looks_at_a_picture_of_its_own_size() {
        assert_eq!(downsample_ratio((2048, 1024)), 0.25);
        assert_eq!(downsample_ratio((300, 200)), 1.0);
    }
}
