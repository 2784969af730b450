"""The choices at the top of each dashboard: data source, namespace, job and pod."""

from grafana_foundation_sdk.builders.dashboard import DatasourceVariable, QueryVariable
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    VariableModel,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

DATASOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")


def datasource() -> Builder[VariableModel]:
    return DatasourceVariable("datasource").label("Data source").type("prometheus")


def of_service() -> list[Builder[VariableModel]]:
    """For what Prometheus scrapes from the replicas."""
    return [
        datasource(),
        choice("namespace", "Namespace", 'label_values(up{job=~"cifar10.*"}, namespace)'),
        job(),
        choice("pod", "Pod", 'label_values(up{job=~"$job",namespace=~"$namespace"}, pod)'),
    ]


def of_fleet() -> list[Builder[VariableModel]]:
    """For what is told of all replicas together."""
    return of_service()[:3]


def of_cluster() -> list[Builder[VariableModel]]:
    """For what kube-state-metrics tells of pods, those that never came far enough to be scraped included."""
    deployments = 'label_values(kube_deployment_created{deployment="cifar10-deployment"}, namespace)'
    pods = 'label_values(kube_pod_info{namespace=~"$namespace",pod=~"cifar10-deployment-.*"}, pod)'
    return [
        datasource(),
        choice("namespace", "Namespace", deployments),
        choice("pod", "Pod", pods),
    ]


def feature() -> QueryVariable:
    """One of those that drift is watched in."""
    return (
        choice("feature", "Feature", "label_values(cifar10_feature_bin_reference_ratio, feature)")
        .multi(False)
        .include_all(False)
        .current(VariableOption(selected=True, text="brightness", value="brightness"))
    )


def choice(name: str, label: str, query: str, every: str = ".*") -> QueryVariable:
    """Any number of a label's values; ``every`` is what All stands for, and ``.*`` finds series without the label."""
    return (
        QueryVariable(name)
        .label(label)
        .datasource(DATASOURCE)
        .query({"query": query, "refId": "Values", "qryType": 1})
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(every)
        .current(VariableOption(selected=True, text=["All"], value=["$__all"]))
    )


def job() -> QueryVariable:
    """All is not ``.*``: ``up`` and ``http_server_…`` are names that other services have too."""
    return choice("job", "Job", "label_values(cifar10_build_info, job)", every="cifar10.*")
