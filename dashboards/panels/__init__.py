"""Panel types with the settings that all panels of a type share."""
