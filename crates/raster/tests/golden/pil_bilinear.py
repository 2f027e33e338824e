"""Writes pil_bilinear.txt: what Pillow's Image.resize(.., BILINEAR) makes of small pictures.

Needs Pillow and NumPy. Each line: input width and height, output width and height, the output's bytes (RGB) in hex.
The pictures come from the generator below, which tests/pil_parity.rs repeats.
"""

from pathlib import Path

import numpy as np
from PIL import Image

CASES = [
    (61, 37, 23, 14),
    (40, 30, 39, 29),
    (16, 9, 37, 21),
    (33, 20, 33, 7),
    (200, 1, 50, 1),
    (1, 90, 1, 11),
    (1, 1, 5, 3),
    (48, 27, 20, 40),
    (97, 55, 3, 2),
]


def picture(width: int, height: int) -> np.ndarray:
    """Bytes of a linear congruential generator (Numerical Recipes' constants), the top one of each state."""
    state = width * 65536 + height
    values = []
    for _ in range(width * height * 3):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append(state >> 24)
    return np.array(values, np.uint8).reshape(height, width, 3)


def main() -> None:
    lines = []
    for width, height, to_width, to_height in CASES:
        image = Image.fromarray(picture(width, height))
        resized = image.resize((to_width, to_height), Image.BILINEAR)
        lines.append(f"{width} {height} {to_width} {to_height} {resized.tobytes().hex()}\n")
    Path(__file__).with_suffix(".txt").write_text("".join(lines))


main()
