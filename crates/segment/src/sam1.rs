//! The SAM1 family (SAM, MobileSAM and others of the same graphs): an image encoder and a prompt and mask decoder.

use inference::Layout;

pub(crate) const LAYOUT: Layout =
    Layout { family: "sam1", files: &[("encoder", "encoder.onnx"), ("decoder", "sam.onnx")] };
