"""The start of an installation: the two doors, and the way of beginning an organisation."""
