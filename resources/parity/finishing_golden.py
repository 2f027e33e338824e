#!/usr/bin/env python3
"""Writes crates/matte/tests/golden/*.f32: what scipy, OpenCV and pymatting make of a drawn picture and matte.

    finishing_golden.py

Needs resources/parity/finishing-requirements.txt. Every file is little-endian float32, row after row, SIZE x SIZE:

    mask             0 and 1
    distance         scipy's exact distance transform of the mask
    picture          red, green, blue of each pixel, 0..1
    alpha            the matte that the picture was composed with
    trimap           0, 0.5 and 1
    guided-grey      OpenCV's guided filter of `alpha` by the mean of the colours, radius 5, epsilon 1e-3
    guided-colour    the same by the colours
    guided-fast      the same by the colours, subsampled by 2 (radius 6, epsilon 1e-3)
    closed-form      pymatting's estimate_alpha_cf
    foreground       pymatting's estimate_foreground_ml of picture and alpha, three values a pixel
    background       the same call's background
"""

from pathlib import Path

import cv2
import numpy as np
import pymatting
import scipy.ndimage

SIZE = 64


def main():
    random = np.random.default_rng(5)

    def clouds(cells):
        return cv2.resize(random.random((cells, cells, 3)), (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)

    y, x = np.mgrid[:SIZE, :SIZE] + 0.5
    radius = 20 + 3 * np.sin(7 * np.arctan2(y - 33, x - 30))
    alpha = np.clip((radius - np.hypot(x - 30, y - 33)) / 5 + 0.5, 0, 1)
    foreground = np.array([0.8, 0.5, 0.2]) + 0.15 * (clouds(8) - 0.5)
    background = np.array([0.15, 0.35, 0.6]) + 0.25 * (clouds(6) - 0.5)
    picture = np.clip(alpha[..., None] * foreground + (1 - alpha[..., None]) * background, 0, 1).astype(np.float32)
    alpha = alpha.astype(np.float32)
    grey = picture.mean(axis=2, dtype=np.float32)
    mask = (random.random((SIZE, SIZE)) > 0.02).astype(np.float32)
    trimap = np.where(scipy.ndimage.binary_erosion(alpha >= 1, iterations=2), 1.0, 0.5)
    trimap[scipy.ndimage.binary_erosion(alpha <= 0, iterations=2, border_value=1)] = 0
    foreground, background = pymatting.estimate_foreground_ml(picture, alpha, return_background=True)
    # OpenCV takes determinants below 1e-6 or so for zero, which those of a 0..1 picture are. The filter itself does not
    # change when the guide is scaled and epsilon with it.
    scaled, scaled_epsilon = picture * 16, 1e-3 * 16**2
    arrays = {
        "mask": mask,
        "distance": scipy.ndimage.distance_transform_edt(mask),
        "picture": picture,
        "alpha": alpha,
        "trimap": trimap,
        "guided-grey": cv2.ximgproc.guidedFilter(grey, alpha, 5, 1e-3),
        "guided-colour": cv2.ximgproc.guidedFilter(scaled, alpha, 5, scaled_epsilon),
        "guided-fast": cv2.ximgproc.guidedFilter(scaled, alpha, 6, scaled_epsilon, None, -1, 0.5),
        "closed-form": pymatting.estimate_alpha_cf(picture.astype(np.float64), trimap.astype(np.float64)),
        "foreground": foreground,
        "background": background,
    }
    folder = Path(__file__).parents[2] / "crates/matte/tests/golden"
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        (folder / f"{name}.f32").write_bytes(array.astype("<f4").tobytes())
        print(name, array.shape, float(array.min()), float(array.max()))


if __name__ == "__main__":
    main()
