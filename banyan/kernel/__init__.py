"""Plain Python that knows no Django: periods, text, workflow, canonical form, cells."""
