"""Amazon ECS as it behaves: clusters, task definitions, tasks that live and die, and services whose deployments roll.

Nothing of moto's own ECS is used. What ECS touches elsewhere is: network interfaces, target groups, Cloud Map, log
groups and instances are moto's. The modules here hold state and move it on; `rules/ecs_*.py` is the API in front of
them.
"""
