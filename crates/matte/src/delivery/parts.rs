//! Core, edge and hair: what is thick and deep inside, the border of what is thick, and what is thin.

use super::settings::PartSettings;
use crate::euclidean::DistanceTransform;
use crate::finish::pixels;
use crate::workspace::{fit_plane, no_plane, safe_alpha};
use raster::Plane;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};

/// The narrowest edge, in pixels: parts fade into each other over half of it.
const NARROWEST: f32 = 1.0;

/// Tells the parts apart; keeps its memory from frame to frame.
///
/// The thick shape is the matte opened by a disc: what a disc of the hair's width fits into. Its signed distance decides.
#[derive(Debug)]
pub(super) struct Parts {
    transform: DistanceTransform,
    distance: Plane<f32>,
    mask: Plane<u8>,
    from_inside: Plane<f32>,
    edge: f32,
}

impl Default for Parts {
    fn default() -> Self {
        let transform = DistanceTransform::default();
        Self { transform, distance: no_plane(), mask: no_plane(), from_inside: no_plane(), edge: NARROWEST }
    }
}

impl Parts {
    /// Measures a matte.
    pub fn measure(&mut self, alpha: &Plane<f32>, settings: &PartSettings, scale: f32) {
        let radius = 0.5 * pixels(settings.hair_width, scale).max(0.0);
        self.edge = pixels(settings.edge_width, scale).max(NARROWEST);
        // From a whole edge beyond on, a pixel is core or hair however deep it lies.
        let (width, height) = (alpha.width(), alpha.height());
        self.transform.near_signed(alpha, [0, 0], radius.max(self.edge), &mut self.distance);
        fit_plane(&mut self.mask, width, height);
        self.mask.par_rows_mut().zip(self.distance.par_rows()).for_each(|(mask, distance)| {
            mask.iter_mut().zip(distance).for_each(|(mask, &distance)| *mask = u8::from(distance <= radius));
        });
        self.transform.near_zero(&self.mask, radius + self.edge, &mut self.from_inside);
        self.distance.par_rows_mut().zip(self.from_inside.par_rows()).for_each(|(distance, from_inside)| {
            for (distance, &from_inside) in distance.iter_mut().zip(from_inside) {
                if from_inside > 0.0 {
                    *distance = radius - from_inside;
                }
            }
        });
    }

    /// How much of a pixel is core, edge and hair; together 1.
    pub fn at(&self, x: usize, y: usize) -> [f32; 3] {
        let depth = self.distance.get(x, y).copied().unwrap_or(f32::NEG_INFINITY);
        // From a quarter of the edge's width to three quarters.
        let ramp = |depth: f32| {
            let along = (2.0 * depth / self.edge - 0.5).clamp(0.0, 1.0);
            along * along * (3.0 - 2.0 * along)
        };
        let (core, hair) = (ramp(depth), ramp(-depth));
        [core, 1.0 - core - hair, hair]
    }

    /// Makes the parts of the measured matte denser or thinner.
    pub fn apply(&self, alpha: &mut Plane<f32>, settings: &PartSettings) {
        // A density of 1 is the fourth root, one of -1 the fourth power.
        let powers = settings.density.map(|density| {
            let density = if density.is_nan() { 0.0 } else { density.clamp(-1.0, 1.0) };
            4f32.powf(-density)
        });
        alpha.par_rows_mut().enumerate().for_each(|(y, row)| {
            for (x, alpha) in row.iter_mut().enumerate() {
                let here = safe_alpha(*alpha);
                if here > 0.0 && here < 1.0 {
                    let parts = self.at(x, y);
                    *alpha = (0..3).map(|part| parts[part] * here.powf(powers[part])).sum::<f32>().clamp(0.0, 1.0);
                }
            }
        });
    }

    /// Bytes held on the heap.
    pub fn byte_size(&self) -> usize {
        let planes = size_of_val(self.distance.data()) + size_of_val(self.from_inside.data());
        self.transform.byte_size() + planes + self.mask.data().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thin_lines_are_hair_the_deep_inside_is_core_and_edge_lies_between() {
        let mut alpha = Plane::new(100, 80, 0.0);
        for y in 20..70 {
            alpha.row_mut(y)[20..60].fill(1.0);
        }
        alpha.row_mut(40)[60..95].fill(1.0);
        let mut parts = Parts::default();
        parts.measure(&alpha, &PartSettings::default(), 1.0);
        assert_eq!(parts.at(40, 45), [1.0, 0.0, 0.0]);
        assert_eq!(parts.at(85, 40), [0.0, 0.0, 1.0]);
        let [core, edge, hair] = parts.at(59, 55);
        assert!(edge > 0.9 && core < 0.1 && hair < 0.1);
        for i in 0..8000 {
            let whole = parts.at(i % 100, i / 100);
            assert!((whole.iter().sum::<f32>() - 1.0).abs() < 1e-6 && whole.iter().all(|part| *part >= 0.0));
        }
    }

    #[test]
    fn denser_is_never_less_and_each_part_has_its_own_say() {
        let alpha = Plane::from_vec(60, 1, (0..60).map(|x| (x as f32 / 10.0 - 2.0).clamp(0.0, 1.0)).collect()).unwrap();
        let mut parts = Parts::default();
        parts.measure(&alpha, &PartSettings::default(), 1.0);
        for part in 0..3 {
            let mut before = 0.0;
            for density in [-1.0, -0.4, 0.0, 0.3, 1.0] {
                let mut settings = PartSettings::default();
                settings.density[part] = density;
                let mut out = alpha.clone();
                parts.apply(&mut out, &settings);
                let sum: f32 = out.data().iter().sum();
                assert!(sum >= before);
                before = sum;
            }
        }
    }
}
