"""A stand-in for AWS that is as strict as AWS where it matters.

moto's models and wire formats are the base; this package is the front that moto lacks: tokens, refusals, asynchronous
states, lagging reads, pages, faults, and an ECS scheduler. It deliberately holds no rule of Gantry's: what it does is
what AWS documents, and every rule names its source.
"""
