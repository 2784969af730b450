"""From the bytes of an image to the predicted class."""
