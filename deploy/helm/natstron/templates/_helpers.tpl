{{/* The beginning of all names. */}}
{{- define "natstron.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What finds the release's resources again. Call with (list $ component); "" is all. */}}
{{- define "natstron.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ default $root.Chart.Name $root.Values.nameOverride | trunc 63 | quote }}
app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
{{- with index . 1 }}
app.kubernetes.io/component: {{ . | quote }}
{{- end }}
{{- end -}}

{{/* The labels of a resource. Call with (list $ component). */}}
{{- define "natstron.labels" -}}
{{- $root := index . 0 -}}
{{ include "natstron.selector" . }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | quote }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service | quote }}
{{- end -}}

{{/* The Secret with the passwords of NATS. */}}
{{- define "natstron.natsSecret" -}}
{{- default (printf "%s-nats" (include "natstron.fullname" .)) .Values.nats.existingSecret -}}
{{- end -}}

{{/* A password: as given, as it is already, or made up. Call with (list $ given key). */}}
{{- define "natstron.password" -}}
{{- $root := index . 0 -}}
{{- $given := index . 1 -}}
{{- $kept := lookup "v1" "Secret" $root.Release.Namespace (include "natstron.natsSecret" $root) -}}
{{- $old := dig "data" (index . 2) "" ($kept | default dict) -}}
{{- if $given -}}{{ $given }}
{{- else if $old -}}{{ b64dec $old }}
{{- else -}}{{ randAlphaNum 32 }}
{{- end -}}
{{- end -}}

{{/* Whether something is on unless it was switched off: a PodDisruptionBudget. Call with
     (list $ name component values). */}}
{{- define "natstron.budget" -}}
{{- $root := index . 0 -}}
{{- with (index . 3).podDisruptionBudget -}}
{{- if .enabled }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "natstron.fullname" $root }}-{{ index $ 1 }}
  labels: {{- include "natstron.labels" (list $root (index $ 2)) | nindent 4 }}
spec:
  maxUnavailable: {{ .maxUnavailable }}
  selector:
    matchLabels: {{- include "natstron.selector" (list $root (index $ 2)) | nindent 6 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The rights of a pod, and of a container: none. */}}
{{- define "natstron.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end -}}
{{- define "natstron.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* A request for a volume. Call with (list size storageClassName). */}}
{{- define "natstron.claim" -}}
metadata:
  name: data
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: {{ index . 0 | quote }}}}
  {{- with index . 1 }}
  storageClassName: {{ . | quote }}
  {{- end }}
{{- end -}}
