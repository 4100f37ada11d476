"""The inbox: what follows events for the people they concern."""
