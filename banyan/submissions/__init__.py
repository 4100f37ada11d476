"""Rounds, expectations, submissions, answers, reviews, drafts: one way to ask and be answered."""
