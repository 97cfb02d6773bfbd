#!/usr/bin/env python3
"""Writes the graphs in `model/`: narrow Inception-ResNet-v1, frozen as facenet's training leaves it.

The graphs have the names and the topology of davidsandberg's released .pb files, but a 16th or 32nd of the channels,
random weights and random moving statistics. What no converter may stumble over is there: batch normalisation with both
branches of `phase_train`, dropout, a queue and a batch join in front of `image_batch`, residual scales.

Needs: pip install tensorflow-cpu==2.13.1 tf_slim==1.1.0 safetensors numpy
"""

import gzip
import json
from pathlib import Path

import numpy as np
import tensorflow as tf2
import tf_slim as slim
from safetensors.numpy import save

tf = tf2.compat.v1
FOLDER = Path(__file__).parent / "model"
SIZE = 160


class Network:
    """Inception-ResNet-v1 with all widths divided by `divisor`."""

    def __init__(self, divisor: int, embedding: int):
        self.divisor = divisor
        self.embedding = embedding

    def conv(self, x, width, kernel, scope, stride=1, padding="SAME", **options):
        width = max(1, width // self.divisor)
        return slim.conv2d(x, width, kernel, stride=stride, padding=padding, scope=scope, **options)

    def chain(self, x, branch, layers):
        """Layers (name, width, kernel[, stride]) one after the other; those with a stride of 2 are not padded."""
        with tf.variable_scope(f"Branch_{branch}"):
            for scope, width, kernel, *stride in layers:
                valid = {"stride": 2, "padding": "VALID"} if stride else {}
                x = self.conv(x, width, kernel, scope, **valid)
        return x

    def residual(self, x, scope, branches, scale, activation=tf.nn.relu):
        with tf.variable_scope(scope):
            mixed = tf.concat([self.chain(x, i, layers) for i, layers in enumerate(branches)], 3)
            up = slim.conv2d(mixed, x.shape[3], 1, normalizer_fn=None, activation_fn=None, scope="Conv2d_1x1")
            x = x + scale * up
            return activation(x) if activation else x

    def repeated(self, x, scope, name, count, branches, scale):
        with tf.variable_scope(scope):
            for i in range(count):
                x = self.residual(x, f"{name}_{i + 1}", branches, scale)
        return x

    def reduction(self, x, scope, branches):
        with tf.variable_scope(scope):
            parts = [self.chain(x, i, layers) for i, layers in enumerate(branches)]
            with tf.variable_scope(f"Branch_{len(branches)}"):
                parts.append(slim.max_pool2d(x, 3, stride=2, padding="VALID", scope="MaxPool_1a_3x3"))
            return tf.concat(parts, 3)

    def build(self, x, phase_train):
        with (
            tf.variable_scope("InceptionResnetV1"),
            slim.arg_scope([slim.batch_norm, slim.dropout], is_training=phase_train),
        ):
            x = self.conv(x, 32, 3, "Conv2d_1a_3x3", stride=2, padding="VALID")
            x = self.conv(x, 32, 3, "Conv2d_2a_3x3", padding="VALID")
            x = self.conv(x, 64, 3, "Conv2d_2b_3x3")
            x = slim.max_pool2d(x, 3, stride=2, padding="VALID", scope="MaxPool_3a_3x3")
            x = self.conv(x, 80, 1, "Conv2d_3b_1x1", padding="VALID")
            x = self.conv(x, 192, 3, "Conv2d_4a_3x3", padding="VALID")
            x = self.conv(x, 256, 3, "Conv2d_4b_3x3", stride=2, padding="VALID")
            x = self.repeated(
                x,
                "Repeat",
                "block35",
                5,
                [
                    [("Conv2d_1x1", 32, 1)],
                    [("Conv2d_0a_1x1", 32, 1), ("Conv2d_0b_3x3", 32, 3)],
                    [("Conv2d_0a_1x1", 32, 1), ("Conv2d_0b_3x3", 32, 3), ("Conv2d_0c_3x3", 32, 3)],
                ],
                0.17,
            )
            x = self.reduction(
                x,
                "Mixed_6a",
                [
                    [("Conv2d_1a_3x3", 384, 3, 2)],
                    [("Conv2d_0a_1x1", 192, 1), ("Conv2d_0b_3x3", 192, 3), ("Conv2d_1a_3x3", 256, 3, 2)],
                ],
            )
            x = self.repeated(
                x,
                "Repeat_1",
                "block17",
                10,
                [
                    [("Conv2d_1x1", 128, 1)],
                    [("Conv2d_0a_1x1", 128, 1), ("Conv2d_0b_1x7", 128, [1, 7]), ("Conv2d_0c_7x1", 128, [7, 1])],
                ],
                0.10,
            )
            x = self.reduction(
                x,
                "Mixed_7a",
                [
                    [("Conv2d_0a_1x1", 256, 1), ("Conv2d_1a_3x3", 384, 3, 2)],
                    [("Conv2d_0a_1x1", 256, 1), ("Conv2d_1a_3x3", 256, 3, 2)],
                    [("Conv2d_0a_1x1", 256, 1), ("Conv2d_0b_3x3", 256, 3), ("Conv2d_1a_3x3", 256, 3, 2)],
                ],
            )
            block8 = [
                [("Conv2d_1x1", 192, 1)],
                [("Conv2d_0a_1x1", 192, 1), ("Conv2d_0b_1x3", 192, [1, 3]), ("Conv2d_0c_3x1", 192, [3, 1])],
            ]
            x = self.repeated(x, "Repeat_2", "block8", 5, block8, 0.20)
            x = self.residual(x, "Block8", block8, 1.0, activation=None)
            with tf.variable_scope("Logits"):
                x = slim.avg_pool2d(x, x.shape[1:3], padding="VALID", scope="AvgPool_1a_8x8")
                x = slim.flatten(x)
                x = slim.dropout(x, 0.8, scope="Dropout")
            return slim.fully_connected(x, self.embedding, activation_fn=None, scope="Bottleneck")


def image() -> np.ndarray:
    """A picture that any language can compute: [height, width, channel], 8 bits, smooth with some texture."""
    y, x, c = np.meshgrid(np.arange(SIZE), np.arange(SIZE), np.arange(3), indexing="ij")
    return (y * (c + 1) + 2 * x + (x * y) % (17 + 6 * c)) % 256


def make(name: str, network: Network, fused: bool, seed: int) -> None:
    tf.reset_default_graph()
    tf.set_random_seed(seed)
    phase_train = tf.placeholder(tf.bool, name="phase_train")
    paths = tf.placeholder(tf.string, [None, 1], name="image_paths")
    queue = tf.FIFOQueue(100, [tf.string], shapes=[(1,)], name="input_queue")
    queue.enqueue_many([paths], name="enqueue_op")
    decoded = [
        tf.reshape(tf.cast(tf.image.decode_png(tf.read_file(queue.dequeue()[0])), tf.float32), [SIZE, SIZE, 3])
        for _ in range(2)
    ]
    batch = tf.train.batch_join([[picture] for picture in decoded], batch_size=4, allow_smaller_final_batch=True)
    batch = tf.identity(batch, "image_batch")
    batch = tf.identity(batch, "input")
    with slim.arg_scope(
        [slim.conv2d, slim.fully_connected],
        weights_initializer=tf.truncated_normal_initializer(stddev=0.3),
        normalizer_fn=slim.batch_norm,
        normalizer_params={"decay": 0.995, "epsilon": 0.001, "fused": fused, "updates_collections": None},
    ):
        features = network.build(batch, phase_train)
    tf.nn.l2_normalize(features, 1, 1e-10, name="embeddings")

    random = np.random.default_rng(seed)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for variable in tf.global_variables():
            size = variable.shape.as_list()
            if "variance" in variable.op.name:
                variable.load(random.uniform(0.5, 2.0, size), session)
            elif "weights" not in variable.op.name:
                variable.load(random.normal(0.0, 0.3, size), session)
        values = {variable.op.name: session.run(variable) for variable in tf.global_variables()}
        graph = tf.graph_util.convert_variables_to_constants(session, session.graph.as_graph_def(), ["embeddings"])
    for node in graph.node:
        without_references(node)

    tf.reset_default_graph()
    tf.import_graph_def(graph, name="")
    with tf.Session() as session:
        picture = (image()[None].astype(np.float32) - 127.5) / 128
        embedding = session.run("embeddings:0", {"image_batch:0": picture, "phase_train:0": False})[0]

    (FOLDER / f"{name}.pb.gz").write_bytes(gzip.compress(graph.SerializeToString(deterministic=True), 9, mtime=0))
    tensors = gzip.compress(save(pytorch_weights(values)), 9, mtime=0)
    (FOLDER / f"{name}.safetensors.gz").write_bytes(tensors)
    (FOLDER / f"{name}.json").write_text(json.dumps([float(value) for value in embedding]) + "\n")


def without_references(node) -> None:
    """Turns operators on variables, which are constants now, into those on values, as facenet's freezing does."""
    node.attr.pop("_class", None)
    values = {"RefSwitch": "Switch", "AssignSub": "Sub", "AssignAdd": "Add"}
    if node.op in values:
        node.op = values[node.op]
        node.attr.pop("use_locking", None)
        node.attr.pop("validate_shape", None)


def pytorch_weights(values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The variables of the TensorFlow network under facenet-pytorch's names, in PyTorch's layout."""
    weights = {}
    for name, value in values.items():
        scope, _, kind = name.removeprefix("InceptionResnetV1/").partition("/BatchNorm/")
        if not kind:
            scope, kind = scope.rsplit("/", 1)
        if kind == "weights":
            value = value.transpose(3, 2, 0, 1) if value.ndim == 4 else value.T
        layer = pytorch_layer(scope.split("/"))
        normalised = {"beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}
        if layer == "last_linear":
            key = "last_linear.weight" if kind == "weights" else f"last_bn.{normalised[kind]}"
        elif layer.endswith("conv2d"):
            key = f"{layer}.{ {'weights': 'weight', 'biases': 'bias'}[kind] }"
        else:
            key = f"{layer}.conv.weight" if kind == "weights" else f"{layer}.bn.{normalised[kind]}"
        weights[key] = np.ascontiguousarray(value)
    for key in [key for key in weights if key.endswith("running_mean")]:
        norm = key.removesuffix("running_mean")
        weights[f"{norm}weight"] = np.ones_like(weights[key])
        weights[f"{norm}num_batches_tracked"] = np.array(0)
    return weights


def pytorch_layer(scope: list[str]) -> str:
    blocks = {"Repeat": "repeat_1", "Repeat_1": "repeat_2", "Repeat_2": "repeat_3"}
    first = scope[0]
    if first == "Bottleneck":
        return "last_linear"
    if first.startswith("Conv2d"):
        return first.rsplit("_", 1)[0].lower()
    if first in blocks:
        block = f"{blocks[first]}.{int(scope[1].rsplit('_', 1)[1]) - 1}"
        scope = scope[2:]
    else:
        block = first.lower()
        scope = scope[1:]
    if scope == ["Conv2d_1x1"]:
        return f"{block}.conv2d"
    branch = f"{block}.branch{scope[0].rsplit('_', 1)[1]}"
    alone = scope[1] == "Conv2d_1x1" or (first == "Mixed_6a" and scope[0] == "Branch_0")
    if alone:
        return branch
    # The letter in Conv2d_0b_3x3 is the place in the branch; Conv2d_1a_3x3 is always the last.
    tag = scope[1].split("_")[1]
    last = {"Mixed_6a/Branch_1": 2, "Mixed_7a/Branch_2": 2}.get(f"{first}/{scope[0]}", 1)
    return f"{branch}.{last if tag == '1a' else 'abc'.index(tag[1])}"


if __name__ == "__main__":
    tf.disable_v2_behavior()
    tf.disable_control_flow_v2()
    FOLDER.mkdir(exist_ok=True)
    make("unfolded", Network(divisor=16, embedding=24), fused=True, seed=1)
    make("unfused", Network(divisor=32, embedding=8), fused=False, seed=2)
