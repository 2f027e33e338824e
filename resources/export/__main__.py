"""Exports SAM2.1, SAM3, torchvision's RAFT and ViTMatte to ONNX graphs: see CONTRACT.md, FLOW.md and MATTING.md.

    python resources/export facebook/sam2.1-hiera-tiny --out models/sam2.1-tiny
    python resources/export ~/checkpoints/sam3 --out models/sam3 --precision fp16
    python resources/export raft_large --out models/raft-large
    python resources/export raft_small --weights raft_small.pth --iterations 8 --out models/raft-small
    python resources/export hustvl/vitmatte-small-composition-1k --out models/vitmatte
    python resources/export --tiny --out resources/export/fixtures --fixtures
    python resources/export --random sam2 --seed 1 --out /tmp/models/random-sam2.1-tiny
"""

import argparse
import os
import sys
from pathlib import Path

import numpy as np
import torch

os.environ.setdefault("TQDM_DISABLE", "1")

import attention
import compare
import concepts
import convert
import fixed_bank
import fixtures
import full_size
import graphs
import host_loop
import manifest
import matting
import matting_graph
import original
import raft
import raft_graph
import scenario
import tiny
from checkpoint import CheckpointError, load

# Largest difference to PyTorch that an fp32 graph may show, and a whole tracker session in fp32.
GRAPH_TOLERANCE, TRACKER_TOLERANCE = 1e-4, 2e-3
SAM = ["sam2", "sam3"]
FAMILIES = [*SAM, *raft.NETWORKS, "vitmatte"]
# With stand-ins of what others export, for tests of how it is taken: only as tiny ones.
TINY = [*SAM, *raft.NETWORKS, "fixed_bank", *matting.KINDS]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = "a folder or a name that transformers loads, or raft_small or raft_large"
    parser.add_argument("checkpoint", nargs="?", help=what)
    parser.add_argument("--weights", help="of RAFT: a file, or a name that torchvision knows (default: its default)")
    parser.add_argument("--iterations", type=int, default=raft.ITERATIONS, help="of RAFT (default %(default)s)")
    parser.add_argument("--tiny", action="store_true", help="small random models of the families instead")
    parser.add_argument("--families", nargs="+", choices=TINY, default=TINY, help="of --tiny (default: all)")
    full = "a full-size model of random weights, for measuring: SAM2.1-tiny, SAM3, a RAFT or the small ViTMatte"
    parser.add_argument("--random", choices=FAMILIES, help=full)
    parser.add_argument("--seed", type=int, help="of random weights (default: the committed fixtures' with --tiny, else 1)")
    parser.add_argument("--out", type=Path, required=True, help="folder for the model; with --tiny for all")
    parser.add_argument("--precision", choices=["fp32", "fp16"], default="fp32")
    parser.add_argument("--frames", type=int, help="of the tracker's check (default: 24 with --tiny, else none)")
    parser.add_argument("--fixtures", action="store_true", help="write the reference tensors of the parity tests too")
    parser.add_argument("--threads", type=int, default=1, help="threads of PyTorch (default 1)")
    args = parser.parse_args()
    if sum(map(bool, (args.checkpoint, args.tiny, args.random))) != 1:
        parser.error("give either a checkpoint, --tiny or --random")
    if args.fixtures and not args.tiny:
        parser.error("--fixtures is for --tiny: those of a full-size model would be gigabytes")
    is_raft = args.checkpoint in raft.NETWORKS or args.random in raft.NETWORKS
    if is_raft and args.precision != "fp32":
        parser.error("RAFT is exported in fp32: devices that compute in half precision are told so by the engine")
    if args.weights and args.checkpoint not in raft.NETWORKS:
        parser.error("--weights are those of raft_small or raft_large")
    if not 1 <= args.iterations <= 64:
        parser.error("--iterations: 1 to 64")
    return args


def main():
    args = arguments()
    torch.set_num_threads(args.threads)
    try:
        checkpoints, networks, matters = models(args)
    # OSError and ValueError: what transformers says of an unknown name, and of a folder without a checkpoint.
    except (CheckpointError, OSError, ValueError) as error:
        sys.exit(f"not exported: {error}")
    results = [export(checkpoint, folder, args) for folder, checkpoint in checkpoints.items()]
    results += [export_raft(network, folder, args) for folder, network in networks.items()]
    results += [export_matting(network, folder, args) for folder, network in matters.items()]
    if args.tiny and "fixed_bank" in args.families:
        export_fixed_bank(args.out / "video" / "fixed_bank", args)
    sys.exit(0 if all(results) else "differences are larger than they may be")


def models(args):
    """The checkpoints, the RAFTs and the networks for matting that are to be exported, by their folders."""
    if args.tiny:
        wanted = [family for family in TINY if family in args.families]
        checkpoints = {args.out / family: tiny.build(family, args.seed) for family in wanted if family in SAM}
        rafts = {args.out / "flow" / kind: raft.tiny(kind, args.seed) for kind in wanted if kind in raft.NETWORKS}
        matters = {args.out / "matting" / kind: matting.tiny(kind, args.seed) for kind in wanted if kind in matting.KINDS}
        return checkpoints, rafts, matters
    if args.random == "vitmatte":
        return {}, {}, {args.out: matting.random()}
    if args.random in raft.NETWORKS:
        return {}, {args.out: raft.random(args.random, args.seed, args.iterations)}, {}
    if args.checkpoint in raft.NETWORKS:
        return {}, {args.out: raft.load(args.checkpoint, args.weights, args.iterations)}, {}
    if args.random:
        return {args.out: full_size.build(args.random, args.seed)}, {}, {}
    if matting.is_vitmatte(args.checkpoint):
        return {}, {}, {args.out: matting.load(args.checkpoint)}
    return {args.out: load(args.checkpoint)}, {}, {}


def export_matting(network, folder, args):
    """As export, for a network for matting."""
    rows = matting_graph.write(network, folder, args.fixtures)
    compare.print_table(f"{network.name} against PyTorch", rows)
    print_files(folder)
    return small(rows, matting_graph.TOLERANCE)


def export_raft(network, folder, args):
    """As export, for a RAFT."""
    rows = raft_graph.write(network, folder, args.fixtures)
    compare.print_table(f"{network.name} against PyTorch, in pixels", rows)
    print_files(folder)
    return small(rows, raft_graph.TOLERANCE)


def export_fixed_bank(folder, args):
    """A stand-in of the video exports with a bank of fixed size, with the tiny SAM2.1's weights."""
    fixed_bank.write(tiny.build("sam2", args.seed), folder)
    print_files(folder)


def export(checkpoint, folder, args):
    """Writes one model folder and says how it differs from PyTorch. True when the differences are small enough."""
    folder.mkdir(parents=True, exist_ok=True)
    frames = scenario.FRAMES if args.tiny and args.frames is None else args.frames or 0
    pixels = scenario.pixels(checkpoint, max(frames, 1))
    made = graphs.of(checkpoint)
    # What is expected is computed before the attention layers are exchanged for those that are exported.
    cases = compare.cases(made, pixels[:1])
    steps = scenario.sessions(checkpoint.image_size, frames) if frames else {}
    sessions = {name: original.Original(checkpoint, pixels).run(of) for name, of in steps.items()}
    detections = concepts.expected(checkpoint.detector, pixels[:1]) if frames and checkpoint.detector else {}
    for model in (checkpoint.tracker, checkpoint.detector):
        if model is not None:
            attention.use_sliced_attention(model, checkpoint.rows)
    files = {graph.name: write_graph(graph, folder, checkpoint, args) for graph in made}
    manifest.write(checkpoint, args.precision, folder, files)

    opened = host_loop.Graphs(folder)
    rows = compare.of_graphs(cases, opened)
    if detections:
        rows += compare.of_outputs("geometry encoder", "no box", *concepts.no_box(checkpoint.detector, pixels[:1]))
    for name, expected in detections.items():
        rows += compare.of_outputs("concepts", name, expected, concepts.through_graphs(opened, pixels[:1], name))
    found = {name: host_loop.HostLoop(opened, pixels).run(of) for name, of in steps.items()}
    tracked = compare.of_sessions(sessions, found)
    compare.print_table(f"{checkpoint.name} {args.precision} against PyTorch", rows + tracked)
    if args.fixtures:
        shot = scenario.shot(checkpoint.image_size, frames)
        fixtures.write(folder, checkpoint, cases, shot, sessions, detections)
    print_files(folder)
    return args.precision == "fp16" or (small(rows, GRAPH_TOLERANCE) and small(tracked, TRACKER_TOLERANCE))


def small(rows, tolerance):
    return all(row.difference <= tolerance for row in rows)


def write_graph(graph, folder, checkpoint, args):
    model = convert.export(graph)
    if args.tiny and graph.name == "text_encoder":
        tiny.store_one_period(model)
    if args.precision == "fp16":
        model = convert.to_fp16(model)
    return convert.save(model, folder / f"{graph.name}.onnx")


def print_files(folder):
    print(f"\n{folder}")
    for path in sorted(folder.iterdir()):
        print(f"  {path.name:<32}{path.stat().st_size:>14,} bytes")


if __name__ == "__main__":
    main()
