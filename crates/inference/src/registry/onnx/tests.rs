use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::registry::writer::{self, FLOAT, INT64, Node, Value as Declared, Weight};

fn read(bytes: &[u8]) -> Result<Graph, Flaw> {
    Graph::read(Cursor::new(bytes), bytes.len() as u64)
}

fn example() -> Vec<u8> {
    writer::model_with_weights(
        &[Node { operator: "Add", inputs: &["x", "w"], output: "y" }],
        &[Weight { name: "w", shape: &[2, 3], values: &[1.0; 6] }],
        &[
            Declared { name: "x", element: FLOAT, shape: &[None, Some(3)] },
            Declared { name: "n", element: INT64, shape: &[] },
            // As exporters before IR version 4 did: weights among the inputs.
            Declared { name: "w", element: FLOAT, shape: &[Some(2), Some(3)] },
        ],
        &[Declared { name: "y", element: FLOAT, shape: &[None, Some(3)] }],
    )
}

#[test]
fn inputs_outputs_and_weights_are_read() {
    let graph = read(&example()).unwrap();
    let shown: Vec<_> = graph.inputs.iter().chain(&graph.outputs).map(ToString::to_string).collect();
    assert_eq!(shown, ["\"x\" f32[?, 3]", "\"n\" i64[]", "\"y\" f32[?, 3]"]);
    assert_eq!((graph.weights, graph.data_files.len()), (Some(Weights::Full), 0));
}

#[test]
fn what_is_no_model_is_said_to_be_none() {
    assert_eq!(read(b""), Err(Flaw::NoGraph));
    assert!(matches!(read(b"<html>not found</html>"), Err(Flaw::NotOnnx { .. } | Flaw::CutShort { .. })));
    assert!(matches!(read(b"version https://git-lfs"), Err(Flaw::NotOnnx { .. } | Flaw::CutShort { .. })));
}

#[test]
fn a_file_cut_anywhere_is_never_taken_for_whole() {
    let whole = example();
    for end in 0..whole.len() {
        match read(&whole[..end]) {
            Err(_) => {}
            // Only what follows the graph may be missing: the opset.
            Ok(graph) => assert_eq!(Ok(graph), read(&whole)),
        }
    }
}

/// A graph whose single weight is `values` numbers of an element type, in a file beside it.
fn with_data(element: u64, values: u64, file: &str) -> Vec<u8> {
    let entry = |key: &str, value: &str| [text(1, key), text(2, value)].concat();
    let places = [("location", file), ("offset", "100"), ("length", "50")];
    let places: Vec<u8> = places.iter().flat_map(|(key, value)| span(13, &entry(key, value))).collect();
    let tensor = [number(1, values), number(2, element), text(8, "w"), places, number(14, 1)].concat();
    span(7, &span(5, &tensor))
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn span(field: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

fn text(field: u64, text: &str) -> Vec<u8> {
    span(field, text.as_bytes())
}

#[test]
fn files_of_weights_are_told_with_the_bytes_they_must_have() {
    let graph = read(&with_data(1, 12, "m.onnx_data")).unwrap();
    assert_eq!(graph.data_files.into_iter().collect::<Vec<_>>(), [("m.onnx_data".to_owned(), 150)]);
}

#[test]
fn the_kind_of_most_weights_is_the_kind_of_the_model() {
    let kind = |parts: &[(u64, u64)]| {
        let tensors: Vec<u8> = parts
            .iter()
            .flat_map(|(element, values)| span(5, &[number(1, *values), number(2, *element)].concat()))
            .collect();
        read(&span(7, &tensors)).unwrap().weights
    };
    assert_eq!(kind(&[]), None);
    assert_eq!(kind(&[(7, 1_000_000)]), None, "shapes and indices are no weights");
    assert_eq!(kind(&[(1, 1000), (10, 10)]), Some(Weights::Full));
    assert_eq!(kind(&[(1, 10), (10, 1000)]), Some(Weights::Half));
    assert_eq!(kind(&[(1, 400), (2, 500)]), Some(Weights::Quantised));
}

#[test]
fn absurd_files_are_refused_with_little_memory() {
    // A name that announces more than any name has, in a file that has it.
    let long = span(7, &span(11, &span(1, &vec![b'a'; MOST_NAME + 1])));
    assert!(matches!(read(&long), Err(Flaw::TooMany { .. })));
    // A length that overflows every sum.
    let endless = [varint(7 << 3 | 2), varint(u64::MAX)].concat();
    assert!(matches!(read(&endless), Err(Flaw::CutShort { .. })));
    let axes = span(7, &span(5, &number(1, 1).repeat(MOST_AXES + 1)));
    assert!(matches!(read(&axes), Err(Flaw::TooMany { .. })));
    let files: Vec<u8> = (0..=MOST_DATA_FILES)
        .flat_map(|i| {
            let place = [text(1, "location"), text(2, &format!("f{i}"))].concat();
            span(5, &[span(13, &place), number(14, 1)].concat())
        })
        .collect();
    assert!(matches!(read(&span(7, &files)), Err(Flaw::TooMany { .. })));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..4096)) {
        let _ = read(&bytes);
        // In a graph, where the reader goes deeper.
        let _ = read(&span(7, &bytes));
        for field in [5, 11, 12] {
            let _ = read(&span(7, &span(field, &bytes)));
        }
    }

    #[test]
    fn no_damage_makes_it_panic_or_keep_more_than_the_file_holds(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        data in any::<bool>(),
    ) {
        let mut bytes = if data { with_data(10, u64::MAX, "d") } else { example() };
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(graph) = read(&bytes) {
            let names: usize = graph.inputs.iter().chain(&graph.outputs).map(|tensor| tensor.name.len()).sum();
            // A byte that is no text becomes three.
            prop_assert!(names <= 3 * bytes.len());
        }
    }
}
