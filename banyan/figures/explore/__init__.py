"""Explore: indicators × units × periods × the parts of an axis, as a table or a drawing."""
