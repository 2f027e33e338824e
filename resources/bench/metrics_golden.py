#!/usr/bin/env python3
"""Writes crates/metrics/tests/golden/metrics.bin: drawn mattes and what the usual definitions say of them.

    metrics_golden.py

J and F follow DAVIS' evaluation, Grad, Conn and dtSSD the evaluation script of Robust Video Matting. Little endian: width,
height and number of frames (u16); for each frame the matte and the true matte (u8, of 255); then for each frame j, f, mad,
mse, grad, conn and dtssd (f64, dtssd of the first frame NaN). Needs opencv-python-headless and numpy.
"""

from pathlib import Path

import cv2
import numpy as np

WIDTH, HEIGHT, FRAMES = 48, 36, 3


def mattes():
    random = np.random.default_rng(3)
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float64)
    for frame in range(FRAMES):
        truth = np.clip((11 - np.hypot(x - 20 - 2 * frame, y - 17)) / 4 + 0.5, 0, 1)
        truth = np.maximum(truth, np.clip((3 - np.hypot(x - 40, y - 7)) / 2 + 0.5, 0, 0.8))
        wave = cv2.resize(random.normal(0, 1.5, (5, 6)), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        matte = np.clip((10.5 + wave - np.hypot(x - 20.5 - 2 * frame, y - 16.5)) / 3 + 0.5, 0, 1)
        matte = np.maximum(matte, 0.6 * (np.hypot(x - 6, y - 30) < 3 + frame))
        yield np.round(matte * 255), np.round(truth * 255)


def jaccard(matte, truth):
    a, b = matte >= 0.5, truth >= 0.5
    return (a & b).sum() / (a | b).sum()


def boundary(mask):
    right, below, corner = mask.copy(), mask.copy(), mask.copy()
    right[:, :-1] = mask[:, 1:]
    below[:-1, :] = mask[1:, :]
    corner[:-1, :-1] = mask[1:, 1:]
    out = (mask ^ right) | (mask ^ below) | (mask ^ corner)
    out[-1, :] = mask[-1, :] ^ right[-1, :]
    out[:, -1] = mask[:, -1] ^ below[:, -1]
    out[-1, -1] = False
    return out


def boundary_f(matte, truth):
    radius = int(np.ceil(0.008 * np.hypot(HEIGHT, WIDTH)))
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    disc = (x * x + y * y <= radius * radius).astype(np.uint8)
    a, b = boundary(matte >= 0.5), boundary(truth >= 0.5)
    near = [cv2.dilate(mask.astype(np.uint8), disc) > 0 for mask in (a, b)]
    precision, recall = (a & near[1]).sum() / a.sum(), (b & near[0]).sum() / b.sum()
    return 2 * precision * recall / (precision + recall)


def gradient(matte, sigma=1.4, tail=1e-2):
    half = int(np.ceil(sigma * np.sqrt(-2 * np.log(np.sqrt(2 * np.pi) * sigma * tail))))
    at = np.arange(-half, half + 1)
    gauss = np.exp(-(at**2) / (2 * sigma**2)) / (sigma * np.sqrt(2 * np.pi))
    kernel = np.outer(gauss, -at * gauss / sigma**2)
    kernel /= np.sqrt((kernel**2).sum())
    matte = (matte - matte.min()) / (matte.max() - matte.min())
    parts = [cv2.filter2D(matte, -1, k, borderType=cv2.BORDER_REPLICATE) for k in (kernel, kernel.T)]
    return np.sqrt(parts[0] ** 2 + parts[1] ** 2)


def connectivity(matte, truth):
    steps = np.arange(0, 11) / 10
    level = -np.ones_like(truth)
    for low, high in zip(steps, steps[1:]):
        both = ((matte >= high) & (truth >= high)).astype(np.uint8)
        _, parts, stats, _ = cv2.connectedComponentsWithStats(both, connectivity=4)
        main = parts == 1 + np.argmax(stats[1:, -1]) if len(stats) > 1 else np.zeros_like(both, bool)
        level[(level == -1) & ~main] = low
    level[level == -1] = 1
    phi = [1 - (m - level) * ((m - level) >= 0.15) for m in (matte, truth)]
    return np.abs(phi[0] - phi[1]).sum() / 1000


def main():
    frames = list(mattes())
    out = np.array([WIDTH, HEIGHT, FRAMES], "<u2").tobytes()
    out += b"".join(picture.astype(np.uint8).tobytes() for pair in frames for picture in pair)
    before = None
    for matte, truth in ((matte / 255, truth / 255) for matte, truth in frames):
        step = np.nan if before is None else np.sqrt(np.mean(((matte - before[0]) - (truth - before[1])) ** 2)) * 1e2
        figures = [
            jaccard(matte, truth),
            boundary_f(matte, truth),
            np.abs(matte - truth).mean() * 1e3,
            ((matte - truth) ** 2).mean() * 1e3,
            ((gradient(matte) - gradient(truth)) ** 2).sum() / 1000,
            connectivity(matte, truth),
            step,
        ]
        print(*(f"{figure:.5f}" for figure in figures))
        out += np.array(figures, "<f8").tobytes()
        before = (matte, truth)
    path = Path(__file__).parents[2] / "crates/metrics/tests/golden/metrics.bin"
    path.write_bytes(out)
    print(path, len(out), "bytes")


if __name__ == "__main__":
    main()
