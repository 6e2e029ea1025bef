{{/* nats.conf. Its variables have quotes of their own, see natstron.natsPod. */}}
{{- define "natstron.natsConfig" -}}
{{- $name := printf "%s-nats" (include "natstron.fullname" .) -}}
{{- with .Values.nats -}}
server_name: $POD_NAME
port: 4222
http_port: 8222
{{- if gt (int .replicas) 1 }}

# All of them are named, so that a connection that breaks and is made again is noticed.
cluster {
  name: {{ $name }}
  port: 6222
  routes: [
    {{- range $i := until (int .replicas) }}
    nats-route://{{ $name }}-{{ $i }}.{{ $name }}:6222
    {{- end }}
  ]
}
{{- end }}
{{- if .jetStream.enabled }}

# A stream that captures astron.> must have no_ack, or it answers every datagram as if it were
# a question.
jetstream {
  store_dir: /data
}
{{- end }}

# One slow client must not slow down all that send to it.
no_fast_producer_stall: true

# There are more subjects than the server would keep subscribers of: that costs more than it saves.
no_sublist_cache: true

# A dead host is noticed within three of these.
ping_interval: "5s"
ping_max: 2

accounts {
  GAME {
    {{- if .jetStream.enabled }}
    jetstream: enabled
    {{- end }}
    users = [
      # The astrond processes. Anyone who has this password can do anything in the game.
      { user: {{ .user | quote }}, password: $NATS_PASSWORD }
      {{- if .observer.enabled }}
      # May look, and say nothing.
      { user: {{ .observer.user | quote }}, password: $OBSERVER_PASSWORD
        permissions: {
          subscribe: ["astron.>", "astronctl.>"]
          publish: { deny: ">" }
        } }
      {{- end }}
    ]
  }
}
{{- with .config }}

{{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The specification of the servers' pods. */}}
{{- define "natstron.natsPod" -}}
{{- $root := . -}}
{{- with .Values.nats -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext: {{- include "natstron.podSecurity" . | nindent 2 }}
terminationGracePeriodSeconds: 30
{{- if gt (int .replicas) 1 }}
affinity:
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels: {{- include "natstron.selector" (list $root "nats") | nindent 14 }}
{{- end }}
containers:
  - name: nats
    image: "{{ .image.repository }}:{{ .image.tag }}"
    imagePullPolicy: {{ .image.pullPolicy }}
    command: [nats-server, --config, /etc/nats/nats.conf]
    securityContext: {{- include "natstron.containerSecurity" . | nindent 6 }}
    resources: {{- toYaml .resources | nindent 6 }}
    env:
      - name: POD_NAME
        valueFrom: {fieldRef: {fieldPath: metadata.name}}
      # NATS reads a variable as it reads the file: in quotes, or 1234 would be a number there.
      - name: PLAIN_NATS_PASSWORD
        valueFrom: {secretKeyRef: {name: {{ include "natstron.natsSecret" $root }}, key: {{ .passwordKey }}}}
      - {name: NATS_PASSWORD, value: "'$(PLAIN_NATS_PASSWORD)'"}
      {{- if .observer.enabled }}
      - name: PLAIN_OBSERVER_PASSWORD
        valueFrom: {secretKeyRef: {name: {{ include "natstron.natsSecret" $root }}, key: {{ .observer.passwordKey }}}}
      - {name: OBSERVER_PASSWORD, value: "'$(PLAIN_OBSERVER_PASSWORD)'"}
      {{- end }}
    ports:
      - {name: nats, containerPort: 4222}
      - {name: cluster, containerPort: 6222}
      - {name: monitor, containerPort: 8222}
    startupProbe:
      httpGet: {path: /healthz, port: monitor}
      periodSeconds: 1
      failureThreshold: 120
    livenessProbe:
      httpGet: {path: "/healthz?js-server-only=true", port: monitor}
      periodSeconds: 10
      timeoutSeconds: 5
      failureThreshold: 6
    readinessProbe:
      httpGet: {path: "/healthz?js-server-only=true", port: monitor}
      periodSeconds: 5
      timeoutSeconds: 3
    volumeMounts:
      - {name: configuration, mountPath: /etc/nats, readOnly: true}
      {{- if .jetStream.enabled }}
      - {name: data, mountPath: /data}
      {{- end }}
volumes:
  - name: configuration
    configMap: {name: {{ include "natstron.fullname" $root }}-nats}
{{- end }}
{{- end -}}
