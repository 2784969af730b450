"""Drills: break the workload on purpose, and see whether what is expected is seen.

``python -m k8s.drill NAME``; each drill is a folder of ``k8s/faults``.
"""
