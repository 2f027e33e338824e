"""RAFT's graph: exported, held against PyTorch, written with its manifest and, for the tiny networks, fixtures."""

import io
import logging
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
from PIL import Image

import compare
import convert
import fixtures
import manifest
import raft

FILE = "raft.onnx"
NAMES = ["image1", "image2"]
# Largest difference to PyTorch in pixels.
TOLERANCE = 1e-3
# Side of the picture that the checks are cut out of, and their sizes: width, height.
SIDE = 176
SIZES = [(128, 128), (176, 136), (144, 168)]
# Every so many rows of a flow are kept in the fixtures.
ROWS = 4


def write(network, folder, keep_fixtures):
    """Writes a model folder. Returns how far it is from PyTorch, as rows of the table."""
    folder.mkdir(parents=True, exist_ok=True)
    module = raft.Flow(network).eval()
    convert.save(_export(module), folder / FILE)
    manifest.write_flow(network, folder, FILE)
    session = onnxruntime.InferenceSession(folder / FILE, providers=["CPUExecutionProvider"])
    frames = pictures()
    cases = {f"{width}x{height}": _normalised(frames[:, :height, :width]) for width, height in SIZES}
    rows, flows = [], {}
    for label, (first, second) in cases.items():
        for way, (one, other) in {"": (first, second), " back": (second, first)}.items():
            flows[label + way] = expected = _torch(module, one, other)
            rows += _compare(label + way, _onnx(session, one, other), expected)
    # Both directions at once, as the plugin does it.
    label, (first, second) = next(iter(cases.items()))
    found = _onnx(session, np.concatenate([first, second]), np.concatenate([second, first]))
    rows += _compare(f"{label} both", found, np.concatenate([flows[label], flows[f"{label} back"]]))
    if keep_fixtures:
        Image.fromarray(frames.reshape(-1, SIDE, 3)).save(folder / "frames.png", optimize=True)
        kept = {name: flow[0, :, ::ROWS] for name, flow in flows.items() if not name.endswith("back")}
        fixtures.save(folder / "flow.safetensors", kept)
    return rows


def pictures():
    """u8 [2, SIDE, SIDE, 3]: a smooth texture that moves by 3 and -2 pixels, and a disc that moves on its own."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float64)
    made = []
    for index in range(2):
        u, v = x - 3 * index, y + 2 * index
        waves = [np.sin(u * 0.19) + np.cos(v * 0.13), np.sin(u * 0.07 + v * 0.11), np.cos(u * 0.05 - v * 0.17)]
        picture = np.stack(waves, axis=-1) * 50 + 128
        disc = (x - 70 + 4 * index) ** 2 + (y - 60 - 3 * index) ** 2 < 28**2
        picture[disc] = (220, 90, 30)
        made.append(picture)
    return np.stack(made).clip(0, 255).astype(np.uint8)


def _normalised(frames):
    """The two frames as f32 [1, 3, height, width] in -1..1."""
    values = frames.astype(np.float32).transpose(0, 3, 1, 2) / np.float32(255) * 2 - 1
    return [np.ascontiguousarray(value[None]) for value in values]


def _export(module):
    """The graph, by PyTorch's older exporter: the newer one fixes the batch, and takes forty times as long."""
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    axes = {0: "pairs", 2: "height", 3: "width"}
    random = torch.Generator().manual_seed(1)
    example = tuple(torch.rand((2, 3, 128, 160), generator=random) * 2 - 1 for _ in NAMES)
    file = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            example,
            file,
            dynamo=False,
            opset_version=convert.OPSET,
            input_names=NAMES,
            output_names=["flow"],
            dynamic_axes={name: axes for name in [*NAMES, "flow"]},
        )
    model = onnx.load_from_string(file.getvalue())
    convert.strip(model)
    # The exporter leaves the number of its channels open.
    channels = model.graph.output[0].type.tensor_type.shape.dim[1]
    channels.Clear()
    channels.dim_value = 2
    return model


def _torch(module, first, second):
    with torch.no_grad():
        return module(torch.from_numpy(first), torch.from_numpy(second)).numpy()


def _onnx(session, first, second):
    return session.run(["flow"], dict(zip(NAMES, (first, second))))[0]


def _compare(label, found, expected):
    return compare.of_outputs("raft", label, {"flow": expected}, {"flow": found})
