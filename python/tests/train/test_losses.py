"""Losses and the choice of triplets against a second implementation, slow and in NumPy."""

import numpy as np
import torch
from facenet_rs.train import losses


def embeddings(count, width=8, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(count, width))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_normalized_has_length_one_and_no_nan():
    found = losses.normalized(torch.tensor([[3.0, 4.0], [0.0, 0.0]]))
    assert found.tolist() == [[torch.tensor(0.6).item(), torch.tensor(0.8).item()], [0, 0]]


def test_weight_penalty_leaves_biases_and_normalisation_out():
    module = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3), torch.nn.BatchNorm2d(3), torch.nn.Linear(3, 2))
    wanted = sum(float((weight.detach().numpy() ** 2).sum()) / 2 for weight in (module[0].weight, module[2].weight))
    assert abs(losses.weight_penalty(module).item() - wanted) < 1e-5


def test_triplet_loss():
    vectors = embeddings(12)
    wanted = []
    for anchor, positive, negative in vectors.reshape(4, 3, 8):
        wanted.append(max(((anchor - positive) ** 2).sum() - ((anchor - negative) ** 2).sum() + 0.2, 0))
    np.testing.assert_allclose(losses.triplet_loss(torch.tensor(vectors), 0.2).numpy(), wanted, atol=1e-6)


def possible(vectors, labels, alpha):
    """For each two images of a person the negatives that may be chosen."""
    found = {}
    for a in range(len(labels)):
        for p in range(a + 1, len(labels)):
            if labels[a] == labels[p]:
                near = ((vectors[a] - vectors[p]) ** 2).sum()
                far = ((vectors[a] - vectors) ** 2).sum(1)
                negatives = {n for n in range(len(labels)) if labels[n] != labels[a] and far[n] - near < alpha}
                if negatives:
                    found[a, p] = negatives
    return found


def test_select_triplets_is_the_naive_choice():
    labels = np.repeat(np.arange(5), [4, 1, 3, 5, 2])
    vectors = embeddings(len(labels))
    wanted = possible(vectors, labels, 0.2)
    seen = {pair: set() for pair in wanted}
    for seed in range(200):
        generator = torch.Generator().manual_seed(seed)
        triplets = losses.select_triplets(torch.tensor(vectors), torch.tensor(labels), 0.2, generator).tolist()
        assert sorted((a, p) for a, p, _ in triplets) == sorted(wanted)
        for a, p, n in triplets:
            seen[a, p].add(n)
    # All are drawn in the end, and no other.
    assert seen == wanted


def test_select_triplets_of_people_far_apart_and_of_nobody():
    apart = torch.eye(4).repeat_interleave(2, 0)
    generator = torch.Generator().manual_seed(0)
    assert losses.select_triplets(apart, torch.arange(4).repeat_interleave(2), 0.2, generator).shape == (0, 3)
    assert losses.select_triplets(torch.empty(0, 4), torch.empty(0, dtype=torch.int64), 0.2, generator).shape == (0, 3)
