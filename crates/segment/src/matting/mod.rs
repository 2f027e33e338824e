//! Networks that find how much of each pixel is object: ViTMatte, Robust Video Matting (RVM) and MODNet.
//!
//! ViTMatte (Yao et al. 2024) takes a picture and a trimap, of whatever object. RVM (Lin et al. 2022) and MODNet (Ke et al.
//! 2022) take a picture and find people in it, wanted or not; RVM carries four states from frame to frame. Where they are
//! used, the network's alpha counts in the unknown band of a trimap only: what is sure stays what the matte says.
//!
//! RVM's memory and renders in any order: each frame is found by a run over a few frames before it, from states of
//! nothing. So a frame depends on those frames alone, whatever was rendered before, at the price of a run for each of them.
//!
//! Sources of the contracts: `image_processing_vitmatte.py` and `modeling_vitmatte.py` of transformers with the graphs of
//! `Xenova/vitmatte-small-composition-1k`; `export_onnx.py` and `inference_onnx.py` of `PeterL1n/RobustVideoMatting`;
//! `onnx/export_onnx.py` and `onnx/inference_onnx.py` of `ZHKKKe/MODNet`.

mod choose;
mod contracts;
mod matter;
mod sizes;
mod tensors;

pub use choose::{Choice, LAYOUTS, choose};
pub use matter::{Found, Kind, Matter, Scene};
pub use tensors::{BACKGROUND, OBJECT, UNKNOWN};
