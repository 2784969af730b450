"""The dashboards' variables: data source, namespace, job and pod."""

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
    """For metrics of the replicas."""
    return [
        datasource(),
        choice("namespace", "Namespace", 'label_values(up{job=~"cifar10.*"}, namespace)'),
        job(),
        choice("pod", "Pod", 'label_values(up{job=~"$job",namespace=~"$namespace"}, pod)'),
    ]


def of_fleet() -> list[Builder[VariableModel]]:
    """For aggregates over all replicas."""
    return of_service()[:3]


def of_cluster() -> list[Builder[VariableModel]]:
    """For kube-state-metrics, which also knows pods that were never scraped."""
    deployments = 'label_values(kube_deployment_created{deployment="cifar10-deployment"}, namespace)'
    pods = 'label_values(kube_pod_info{namespace=~"$namespace",pod=~"cifar10-deployment-.*"}, pod)'
    return [
        datasource(),
        choice("namespace", "Namespace", deployments),
        choice("pod", "Pod", pods),
    ]


def feature() -> QueryVariable:
    """One of the drift features."""
    return (
        choice("feature", "Feature", "label_values(cifar10_feature_bin_reference_ratio, feature)")
        .multi(False)
        .include_all(False)
        .current(VariableOption(selected=True, text="brightness", value="brightness"))
    )


def choice(name: str, label: str, query: str, every: str = ".*") -> QueryVariable:
    """A multiple choice of a label's values. All matches ``every``; ``.*`` also matches series without the label."""
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
    """All is not ``.*``, because other services also export ``up`` and ``http_server_…``."""
    return choice("job", "Job", "label_values(cifar10_build_info, job)", every="cifar10.*")
