"""How long things take: not at all, as long as on AWS, or that divided by a factor."""

from __future__ import annotations

from dataclasses import dataclass

PENDING_SHARE = 0.2
"""The part of a resource's duration that it shows as PENDING; the rest is IN_PROGRESS."""

REALISTIC_SECONDS = {
    "dataset_group": 30.0,
    "dataset": 30.0,
    "dataset_import_job": 600.0,
    "solution": 5.0,
    "solution_version": 2400.0,
    "campaign": 510.0,
    "campaign_update": 510.0,
    "dataset_update": 120.0,
    "event_tracker": 30.0,
    "filter": 60.0,
    "batch_inference_job": 1200.0,
    "batch_segment_job": 480.0,
}
"""Seconds from the create call to ACTIVE, as seen in AWS's published notebooks. A deletion is taken as a tenth."""


@dataclass(frozen=True)
class Timing:
    """A clock for state changes. `speed` divides the real durations; None means that only real work takes time."""

    speed: float | None

    @classmethod
    def instant(cls) -> Timing:
        """Resources without work are ACTIVE when the create call returns; jobs take what their work takes."""
        return cls(None)

    @classmethod
    def scaled(cls, speed: float) -> Timing:
        """Real durations divided by `speed` (> 0): 60 makes a minute of AWS a second."""
        if speed <= 0:
            raise ValueError(f"Timing.scaled needs a speed above 0, not {speed}")
        return cls(float(speed))

    @classmethod
    def realistic(cls) -> Timing:
        """The durations seen on AWS."""
        return cls(1.0)

    def creation(self, kind: str) -> tuple[float, float]:
        """Seconds after the create call until (IN_PROGRESS, ACTIVE) at the earliest."""
        if self.speed is None:
            return 0.0, 0.0
        total = REALISTIC_SECONDS.get(kind, 0.0) / self.speed
        return total * PENDING_SHARE, total

    def deletion(self, kind: str) -> tuple[float, float]:
        """Seconds after the delete call until (DELETE IN_PROGRESS, gone)."""
        pending, total = self.creation(kind)
        return pending / 10, total / 10
