"""How things stand: one page for whoever leads, made of live figures; reads everything, writes nothing."""
