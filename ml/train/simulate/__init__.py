"""A year of labels from people whose photos the first champion does not know, honest and not.

`world` deals photos to people and weeks, `loop` learns every week, `serve` lets the gate decide,
`play` runs it all, `report` tells it. Only the head is learned anew each week, on features of the
frozen network: the tail is not fine-tuned here.
"""
