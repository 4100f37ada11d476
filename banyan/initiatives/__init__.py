"""Models and exemplars: what outlives rounds: identity, registrant, recognition."""
