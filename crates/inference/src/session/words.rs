//! ONNX Runtime's words as people can read them.

/// The message without where in ONNX Runtime's sources it was raised: "/onnxruntime_src/... [ONNXRuntimeError] : 1 :
/// FAIL : Failed to load library ..." becomes "Failed to load library ...".
pub(super) fn tidy(words: &str) -> String {
    const MARK: &str = "[ONNXRuntimeError] : ";
    let told = words.rsplit_once(MARK).map(|(_, rest)| rest);
    // What follows the mark: a number, the code's name, the message.
    let message = told.and_then(|rest| rest.splitn(3, " : ").nth(2));
    message.unwrap_or(words).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_in_the_sources_goes_and_the_message_stays() {
        let raised = "/onnxruntime_src/onnxruntime/core/session/provider_bridge_ort.cc:2043 onnxruntime::Provider& \
            onnxruntime::ProviderLibrary::Get() [ONNXRuntimeError] : 1 : FAIL : Failed to load library /x/cuda.so with \
            error: libcublasLt.so.13: cannot open shared object file: No such file or directory\n";
        assert_eq!(
            tidy(raised),
            "Failed to load library /x/cuda.so with error: libcublasLt.so.13: cannot open shared object file: No such file or directory"
        );
        for plain in ["std::bad_alloc", "", "[ONNXRuntimeError] : 1"] {
            assert_eq!(tidy(plain), plain);
        }
    }
}
