//! Images as views: rows either way up, bounds of all kinds, and pixels that are not there.

use std::ffi::CStr;

use crate::fake_host::effect::{Clip, Effect, Picture};
use crate::fake_host::{FAILED, Host, OK};

const PROBE: &CStr = c"org.example.Probe";

/// An RGBA byte image over its own memory, whose red is x and green is y, in host coordinates.
struct Pixels {
    memory: Vec<u8>,
    picture: Picture,
}

const PADDING: usize = 8;
const BLANK: u8 = 0xEE;

impl Pixels {
    fn new(bounds: [i32; 4], rows_go_down: bool) -> Self {
        let (width, height) = ((bounds[2] - bounds[0]) as usize, (bounds[3] - bounds[1]) as usize);
        let step = width * 4 + PADDING;
        let mut memory = vec![BLANK; step * height + PADDING];
        // Rows go down in MLT: the bottom row is the last in memory.
        let first = if rows_go_down { step * (height - 1) } else { 0 };
        let data = memory.as_mut_ptr().wrapping_add(first).expose_provenance();
        let row_bytes = if rows_go_down { -(step as i32) } else { step as i32 };
        let picture = Picture {
            bounds,
            row_bytes,
            depth: c"OfxBitDepthByte",
            components: c"OfxImageComponentRGBA",
            data,
            status: 0,
        };
        Self { memory, picture }
    }

    fn filled(bounds: [i32; 4], rows_go_down: bool) -> Self {
        let mut pixels = Self::new(bounds, rows_go_down);
        for y in bounds[1]..bounds[3] {
            for x in bounds[0]..bounds[2] {
                let at = pixels.offset(x, y);
                pixels.memory[at..at + 4].copy_from_slice(&[x as u8, y as u8, 7, 255]);
            }
        }
        pixels
    }

    fn offset(&self, x: i32, y: i32) -> usize {
        let row = (y - self.picture.bounds[1]) as isize * self.picture.row_bytes as isize;
        let first = self.picture.data - self.memory.as_ptr().addr();
        (first as isize + row) as usize + (x - self.picture.bounds[0]) as usize * 4
    }

    fn at(&self, x: i32, y: i32) -> [u8; 4] {
        let at = self.offset(x, y);
        self.memory[at..at + 4].try_into().unwrap()
    }
}

fn show(instance: &Effect, clip: &CStr, picture: Picture) -> &'static Clip {
    let clip = instance.clip(clip).unwrap();
    clip.properties.ints(c"OfxImageClipPropConnected", [1]);
    *clip.picture.lock().unwrap() = Some(picture);
    clip
}

/// Renders `window` of a source into an output and checks every pixel of the output.
fn copies(source: [i32; 4], source_down: bool, output: [i32; 4], output_down: bool, window: [i32; 4]) {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    let source_pixels = Pixels::filled(source, source_down);
    let output_pixels = Pixels::new(output, output_down);
    let clips = [
        show(instance, c"Source", source_pixels.picture.clone()),
        show(instance, c"Output", output_pixels.picture.clone()),
    ];
    assert_eq!(host.render(instance, window), OK);
    for y in output[1]..output[3] {
        for x in output[0]..output[2] {
            let inside = |r: [i32; 4]| (r[0]..r[2]).contains(&x) && (r[1]..r[3]).contains(&y);
            let expected = match (inside(window), inside(source)) {
                (false, _) => [BLANK; 4],
                (true, false) => [0; 4],
                (true, true) => [x as u8, y as u8, 7, 255],
            };
            assert_eq!(output_pixels.at(x, y), expected, "pixel {x}, {y}");
        }
    }
    assert_eq!(output_pixels.memory[output_pixels.memory.len() - PADDING..], [BLANK; PADDING]);
    assert!(clips.iter().all(|clip| clip.images_out.lock().unwrap().is_empty()));
    host.destroy(instance);
}

#[test]
fn rows_may_run_up_or_down_in_memory() {
    for (source_down, output_down) in [(false, false), (false, true), (true, false), (true, true)] {
        copies([0, 0, 6, 5], source_down, [0, 0, 6, 5], output_down, [0, 0, 6, 5]);
    }
}

#[test]
fn source_and_output_may_have_other_bounds_and_origins() {
    for down in [false, true] {
        copies([-3, -2, 4, 3], down, [-5, -4, 6, 5], !down, [-5, -4, 6, 5]);
        copies([10, 20, 14, 23], down, [8, 19, 13, 25], down, [8, 19, 13, 25]);
    }
}

#[test]
fn nothing_outside_the_render_window_is_touched() {
    copies([0, 0, 6, 5], false, [0, 0, 6, 5], false, [2, 1, 5, 3]);
    copies([0, 0, 6, 5], true, [0, 0, 6, 5], true, [2, 1, 5, 3]);
}

#[test]
fn a_window_beyond_the_output_is_cut_to_it() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    let pixels = Pixels::new([0, 0, 2, 2], false);
    show(instance, c"Output", pixels.picture.clone());
    assert_eq!(host.render(instance, [-5, -5, 9, 9]), OK);
    assert_eq!(pixels.at(1, 1), [0; 4]);
    host.destroy(instance);
}

#[test]
fn a_missing_source_is_black_and_a_missing_output_an_interruption() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    assert_eq!(host.render(instance, [0, 0, 2, 2]), FAILED);
    assert!(instance.take_log().is_empty());

    let output = Pixels::new([0, 0, 2, 2], false);
    show(instance, c"Output", output.picture.clone());
    let source = Pixels::filled([0, 0, 2, 2], false);
    // Connected, with no pixels (MLT), with no image (Resolve), with no bounds to speak of.
    let without_data = Picture { data: 0, ..source.picture.clone() };
    let without_image = Picture { status: 1, ..source.picture.clone() };
    let empty = Picture { bounds: [0, 0, 0, 2], ..source.picture.clone() };
    for picture in [without_data, without_image, empty] {
        let clip = show(instance, c"Source", picture);
        assert_eq!(host.render(instance, [0, 0, 2, 2]), OK);
        assert_eq!(output.at(0, 0), [0; 4]);
        assert!(clip.images_out.lock().unwrap().is_empty());
    }
    host.destroy(instance);
}

#[test]
fn an_unusable_image_is_named_with_its_fault_and_given_back() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    let output = Pixels::new([0, 0, 2, 2], false);
    show(instance, c"Output", output.picture.clone());
    let source = Pixels::filled([0, 0, 2, 2], false);
    let cases = [
        (Picture { depth: c"OfxBitDepthNone", ..source.picture.clone() }, "its pixel depth is OfxBitDepthNone"),
        (
            Picture { components: c"OfxImageComponentYUVA", ..source.picture.clone() },
            "its component type is OfxImageComponentYUVA",
        ),
        (Picture { row_bytes: 4, ..source.picture.clone() }, "rows of 8 bytes do not fit"),
    ];
    for (picture, fault) in cases {
        let clip = show(instance, c"Source", picture);
        assert_eq!(host.render(instance, [0, 0, 2, 2]), FAILED);
        let log = instance.take_log().join("\n");
        assert!(log.contains("the image of clip 'Source' cannot be used") && log.contains(fault), "{log}");
        assert!(clip.images_out.lock().unwrap().is_empty());
    }
    host.destroy(instance);
}

#[test]
fn an_empty_window_renders_nothing_and_succeeds() {
    let host = Host::loaded(PROBE);
    let instance = host.instance();
    for window in [[0, 0, 0, 0], [4, 4, 2, 9]] {
        assert_eq!(host.render(instance, window), OK);
    }
    host.destroy(instance);
}
