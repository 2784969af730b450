"""The kinds of panels, each with what all panels of its kind have in common; what is special is chained to it."""
