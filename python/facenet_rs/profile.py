"""Metric and thresholds that were measured for one model."""

from __future__ import annotations

import json
import os
from typing import Any

from . import _native


class Profile:
    """Metric and thresholds that were measured for one model and preprocessing. See :func:`calibrate`."""

    def __init__(self, native: _native.Profile, details: dict[str, Any] | None = None) -> None:
        self._native = native
        self._json: dict[str, Any] = json.loads(native.json())
        #: What the measurement found: error rates with counts and intervals; empty if the profile was read from a file.
        self.details = details or {}

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Profile:
        """Read a profile that :meth:`write` or ``facenet calibrate`` wrote."""
        return cls(_native.Profile.read(path))

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the profile as TOML, whole or not at all."""
        self._native.write(path)

    @property
    def metric(self) -> str:
        """The metric of the thresholds."""
        return str(self._json["metric"])

    @property
    def thresholds(self) -> list[dict[str, Any]]:
        """Distance, false match rate and false non-match rate of each threshold, the default first."""
        return list(self._json["thresholds"])

    @property
    def threshold(self) -> float:
        """The default threshold."""
        return float(self.thresholds[0]["distance"])

    def check(self, fingerprint: str) -> None:
        """Raise :class:`~facenet_rs.errors.FingerprintMismatchError` if the thresholds are for other embeddings than these."""
        self._native.check(fingerprint)

    def __repr__(self) -> str:
        return f"Profile(metric={self.metric!r}, threshold={self.threshold:.4f}, model={self._json['model']!r})"
