"""What the worker does for the figures: folds what changed into the roll-ups."""

from banyan.figures.folding import fold
from banyan.ledger.tasks import CHORES

CHORES.append(fold)
