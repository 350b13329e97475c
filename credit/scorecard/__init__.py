"""One artefact format for every kind of scorecard, and the exact, explained score it gives."""

from credit.scorecard.artefact import Artefact, ModelRefusedError, dump_artefact, load_artefact
from credit.scorecard.scoring import Scorer

__all__ = ["Artefact", "ModelRefusedError", "Scorer", "dump_artefact", "load_artefact"]
