//! Colour transfer: what a source's values mean, and how they look on a display.
//!
//! Image models were trained on display-referred pictures, so scene-linear and log sources are brought there first.
//! Every curve here takes any `f32` and gives 0..1: NaN and negatives become 0, everything above white becomes 1.

use std::sync::LazyLock;

/// What the source's values mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SourceEncoding {
    /// Display-referred already (sRGB, Rec.709): used as it is.
    #[default]
    Display,
    /// Scene-linear with Rec.709 primaries: shown through the sRGB curve.
    Linear,
    /// Cineon 10-bit film log: to scene-linear, then shown through the sRGB curve.
    Log,
}

/// NaN and negatives to 0, above white to 1.
#[inline(always)]
#[allow(clippy::manual_clamp, reason = "`max` takes its other argument for a NaN, `clamp` would keep the NaN")]
pub(crate) fn display_range(value: f32) -> f32 {
    value.max(0.0).min(1.0)
}

/// The sRGB encoding of a linear value (IEC 61966-2-1), clamped to 0..1.
///
/// The power 1/2.4 is computed as `s^(5/3)` with `s` the fourth root: a polynomial of degree 6 in `s`, fitted for the
/// least largest error over the curve's upper branch (`s` in 0.2365..1). The result is within 2e-6 of the exact curve,
/// 1/2000 of a step of 8 bits, and takes only operations that vectorise.
#[inline(always)]
pub fn srgb_encode(linear: f32) -> f32 {
    let x = display_range(linear);
    let s = x.sqrt().sqrt();
    let power = -0.004_309_591
        + s * (0.132_326_32
            + s * (1.294_711_2 + s * (-0.808_488_6 + s * (0.622_924_6 + s * (-0.301_814_2 + s * 0.064_651_57)))));
    let upper = (1.055 * power - 0.055).min(1.0);
    if x <= 0.003_130_8 { 12.92 * x } else { upper }
}

/// Code value of 10 bits that stands for black (0 % reflectance) on film.
const CINEON_BLACK: f64 = 95.0;
/// Code value of 10 bits that stands for white (90 % reflectance).
const CINEON_WHITE: f64 = 685.0;
/// Density per code value over the film's gamma: 0.002 / 0.6.
const CINEON_SLOPE: f64 = 0.002 / 0.6;

/// Steps of the table of the log curve. Between its points the curve is linear to within 3e-4 (at the knee where it
/// reaches white, less elsewhere), 1/13 of a step of 8 bits.
const LOG_STEPS: usize = 4096;

/// [`cineon_to_display`] at multiples of `1 / LOG_STEPS`, and one more so that every step has an end.
static LOG_TABLE: LazyLock<[f32; LOG_STEPS + 2]> =
    LazyLock::new(|| std::array::from_fn(|i| cineon_to_display(i as f64 / LOG_STEPS as f64)));

/// Kennel, "Digital Film: Conversion" (the Cineon file format, Kodak 1993): code to density to linear, black at 0.
fn cineon_to_display(value: f64) -> f32 {
    let linear = |code: f64| 10f64.powf((code - CINEON_WHITE) * CINEON_SLOPE);
    let black = linear(CINEON_BLACK);
    srgb_encode(((linear(value * 1023.0) - black) / (1.0 - black)) as f32)
}

/// How a Cineon log value (0..1 for codes 0..1023) looks on an sRGB display, clamped to 0..1.
pub fn log_to_display(value: f32) -> f32 {
    interpolate(&LOG_TABLE, value)
}

#[inline(always)]
fn interpolate(table: &[f32; LOG_STEPS + 2], value: f32) -> f32 {
    let position = display_range(value) * LOG_STEPS as f32;
    // In 0..=LOG_STEPS: `display_range` lets nothing else through.
    let step = (position as usize).min(LOG_STEPS);
    let along = position - step as f32;
    table[step] + along * (table[step + 1] - table[step])
}

/// Brings colours to display values; the fourth number of each pixel is left alone.
pub(crate) fn to_display(encoding: SourceEncoding, pixels: &mut [[f32; 4]]) {
    match encoding {
        SourceEncoding::Display => each(pixels, display_range),
        SourceEncoding::Linear => each(pixels, srgb_encode),
        SourceEncoding::Log => {
            let table = &*LOG_TABLE;
            for [r, g, b, _] in pixels {
                *r = interpolate(table, *r);
                *g = interpolate(table, *g);
                *b = interpolate(table, *b);
            }
        }
    }
}

/// Applies a cheap curve to all four numbers, which vectorises better than three of four, and keeps the fourth.
#[inline(always)]
fn each(pixels: &mut [[f32; 4]], curve: impl Fn(f32) -> f32) {
    for pixel in pixels {
        let alpha = pixel[3];
        *pixel = pixel.map(&curve);
        pixel[3] = alpha;
    }
}

/// The display values of the 256 byte values in each encoding.
pub(crate) fn byte_table(encoding: SourceEncoding) -> &'static [f32; 256] {
    static TABLES: LazyLock<[[f32; 256]; 3]> = LazyLock::new(|| {
        [SourceEncoding::Display, SourceEncoding::Linear, SourceEncoding::Log].map(|encoding| {
            std::array::from_fn(|i| {
                let mut pixel = [[i as f32 / 255.0; 4]];
                to_display(encoding, &mut pixel);
                pixel[0][0]
            })
        })
    });
    match encoding {
        SourceEncoding::Display => &TABLES[0],
        SourceEncoding::Linear => &TABLES[1],
        SourceEncoding::Log => &TABLES[2],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact_srgb(x: f64) -> f64 {
        if x <= 0.003_130_8 { 12.92 * x } else { 1.055 * x.powf(1.0 / 2.4) - 0.055 }
    }

    #[test]
    fn the_fast_srgb_curve_stays_close_to_the_exact_one_and_rises() {
        let mut before = -1.0;
        for i in 0..=100_000u32 {
            let x = f64::from(i) / 100_000.0;
            let y = srgb_encode(x as f32);
            assert!((f64::from(y) - exact_srgb(x)).abs() < 3e-6, "at {x}");
            assert!(y >= before, "falls at {x}");
            before = y;
        }
        assert_eq!(srgb_encode(1.0), 1.0);
    }

    #[test]
    fn the_log_curve_passes_through_film_black_grey_and_white() {
        assert!(log_to_display(95.0 / 1023.0) < 1e-4);
        assert!((log_to_display(685.0 / 1023.0) - 1.0).abs() < 2e-4);
        // Code 470 is 18 % grey within film tolerance.
        let grey = (10f64.powf((470.0 - 685.0) / 300.0) - 0.010_797) / (1.0 - 0.010_797);
        assert!((f64::from(log_to_display(470.0 / 1023.0)) - exact_srgb(grey)).abs() < 1e-4);
        for i in 0..=40_000u32 {
            let x = f64::from(i) / 40_000.0;
            assert!((log_to_display(x as f32) - cineon_to_display(x)).abs() < 3e-4, "at {x}");
        }
    }

    #[test]
    fn numbers_no_display_can_show_become_black_or_white() {
        for encoding in [SourceEncoding::Display, SourceEncoding::Linear, SourceEncoding::Log] {
            let mut pixels = [[f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::NAN], [-3.0, 7.0, f32::MAX, -2.0]];
            to_display(encoding, &mut pixels);
            assert_eq!(pixels[0][..3], [0.0, 1.0, 0.0], "{encoding:?}");
            assert!(pixels[0][3].is_nan());
            assert_eq!(pixels[1], [0.0, 1.0, 1.0, -2.0], "{encoding:?}");
        }
    }
}
