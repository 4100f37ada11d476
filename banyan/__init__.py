"""Banyan: a platform for organisations in tiers and the citizens around them."""
