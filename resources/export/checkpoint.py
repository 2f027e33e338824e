"""What is exported: the parts of a SAM2.1 or SAM3 checkpoint as `transformers` loads them."""

from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import AutoConfig, Sam2VideoModel, Sam3TrackerVideoModel, Sam3VideoModel
from transformers.models.sam3.modeling_sam3 import Sam3VisionModel


class CheckpointError(Exception):
    """A checkpoint that cannot be exported, and why."""


@dataclass
class Checkpoint:
    """`tracker` is a Sam2VideoModel or a Sam3TrackerVideoModel with its encoder, `detector` a Sam3Model or None."""

    family: str
    name: str
    tracker: torch.nn.Module
    detector: torch.nn.Module | None
    source: str
    licence: str
    # How many slices the queries of one picture's attention are cut into.
    slices: int = 8

    @property
    def image_size(self):
        return self.tracker.image_size

    @property
    def grid(self):
        """Tokens along one side of the image embedding: 64 for SAM2.1, 72 for SAM3."""
        return self.tracker.prompt_encoder.image_embedding_size[0]

    @property
    def channels(self):
        return self.tracker.hidden_dim

    @property
    def rows(self):
        """Queries in one slice: 512 for SAM2.1, 648 for SAM3."""
        return self.grid * self.grid // self.slices


# Mean and standard deviation of RGB in 0..1: the image processors of `transformers` for the two families.
NORMALISATION = {
    "sam2": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "sam3": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
}
LICENCES = {"sam2": "Apache-2.0", "sam3": "SAM License (Meta)"}


def load(name):
    """The checkpoint in a local folder or known to the hub by its name, in fp32 on the CPU."""
    kind = AutoConfig.from_pretrained(name).model_type
    if kind in ("sam2_video", "sam2"):
        return _checkpoint("sam2", name, Sam2VideoModel.from_pretrained(name, dtype=torch.float32), None)
    if kind == "sam3_video":
        return from_sam3_video(name, Sam3VideoModel.from_pretrained(name, dtype=torch.float32))
    if kind == "sam3_tracker_video":
        return _checkpoint("sam3", name, Sam3TrackerVideoModel.from_pretrained(name, dtype=torch.float32), None)
    raise CheckpointError(
        f'"{name}" holds a model of type "{kind}". '
        "Known: sam2_video, sam3_video (whole SAM3), sam3_tracker_video (SAM3 without text)."
    )


def from_sam3_video(name, model, source=None):
    """A whole SAM3. The tracker gets an encoder of the shared trunk and its own neck, as when it is loaded alone."""
    tracker, detector = model.tracker_model, model.detector_model
    with torch.device("meta"):
        vision = Sam3VisionModel(detector.config.vision_config)
    vision.backbone, vision.neck = detector.vision_encoder.backbone, model.tracker_neck
    tracker.vision_encoder = vision
    return _checkpoint("sam3", name, tracker, detector, source)


def _checkpoint(family, name, tracker, detector, source=None):
    for model in (tracker, detector):
        if model is not None:
            model.eval().requires_grad_(False)
    short = Path(name).name
    source = source or f"the transformers checkpoint {short}"
    return Checkpoint(family, short, tracker, detector, source, LICENCES[family])
