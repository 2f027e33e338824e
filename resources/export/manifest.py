"""`model.toml`: what the plugin needs to know of an exported model besides its graphs."""

import hashlib
import json

import original
from checkpoint import NORMALISATION, CheckpointError
from graphs import NO_BOX, TEXT_CONTEXT

CONTRACT = 1  # version of CONTRACT.md
NO_OBJECT_LOGIT = -1024.0  # NO_OBJ_SCORE of `transformers` and of sam2_base.py


def write(checkpoint, precision, folder, files):
    """Writes the manifest of a model folder. `files` maps a graph's name to the files it was saved in."""
    lines = [*_head(checkpoint, precision), "", *_table("model", _model(checkpoint))]
    lines += ["", *_table("preprocess", _preprocess(checkpoint)), "", *_table("tracker", _tracker(checkpoint))]
    if checkpoint.detector is not None:
        lines += ["", *_table("concepts", _concepts(checkpoint))]
    for role, names in files.items():
        for name in names:
            lines += ["", *_file(folder / name, role if name.endswith(".onnx") else f"{role}.data")]
    (folder / "model.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_flow(network, folder, file):
    """Writes the manifest of a RAFT's folder."""
    head = dict(name=network.name, family="raft", licence=network.licence, source=network.source, contract=CONTRACT)
    flow = dict(
        network=network.kind,
        iterations=network.iterations,
        range=[-1.0, 1.0],
        channels="rgb",
        multiple=8,
        smallest=128,
        direction="first to second",
    )
    lines = [*_pairs(head), "", *_table("flow", flow), "", *_file(folder / file, "flow")]
    (folder / "model.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _head(checkpoint, precision):
    tracker = checkpoint.tracker
    head = dict(
        name=f"{checkpoint.name} {precision}",
        family=checkpoint.family,
        licence=checkpoint.licence,
        source=checkpoint.source,
        contract=CONTRACT,
        precision=precision,
    )
    lines = _pairs(head)
    lines += ["# Added to image_embed where there is no memory, channel by channel."]
    lines += [f"no_memory_embedding = {_floats(tracker.no_memory_embedding)}"]
    lines += ["# Pointer of a frame whose mask prompt is empty."]
    return lines + [f"no_object_pointer = {_floats(tracker.no_object_pointer)}"]


def _model(checkpoint):
    return dict(
        image_size=checkpoint.image_size,
        grid=checkpoint.grid,
        channels=checkpoint.channels,
        memory_channels=checkpoint.tracker.mem_dim,
    )


def _preprocess(checkpoint):
    mean, std = NORMALISATION[checkpoint.family]
    return dict(resize="stretch", mean=list(mean), std=list(std))


def _tracker(checkpoint):
    config = checkpoint.tracker.config
    if not (config.multimask_output_in_sam and config.multimask_output_for_tracking):
        raise CheckpointError("this tracker does not choose among masks while tracking, as CONTRACT.md has it")
    decoder = config.mask_decoder_config
    return dict(
        memory_frames=config.num_maskmem,
        max_conditioning_frames=config.max_cond_frame_num,
        max_pointers=config.max_object_pointers_in_encoder,
        multimask_points=[config.multimask_min_pt_num, config.multimask_max_pt_num],
        stability_delta=decoder.dynamic_multimask_stability_delta,
        stability_threshold=decoder.dynamic_multimask_stability_thresh,
        no_object_logit=NO_OBJECT_LOGIT,
        refine_clamp=original.REFINE_CLAMP,
    )


def _concepts(checkpoint):
    return dict(
        text_context=TEXT_CONTEXT,
        queries=checkpoint.detector.config.detr_decoder_config.num_queries,
        no_box_label=NO_BOX,
        score_threshold=0.3,
    )


def _file(path, role):
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    entry = dict(path=path.name, role=role, bytes=path.stat().st_size, sha256=digest.hexdigest())
    return ["[[files]]", *_pairs(entry)]


def _table(name, entries):
    return [f"[{name}]", *_pairs(entries)]


def _pairs(entries):
    # JSON's strings, numbers and lists are TOML's.
    return [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in entries.items()]


def _floats(parameter):
    # Nine digits tell every f32; TOML wants a point or an exponent in a float.
    texts = (f"{value:.9g}" for value in parameter.detach().flatten().tolist())
    return "[" + ", ".join(text if set(text) & set(".e") else f"{text}.0" for text in texts) + "]"
