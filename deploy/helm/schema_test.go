package helm

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/yannh/kubeconform/pkg/validator"
)

// kubernetes is the version whose API the manifests are checked against.
const kubernetes = "1.34.3"

// kubeconform reads one JSON schema for each kind, by default from a site of its author's that
// makes them from the OpenAPI description of the Kubernetes API. That description is in the
// module k8s.io/kubernetes, too: so the schemas are made here, of the same source, and come with
// the checksum that the Go command verifies.
//
// schemas makes those of some kinds, and returns where kubeconform finds them.
func schemas(t testing.TB, kinds []string) string {
	t.Helper()
	out, err := exec.Command("go", "mod", "download", "-json", "k8s.io/kubernetes@v"+kubernetes).Output()
	var module struct{ Dir, Error string }
	if json.Unmarshal(out, &module) != nil || err != nil || module.Dir == "" {
		t.Skipf("########## NO KUBERNETES API DESCRIPTION HERE (%v %s): NO MANIFEST IS CHECKED BY KUBECONFORM ##########", err, module.Error)
	}
	text, err := os.ReadFile(filepath.Join(module.Dir, "api/openapi-spec/swagger.json"))
	if err != nil {
		t.Fatal(err)
	}
	var api struct {
		Definitions map[string]map[string]any `json:"definitions"`
	}
	if err := json.Unmarshal(text, &api); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, d := range api.Definitions {
		strict(name, d)
	}
	for _, d := range api.Definitions {
		meant, _ := d["x-kubernetes-group-version-kind"].([]any)
		if len(meant) != 1 {
			continue // none, or one that all groups share
		}
		id := meant[0].(map[string]any)
		kind, group, version := id["kind"].(string), id["group"].(string), id["version"].(string)
		if !slices.Contains(kinds, kind) {
			continue
		}
		needed := map[string]any{}
		collect(api.Definitions, d, needed)
		schema, err := json.Marshal(map[string]any{"allOf": []any{d}, "definitions": needed})
		if err != nil {
			t.Fatal(err)
		}
		file := strings.ToLower(kind) + "-" + strings.ReplaceAll(strings.TrimPrefix(group+"/", "/")+version, "/", "-") + ".json"
		if err := os.WriteFile(filepath.Join(dir, file), schema, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir + `/{{ .ResourceKind }}{{ if ne .Group .ResourceAPIVersion }}-{{ .Group }}{{ end }}-{{ .ResourceAPIVersion }}.json`
}

// strict has a definition allow no keys but its own. Two types are written as numbers or texts.
func strict(name string, d map[string]any) {
	switch {
	case strings.HasSuffix(name, "intstr.IntOrString"), strings.HasSuffix(name, "resource.Quantity"):
		d["type"] = []any{"string", "number"}
		delete(d, "format")
	case d["properties"] != nil:
		d["additionalProperties"] = false
	}
}

// collect adds what a part of the description refers to.
func collect(all map[string]map[string]any, part any, needed map[string]any) {
	switch v := part.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			name := strings.TrimPrefix(ref, "#/definitions/")
			if needed[name] == nil {
				needed[name] = all[name]
				collect(all, all[name], needed)
			}
		}
		for _, inner := range v {
			collect(all, inner, needed)
		}
	case []any:
		for _, inner := range v {
			collect(all, inner, needed)
		}
	}
}

// native are the kinds of Kubernetes itself that the chart has.
var native = []string{"ConfigMap", "Secret", "Service", "Deployment", "StatefulSet", "PodDisruptionBudget", "NetworkPolicy"}

// Every manifest of every release is what the Kubernetes API takes: no unknown key, no wrong
// type, nothing missing. kubeconform says so; the two kinds of the Prometheus operator are held
// against its own types.
func TestManifests(t *testing.T) {
	v, err := validator.New([]string{schemas(t, native)}, validator.Opts{Strict: true, KubernetesVersion: kubernetes})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	check := func(t *testing.T, text []byte) (problems []string) {
		if bytes.Contains(text, []byte("\nkind: ServiceMonitor\n")) {
			as[monitoringv1.ServiceMonitor](t, text)
			seen["ServiceMonitor"]++
			return nil
		}
		if bytes.Contains(text, []byte("\nkind: PrometheusRule\n")) {
			as[monitoringv1.PrometheusRule](t, text)
			seen["PrometheusRule"]++
			return nil
		}
		for _, r := range v.Validate("", io.NopCloser(bytes.NewReader(text))) {
			if r.Status != validator.Valid {
				problems = append(problems, r.Err.Error())
				continue
			}
			sig, err := r.Resource.Signature()
			if err != nil {
				t.Fatal(err)
			}
			seen[sig.Kind]++
		}
		return problems
	}
	for _, r := range releases {
		t.Run(r.name, func(t *testing.T) {
			manifests, _, err := r.render(t)
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range manifests {
				if problems := check(t, text); len(problems) > 0 {
					t.Errorf("%s\n%s", strings.Join(problems, "\n"), text)
				}
			}
		})
	}
	for _, kind := range append(native, "ServiceMonitor", "PrometheusRule") {
		if seen[kind] == 0 {
			t.Errorf("no release has a %s", kind)
		}
	}

	// The checks do find faults.
	manifests, _, err := releases[0].render(t)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range [][2]string{{"replicas: 1\n", "replica: 1\n"}, {"replicas: 1\n", "replicas: one\n"}, {"maxUnavailable: 1\n", "maxUnavailable: []\n"}, {"  selector:\n    matchLabels:", "  select:\n    matchLabels:"}, {"containerPort: 8080", "containerPort: many"}, {"type: ClusterIP", "typ: ClusterIP"}} {
		found := false
		for _, text := range manifests {
			broken := bytes.Replace(text, []byte(fault[0]), []byte(fault[1]), 1)
			found = found || !bytes.Equal(broken, text) && len(check(t, broken)) > 0
		}
		if !found {
			t.Errorf("%q instead of %q is not noticed", fault[1], fault[0])
		}
	}
}
