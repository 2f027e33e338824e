"""Graphs against PyTorch: the same inputs through both, and the largest difference of each output."""

from dataclasses import dataclass

import numpy as np
import torch


@dataclass
class Case:
    """Inputs of one graph and what PyTorch makes of them."""

    graph: str
    label: str
    inputs: dict
    outputs: dict


@dataclass
class Row:
    """One line of the table."""

    what: str
    case: str
    output: str
    difference: float
    largest: float


def cases(graphs, picture):
    """Every graph with its example, with every varying axis at its smallest; a picture; attention without pointers."""
    made = []
    for graph in graphs:
        if graph.name == "vision_encoder":
            made.append(_case(graph, "first frame", {"pixel_values": torch.from_numpy(picture)}))
        made.append(_case(graph, "example", {name: tensor for name, (tensor, _) in graph.inputs.items()}))
        if any(axes for _, axes in graph.inputs.values()):
            made.append(_case(graph, "smallest", _cut(graph, 1)))
        if graph.name == "memory_attention":
            made.append(_case(graph, "no pointers", _cut(graph, 1, pointers=0)))
    return made


def of_graphs(cases, graphs):
    """Rows of the table for the graphs of a model folder."""
    rows = []
    for case in cases:
        found = graphs.run(case.graph, **case.inputs)
        for (name, expected), value in zip(case.outputs.items(), found, strict=True):
            rows.append(_row(case.graph, case.label, name, value, expected))
    return rows


def of_sessions(expected, found):
    """Rows for tracker sessions: logits, pointers and scores of every frame, the worst of each session."""
    rows = []
    for name, frames in expected.items():
        for part, label in enumerate(("logits", "score", "pointer")):
            ours = np.stack([np.asarray(found[name][key][part]) for key in frames])
            theirs = np.stack([np.asarray(frames[key][part]) for key in frames])
            rows.append(_row("tracker", name, label, ours, theirs))
            if label == "logits":
                either, both = (ours > 0) | (theirs > 0), (ours > 0) & (theirs > 0)
                differing = float(either.sum() - both.sum())
                rows.append(Row("tracker", name, "pixels that differ", differing, float(either.sum())))
    return rows


def of_outputs(what, label, expected, found):
    """Rows for named outputs."""
    return [_row(what, label, name, found[name], expected[name]) for name in expected]


def print_table(title, rows):
    print(f"\n{title}")
    print(f"  {'graph':<22}{'case':<16}{'output':<20}{'difference':>12}{'largest value':>16}")
    for row in rows:
        print(f"  {row.what:<22}{row.case:<16}{row.output:<20}{row.difference:>12.1e}{row.largest:>16.3g}")


def _case(graph, label, inputs):
    with torch.no_grad():
        outputs = graph.module(*inputs.values())
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    named = {name: value.numpy() for name, value in zip(graph.outputs, outputs, strict=True)}
    return Case(graph.name, label, {name: value.contiguous().numpy() for name, value in inputs.items()}, named)


def _cut(graph, length, **lengths):
    def cut(tensor, axes):
        for axis, name in axes.items():
            # The grid of a mask is left alone: a mask of one pixel says nothing.
            if not name.startswith("mask_"):
                tensor = tensor.narrow(axis, 0, lengths.get(name, length))
        return tensor

    return {name: cut(tensor, axes) for name, (tensor, axes) in graph.inputs.items()}


def _row(what, case, output, found, expected):
    if found.shape != expected.shape:
        raise AssertionError(f"{what} ({case}): {output} is {found.shape}, PyTorch says {expected.shape}")
    # Wide enough for the -1024 of a lost object to stay exact.
    difference = np.abs(found.astype(np.float64) - expected).max(initial=0.0)
    return Row(what, case, output, float(difference), float(np.abs(expected).max(initial=0.0)))
