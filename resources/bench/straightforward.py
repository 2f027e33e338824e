#!/usr/bin/env python3
"""MobileSAM on a shot, as one writes it with onnxruntime in an afternoon: what the bundle's memory and time are held against.

Follows the ONNX example of segment-anything: longest side to 1024 with Pillow, normalised, padded with zeros; one point
and the padding point; the decoder's graph resizes its logits to the size of the frame bilinearly; cut at 0; PNG.
onnxruntime is used with its defaults.

    straightforward.py --models models/mobilesam --shot frames --out masks --point 690 600

`--point` is in pixels of the frame, y down. Needs onnxruntime, numpy and pillow.
"""

import argparse
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

CANVAS = 1024
MEAN = np.array([123.675, 116.28, 103.53], np.float32)
DEVIATION = np.array([58.395, 57.12, 57.375], np.float32)


def prepare(image):
    """The encoder's input and the scale from the frame to it."""
    scale = CANVAS / max(image.size)
    width, height = (int(side * scale + 0.5) for side in image.size)
    pixels = np.asarray(image.resize((width, height), Image.BILINEAR), np.float32)
    canvas = np.zeros((1, 3, CANVAS, CANVAS), np.float32)
    canvas[0, :, :height, :width] = ((pixels - MEAN) / DEVIATION).transpose(2, 0, 1)
    return canvas, scale


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, required=True, help="folder with encoder.onnx and sam.onnx")
    parser.add_argument("--shot", type=Path, required=True, help="folder of PNG files")
    parser.add_argument("--out", type=Path, required=True, help="folder for the masks, named as the frames")
    parser.add_argument("--point", type=float, nargs=2, required=True, metavar=("X", "Y"))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)

    encoder = onnxruntime.InferenceSession(arguments.models / "encoder.onnx", providers=["CPUExecutionProvider"])
    decoder = onnxruntime.InferenceSession(arguments.models / "sam.onnx", providers=["CPUExecutionProvider"])

    for path in sorted(arguments.shot.glob("*.png")):
        image = Image.open(path).convert("RGB")
        canvas, scale = prepare(image)
        (embedding,) = encoder.run(None, {"input": canvas})
        point = np.array([[arguments.point, [0, 0]]], np.float32) * scale
        masks, _, _ = decoder.run(
            None,
            {
                "image_embeddings": embedding,
                "point_coords": point,
                "point_labels": np.array([[1, -1]], np.float32),
                "mask_input": np.zeros((1, 1, 256, 256), np.float32),
                "has_mask_input": np.zeros(1, np.float32),
                "orig_im_size": np.array([image.height, image.width], np.float32),
            },
        )
        mask = Image.fromarray((masks[0, 0] > 0).astype(np.uint8) * 255)
        mask.save(arguments.out / path.name)


if __name__ == "__main__":
    main()
