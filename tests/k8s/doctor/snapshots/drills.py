"""Snapshots of the unrecorded drills, made from similar recordings."""

from typing import Any

from tests.k8s.doctor.snapshots.draft import Draft, Drafts

TIMEOUT = 'Get "http://10.85.0.11:8000/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'


def connection_refused(port: int = 8000) -> str:
    return f'Get "http://10.85.0.11:{port}/": dial tcp 10.85.0.11:{port}: connect: connection refused'


def not_pulled(image: str, answer: str) -> Draft:
    draft = Draft("image-tag-not-found").without_events().each_container(image=image)
    pulled = f'failed to pull and unpack image "{image}": failed to resolve image: {answer}'
    return draft.waiting("ImagePullBackOff", f'Back-off pulling image "{image}": ErrImagePull: {pulled}')


def image_private_registry() -> Draft:
    return not_pulled(
        "registry.example.com/team/cifar-api-cpu:v1",
        "failed to authorize: failed to fetch anonymous token: "
        "unexpected status from GET request to https://registry.example.com/token: 401 Unauthorized",
    )


def crash_bad_gunicorn_module() -> Draft:
    return (
        Draft("crash-wrong-entry")
        .ended(3, "Error")
        .log_each_time(
            "[2026-11-23 09:50:01 +0000] [1] [INFO] Starting gunicorn 23.0.0",
            "[2026-11-23 09:50:01 +0000] [7] [INFO] Booting worker with pid: 7",
            "[2026-11-23 09:50:01 +0000] [7] [ERROR] Exception in worker process",
            "Traceback (most recent call last):",
            '  File "/app/.venv/lib/python3.12/site-packages/gunicorn/arbiter.py", line 608, in spawn_worker',
            "    worker.init_process()",
            "ModuleNotFoundError: No module named 'service.nope'",
            "[2026-11-23 09:50:01 +0000] [7] [INFO] Worker exiting (pid: 7)",
            "[2026-11-23 09:50:01 +0000] [1] [ERROR] Worker (pid:7) exited with code 3.",
            "[2026-11-23 09:50:01 +0000] [1] [ERROR] Shutting down: Master",
            "[2026-11-23 09:50:01 +0000] [1] [ERROR] Reason: Worker failed to boot.",
        )
        .each_container(command=["gunicorn", "service.nope:app"])
    )


def config_map_volume_missing() -> Draft:
    volume = {"name": "settings", "configMap": {"name": "cifar10-settings"}}
    draft = Draft("config-map-missing").without_events().each_pod_spec(volumes=[volume])
    draft.condition("Pod", "PodReadyToStartContainers", status="False").waiting("ContainerCreating")
    message = 'MountVolume.SetUp failed for volume "settings" : configmap "cifar10-settings" not found'
    return draft.event("FailedMount", message, container="")


def read_only_root() -> Draft:
    return (
        Draft("crash-wrong-entry")
        .ended(1, "Error")
        .log_each_time(
            "Traceback (most recent call last):",
            '  File "/app/server.py", line 5, in <module>',
            "    open('/app/cache', 'w')",
            "OSError: [Errno 30] Read-only file system: '/app/cache'",
        )
        .each_container(securityContext={"readOnlyRootFilesystem": True})
    )


def oom_under_load() -> Draft:
    """It was killed after some minutes and is running again."""
    draft = Draft("healthy").ended(137, "OOMKilled", ago=120, ran=600, restarts=1)
    draft.running(seconds=118, ready=True)
    for each in draft.pod["status"]["conditions"]:
        each["status"] = "True"
    return draft


def killed_by_startup_probe(message: str) -> Draft:
    draft = Draft("liveness-failing").without_events().ended(137, "Error", ran=20)
    draft.event("Unhealthy", f"Startup probe failed: {message}", count=45)
    return draft.event("Killing", "Container cifar10 failed startup probe, will be restarted", type="Normal", count=3)


def startup_too_slow() -> Draft:
    return killed_by_startup_probe(connection_refused())


def probe_wrong_port() -> Draft:
    draft = Draft("readiness-failing").without_events()
    draft.each_container(
        readinessProbe={"httpGet": {"path": "/", "port": 9999}, "periodSeconds": 2, "failureThreshold": 2}
    )
    return draft.event("Unhealthy", f"Readiness probe failed: {connection_refused(9999)}", count=40)


def service_wrong_selector() -> Draft:
    draft = Draft("healthy")
    draft.one("Service")["spec"]["selector"] = {"app": "cifar-10"}
    draft.one("EndpointSlice")["endpoints"] = None
    return draft


def unschedulable_node_selector() -> Draft:
    message = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. preemption: 0/1 nodes are"
    draft = Draft("unschedulable-cpu").without_events().each_pod_spec(nodeSelector={"disktype": "ssd"})
    return draft.unschedulable(message).event("FailedScheduling", message, container="")


def quota_exceeded() -> Draft:
    message = (
        'pods "cifar10-deployment-68d7759f45-dr9dh" is forbidden: exceeded quota: small, requested: '
        "limits.memory=128Mi, used: limits.memory=0, limited: limits.memory=64Mi"
    )
    draft = Draft("pod-security-rejected").without_events().no_pods().refused(message)
    status = {"hard": {"limits.memory": "64Mi"}, "used": {"limits.memory": "0"}}
    return draft.add("ResourceQuota", "small", {"hard": status["hard"]}, status=status)


def cpu_throttled() -> Draft:
    draft = Draft("liveness-failing").without_events().ended(137, "Error", ran=30)
    draft.each_container(resources={"limits": {"cpu": "20m", "memory": "128Mi"}, "requests": {"cpu": "20m"}})
    draft.event("Unhealthy", f"Liveness probe failed: {TIMEOUT}")
    return draft.event("Killing", "Container cifar10 failed liveness probe, will be restarted", type="Normal", count=4)


def model_damaged() -> Draft:
    draft = (
        Draft("readiness-failing")
        .without_events()
        .log(
            "2026-11-23 09:48:18 INFO cifar10 loading",
            "2026-11-23 09:48:18 ERROR cifar10 the server cannot become ready: check weights failed: "
            "/app/model/artifacts/weights.safetensors "
            "is damaged: its sha256 is 0123456789ab…, the card says ba9876543210…",
        )
    )
    return draft.event("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", count=30)


def monitored(selector: dict[str, str]) -> Draft:
    draft = Draft("healthy")
    draft.one("Service")["metadata"]["labels"] = {"app": "cifar10"}
    spec = {"selector": {"matchLabels": selector}, "endpoints": [{"port": "http", "path": "/metrics"}]}
    return draft.add("ServiceMonitor", "cifar10-service-monitor", spec, metadata={"labels": {"app": "cifar10"}})


def service_monitor_selects_nothing() -> Draft:
    return monitored({"app": "cifar10", "component": "metrics"})


def network_policy_blocks_scrapes() -> Draft:
    rule: dict[str, Any] = {"from": [{"namespaceSelector": {}}], "ports": [{"port": 9999}]}
    spec = {"podSelector": {"matchLabels": {"app": "cifar10"}}, "policyTypes": ["Ingress"], "ingress": [rule]}
    return monitored({"app": "cifar10"}).add("NetworkPolicy", "cifar10-network-policy", spec)


def ingress_class_missing() -> Draft:
    backend = {"service": {"name": "cifar10-service", "port": {"name": "http"}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    spec = {"ingressClassName": "nginks", "rules": [{"host": "tarry.cifar10.local", "http": {"paths": paths}}]}
    draft = Draft("healthy").add("Ingress", "cifar10-ingress", spec, status={"loadBalancer": {}})
    return draft.add("IngressClass", "nginx", {"controller": "k8s.io/ingress-nginx"})


BUILT: Drafts = {
    "image-private-registry": ("image-pull-unauthorized", image_private_registry),
    "crash-bad-gunicorn-module": ("gunicorn-app-not-loaded", crash_bad_gunicorn_module),
    "config-map-volume-missing": ("volume-config-missing", config_map_volume_missing),
    "read-only-root": ("file-system-read-only", read_only_root),
    "oom-under-load": ("out-of-memory", oom_under_load),
    "startup-too-slow": ("startup-too-slow", startup_too_slow),
    "probe-wrong-port": ("probe-port-wrong", probe_wrong_port),
    "service-wrong-selector": ("service-selects-nothing", service_wrong_selector),
    "unschedulable-node-selector": ("unschedulable", unschedulable_node_selector),
    "quota-exceeded": ("quota-exceeded", quota_exceeded),
    "cpu-throttled": ("cpu-throttled", cpu_throttled),
    "model-damaged": ("model-damaged", model_damaged),
    "service-monitor-selects-nothing": ("service-monitor-selects-nothing", service_monitor_selects_nothing),
    "network-policy-blocks-scrapes": ("network-policy-blocks-scrapes", network_policy_blocks_scrapes),
    "ingress-class-missing": ("ingress-class-missing", ingress_class_missing),
}
