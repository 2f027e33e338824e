//! Whether a device does the work of a session, or left it silently to the CPU.

use std::collections::BTreeMap;

use super::Device;
use crate::runtime::AssignedNode;

/// Operators that are next to nothing to compute: they say how data lies, or count its sizes. Providers leave some of
/// them to the CPU on purpose, next to the sizes they work on. Every other operator is work.
const WORKLESS: [&str; 22] = [
    "Cast",
    "Concat",
    "Constant",
    "ConstantOfShape",
    "Expand",
    "Flatten",
    "Gather",
    "Identity",
    "If",
    "Loop",
    "MemcpyFromHost",
    "MemcpyToHost",
    "Range",
    "ReorderInput",
    "ReorderOutput",
    "Reshape",
    "Shape",
    "Size",
    "Slice",
    "Squeeze",
    "Transpose",
    "Unsqueeze",
];

/// The operators that nearly all the time goes into. Where a model has any, they alone decide.
const HEAVY: [&str; 14] = [
    "Attention",
    "Conv",
    "ConvTranspose",
    "Einsum",
    "FusedConv",
    "FusedGemm",
    "FusedMatMul",
    "Gemm",
    "GroupQueryAttention",
    "MatMul",
    "MultiHeadAttention",
    "NhwcConv",
    "NhwcFusedConv",
    "PackedMultiHeadAttention",
];

/// Share of the deciding nodes that must be on the device, in percent. Some decoders have a small product of matrices
/// whose shapes a provider does not take; below a half, copying between device and host costs more than it saves.
const ENOUGH_PERCENT: usize = 50;

/// What a session's nodes say about the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Proof {
    /// The device does the work.
    Proven,
    /// It does not; in words.
    SilentFallback(String),
}

/// Weighs the assignment of a session made for `device`.
pub(crate) fn weigh(device: Device, nodes: &[AssignedNode]) -> Proof {
    let heavy = || nodes.iter().filter(|node| HEAVY.contains(&node.operator.as_str()));
    let (what, deciding): (_, Vec<&AssignedNode>) = if heavy().next().is_some() {
        ("convolutions and products of matrices", heavy().collect())
    } else {
        ("nodes", nodes.iter().filter(|node| !WORKLESS.contains(&node.operator.as_str())).collect())
    };
    let ours = |node: &&&AssignedNode| device.takes(&node.provider);
    let (taken, all) = (deciding.iter().filter(ours).count(), deciding.len());
    // A model without work runs anywhere.
    if all == 0 || taken * 100 >= all * ENOUGH_PERCENT {
        return Proof::Proven;
    }
    let mut elsewhere: BTreeMap<&str, usize> = BTreeMap::new();
    for node in deciding.iter().filter(|node| !device.takes(&node.provider)) {
        *elsewhere.entry(node.provider.trim_end_matches("ExecutionProvider")).or_default() += 1;
    }
    let elsewhere: Vec<String> = elsewhere.iter().map(|(provider, count)| format!("{count} by {provider}")).collect();
    Proof::SilentFallback(format!(
        "it was accepted but runs only {taken} of {all} {what} of this model; the others are run {}",
        elsewhere.join(", ")
    ))
}

impl Device {
    fn takes(self, provider: &str) -> bool {
        // What TensorRT does not take goes to the same card through CUDA.
        provider == self.provider_name()
            || matches!(self, Self::TensorRt(n) if provider == Self::Cuda(n).provider_name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(provider: &str, operator: &str) -> AssignedNode {
        AssignedNode { provider: format!("{provider}ExecutionProvider"), operator: operator.to_owned() }
    }

    #[test]
    fn sizes_counted_on_the_cpu_do_not_speak_against_a_device() {
        let mut nodes = vec![node("CPU", "Shape"), node("CPU", "Gather"), node("CPU", "Concat"), node("CPU", "Add")];
        nodes.extend([node("CUDA", "Conv"), node("CUDA", "MatMul"), node("CUDA", "Relu")]);
        assert_eq!(weigh(Device::Cuda(0), &nodes), Proof::Proven);
        assert_eq!(weigh(Device::TensorRt(0), &nodes), Proof::Proven);
        assert_eq!(weigh(Device::Cpu, &[node("CPU", "Conv")]), Proof::Proven);
        assert_eq!(weigh(Device::WebGpu, &[]), Proof::Proven);
    }

    #[test]
    fn work_left_to_the_cpu_is_told_in_numbers() {
        let mut nodes = vec![node("CUDA", "Add"), node("CUDA", "Add"), node("CUDA", "Conv")];
        nodes.extend([node("CPU", "Conv"), node("CPU", "MatMul")]);
        let Proof::SilentFallback(words) = weigh(Device::Cuda(0), &nodes) else { panic!("not proven") };
        assert!(words.contains("1 of 3 convolutions") && words.contains("2 by CPU"), "{words}");
        let Proof::SilentFallback(words) = weigh(Device::Azure, &[node("CPU", "Sin")]) else { panic!("not proven") };
        assert!(words.contains("0 of 1 nodes"), "{words}");
    }
}
