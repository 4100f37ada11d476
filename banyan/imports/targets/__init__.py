"""What an organisation itself is made of, imported: units, their codes, people and their posts."""
