"""Features of a company's cloud bills: an allow-list of exact, dated figures that a credit officer can read."""

from credit.features.catalogue import ALLOWED, FEATURES, FeatureDefinition
from credit.features.compute import FeatureSet, compute_features

__all__ = ["ALLOWED", "FEATURES", "FeatureDefinition", "FeatureSet", "compute_features"]
