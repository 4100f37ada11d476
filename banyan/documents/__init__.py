"""Files, write-once, named by their hash, with the level of confidentiality of each."""
