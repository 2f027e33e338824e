#!/usr/bin/env python3
"""Writes crates/flow/tests/golden/dis.bin: a drawn pair of pictures and what OpenCV's DIS optical flow makes of it.

    flow_golden.py

Little endian: width and height (u16), both pictures (u8, row after row), then for each preset (ultrafast, fast, medium) the
vectors of every fourth pixel of every fourth row, x and y in 1/256 pixel (i16). Needs opencv-python-headless and numpy.
"""

from pathlib import Path

import cv2
import numpy as np

WIDTH, HEIGHT = 96, 64
STEP = 4


def main():
    random = np.random.default_rng(7)
    picture = sum(
        weight * cv2.resize(random.random((256 // size, 256 // size)), (256, 256), interpolation=cv2.INTER_CUBIC)
        for size, weight in ((32, 0.5), (16, 0.3), (8, 0.2))
    )
    picture = (np.clip(picture, 0, 1) * 255).astype(np.float32)
    # The second picture at p shows what the first has at `inverse` p: turned by 3 degrees, enlarged by 3 %, moved.
    forward = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), 3, 1.03)
    forward[:, 2] += (2.25, -1.5)
    corner = (80, 96)
    pair = []
    for matrix in (np.array([[1.0, 0, 0], [0, 1.0, 0]]), cv2.invertAffineTransform(forward)):
        y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
        map_x = matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2] + corner[0]
        map_y = matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2] + corner[1]
        warped = cv2.remap(picture, map_x.astype(np.float32), map_y.astype(np.float32), cv2.INTER_CUBIC)
        pair.append(np.clip(warped + 0.5, 0, 255).astype(np.uint8))

    cv2.setNumThreads(1)
    out = np.array([WIDTH, HEIGHT], "<u2").tobytes() + pair[0].tobytes() + pair[1].tobytes()
    for preset in (0, 1, 2):
        flow = cv2.DISOpticalFlow_create(preset).calc(*pair, None)
        out += np.round(flow[::STEP, ::STEP] * 256).astype("<i2").tobytes()
    path = Path(__file__).parents[2] / "crates/flow/tests/golden/dis.bin"
    path.write_bytes(out)
    print(path, len(out), "bytes")


if __name__ == "__main__":
    main()
