#!/usr/bin/env python3
"""Writes golden.json: what TensorFlow makes of a few steps. Needs tensorflow-cpu 2.21; run it in this folder.

The optimizers are made with the numbers that facenet gives to them; the losses are written as facenet's formulas say.
"""

import json
from pathlib import Path

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
v1.disable_eager_execution()

RATE = 0.05
STEPS = 6
OPTIMIZERS = {
    "ADAGRAD": lambda: v1.train.AdagradOptimizer(RATE),
    "ADADELTA": lambda: v1.train.AdadeltaOptimizer(RATE, rho=0.9, epsilon=1e-6),
    "ADAM": lambda: v1.train.AdamOptimizer(RATE, beta1=0.9, beta2=0.999, epsilon=0.1),
    "RMSPROP": lambda: v1.train.RMSPropOptimizer(RATE, decay=0.9, momentum=0.9, epsilon=1.0),
    "MOM": lambda: v1.train.MomentumOptimizer(RATE, 0.9, use_nesterov=True),
}


def steps(make, begin, gradients):
    """The weights after each step."""
    with tf.Graph().as_default(), v1.Session() as session:
        weight = v1.Variable(begin)
        gradient = v1.placeholder(tf.float32, begin.shape)
        step = make().apply_gradients([(gradient, weight)])
        session.run(v1.global_variables_initializer())
        found = []
        for value in gradients:
            session.run(step, {gradient: value})
            found.append(session.run(weight).tolist())
        return found


def averages(decay, values):
    """The moving average after each value, with the number of the step, from 1."""
    with tf.Graph().as_default(), v1.Session() as session:
        weight, number = v1.Variable(values[0]), v1.Variable(0)
        average = tf.train.ExponentialMovingAverage(decay, number)
        update = average.apply([weight])
        session.run(v1.global_variables_initializer())
        found = []
        for step, value in enumerate(values[1:], 1):
            session.run([weight.assign(value), number.assign(step)])
            session.run(update)
            found.append(session.run(average.average(weight)).tolist())
        return found


def center_losses(batches, labels, alfa, classes):
    """Loss and centres of each batch."""
    with tf.Graph().as_default(), v1.Session() as session:
        centers = v1.Variable(np.zeros((classes, batches.shape[2]), np.float32))
        features, label = v1.placeholder(tf.float32, batches.shape[1:]), v1.placeholder(tf.int64, labels.shape[1:])
        own = tf.gather(centers, label)
        loss, change = tf.reduce_mean(tf.square(features - own)), (1 - alfa) * (own - features)
        session.run(v1.global_variables_initializer())
        found = []
        for batch, numbers in zip(batches, labels, strict=True):
            value, moved = session.run([loss, change], {features: batch, label: numbers})
            session.run(v1.scatter_sub(centers, numbers, moved))
            found.append({"loss": float(value), "centers": session.run(centers).tolist()})
        return found


def prelogits_norms(prelogits):
    with tf.Graph().as_default(), v1.Session() as session:
        norms = {p: tf.reduce_mean(tf.norm(tf.abs(prelogits) + 1e-4, ord=p, axis=1)) for p in (1.0, 2.0)}
        return {str(p): float(value) for p, value in session.run(norms).items()}


def main():
    random = np.random.default_rng(0)
    begin = random.normal(size=(3, 2)).astype(np.float32)
    # Gradients of very different sizes: that is where epsilons show.
    gradients = (random.normal(size=(STEPS, 3, 2)) * 10.0 ** random.integers(-3, 2, (STEPS, 3, 2))).astype(np.float32)
    values = random.normal(size=(STEPS + 1, 4)).astype(np.float32)
    batches = random.normal(size=(3, 5, 4)).astype(np.float32)
    labels = random.integers(0, 3, (3, 5))
    golden = {
        "learning_rate": RATE,
        "begin": begin.tolist(),
        "gradients": gradients.tolist(),
        "optimizers": {name: steps(make, begin, gradients) for name, make in OPTIMIZERS.items()},
        "values": values.tolist(),
        "averages": {str(decay): averages(decay, values) for decay in (0.3, 0.9999)},
        "batches": batches.tolist(),
        "labels": labels.tolist(),
        "center_losses": center_losses(batches, labels, 0.9, 3),
        "prelogits_norms": prelogits_norms(batches[0]),
    }
    Path("golden.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
