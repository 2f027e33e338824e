"""A graph as ONNX: exported, freed of what only the exporter needs, in fp32 or fp16."""

import logging
import warnings

import onnx
import torch
from onnxruntime.transformers.float16 import DEFAULT_OP_BLOCK_LIST, convert_float_to_float16

# Plain operators that every execution provider of the last years has.
OPSET = 18
# From this size on the weights lie in a file of their own: protobuf ends at 2 GB, and a mapped file need not be copied.
EXTERNAL_FROM = 256 << 20
# Left in fp32: positions and angles lose their meaning in fp16, and these operators have no fp16 kernel everywhere.
FP32_OPERATORS = [*DEFAULT_OP_BLOCK_LIST, "Resize", "Sin", "Cos", "RoiAlign", "CumSum", "Range"]


def export(graph):
    """The fp32 model of a graph."""
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    logging.getLogger("onnxscript").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            graph.module,
            graph.example,
            input_names=list(graph.inputs),
            output_names=graph.outputs,
            dynamic_shapes=tuple(axes for _, axes in graph.inputs.values()),
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    model = program.model_proto
    strip(model)
    return model


def to_fp16(model):
    """The same in fp16, with fp32 inputs and outputs."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        half = convert_float_to_float16(copy, keep_io_types=True, op_block_list=FP32_OPERATORS)
    strip(half)
    return half


def save(model, path):
    """Writes the model. Returns the files written, relative to its folder."""
    data = path.name + "_data"
    (path.parent / data).unlink(missing_ok=True)
    if model.ByteSize() < EXTERNAL_FROM:
        onnx.save(model, path)
        return [path.name]
    onnx.save(model, path, save_as_external_data=True, location=data, size_threshold=4096)
    return [path.name, data]


def strip(model):
    """Removes stack traces, documentation and inferred shapes: they name the exporting machine's folders."""
    for node in _nodes(model.graph):
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    for function in model.functions:
        for node in function.node:
            node.ClearField("metadata_props")
            node.ClearField("doc_string")
    for part in (*model.graph.input, *model.graph.output, *model.graph.initializer):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    for owner in (model, model.graph):
        owner.ClearField("metadata_props")
        owner.ClearField("doc_string")
    model.graph.ClearField("value_info")


def _nodes(graph):
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from _nodes(attribute.g)
