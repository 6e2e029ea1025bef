{{/*
What an astrond.yml says that every process has in common, with `config` merged in, then the
values' `config`, first that of all processes. Call with a dictionary:

  root       $
  name       daemon.name
  values     the process's part of the values
  config     what this process has besides
  dc         whether it needs the DC files
*/}}
{{- define "natstron.config" -}}
{{- $values := .root.Values -}}
{{- $listen := $values.astrond.listen -}}
{{- $config := dict "daemon" (dict "name" .name) "web" (dict "bind" (printf "%s:8080" $listen)) -}}
{{- with $values.web.authentication.username -}}
{{- $_ := set $config.web "authentication" (dict "username" . "password" "${WEB_PASSWORD}") -}}
{{- end -}}
{{- $general := dict -}}
{{- if $values.eventLogger.enabled -}}
{{- $_ := set $general "eventlogger" (printf "%s-eventlogger:7197" (include "natstron.fullname" .root)) -}}
{{- end -}}
{{- if .dc -}}
{{- $files := list -}}
{{- if not $values.dc.files -}}
{{- fail "dc.files is empty: name the DC files of your game there, and in dc.configMap the ConfigMap that has them" -}}
{{- end -}}
{{- range $values.dc.files -}}
{{- if not (or $values.dc.configMap (hasKey $values.dc.texts .)) -}}
{{- fail (printf "dc.files names %s, which dc.texts does not have: give it with --set-file, or name a ConfigMap in dc.configMap" .) -}}
{{- end -}}
{{- $files = append $files (printf "dc/%s" .) -}}
{{- end -}}
{{- $_ := set $general "dc_files" $files -}}
{{- with $values.uberdogs }}{{ $_ := set $config "uberdogs" . }}{{ end -}}
{{- end -}}
{{- if and $general (not .last) }}{{ $_ := set $config "general" $general }}{{ end -}}
{{- $backbone := dict "urls" (include "natstron.natsURLs" .root | fromJsonArray) -}}
{{- if $values.nats.credentials.secret -}}
{{- $_ := set $backbone "credentials" (printf "nats/%s" $values.nats.credentials.key) -}}
{{- else -}}
{{- $_ := set $backbone "user" $values.nats.user -}}
{{- $_ := set $backbone "password" "${NATS_PASSWORD}" -}}
{{- end -}}
{{- if $values.nats.tls.enabled -}}
{{- $_ := set $backbone "tls" (ternary (dict "ca" "nats-ca/ca.crt") dict (ne $values.nats.tls.caSecret "")) -}}
{{- end -}}
{{- $_ := set $config "backbone" $backbone -}}
{{- mergeOverwrite $config .config (deepCopy $values.astrond.config) (deepCopy .values.config) | toYaml -}}
{{- end -}}

{{/* Where NATS is, as a list in JSON. */}}
{{- define "natstron.natsURLs" -}}
{{- $urls := .Values.nats.urls -}}
{{- if not $urls -}}
{{- $name := printf "%s-nats" (include "natstron.fullname" .) -}}
{{- range $i := until (int .Values.nats.replicas) -}}
{{- $urls = append $urls (printf "nats://%s-%d.%s:4222" $name $i $name) -}}
{{- end -}}
{{- end -}}
{{- toJson $urls -}}
{{- end -}}
