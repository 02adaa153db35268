"""Recognition without any web framework: tasks, bundles, decoding, prediction, training."""
