"""``flask rdv doctor``: what an installation lacks, a module for each subject."""

from .finding import Finding, Level
from .rounds import run

__all__ = ["Finding", "Level", "run"]
