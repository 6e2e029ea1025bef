{{/*
What processes claim must not overlap, which no process can see in its own astrond.yml: one
pair of state servers on a control channel answers everything twice, and a client whose channel
is an object's doId gets the object's messages. Fails with the two that do.
*/}}
{{- define "natstron.claims" -}}
{{- $claims := list -}}
{{- with .Values.clientAgent }}{{ if .enabled -}}
{{- $first := int64 .firstChannel -}}
{{- $claims = append $claims (list "clientAgent" "the channels of clients" $first (sub (add $first (mul (int64 .maxReplicas) (int64 .channelsPerPod))) 1)) -}}
{{- end }}{{ end -}}
{{- range $i, $server := .Values.stateServer.servers -}}
{{- $claims = append $claims (list "control" (printf "stateServer.servers[%d].control" $i) (int64 .control) (int64 .control)) -}}
{{- range .ranges -}}
{{- $claims = append $claims (list "doid" (printf "stateServer.servers[%d].ranges" $i) (int64 .min) (int64 (.max | default 4294967295))) -}}
{{- end -}}
{{- end -}}
{{- with .Values.database }}{{ if .enabled -}}
{{- $claims = append $claims (list "control" "database.control" (int64 .control) (int64 .control)) -}}
{{- $claims = append $claims (list "doid" "database.generate" (int64 .generate.min) (int64 (.generate.max | default 4294967295))) -}}
{{- if .dbss }}{{ $claims = append $claims (list "dbss" "the dbss in the database's process" (int64 .generate.min) (int64 (.generate.max | default 4294967295))) }}{{ end -}}
{{- end }}{{ end -}}
{{- range $i, $server := .Values.dbss.servers -}}
{{- range .ranges -}}
{{- $claims = append $claims (list "dbss" (printf "dbss.servers[%d].ranges" $i) (int64 .min) (int64 (.max | default 4294967295))) -}}
{{- end -}}
{{- end -}}
{{- range $i, $a := $claims -}}
{{- range $j, $b := $claims -}}
{{- /* A dbss lives on the ids of a database, and control channels may lie in a range of doIds that nobody uses. */ -}}
{{- $alike := or (eq (index $a 0) (index $b 0)) (eq (index $a 0) "clientAgent") -}}
{{- if and (ne $i $j) $alike (le (index $a 2) (index $b 3)) (le (index $b 2) (index $a 3)) -}}
{{- fail (printf "%s, %d to %d, and %s, %d to %d, overlap: no two processes may share a channel" (index $a 1) (index $a 2) (index $a 3) (index $b 1) (index $b 2) (index $b 3)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
