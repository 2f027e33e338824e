//! The same pixels in any layout read, write and resize the same.
#![allow(clippy::unwrap_used, reason = "a test whose input cannot be made should stop there")]

use half::f16;
use proptest::prelude::*;
use raster::{Components, Depth, PixelLayout, PixelView, PixelViewMut, SourceEncoding, display_row, model_picture};

/// How a test picture lies in memory.
#[derive(Debug, Clone)]
struct Memory {
    layout: PixelLayout,
    length: usize,
}

fn memories() -> impl Strategy<Value = Memory> {
    let depth = prop_oneof![Just(Depth::Byte), Just(Depth::Short), Just(Depth::Half), Just(Depth::Float)];
    let components = prop_oneof![Just(Components::Rgba), Just(Components::Rgb), Just(Components::Alpha)];
    (1..90usize, 1..8usize, depth, components, 0..9usize, 0..9usize, any::<bool>()).prop_map(
        |(width, height, depth, components, padding, before, upwards)| {
            let packed = PixelLayout::packed(width, height, depth, components);
            let step = packed.row_length() + padding;
            let (row_bytes, top_row) =
                if upwards { (-(step as isize), before + step * (height - 1)) } else { (step as isize, before) };
            Memory { layout: PixelLayout { row_bytes, top_row, ..packed }, length: before + step * height + 3 }
        },
    )
}

/// Pixels that any depth holds exactly enough to compare, different everywhere.
fn pixels(width: usize, height: usize, seed: u32) -> Vec<[f32; 4]> {
    let mut state = seed;
    (0..width * height)
        .map(|_| {
            std::array::from_fn(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as f32 / 255.0
            })
        })
        .collect()
}

fn store(memory: &Memory, bytes: &mut [u8], pixels: &[[f32; 4]]) {
    let mut view = PixelViewMut::new(bytes, memory.layout).unwrap();
    for (y, row) in pixels.chunks(memory.layout.width).enumerate() {
        view.write_rgba(y, 0, row);
    }
}

/// What a pixel looks like after it went through a depth and components.
fn stored(pixel: [f32; 4], layout: &PixelLayout) -> [f32; 4] {
    let [r, g, b, a] = pixel.map(|value| match layout.depth {
        Depth::Byte => (value.clamp(0.0, 1.0) * 255.0).round() / 255.0,
        Depth::Short => (value.clamp(0.0, 1.0) * 65535.0).round() / 65535.0,
        Depth::Half => f16::from_f32(value).to_f32(),
        Depth::Float => value,
    });
    match layout.components {
        Components::Rgba => [r, g, b, a],
        Components::Rgb => [r, g, b, 1.0],
        Components::Alpha => [0.0, 0.0, 0.0, a],
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_and_nothing_else_is_touched(memory in memories(), seed: u32) {
        let Memory { layout, length } = &memory;
        let pixels = pixels(layout.width, layout.height, seed);
        let mut bytes = vec![0xa5u8; *length];
        store(&memory, &mut bytes, &pixels);
        let view = PixelView::new(&bytes, *layout).unwrap();
        let mut touched = vec![false; *length];
        for (y, expected) in pixels.chunks(layout.width).enumerate() {
            let mut row = vec![[0.0; 4]; layout.width];
            let mut alpha = vec![0.0; layout.width];
            view.read_rgba(y, 0, &mut row);
            view.read_alpha(y, 0, &mut alpha);
            for ((found, alpha), expected) in row.iter().zip(alpha).zip(expected) {
                prop_assert_eq!(*found, stored(*expected, layout));
                prop_assert_eq!(alpha, found[3]);
            }
            let start = (layout.top_row as isize + y as isize * layout.row_bytes) as usize;
            touched[start..start + layout.row_length()].fill(true);
        }
        for (byte, touched) in bytes.iter().zip(touched) {
            prop_assert!(touched || *byte == 0xa5);
        }
    }

    #[test]
    fn rows_written_in_parallel_equal_rows_written_one_by_one(memory in memories(), seed: u32) {
        use rayon::iter::ParallelIterator;
        let pixels = pixels(memory.layout.width, memory.layout.height, seed);
        let mut one_by_one = vec![0u8; memory.length];
        store(&memory, &mut one_by_one, &pixels);
        let mut parallel = vec![0u8; memory.length];
        let mut view = PixelViewMut::new(&mut parallel, memory.layout).unwrap();
        let rows: Vec<usize> = view.par_rows_mut().map(|mut row| {
            let y = row.y();
            row.write_rgba(0, &pixels[y * memory.layout.width..(y + 1) * memory.layout.width]);
            y
        }).collect();
        prop_assert_eq!(rows.len(), memory.layout.height);
        prop_assert_eq!(parallel, one_by_one);
    }

    #[test]
    fn a_window_shows_the_same_pixels(memory in memories(), seed: u32, x in 0..40usize, y in 0..6usize, w in 0..60usize, h in 0..9usize) {
        let mut bytes = vec![0u8; memory.length];
        store(&memory, &mut bytes, &pixels(memory.layout.width, memory.layout.height, seed));
        let whole = PixelView::new(&bytes, memory.layout).unwrap();
        let window = whole.window(x, y, w, h);
        prop_assert_eq!(window.width(), w.min(memory.layout.width.saturating_sub(x)));
        prop_assert!(PixelView::new(&bytes, *window.layout()).is_ok());
        for row in 0..window.height() {
            let (mut a, mut b) = (vec![[0.0; 4]; window.width()], vec![[0.0; 4]; window.width()]);
            window.read_rgba(row, 0, &mut a);
            whole.read_rgba(y + row, x, &mut b);
            prop_assert_eq!(a, b);
        }
    }

    #[test]
    fn the_model_picture_does_not_depend_on_the_layout(
        memory in memories(), seed: u32, premultiplied: bool, to in (1..40usize, 1..20usize),
        encoding in prop_oneof![Just(SourceEncoding::Display), Just(SourceEncoding::Linear), Just(SourceEncoding::Log)],
    ) {
        let pixels = pixels(memory.layout.width, memory.layout.height, seed);
        let packed = PixelLayout::packed(
            memory.layout.width, memory.layout.height, memory.layout.depth, memory.layout.components);
        let packed = Memory { length: packed.row_length() * packed.height, layout: packed };
        let pictures = [&memory, &packed].map(|memory| {
            let mut bytes = vec![0u8; memory.length];
            store(memory, &mut bytes, &pixels);
            let view = PixelView::new(&bytes, memory.layout).unwrap();
            model_picture(&view, encoding, premultiplied, to.0, to.1)
        });
        prop_assert_eq!(&pictures[0], &pictures[1]);
    }

    #[test]
    fn display_rows_are_safe_and_the_same_from_any_column(values in prop::collection::vec(any::<[f32; 4]>(), 1..150), x0 in 0..150usize, premultiplied: bool) {
        let bytes: Vec<u8> = values.iter().flatten().flat_map(|value| value.to_ne_bytes()).collect();
        let layout = PixelLayout::packed(values.len(), 1, Depth::Float, Components::Rgba);
        let view = PixelView::new(&bytes, layout).unwrap();
        for encoding in [SourceEncoding::Display, SourceEncoding::Linear, SourceEncoding::Log] {
            let mut whole = vec![[9.0; 3]; values.len()];
            display_row(&view, encoding, premultiplied, 0, 0, &mut whole);
            prop_assert!(whole.iter().flatten().all(|value| (0.0..=1.0).contains(value)));
            let mut part = vec![[9.0; 3]; 70];
            display_row(&view, encoding, premultiplied, 0, x0, &mut part);
            for (index, pixel) in part.iter().enumerate() {
                prop_assert_eq!(*pixel, whole.get(x0 + index).copied().unwrap_or([0.0; 3]));
            }
        }
    }
}

#[test]
fn integer_depths_clamp_round_and_survive_nan() {
    for (depth, white) in [(Depth::Byte, 255.0f32), (Depth::Short, 65535.0)] {
        let mut bytes = [0u8; 64];
        let layout = PixelLayout::packed(2, 1, depth, Components::Rgba);
        let half_step = 0.5 / white;
        PixelViewMut::new(&mut bytes, layout).unwrap().write_rgba(
            0,
            0,
            &[[f32::NAN, -1.0, 2.0, f32::INFINITY], [half_step * 0.9, half_step * 1.1, f32::NEG_INFINITY, 1.0]],
        );
        let mut found = [[0.0; 4]; 2];
        PixelView::new(&bytes, layout).unwrap().read_rgba(0, 0, &mut found);
        assert_eq!(found, [[0.0, 0.0, 1.0, 1.0], [0.0, 1.0 / white, 0.0, 1.0]]);
    }
}

#[test]
fn pixels_outside_read_as_zero_and_write_to_nowhere() {
    let layout = PixelLayout::packed(2, 2, Depth::Byte, Components::Rgba);
    let mut bytes = [255u8; 16];
    let mut view = PixelViewMut::new(&mut bytes, layout).unwrap();
    view.write_rgba(2, 0, &[[0.0; 4]]);
    view.write_rgba(0, 7, &[[0.0; 4]]);
    view.write_rgba(0, 1, &[[0.0; 4]; 5]);
    let mut row = [[9.0; 4]; 3];
    view.as_view().read_rgba(0, 0, &mut row);
    assert_eq!(row, [[1.0; 4], [0.0; 4], [0.0; 4]]);
    view.as_view().read_rgba(usize::MAX, usize::MAX, &mut row);
    assert_eq!(row, [[0.0; 4]; 3]);
    let mut alpha = [9.0; 2];
    view.as_view().read_alpha(1, 1, &mut alpha);
    assert_eq!(alpha, [1.0, 0.0]);
}

#[test]
fn premultiplied_colours_are_divided_where_there_is_alpha() {
    let pixels = [[0.25f32, 0.1, 0.5, 0.5], [0.3, 0.2, 0.1, 0.0], [0.3, 0.2, 0.1, f32::NAN], [0.3, 0.2, 0.1, -1.0]];
    let bytes: Vec<u8> = pixels.iter().flatten().flat_map(|value| value.to_ne_bytes()).collect();
    let view = PixelView::new(&bytes, PixelLayout::packed(4, 1, Depth::Float, Components::Rgba)).unwrap();
    let mut row = [[0.0; 3]; 4];
    display_row(&view, SourceEncoding::Display, true, 0, 0, &mut row);
    assert_eq!(row, [[0.5, 0.2, 1.0], [0.3, 0.2, 0.1], [0.3, 0.2, 0.1], [0.3, 0.2, 0.1]]);
}

#[test]
fn a_pixel_and_a_very_long_row_resize() {
    let one = [10u8, 20, 30, 40];
    let view = PixelView::new(&one, PixelLayout::packed(1, 1, Depth::Byte, Components::Rgba)).unwrap();
    let picture = model_picture(&view, SourceEncoding::Display, false, 3, 2);
    assert_eq!(picture.data(), [[10, 20, 30]; 6]);

    let long: Vec<u8> = (0..16384u32).flat_map(|x| [(x / 64) as u8; 3]).collect();
    let view = PixelView::new(&long, PixelLayout::packed(16384, 1, Depth::Byte, Components::Rgb)).unwrap();
    let picture = model_picture(&view, SourceEncoding::Display, false, 1024, 1);
    assert_eq!(picture.data()[0], [0; 3]);
    assert_eq!(picture.data()[1023], [255; 3]);
    assert!(picture.data().is_sorted());
    let empty = view.window(0, 5, 3, 3);
    assert_eq!(model_picture(&empty, SourceEncoding::Log, true, 2, 1).data(), [[0; 3]; 2]);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let pixels = pixels(301, 203, 7);
    let bytes: Vec<u8> = pixels.iter().flatten().flat_map(|value| value.to_ne_bytes()).collect();
    let view = PixelView::new(&bytes, PixelLayout::packed(301, 203, Depth::Float, Components::Rgba)).unwrap();
    let [one, eight] = [1, 8].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| model_picture(&view, SourceEncoding::Linear, false, 128, 96))
    });
    assert_eq!(one, eight);
}

#[test]
fn rows_copied_with_their_alpha_equal_rows_that_are_read_and_written() {
    use rayon::iter::ParallelIterator;
    let colours = pixels(300, 1, 5);
    let alpha: Vec<f32> = (0..300).map(|x| [0.0, 1.0, -0.5, 2.0, x as f32 / 299.0, f32::INFINITY][x % 6]).collect();
    for depth in [Depth::Byte, Depth::Short, Depth::Half, Depth::Float] {
        for components in [Components::Rgba, Components::Rgb] {
            let layout = PixelLayout::packed(300, 1, depth, components);
            let mut source = vec![0; 300 * layout.pixel_bytes()];
            PixelViewMut::new(&mut source, layout).unwrap().write_rgba(0, 0, &colours);
            let mut read = vec![[0.0; 4]; 300];
            PixelView::new(&source, layout).unwrap().read_rgba(0, 0, &mut read);
            read.iter_mut().zip(&alpha).for_each(|(pixel, &alpha)| pixel[3] = alpha);
            let target = PixelLayout::packed(300, 1, depth, Components::Rgba);
            let (mut written, mut copied) = (vec![7; 300 * target.pixel_bytes()], vec![7; 300 * target.pixel_bytes()]);
            PixelViewMut::new(&mut written, target).unwrap().write_rgba(0, 0, &read);
            let mut view = PixelViewMut::new(&mut copied, target).unwrap();
            view.par_rows_mut().for_each(|mut row| row.copy_with_alpha(&source, components, &alpha));
            assert_eq!(copied, written, "{depth:?} {components:?}");
        }
    }
}
