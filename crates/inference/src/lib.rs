//! ONNX Runtime: the library, devices, sessions, feature cache, model registry
