{{/* Names of CronJobs have at most 52 characters. */}}
{{- define "gatehouse-delegate.upgrader" -}}
{{ .Release.Name | trunc 43 | trimSuffix "-" }}-upgrader
{{- end }}

{{/* What selects the delegate's pods; never changes. */}}
{{- define "gatehouse-delegate.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: delegate
{{- end }}

{{/* Of every object. */}}
{{- define "gatehouse-delegate.labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{/* The delegate's variables by name; those of custom_envs are in their place. */}}
{{- define "gatehouse-delegate.variables" -}}
ACCOUNT_ID: {{ .Values.accountId | quote }}
DELEGATE_NAME: {{ .Values.delegateName | default .Release.Name | quote }}
DELEGATE_TYPE: HELM_DELEGATE
NEXT_GEN: "true"
{{- with .Values.tags }}
DELEGATE_TAGS: {{ . | quote }}
{{- end }}
MANAGER_HOST_AND_PORT: {{ .Values.managerEndpoint | quote }}
{{- if not .Values.overrideServiceUrls }}
LOG_STREAMING_SERVICE_URL: {{ printf "%s/log-service/" .Values.managerEndpoint | quote }}
TI_SERVICE_URL: {{ printf "%s/ti-service/" .Values.managerEndpoint | quote }}
{{- end }}
DELEGATE_CLIENT_CERTIFICATE_PATH: {{ printf "/etc/mtls/%s" .Values.mTLS.certificate | quote }}
DELEGATE_CLIENT_CERTIFICATE_KEY_PATH: {{ printf "/etc/mtls/%s" .Values.mTLS.key | quote }}
GRPC_AUTHORITY_MODIFICATION_DISABLED: "true"
{{- if .Values.delegateCustomCa.secretName }}
DELEGATE_CA_BUNDLE_DIR: /opt/harness-delegate/ca-bundle
{{- end }}
DELEGATE_HEALTH_PORT: {{ .Values.healthPort | int64 | quote }}
DELEGATE_STOP_GRACE: {{ .Values.stopGraceSeconds | int64 | quote }}
{{- end }}

{{/* 256 is 0400 in octal. The group that fsGroup names may read the files, too: they show as 0440. */}}
{{- define "gatehouse-delegate.certificate" -}}
- name: client-certificate
  secret:
    secretName: {{ .Values.mTLS.secretName | quote }}
    defaultMode: 256
{{- end }}
