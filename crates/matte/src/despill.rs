//! Takes the light of a coloured screen off an object.

/// What a screen's light is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// A green screen.
    Green,
    /// A blue screen.
    Blue,
}

/// Shares of red, green and blue in luminance: ITU-R BT.709.
const LUMINANCE: [f32; 3] = [0.2126, 0.7152, 0.0722];

/// The colour without the screen's light: its channel is held at the mean of the other two. `amount` 0 changes nothing, 1
/// takes all of it away; `restore`, 0..1, gives that share of the lost luminance back, as grey. Values beyond 1 are kept;
/// a channel that is NaN stays so. NaN amounts count as 0.
pub fn despill(colour: [f32; 3], screen: Screen, amount: f32, restore: f32) -> [f32; 3] {
    let [red, green, blue] = colour;
    let (channel, mean) = match screen {
        Screen::Green => (1, 0.5 * (red + blue)),
        Screen::Blue => (2, 0.5 * (red + green)),
    };
    let share = |value: f32| if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) };
    let spill = (colour[channel] - mean).max(0.0) * share(amount);
    let grey = spill * LUMINANCE[channel] * share(restore);
    let mut out = colour.map(|value| value + grey);
    out[channel] -= spill;
    out
}

/// A channel of a light weaker than this share of its strongest has no say in how much of the light there is.
const WEAK: f32 = 0.25;

/// The colour without the light of another one, such as the background that a place stands before: the most of the light's
/// hue that all its strong channels hold, above what the weak ones show. Of a pure green or blue it is what [`despill`]
/// takes. A grey light has no hue and changes nothing. `amount` and `restore` as there.
pub fn despill_light(colour: [f32; 3], light: [f32; 3], amount: f32, restore: f32) -> [f32; 3] {
    let darkest = light.into_iter().fold(f32::INFINITY, f32::min);
    let strongest = light.into_iter().fold(0.0, f32::max);
    let span = strongest - darkest;
    if !span.is_finite() || span <= 1e-3 * strongest.max(1e-3) {
        return colour;
    }
    let hue = light.map(|value| (value - darkest) / span);
    let weights = hue.map(|value| 1.0 - value);
    let base = (0..3).map(|c| weights[c] * colour[c]).sum::<f32>() / weights.iter().sum::<f32>();
    let strong = (0..3).filter(|&c| hue[c] >= WEAK);
    let held = strong.map(|c| (colour[c] - base) / hue[c]).fold(f32::INFINITY, f32::min);
    let share = |value: f32| if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) };
    // How much of a hue the light has, a grey one none: a pale background leaves little spill.
    let spill = held.max(0.0) * share(amount) * (span / strongest).min(1.0);
    let grey = spill * (0..3).map(|c| hue[c] * LUMINANCE[c]).sum::<f32>() * share(restore);
    std::array::from_fn(|c| colour[c] - spill * hue[c] + grey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_screens_excess_goes_and_its_luminance_comes_back() {
        let colour = [0.4, 0.9, 0.2];
        let out = despill(colour, Screen::Green, 1.0, 0.0);
        assert!((out[1] - 0.3).abs() < 1e-6 && out[0] == 0.4 && out[2] == 0.2);
        assert_eq!(despill(colour, Screen::Blue, 1.0, 1.0), colour);
        assert_eq!(despill(colour, Screen::Green, 0.0, 1.0), colour);
        assert_eq!(despill([7.0, 3.0, 6.0], Screen::Green, 1.0, 1.0), [7.0, 3.0, 6.0]);
        let luminance = |colour: [f32; 3]| (0..3).map(|c| colour[c] * LUMINANCE[c]).sum::<f32>();
        let restored = despill(colour, Screen::Green, 1.0, 1.0);
        assert!((luminance(restored) - luminance(colour)).abs() < 1e-5);
    }

    #[test]
    fn more_takes_more_away() {
        let left = |amount| despill([0.1, 0.2, 0.9], Screen::Blue, amount, 0.0)[2];
        assert!([0.0, 0.2, 0.5, 0.9].windows(2).all(|pair| left(pair[1]) < left(pair[0])));
        assert_eq!(left(f32::NAN), 0.9);
    }

    #[test]
    fn the_light_of_a_pure_screen_is_what_the_screens_despill_takes() {
        for (light, screen) in [([0.0, 0.8, 0.0], Screen::Green), ([0.0, 0.0, 2.0], Screen::Blue)] {
            for colour in [[0.4, 0.9, 0.2], [0.2, 0.3, 0.9], [3.0, 0.1, 0.2]] {
                let (found, expected) = (despill_light(colour, light, 0.7, 0.4), despill(colour, screen, 0.7, 0.4));
                assert!((0..3).all(|c| (found[c] - expected[c]).abs() < 1e-5), "{found:?} {expected:?}");
            }
        }
    }

    #[test]
    fn grey_and_impossible_lights_change_nothing_and_other_hues_stay() {
        let colour = [0.8, 0.1, 0.1];
        for light in [[0.5; 3], [0.0; 3], [f32::NAN; 3], [f32::INFINITY, 0.0, 0.0], [0.9, 0.9, 0.0]] {
            assert_eq!(despill_light(colour, light, 1.0, 1.0), colour, "{light:?}");
        }
    }
}
