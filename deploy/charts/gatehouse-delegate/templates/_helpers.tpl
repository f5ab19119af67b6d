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

{{/* What the upgrader gets of the delegate's way out, under "envs" its variables and under "config" its keys; nothing where the delegate itself goes past the proxy. What it has of its own wins. */}}
{{- define "gatehouse-delegate.upgraderProxy" -}}
{{- $own := list }}
{{- range .Values.upgrader.custom_envs }}
{{- $own = append $own (lower .name) }}
{{- end }}
{{- $parts := dict }}
{{- $envs := list }}
{{- range .Values.custom_envs }}
{{- if hasPrefix "PROXY_" .name }}
{{- $_ := set $parts .name . }}
{{- else if and (has .name (list "HTTPS_PROXY" "https_proxy" "HTTP_PROXY" "http_proxy" "NO_PROXY" "no_proxy")) (not (has (lower .name) $own)) }}
{{- $envs = append $envs . }}
{{- end }}
{{- end }}
{{- $config := dict }}
{{- if eq (dig "PROXY_MANAGER" "value" "true" $parts | lower) "false" }}
{{- $envs = list }}
{{- else if and $parts.PROXY_HOST (not (has "https_proxy" $own)) }}
{{- range $name, $key := dict "PROXY_HOST" "proxyHost" "PROXY_PORT" "proxyPort" "PROXY_SCHEME" "proxyScheme" "PROXY_USER" "proxyUser" "PROXY_PASSWORD" "proxyPassword" }}
{{- with get $parts $name }}
{{- if or .valueFrom (eq $name "PROXY_USER" "PROXY_PASSWORD") }}
{{- fail (printf "upgrader.custom_envs: the upgrader needs HTTPS_PROXY with the whole address, from a Secret: %s of custom_envs cannot be put into its ConfigMap" $name) }}
{{- end }}
{{- $_ := set $config $key .value }}
{{- end }}
{{- end }}
{{- end }}
{{- dict "envs" $envs "config" $config | toYaml }}
{{- end }}

{{/* What a container may: nothing beyond its user's rights. */}}
{{- define "gatehouse-delegate.confined" -}}
allowPrivilegeEscalation: false
capabilities:
  drop: ["ALL"]
{{- end }}

{{/* Written to by what else is read-only. */}}
{{- define "gatehouse-delegate.scratch" -}}
- name: scratch
  emptyDir: {}
{{- end }}

{{/* 256 is 0400 in octal. The group that fsGroup names may read the files, too: they show as 0440. */}}
{{- define "gatehouse-delegate.certificate" -}}
- name: client-certificate
  secret:
    secretName: {{ .Values.mTLS.secretName | quote }}
    defaultMode: 256
{{- end }}
