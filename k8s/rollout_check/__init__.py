"""``python -m k8s.rollout_check``: does a rollout lose requests?

Standard library only, so that plain ``python3`` runs it wherever kubectl is. There are load generators that keep a
constant rate, but none that runs a command meanwhile, tells kept connections from new ones and knows a wrong answer.
"""
