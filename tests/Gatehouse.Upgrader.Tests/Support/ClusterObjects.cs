using System.Text.Json.Nodes;

namespace Gatehouse.Upgrader.Tests.Support;

/// <summary>Objects as a cluster keeps them: with what it adds to what people write.</summary>
internal static class ClusterObjects
{
    public const string OldImage = "harness/delegate:26.02.88404";
    public const string OldUpgrader = "harness/upgrader:1.6.0";

    public static JsonArray Containers(JsonObject one) => (JsonArray)((string)one["kind"]! == "CronJob" ? one["spec"]!["jobTemplate"]!["spec"] : one["spec"])!["template"]!["spec"]!["containers"]!;

    public static JsonObject Deployment() => (JsonObject)JsonNode.Parse($$"""
        {
          "kind": "Deployment",
          "apiVersion": "apps/v1",
          "metadata": {
            "name": "build-farm",
            "namespace": "delegates",
            "uid": "0f5dbd4f-4a49-4a6e-9c1f-2cc4e3a5d9a1",
            "resourceVersion": "812",
            "generation": 3,
            "creationTimestamp": "2026-11-02T09:00:00Z",
            "labels": { "harness.io/name": "build-farm" },
            "annotations": { "deployment.kubernetes.io/revision": "3" },
            "managedFields": [
              { "manager": "kubectl-client-side-apply", "operation": "Update", "apiVersion": "apps/v1", "time": "2026-11-02T09:00:00Z", "fieldsType": "FieldsV1", "fieldsV1": { "f:spec": {} } }
            ]
          },
          "spec": {
            "replicas": 2,
            "selector": { "matchLabels": { "app": "build-farm" } },
            "template": {
              "metadata": { "creationTimestamp": null, "labels": { "app": "build-farm" } },
              "spec": {
                "initContainers": [ { "name": "certs", "image": "busybox:1.36", "resources": {}, "terminationMessagePath": "/dev/termination-log", "imagePullPolicy": "IfNotPresent" } ],
                "containers": [
                  { "name": "log-shipper", "image": "fluent/fluent-bit:3.1", "resources": {}, "terminationMessagePath": "/dev/termination-log", "imagePullPolicy": "IfNotPresent" },
                  {
                    "name": "delegate",
                    "image": "{{OldImage}}",
                    "env": [
                      { "name": "ACCOUNT_ID", "value": "acme" },
                      { "name": "MANAGER_HOST_AND_PORT", "value": "https://customer1.agent.localhost:8443" },
                      { "name": "DELEGATE_CLIENT_CERTIFICATE_PATH", "value": "/etc/mtls/client.crt" }
                    ],
                    "resources": { "limits": { "memory": "2Gi" }, "requests": { "cpu": "500m", "memory": "2Gi" } },
                    "volumeMounts": [ { "name": "client-certificate", "readOnly": true, "mountPath": "/etc/mtls" } ],
                    "terminationMessagePath": "/dev/termination-log",
                    "terminationMessagePolicy": "File",
                    "imagePullPolicy": "Always",
                    "securityContext": { "runAsUser": 0 }
                  }
                ],
                "volumes": [ { "name": "client-certificate", "secret": { "secretName": "client-certificate", "defaultMode": 256 } } ],
                "restartPolicy": "Always",
                "terminationGracePeriodSeconds": 600,
                "dnsPolicy": "ClusterFirst",
                "securityContext": {},
                "schedulerName": "default-scheduler"
              }
            },
            "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxUnavailable": "25%", "maxSurge": "25%" } },
            "revisionHistoryLimit": 10,
            "progressDeadlineSeconds": 600
          },
          "status": { "observedGeneration": 3, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2, "availableReplicas": 2 }
        }
        """)!;

    public static JsonObject CronJob() => (JsonObject)JsonNode.Parse($$"""
        {
          "kind": "CronJob",
          "apiVersion": "batch/v1",
          "metadata": { "name": "build-farm-upgrader", "namespace": "delegates", "uid": "f3f4c9c5-5f0b-4d53-9d6a-0a5f0f4ff0f2", "resourceVersion": "790", "generation": 1, "creationTimestamp": "2026-11-02T09:00:00Z" },
          "spec": {
            "schedule": "0 */1 * * *",
            "concurrencyPolicy": "Forbid",
            "suspend": false,
            "jobTemplate": {
              "metadata": { "creationTimestamp": null },
              "spec": {
                "template": {
                  "metadata": { "creationTimestamp": null },
                  "spec": {
                    "containers": [ { "name": "upgrader", "image": "{{OldUpgrader}}", "envFrom": [ { "secretRef": { "name": "build-farm-upgrader-token" } } ], "resources": {}, "imagePullPolicy": "Always" } ],
                    "restartPolicy": "Never",
                    "serviceAccountName": "upgrader"
                  }
                }
              }
            },
            "successfulJobsHistoryLimit": 3,
            "failedJobsHistoryLimit": 1
          },
          "status": { "lastScheduleTime": "2026-11-30T18:00:00Z" }
        }
        """)!;
}
