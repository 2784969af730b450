"""One module for each family of causes: functions from a workload to what is wrong with it."""
