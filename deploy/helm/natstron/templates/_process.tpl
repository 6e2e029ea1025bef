{{/*
A process: its ConfigMap, and its Deployment or StatefulSet. Call with a dictionary:

  root       $
  name       what stands behind the release's name
  component  whose label it has
  kind       Deployment or StatefulSet
  replicas   how many pods
  values     the process's part of the values
  configs    astrond.yml, as text: one; or, with own, one for each pod, by its number
  own        whether each pod has its own
  dc         whether it needs the DC files
  ports      its ports besides the status page's: name, port, protocol
  grace      how many seconds it may take to end
  linger     how many seconds it goes on before it is told to end
  storage    a volume for /data: size and storageClassName
  env        variables of the environment
  tls        a Secret with a certificate
*/}}
{{- define "natstron.process" -}}
{{- $values := .root.Values -}}
{{- $fullname := include "natstron.fullname" .root -}}
{{- $name := printf "%s-%s" $fullname .name -}}
{{- $own := .own | default false -}}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ $name }}
  labels: {{- include "natstron.labels" (list .root .component) | nindent 4 }}
data:
{{- range $i, $text := .configs }}
  {{ ternary (printf "%s-%d" $name $i) "astrond" $own }}.yml: |
    {{- $text | nindent 4 }}
{{- end }}
---
apiVersion: apps/v1
kind: {{ .kind }}
metadata:
  name: {{ $name }}
  labels: {{- include "natstron.labels" (list .root .component) | nindent 4 }}
spec:
  replicas: {{ .replicas }}
  {{- if eq .kind "StatefulSet" }}
  serviceName: {{ $fullname }}-pods
  podManagementPolicy: Parallel
  {{- end }}
  selector:
    matchLabels: {{- include "natstron.selector" (list .root .component) | nindent 6 }}
      natstron/process: {{ .name }}
  template:
    metadata:
      labels: {{- include "natstron.selector" (list .root .component) | nindent 8 }}
        natstron/process: {{ .name }}
        {{- with merge (deepCopy (.values.podLabels | default dict)) $values.astrond.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        {{- /* A change of its configuration restarts a process; one that only makes ranges for more pods does not. */}}
        natstron/configuration: {{ list (first .configs) (and .dc (not $values.dc.configMap) $values.dc.texts) | toJson | sha256sum }}
        {{- with merge (deepCopy (.values.podAnnotations | default dict)) $values.astrond.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    {{- $spec := include "natstron.pod" (merge (dict "configMap" $name "own" $own) .) | fromYaml }}
    {{- if hasKey $spec "Error" }}{{ fail $spec.Error }}{{ end }}
    spec: {{- mergeOverwrite $spec (deepCopy $values.astrond.podSpec) (deepCopy (.values.podSpec | default dict)) | toYaml | nindent 6 }}
  {{- if .storage }}
  volumeClaimTemplates:
    - {{- include "natstron.claim" (list .storage.size .storage.storageClassName) | nindent 6 }}
  {{- end }}
{{- end -}}

{{/* The specification of such a process's pods. */}}
{{- define "natstron.pod" -}}
{{- $values := .root.Values -}}
{{- $web := $values.web.authentication -}}
{{- $resources := .values.resources | default $values.astrond.resources -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with $values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext: {{- include "natstron.podSecurity" . | nindent 2 }}
terminationGracePeriodSeconds: {{ .grace }}
{{- if gt (int .replicas) 1 }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "natstron.selector" (list .root .component) | nindent 8 }}
{{- end }}
containers:
  - name: astrond
    image: "{{ $values.image.repository }}:{{ $values.image.tag | default .root.Chart.AppVersion }}"
    imagePullPolicy: {{ $values.image.pullPolicy }}
    args: ["--boring", "--log-format", {{ $values.astrond.log.format | quote }}, "--loglevel", {{ $values.astrond.log.level | quote }}]
    securityContext: {{- include "natstron.containerSecurity" . | nindent 6 }}
    resources: {{- toYaml $resources | nindent 6 }}
    env:
      - name: POD_NAME
        valueFrom: {fieldRef: {fieldPath: metadata.name}}
      {{- /* Go collects garbage harder before the container is ended for its memory. */}}
      {{- with dig "limits" "memory" "" $resources | toString }}
      {{- if regexMatch "^[0-9]+[MG]i$" . }}
      - name: GOMEMLIMIT
        value: {{ printf "%dMiB" (div (mul (regexFind "^[0-9]+" . | int) (ternary 1 1024 (hasSuffix "Mi" .)) 9) 10) | quote }}
      {{- end }}
      {{- end }}
      {{- if not $values.nats.credentials.secret }}
      - name: NATS_PASSWORD
        valueFrom: {secretKeyRef: {name: {{ include "natstron.natsSecret" .root }}, key: {{ $values.nats.passwordKey }}}}
      {{- end }}
      {{- if $web.username }}
      - name: WEB_PASSWORD
        valueFrom: {secretKeyRef: {name: {{ required "web.authentication.existingSecret: name the Secret with the password" $web.existingSecret }}, key: {{ $web.passwordKey }}}}
      {{- end }}
      {{- with .env }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
      {{- with concat ($values.astrond.env | default list) (.values.env | default list) }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    ports:
      - {name: web, containerPort: 8080}
      {{- range .ports }}
      - {name: {{ .name }}, containerPort: {{ .port }}, protocol: {{ .protocol | default "TCP" }}}
      {{- end }}
    {{- /* Until it answers at all it may take its time: storage may have much to look at. */}}
    startupProbe:
      httpGet: {path: /healthz, port: web}
      periodSeconds: 2
      failureThreshold: 150
    livenessProbe:
      httpGet: {path: /healthz, port: web}
      periodSeconds: 10
      timeoutSeconds: 5
      failureThreshold: 6
    readinessProbe:
      httpGet: {path: /readyz, port: web}
      periodSeconds: 2
      timeoutSeconds: 3
      failureThreshold: 2
    {{- if .linger }}
    {{- /* SIGTERM closes the ports for players at once and lets those that are there finish: no
    command need be run for that. Load balancers take longer to learn of it. */}}
    lifecycle:
      preStop: {sleep: {seconds: {{ .linger }}}}
    {{- end }}
    volumeMounts:
      - name: configuration
        mountPath: /etc/astrond/astrond.yml
        {{- /* The pod's own file, by its name. */}}
        {{ ternary "subPathExpr: $(POD_NAME).yml" "subPath: astrond.yml" .own }}
        readOnly: true
      {{- if .dc }}
      - {name: dc, mountPath: /etc/astrond/dc, readOnly: true}
      {{- end }}
      {{- if $values.nats.credentials.secret }}
      - {name: nats, mountPath: /etc/astrond/nats, readOnly: true}
      {{- end }}
      {{- if $values.nats.tls.caSecret }}
      - {name: nats-ca, mountPath: /etc/astrond/nats-ca, readOnly: true}
      {{- end }}
      {{- if .tls }}
      - {name: tls, mountPath: /etc/astrond/tls, readOnly: true}
      {{- end }}
      {{- if .storage }}
      - {name: data, mountPath: /data}
      {{- end }}
volumes:
  - name: configuration
    configMap: {name: {{ .configMap }}}
  {{- if .dc }}
  - name: dc
    configMap: {name: {{ $values.dc.configMap | default (printf "%s-dc" (include "natstron.fullname" .root)) }}}
  {{- end }}
  {{- with $values.nats.credentials.secret }}
  - name: nats
    secret: {secretName: {{ . }}, defaultMode: 0440}
  {{- end }}
  {{- with $values.nats.tls.caSecret }}
  - name: nats-ca
    secret: {secretName: {{ . }}}
  {{- end }}
  {{- with .tls }}
  - name: tls
    secret: {secretName: {{ . }}, defaultMode: 0440}
  {{- end }}
{{- end -}}
