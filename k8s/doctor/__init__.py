"""Why a workload does not work: ``python -m k8s.doctor`` asks kubectl, and names cause, evidence and fix.

Standard library only, read-only always. ``snapshot`` is what was read, ``cluster`` finds things in it, one module for
each family of causes looks for faults, ``diagnosis`` puts them in order, ``report`` prints them.
"""
