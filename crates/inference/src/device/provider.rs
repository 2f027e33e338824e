//! From a device to the execution provider of ONNX Runtime that runs it, with the options that keep memory in bounds.

use std::path::Path;

use ort::ep::{self, ArenaExtendStrategy, ExecutionProvider, ExecutionProviderDispatch};

use super::{Device, Precision};

/// What the providers are told besides the device.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProviderOptions<'a> {
    pub precision: Precision,
    /// Most bytes the provider's arena may take of the device's memory.
    pub device_bytes: Option<u64>,
    /// Where a provider that compiles models keeps what it made.
    pub compiled: Option<&'a Path>,
}

/// Why a device is not there, in words.
pub(crate) fn not_in_library(device: Device) -> String {
    format!("this ONNX Runtime has no {} provider", device.kind())
}

impl Device {
    /// The name of the provider in ONNX Runtime, as sessions tell it of their nodes.
    pub(crate) fn provider_name(&self) -> &'static str {
        match self {
            Self::Cpu => ep::CPU::NAME,
            Self::Cuda(_) => ep::CUDA::NAME,
            Self::TensorRt(_) => ep::TensorRT::NAME,
            Self::DirectMl(_) => ep::DirectML::NAME,
            Self::CoreMl => ep::CoreML::NAME,
            Self::WebGpu => ep::WebGPU::NAME,
            Self::Azure => ep::Azure::NAME,
        }
    }

    /// Whether the loaded library was built with the provider. That it works here shows only when a session is made.
    pub(crate) fn in_library(&self) -> bool {
        let known = match self {
            Self::Cpu => Ok(true),
            Self::Cuda(_) => ep::CUDA::is_available(),
            Self::TensorRt(_) => ep::TensorRT::is_available(),
            Self::DirectMl(_) => ep::DirectML::is_available(),
            Self::CoreMl => ep::CoreML::is_available(),
            Self::WebGpu => ep::WebGPU::is_available(),
            Self::Azure => ep::Azure::is_available(),
        };
        known.unwrap_or(false)
    }

    /// The providers of a session on this device, the CPU last: it takes the nodes that the device has no kernel for.
    /// Each fails the session if it cannot be registered.
    pub(crate) fn providers(&self, options: ProviderOptions<'_>) -> Vec<ExecutionProviderDispatch> {
        let device = match *self {
            Self::Cpu => None,
            Self::Cuda(n) => Some(cuda(n, options).build()),
            Self::TensorRt(n) => Some(tensor_rt(n, options).build()),
            Self::DirectMl(n) => Some(ep::DirectML::default().with_device_id(number(n)).build()),
            Self::CoreMl => Some(core_ml(options).build()),
            Self::WebGpu => Some(ep::WebGPU::default().build()),
            Self::Azure => Some(ep::Azure::default().build()),
        };
        let cuda = match *self {
            // What TensorRT does not take is better left on the card.
            Self::TensorRt(n) if Self::Cuda(n).in_library() => Some(cuda(n, options).build()),
            _ => None,
        };
        let cpu = ep::CPU::default().with_arena_allocator(true).build();
        device.into_iter().chain(cuda).chain([cpu]).map(ExecutionProviderDispatch::error_on_failure).collect()
    }
}

fn cuda(n: u32, options: ProviderOptions<'_>) -> ep::CUDA {
    let cuda = ep::CUDA::default()
        .with_device_id(number(n))
        .with_arena_extend_strategy(ArenaExtendStrategy::SameAsRequested)
        // The exhaustive search tries every algorithm with its working memory: gigabytes for a moment, at the first
        // run of every input size.
        .with_conv_algorithm_search(ep::cuda::ConvAlgorithmSearch::Heuristic);
    match options.device_bytes.and_then(|bytes| usize::try_from(bytes).ok()) {
        Some(bytes) => cuda.with_memory_limit(bytes),
        None => cuda,
    }
}

fn tensor_rt(n: u32, options: ProviderOptions<'_>) -> ep::TensorRT {
    let tensor_rt = ep::TensorRT::default().with_device_id(number(n)).with_fp16(options.precision == Precision::F16);
    match options.compiled {
        // Its keys hold the model, the card and the version: a folder can be shared.
        Some(folder) => tensor_rt
            .with_engine_cache(true)
            .with_engine_cache_path(folder.display())
            .with_timing_cache(true)
            .with_timing_cache_path(folder.display()),
        None => tensor_rt,
    }
}

fn core_ml(options: ProviderOptions<'_>) -> ep::CoreML {
    let core_ml = ep::CoreML::default()
        .with_model_format(ep::coreml::ModelFormat::MLProgram)
        .with_low_precision_accumulation_on_gpu(options.precision == Precision::F16);
    match options.compiled {
        Some(folder) => core_ml.with_model_cache_dir(folder.display()),
        None => core_ml,
    }
}

fn number(n: u32) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}
