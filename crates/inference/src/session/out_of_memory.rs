//! Telling an allocation that failed from every other failure: ONNX Runtime and its providers give one code for all.

/// What memory that is not there is called, in lower case. By ONNX Runtime ("Failed to allocate memory for requested
/// buffer of size", "Available memory of 12 is smaller than requested bytes of 34" and "Arena size limit" of its
/// arena, `bad_alloc` of the C++ library), CUDA, cuBLAS, cuDNN and TensorRT, Direct3D and DirectML, Metal, WebGPU, and
/// the operating systems.
const PHRASES: [&str; 24] = [
    "failed to allocate",
    "bad_alloc",
    "bad allocation",
    "bad_array_new_length",
    "available memory of",
    "arena size limit",
    "allocation failed",
    "allocation failure",
    "alloc_failed",
    "out of memory",
    "out_of_memory",
    "outofmemory",
    "insufficient memory",
    "not enough memory",
    "cannot allocate memory",
    "could not allocate",
    "unable to allocate",
    "memory allocation",
    "cudaerrormemoryallocation",
    "cuda failure 2:",
    "e_outofmemory",
    "8007000e",
    "not enough memory resources",
    "insufficient resources",
];

/// Whether the words of a failure say that memory is short.
pub(crate) fn told(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    PHRASES.iter().any(|phrase| words.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_runtime_and_drivers_are_known() {
        for words in [
            "Non-zero status code returned while running Conv node. Name:'c' Status Message: std::bad_alloc",
            "bfc_arena.cc:376 AllocateRawInternal Failed to allocate memory for requested buffer of size 4194304",
            "bfc_arena.cc:359 Available memory of 1024 is smaller than requested bytes of 4194304",
            "CUDA failure 2: out of memory ; GPU=0 ; hostname=x ; expr=cudaMalloc((void**)&p, size);",
            "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0",
            "CUDNN_STATUS_ALLOC_FAILED",
            "DmlCommittedResourceAllocator.cpp(22): Exception(1) tid(2e) 8007000E Not enough memory resources",
            "[TensorRT EP] Error Code 2: OutOfMemory (Requested size was 1073741824 bytes.)",
            "Failed to create buffer: VK_ERROR_OUT_OF_DEVICE_MEMORY (out of memory)",
            "bad allocation",
        ] {
            assert!(told(words), "{words}");
        }
    }

    #[test]
    fn other_failures_are_not_taken_for_it() {
        for words in [
            "",
            "Got invalid dimensions for input: x for the following indices\n index: 0 Got: 3 Expected: 2",
            "Protobuf parsing failed.",
            "Load model from m.onnx failed: No such file or directory",
            "CUDA failure 100: no CUDA-capable device is detected ; GPU=0",
            "CUDNN_STATUS_EXECUTION_FAILED",
            "Exiting due to terminate flag being set to true.",
            "Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.12: cannot open",
        ] {
            assert!(!told(words), "{words}");
        }
    }
}
