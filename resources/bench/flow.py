#!/usr/bin/env python3
"""OpenCV's DIS optical flow on pairs of pictures: what ours is held against.

    flow.py --pairs FOLDER --runs 10

In the folder lie NAME.0.pgm and NAME.1.pgm. For each pair and preset, NAME.PRESET.flo is written (Middlebury's format) and
a line `NAME PRESET MILLISECONDS` printed: the fastest of so many runs, on one thread. Needs opencv-python-headless.
"""

import argparse
import time
from pathlib import Path

import cv2

PRESETS = {
    "ultrafast": cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST,
    "fast": cv2.DISOPTICAL_FLOW_PRESET_FAST,
    "medium": cv2.DISOPTICAL_FLOW_PRESET_MEDIUM,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=10)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    for first in sorted(arguments.pairs.glob("*.0.pgm")):
        name = first.name.removesuffix(".0.pgm")
        pair = [cv2.imread(str(arguments.pairs / f"{name}.{index}.pgm"), cv2.IMREAD_GRAYSCALE) for index in (0, 1)]
        for preset, number in PRESETS.items():
            dis = cv2.DISOpticalFlow_create(number)
            fastest = float("inf")
            for _ in range(arguments.runs):
                start = time.perf_counter()
                flow = dis.calc(*pair, None)
                fastest = min(fastest, time.perf_counter() - start)
            cv2.writeOpticalFlow(str(arguments.pairs / f"{name}.{preset}.flo"), flow)
            print(name, preset, fastest * 1e3, flush=True)


if __name__ == "__main__":
    main()
