//! A model that takes far more memory than its input lets expect.

use std::{fs, path::Path};

use inference::{Contract, Dim, Element, ModelFile, Stage, TensorSpec};
use ndarray::ArrayD;

use crate::support::{
    self,
    onnx::{FLOAT, Node, Value, Weight, model_with_weights},
};

/// Values of a side of its matrices.
pub const SIDE: usize = 768;

/// Bytes of one matrix: 2.25 MB.
pub const MATRIX: u64 = (SIDE * SIDE * size_of::<f32>()) as u64;

/// Matrices that live at the same time at the peak of a run: those that are added up.
const LAYERS: usize = 20;

const SIZE: Dim = Dim::Is(SIDE as i64);

static CONTRACT: Contract = Contract {
    name: "hungry model",
    stage: Stage::Encode,
    inputs: &[TensorSpec { name: "x", element: Element::F32, shape: &[SIZE, Dim::Is(1)] }],
    outputs: &[TensorSpec { name: "y", element: Element::F32, shape: &[SIZE, SIZE] }],
};

/// `y` is the sum of `m`, `-m`, `sin(-m)`, ... and a matrix of weights, with `m = x w`: a row of weights makes a matrix
/// of a column.
pub fn write(folder: &Path) -> ModelFile {
    let names: Vec<String> = (0..LAYERS).map(|layer| format!("m{layer}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut nodes = vec![Node { operator: "MatMul", inputs: &["x", "w"], output: names[0] }];
    // Alternating, since two of a kind may be one to the optimiser.
    let operators = ["Neg", "Sin"].into_iter().cycle();
    let layers = names.windows(2).zip(operators);
    nodes.extend(layers.map(|(ends, operator)| Node { operator, inputs: &ends[..1], output: ends[1] }));
    nodes.push(Node { operator: "Sum", inputs: &names, output: "s" });
    nodes.push(Node { operator: "Add", inputs: &["s", "b"], output: "y" });
    let side = SIDE as u64;
    let row: Vec<f32> = (0..SIDE).map(|i| (i as f32 * 0.37).cos()).collect();
    let matrix: Vec<f32> = (0..SIDE * SIDE).map(|i| (i % 97) as f32).collect();
    let file = model_with_weights(
        &nodes,
        &[
            Weight { name: "w", shape: &[1, side], values: &row },
            Weight { name: "b", shape: &[side, side], values: &matrix },
        ],
        &[Value { name: "x", element: FLOAT, shape: &[Some(side), Some(1)] }],
        &[Value { name: "y", element: FLOAT, shape: &[Some(side), Some(side)] }],
    );
    let path = folder.join("hungry.onnx");
    fs::write(&path, file).expect("the folder is the test's own");
    ModelFile { contract: &CONTRACT, ..support::model(path) }
}

/// Its input.
pub fn column() -> ArrayD<f32> {
    ArrayD::from_shape_fn(vec![SIDE, 1], |at| at[0] as f32 * 0.01 - 3.0)
}
