#!/usr/bin/env python3
"""Reference masks of MobileSAM (or any SAM1 export of the same graphs), straight from the ONNX files.

What the bundle is compared with. Follows the published pipeline (segment-anything: transforms.py, sam.py,
predictor.py and the ONNX example): longest side to 1024 with Pillow's BILINEAR, normalised, padded with zeros to the
right and at the bottom; points in pixels of the resized picture; a padding point (0, 0, -1) when there is no box.

    mobilesam_reference.py --models models/mobilesam --prompts prompts.json --out reference

`prompts.json` lists the stills, paths relative to it, coordinates in pixels of the still, y down:

    {"stills": [{"image": "a.png",
                 "points": [{"x": 400, "y": 300, "include": true}],
                 "box": [100, 100, 500, 600]}]}

`points` or `box` may be left out. Use lossless stills (PNG): JPEG decoders differ from each other by more than the
pipelines that are compared, and prompts that are not ambiguous (a predicted IoU above 0.8). Written into the folder `--out`, for the n-th still:

    n.logits.f32   logits over the picture, little-endian float32 rows from the top, ceil(picture / 4) samples
    n.mask.png     the same, 255 where the logit is above 0
    n.picture.png  the mask at the size of the resized picture (SAM's own postprocessing), 255 inside
    index.json     per still: image, prompt in pixels of the picture, sizes, predicted IoU, file names

Needs onnxruntime, numpy and pillow.
"""

import argparse
import json
import math
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

CANVAS = 1024
LOGITS = 256
MEAN = np.array([123.675, 116.28, 103.53], np.float32)
DEVIATION = np.array([58.395, 57.12, 57.375], np.float32)


def picture_size(width, height):
    """ResizeLongestSide.get_preprocess_shape."""
    scale = CANVAS / max(width, height)
    return max(1, int(width * scale + 0.5)), max(1, int(height * scale + 0.5))


def canvas_of(picture):
    """The network's input: normalised first, then padded with zeros."""
    pixels = (np.asarray(picture, np.float32) - MEAN) / DEVIATION
    canvas = np.zeros((1, 3, CANVAS, CANVAS), np.float32)
    canvas[0, :, : picture.height, : picture.width] = pixels.transpose(2, 0, 1)
    return canvas


def prompt_arrays(points, box):
    coordinates = [[point["x"], point["y"]] for point in points]
    labels = [1.0 if point["include"] else 0.0 for point in points]
    if box is not None:
        coordinates += [box[:2], box[2:]]
        labels += [2.0, 3.0]
    else:
        coordinates.append([0.0, 0.0])
        labels.append(-1.0)
    return np.array([coordinates], np.float32), np.array([labels], np.float32)


def scaled(still, factor_x, factor_y):
    """The prompt of a still in pixels of the resized picture."""
    points = [
        {"x": point["x"] * factor_x, "y": point["y"] * factor_y, "include": bool(point["include"])}
        for point in still.get("points", [])
    ]
    box = still.get("box")
    if box is not None:
        x1, x2 = sorted((box[0] * factor_x, box[2] * factor_x))
        y1, y2 = sorted((box[1] * factor_y, box[3] * factor_y))
        box = [x1, y1, x2, y2]
    return points, box


class Reference:
    def __init__(self, models):
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        provider = ["CPUExecutionProvider"]
        self.encoder = onnxruntime.InferenceSession(str(models / "encoder.onnx"), options, providers=provider)
        self.decoder = onnxruntime.InferenceSession(str(models / "sam.onnx"), options, providers=provider)

    def segment(self, picture, points, box):
        """Logits over the whole 256x256 canvas and the predicted IoU."""
        (embedding,) = self.encoder.run(["output"], {"input": canvas_of(picture)})
        coordinates, labels = prompt_arrays(points, box)
        iou, logits = self.decoder.run(
            ["iou_predictions", "low_res_masks"],
            {
                "image_embeddings": embedding,
                "point_coords": coordinates,
                "point_labels": labels,
                "mask_input": np.zeros((1, 1, LOGITS, LOGITS), np.float32),
                "has_mask_input": np.zeros(1, np.float32),
                "orig_im_size": np.array([picture.height, picture.width], np.float32),
            },
        )
        return logits[0, 0], float(iou[0, 0])


def at_picture_size(logits, width, height):
    """The first step of Sam.postprocess_masks: 256 to 1024 bilinear, cropped to the picture."""
    canvas = Image.fromarray(logits, "F").resize((CANVAS, CANVAS), Image.BILINEAR)
    return np.asarray(canvas)[:height, :width]


def save_mask(inside, path):
    Image.fromarray(np.where(inside, 255, 0).astype(np.uint8)).save(path)


def reference_of(number, still, folder, reference, out):
    with Image.open(folder / still["image"]) as image:
        image = image.convert("RGB")
    width, height = picture_size(*image.size)
    picture = image.resize((width, height), Image.BILINEAR)
    points, box = scaled(still, width / image.width, height / image.height)
    canvas, iou = reference.segment(picture, points, box)
    columns, rows = math.ceil(width * LOGITS / CANVAS), math.ceil(height * LOGITS / CANVAS)
    logits = np.ascontiguousarray(canvas[:rows, :columns])
    names = {kind: f"{number}.{kind}" for kind in ("logits.f32", "mask.png", "picture.png")}
    logits.astype("<f4").tofile(out / names["logits.f32"])
    save_mask(logits > 0, out / names["mask.png"])
    save_mask(at_picture_size(canvas, width, height) > 0, out / names["picture.png"])
    return {
        "image": str((folder / still["image"]).resolve()),
        "frame": list(image.size),
        "picture": [width, height],
        "points": points,
        "box": box,
        "samples": [columns, rows],
        "iou": iou,
        "logits_file": names["logits.f32"],
        "mask_file": names["mask.png"],
        "picture_file": names["picture.png"],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, required=True, help="folder with encoder.onnx and sam.onnx")
    parser.add_argument("--prompts", type=Path, required=True, help="JSON file with the stills and their prompts")
    parser.add_argument("--out", type=Path, required=True, help="folder for the reference masks")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    stills = json.loads(arguments.prompts.read_text())["stills"]
    reference = Reference(arguments.models)
    index = [
        reference_of(number, still, arguments.prompts.parent, reference, arguments.out)
        for number, still in enumerate(stills)
    ]
    (arguments.out / "index.json").write_text(json.dumps({"stills": index}, indent=1))
    print(f"{len(index)} reference masks in {arguments.out}")


if __name__ == "__main__":
    main()
