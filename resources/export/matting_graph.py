"""Graphs of networks for matting: exported, held against PyTorch, and for the tiny ones written with fixtures."""

import io
import logging
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
from PIL import Image
from transformers import VitMatteImageProcessor

import compare
import convert
import fixtures

# Usual names of the files, as others give them.
FILES = {"vitmatte": "model.onnx", "rvm": "rvm_mobilenetv3_fp32.onnx", "modnet": "modnet.onnx"}
# Largest difference of an alpha to PyTorch's.
TOLERANCE = 1e-4
# The picture of the fixtures, and what is cut out of it: width, height.
SIZE = (160, 96)
CUTS = {"vitmatte": [(160, 96), (131, 70)], "rvm": [(160, 96), (131, 70), (640, 64)], "modnet": [(160, 96), (96, 64)]}
FRAMES = 4
# The longer side to which RVM makes its picture smaller, as `auto_downsample_ratio` of its inference_onnx.py.
RVM_SIDE = 512
# Every so many rows of an alpha are kept in the fixtures.
ROWS = 4
RATIOS = [0.5, 1.0]

_STATES = ["1", "2", "3", "4"]
_SIDES = {2: "height", 3: "width"}
_TENSORS = {
    "vitmatte": (["pixel_values"], ["alphas"], {"pixel_values": _SIDES, "alphas": _SIDES}),
    "modnet": (["input"], ["output"], {"input": _SIDES, "output": _SIDES}),
    "rvm": (
        ["src", *(f"r{i}i" for i in _STATES), "downsample_ratio"],
        ["fgr", "pha", *(f"r{i}o" for i in _STATES)],
        {"src": _SIDES, "fgr": _SIDES, "pha": _SIDES}
        | {f"r{i}i": {0: "batch", 1: f"channels{i}", 2: f"height{i}", 3: f"width{i}"} for i in _STATES}
        | {f"r{i}o": {2: f"height{i}", 3: f"width{i}"} for i in _STATES},
    ),
}


def write(network, folder, keep_fixtures):
    """Writes a model folder. Returns how far it is from PyTorch, as rows of the table."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILES[network.kind]
    convert.save(_export(network), file)
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    frames, trimap = pictures()
    rows, kept = [], {}
    for width, height in CUTS[network.kind]:
        # Beside each other as often as it takes.
        cut = [np.tile(frame, (1, -(-width // SIZE[0]), 1))[:height, :width] for frame in frames]
        for name, inputs in _cases(network.kind, cut, trimap[:height, :width]).items():
            expected = _alpha(network.kind, _by_torch(network.module), inputs)[:, :, :height, :width]
            found = _alpha(network.kind, _by_onnx(session), inputs)[:, :, :height, :width]
            label = f"{width}x{height}{name}"
            kept[label] = expected[0, 0, ::ROWS]
            rows += compare.of_outputs(network.kind, label, {"alpha": expected}, {"alpha": found})
    if keep_fixtures:
        fixtures.save(folder / "alphas.safetensors", kept)
        stacked = np.concatenate([*frames, np.repeat(trimap[..., None], 3, axis=2)])
        Image.fromarray(stacked).save(folder.parent / "frames.png", optimize=True)
    return rows


def pictures():
    """Frames u8 [height, width, 3] of a disc that moves before waves, and the trimap u8 [height, width] of the last."""
    width, height = SIZE
    y, x = np.mgrid[:height, :width].astype(np.float64)
    frames = []
    for index in range(FRAMES):
        waves = [np.sin(x * 0.19 + index) + np.cos(y * 0.13), np.sin(x * 0.07 + y * 0.11), np.cos(x * 0.05 - y * 0.17)]
        picture = np.stack(waves, axis=-1) * 50 + 128
        depth = 28 - np.hypot(x - 60 - 3 * index, y - 44 - index)
        soft = (depth / 6 + 0.5).clip(0, 1)[..., None]
        picture = soft * np.array([220, 90, 30]) + (1 - soft) * picture
        frames.append(picture.clip(0, 255).astype(np.uint8))
    trimap = np.where(depth > 6, 255, np.where(depth < -9, 0, 128)).astype(np.uint8)
    return frames, trimap


def _cases(kind, frames, trimap):
    """The inputs of each case: a list of what is run one after the other."""
    if kind == "vitmatte":
        processor = VitMatteImageProcessor(size_divisor=32)
        made = processor(images=frames[-1], trimaps=trimap, return_tensors="np")
        return {"": [np.asarray(made["pixel_values"], np.float32)]}
    if kind == "modnet":
        return {"": [_planes(frames[-1]) / np.float32(127.5) - 1]}
    unit = [_planes(frame) / np.float32(255) for frame in frames]
    return {"": unit[-1:], f" after {FRAMES - 1}": unit}


def _planes(frame):
    return np.ascontiguousarray(frame.astype(np.float32).transpose(2, 0, 1)[None])


def _alpha(kind, run, inputs):
    """The alpha of the last of what is run one after the other."""
    if kind != "rvm":
        return run(inputs)[0]
    states = [np.zeros((1, 1, 1, 1), np.float32)] * 4
    for frame in inputs:
        ratio = np.array([min(RVM_SIDE / max(frame.shape[2:]), 1)], np.float32)
        _, alpha, *states = run([frame, *states, ratio])
    return alpha


def _by_torch(module):
    def run(inputs):
        with torch.no_grad():
            found = module(*(torch.from_numpy(value) for value in inputs))
        return [value.numpy() for value in (found if isinstance(found, tuple) else (found,))]

    return run


def _by_onnx(session):
    names = [value.name for value in session.get_inputs()]
    return lambda inputs: session.run(None, dict(zip(names, inputs, strict=True)))


def _export(network):
    """The graph, by PyTorch's older exporter: it leaves the sizes open that the code takes as they come."""
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    inputs, outputs, axes = _TENSORS[network.kind]
    random = torch.Generator().manual_seed(1)
    picture = torch.rand((1, 4 if network.kind == "vitmatte" else 3, 96, 160), generator=random)
    example = (picture,)
    if network.kind == "rvm":
        example = (picture, *(torch.zeros((1, 1, 1, 1)) for _ in _STATES), torch.tensor([0.5]))
    file = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.module,
            example,
            file,
            dynamo=False,
            opset_version=convert.OPSET,
            input_names=inputs,
            output_names=outputs,
            dynamic_axes=axes,
        )
    model = onnx.load_from_string(file.getvalue())
    convert.strip(model)
    # The exporter leaves the number of an alpha's channels open.
    alpha = next(value for value in model.graph.output if value.name in ("alphas", "output", "pha"))
    channels = alpha.type.tensor_type.shape.dim[1]
    channels.Clear()
    channels.dim_value = 1
    return model
