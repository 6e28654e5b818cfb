"""Hypothesis: a slice here, more with `--hypothesis-profile=soak`."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("slice", max_examples=150, deadline=None, derandomize=True)
settings.register_profile("soak", max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("slice")
