"""Documents, and finding passages in them. Knows nothing of dialogue."""
