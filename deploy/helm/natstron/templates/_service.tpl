{{/* The Service of a component. Call with (list $ component service ports). */}}
{{- define "natstron.service" -}}
{{- $root := index . 0 -}}
{{- $service := index . 2 }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ include "natstron.fullname" $root }}-{{ index . 1 }}
  labels: {{- include "natstron.labels" (list $root (index . 1)) | nindent 4 }}
  {{- with $service.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: {{ $service.type }}
  {{- /* Players keep their addresses: there are limits for each. */}}
  {{- if ne $service.type "ClusterIP" }}
  externalTrafficPolicy: Local
  {{- end }}
  selector: {{- include "natstron.selector" (list $root (index . 1)) | nindent 4 }}
  ports:
    {{- range index . 3 }}
    - {name: {{ .name }}, port: {{ .port }}, targetPort: {{ .target }}, protocol: {{ .protocol | default "TCP" }}}
    {{- end }}
  {{- with $service.spec }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}
