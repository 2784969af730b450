"""The network and its life: data, training, calibration, evaluation, export and inference engines."""
