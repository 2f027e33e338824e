#!/usr/bin/env python3
"""The references that finishing a matte is held against, on one thread: scipy, OpenCV's ximgproc and pymatting.

    finishing.py --inputs FOLDER --width 1024 --height 1024 --runs 3

In the folder lie picture, alpha, trimap and mask: little-endian float32, row after row, the picture with three values a
pixel. For each reference NAME.f32 is written beside them and a line `NAME MILLISECONDS` printed: the fastest of so many runs.
Needs resources/parity/finishing-requirements.txt.
"""

import argparse
import os
import time
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"

import cv2
import numpy as np
import pymatting
import scipy.ndimage


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=Path, required=True)
    parser.add_argument("--width", type=int, required=True)
    parser.add_argument("--height", type=int, required=True)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)

    def read(name, *channels):
        samples = np.fromfile(arguments.inputs / f"{name}.f32", "<f4")
        return samples.reshape(arguments.height, arguments.width, *channels)

    picture, alpha, trimap, mask = read("picture", 3), read("alpha"), read("trimap"), read("mask")
    grey = picture.mean(axis=2, dtype=np.float32)
    # OpenCV takes the determinants of a 0..1 picture for zero; scaled with epsilon, the filter is the same.
    scaled, epsilon = picture * 16, 1e-3
    references = {
        "distance": lambda: scipy.ndimage.distance_transform_edt(mask),
        "guided-grey": lambda: cv2.ximgproc.guidedFilter(grey, alpha, 8, epsilon),
        "guided-colour": lambda: cv2.ximgproc.guidedFilter(scaled, alpha, 8, epsilon * 256),
        "guided-fast": lambda: cv2.ximgproc.guidedFilter(scaled, alpha, 8, epsilon * 256, None, -1, 0.25),
        "foreground": lambda: pymatting.estimate_foreground_ml(picture, alpha),
        "closed-form": lambda: pymatting.estimate_alpha_cf(picture.astype(np.float64), trimap.astype(np.float64)),
    }
    for name, reference in references.items():
        fastest = float("inf")
        for run in range(1 if name == "closed-form" else arguments.runs):
            start = time.perf_counter()
            result = reference()
            fastest = min(fastest, time.perf_counter() - start)
        result.astype("<f4").tofile(arguments.inputs / f"{name}.f32")
        print(name, fastest * 1e3, flush=True)


if __name__ == "__main__":
    main()
