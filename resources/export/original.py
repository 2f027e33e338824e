"""The sessions as `transformers` itself runs them: the reference that everything else is held against."""

from functools import partial

import torch
from transformers import Sam2VideoInferenceSession, Sam3TrackerVideoInferenceSession

import scenario

# Meta clamps the logits that it feeds back with new clicks: `sam2_video_predictor.py`, `add_new_points_or_box`.
REFINE_CLAMP = 32.0


class Original(scenario.Runner):
    """One session."""

    def __init__(self, checkpoint, pixels):
        super().__init__()
        self.model, self.size = checkpoint.tracker, checkpoint.image_size
        kind = Sam2VideoInferenceSession if checkpoint.family == "sam2" else Sam3TrackerVideoInferenceSession
        video = torch.from_numpy(pixels)
        self.session = kind(video=video, video_height=self.size, video_width=self.size, dtype=torch.float32)

    def _prompt(self, index, object, frame, points=None, labels=None, mask=None, refine=False):
        who = self.session.obj_id_to_idx(object)
        if mask is None:
            points = {"point_coords": torch.tensor([[points]]), "point_labels": torch.tensor([[labels]])}
            self.session.add_point_inputs(who, frame, points)
        else:
            mask = torch.from_numpy(scenario.mask_of({"mask": mask}, self.size))
            self.session.add_mask_inputs(who, frame, mask)
        self.session.obj_with_new_inputs = [object]
        run_frame = self.model._run_single_frame_inference
        if refine:
            before = self._stored(who, frame)["pred_masks"].clamp(-REFINE_CLAMP, REFINE_CLAMP)
            self.model._run_single_frame_inference = partial(run_frame, prev_sam_mask_logits=before)
        try:
            self.model(self.session, frame_idx=frame)
        finally:
            self.model._run_single_frame_inference = run_frame
        self._note(index, frame, object)

    def _condition(self, index, object, frame):
        """Meta's `add_all_frames_to_correct_as_cond` and `_clear_non_cond_mem_around_input`; not in `transformers`."""
        kept = self.session.output_dict_per_obj[self.session.obj_id_to_idx(object)]
        kept["cond_frame_outputs"][frame] = kept["non_cond_frame_outputs"].pop(frame)
        for near in range(frame - self.model.num_maskmem, frame + self.model.num_maskmem + 1):
            kept["non_cond_frame_outputs"].pop(near, None)

    def _propagate(self, index, first, last):
        count, reverse = abs(last - first), last < first
        for out in self.model.propagate_in_video_iterator(self.session, first, count, reverse=reverse):
            for object in out.object_ids:
                self._note(index, out.frame_idx, object)

    def _stored(self, who, frame):
        kept = self.session.output_dict_per_obj[who]
        return kept["cond_frame_outputs"].get(frame) or kept["non_cond_frame_outputs"][frame]

    def _note(self, index, frame, object):
        kept = self._stored(self.session.obj_id_to_idx(object), frame)
        values = (kept["pred_masks"], kept["object_score_logits"], kept["object_pointer"])
        logits, score, pointer = (value.detach().float().flatten().numpy().copy() for value in values)
        side = round(len(logits) ** 0.5)
        self.results[index, frame, object] = logits.reshape(side, side), score[0], pointer
