"""Auto Scaling groups."""


def groups(world, region):
    return world.facts("asg").setdefault(region, {})
