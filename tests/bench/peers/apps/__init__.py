"""What the others run: the plainest app that each one's documentation leads to, around the same classifier."""
