//! Distances in a picture of samples.

use raster::Plane;

/// Farther than any sample of a picture.
const FAR: f32 = 1e12;

/// The squared distance of every sample from the nearest one for which `is_in` holds, in samples; enormous where it
/// holds for none. Felzenszwalb and Huttenlocher, "Distance transforms of sampled functions", 2012: exact.
pub(super) fn squared_distances<T>(plane: &Plane<T>, is_in: impl Fn(&T) -> bool) -> Plane<f32> {
    let mut distances = plane.map(|sample| if is_in(sample) { 0.0 } else { FAR });
    let (width, height) = (distances.width(), distances.height());
    let mut line = Envelope::new(width.max(height));
    let mut column = vec![0f32; height];
    for x in 0..width {
        for (value, row) in column.iter_mut().zip(distances.rows()) {
            *value = row[x];
        }
        line.transform(&mut column);
        for (value, row) in column.iter().zip(distances.rows_mut()) {
            row[x] = *value;
        }
    }
    distances.rows_mut().for_each(|row| line.transform(row));
    distances
}

/// The lower envelope of the parabolas of a line of samples.
struct Envelope {
    /// Where each parabola stands and how high.
    parabolas: Vec<(usize, f32)>,
    /// From where on each is the lowest.
    from: Vec<f32>,
}

impl Envelope {
    fn new(longest: usize) -> Self {
        Self { parabolas: Vec::with_capacity(longest), from: Vec::with_capacity(longest) }
    }

    fn transform(&mut self, line: &mut [f32]) {
        self.parabolas.clear();
        self.from.clear();
        for (at, &height) in line.iter().enumerate() {
            if height >= FAR {
                continue;
            }
            let mut start = f32::NEG_INFINITY;
            while let (Some(&(other, other_height)), Some(&since)) = (self.parabolas.last(), self.from.last()) {
                let (a, b) = (at as f32, other as f32);
                start = ((height + a * a) - (other_height + b * b)) / (2.0 * (a - b));
                if start > since {
                    break;
                }
                self.parabolas.pop();
                self.from.pop();
                start = f32::NEG_INFINITY;
            }
            self.parabolas.push((at, height));
            self.from.push(start);
        }
        let mut lowest = 0;
        for (at, value) in line.iter_mut().enumerate() {
            while self.from.get(lowest + 1).is_some_and(|&from| from < at as f32) {
                lowest += 1;
            }
            *value = self.parabolas.get(lowest).map_or(FAR, |&(stands, height)| {
                let away = at as f32 - stands as f32;
                away * away + height
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_to_the_nearest_of_all_samples() {
        let plane = Plane::from_vec(23, 17, (0..23 * 17).map(|i| (i * 7919 + i * i) % 41 == 0).collect()).unwrap();
        let found = squared_distances(&plane, |&is_in| is_in);
        for (at, &distance) in found.data().iter().enumerate() {
            let apart = |other: usize| {
                let (x, y) = ((at % 23).abs_diff(other % 23), (at / 23).abs_diff(other / 23));
                (x * x + y * y) as f32
            };
            let nearest = (0..23 * 17).filter(|&other| plane.data()[other]).map(apart).fold(f32::MAX, f32::min);
            assert_eq!(distance, nearest, "sample {at}");
        }
    }

    #[test]
    fn without_a_sample_to_be_near_to_all_are_far() {
        assert!(squared_distances(&Plane::new(5, 4, 0u8), |_| false).data().iter().all(|&distance| distance >= FAR));
        assert!(squared_distances(&Plane::new(0, 4, 0u8), |_| true).is_empty());
        assert_eq!(squared_distances(&Plane::new(1, 1, 0u8), |_| true).data(), [0.0]);
    }
}
