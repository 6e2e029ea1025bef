package helm

import (
	"bytes"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

const (
	chart = "natstron"
	root  = "../.." // of the project
)

// release is what is asked of Helm: files with values, and values beside them.
type release struct {
	name       string
	files      []string // of examples/kubernetes
	values     string   // YAML; wins over the files
	kubernetes string   // its version; "" is a new one
}

// releases are those that every test of a rendered chart goes through.
var releases = []release{
	{name: "hello", files: []string{"hello.yaml"}},
	{name: "production", files: []string{"production.yaml"}},
	{name: "three NATS servers", files: []string{"hello.yaml"}, values: `
nats: {replicas: 3, jetStream: {enabled: true}, observer: {enabled: true}, config: 'max_payload: 2MB'}
bridge: {replicas: 3}
networkPolicy: {nats: [{namespaceSelector: {}}]}
monitoring: {serviceMonitor: {enabled: true}}
web: {authentication: {username: operator, existingSecret: park-web}}`},
	{name: "credentials file, no limits", files: []string{"hello.yaml"}, values: `
nats: {urls: ['tls://nats.example.org'], credentials: {secret: park-credentials}, tls: {enabled: true}}
astrond: {resources: {limits: null, requests: null}}
image: {tag: sha-1}
imagePullSecrets: [{name: registry}]`},
	{name: "only a message director", files: []string{"hello.yaml"}, values: `
eventLogger: {enabled: false}
clientAgent: {enabled: false}
database: {enabled: false}
stateServer: {servers: []}
networkPolicy: {enabled: false}
astrond: {config: {backbone: {dead_after: 5s}}, env: [{name: EXTRA, value: "1"}], podSpec: {priorityClassName: high}}
bridge: {config: {messagedirector: {max_queue: 256MiB}}, podLabels: {a: b}, podSpec: {nodeSelector: {disk: fast}}}`},
	{name: "an old Kubernetes", files: []string{"hello.yaml"}, kubernetes: "1.29.0", values: `fullnameOverride: park`},
}

// set returns the values of a release.
func (r release) set(t testing.TB) map[string]any {
	t.Helper()
	all := map[string]any{}
	for _, file := range r.files {
		text, err := os.ReadFile(path.Join(root, "examples/kubernetes", file))
		if err != nil {
			t.Fatal(err)
		}
		all = chartutil.CoalesceTables(parse(t, string(text)), all)
	}
	all = chartutil.CoalesceTables(parse(t, r.values), all)
	if slices.Contains(r.files, "hello.yaml") { // --set-file
		text, err := os.ReadFile(path.Join(root, "examples/hello/hello.dc"))
		if err != nil {
			t.Fatal(err)
		}
		all["dc"].(map[string]any)["texts"] = map[string]any{"hello.dc": string(text)}
	}
	return all
}

func parse(t testing.TB, text string) map[string]any {
	t.Helper()
	values := map[string]any{}
	if err := yaml.UnmarshalStrict([]byte(text), &values); err != nil {
		t.Fatal(err)
	}
	return values
}

func (r release) version(t testing.TB) *chartutil.KubeVersion {
	t.Helper()
	text := r.kubernetes
	if text == "" {
		text = kubernetes
	}
	v, err := chartutil.ParseKubeVersion(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// render is what `helm template` does: the manifests, and the notes.
func (r release) render(t testing.TB) (manifests [][]byte, notes string, err error) {
	t.Helper()
	c, err := loader.LoadDir(chart)
	if err != nil {
		t.Fatal(err)
	}
	capabilities := *chartutil.DefaultCapabilities
	capabilities.KubeVersion = *r.version(t)
	values, err := chartutil.ToRenderValues(c, r.set(t), chartutil.ReleaseOptions{Name: "game", Namespace: "park", Revision: 1, IsInstall: true}, &capabilities)
	if err != nil {
		return nil, "", err
	}
	files, err := engine.Render(c, values)
	if err != nil {
		return nil, "", err
	}
	for name, text := range files {
		if strings.HasSuffix(name, "NOTES.txt") {
			notes = text
			continue
		}
		for part := range bytes.SplitSeq([]byte("\n"+text), []byte("\n---\n")) {
			if len(bytes.TrimSpace(part)) > 0 {
				manifests = append(manifests, part)
			}
		}
	}
	return manifests, notes, nil
}

// cluster is what was rendered, by kind and name.
type cluster struct {
	kinds      map[string][]string
	configMaps map[string]corev1.ConfigMap
	secrets    map[string]corev1.Secret
	services   map[string]corev1.Service
	workloads  map[string]workload
}

// workload is what makes pods.
type workload struct {
	name     string
	replicas int
	ordered  bool // a StatefulSet
	metav1.LabelSelector
	template corev1.PodTemplateSpec
}

// rendered renders a release, and reads it.
func (r release) rendered(t testing.TB) cluster {
	t.Helper()
	manifests, _, err := r.render(t)
	if err != nil {
		t.Fatal(err)
	}
	c := cluster{map[string][]string{}, map[string]corev1.ConfigMap{}, map[string]corev1.Secret{}, map[string]corev1.Service{}, map[string]workload{}}
	for _, text := range manifests {
		var head metav1.PartialObjectMetadata
		read(t, text, &head, false)
		c.kinds[head.Kind] = append(c.kinds[head.Kind], head.Name)
		switch head.Kind {
		case "ConfigMap":
			c.configMaps[head.Name] = as[corev1.ConfigMap](t, text)
		case "Secret":
			c.secrets[head.Name] = as[corev1.Secret](t, text)
		case "Service":
			c.services[head.Name] = as[corev1.Service](t, text)
		case "StatefulSet":
			s := as[appsv1.StatefulSet](t, text)
			c.workloads[head.Name] = workload{s.Name, int(*s.Spec.Replicas), true, *s.Spec.Selector, s.Spec.Template}
		case "Deployment":
			d := as[appsv1.Deployment](t, text)
			c.workloads[head.Name] = workload{d.Name, int(*d.Spec.Replicas), false, *d.Spec.Selector, d.Spec.Template}
		}
	}
	return c
}

func as[T any](t testing.TB, text []byte) T {
	t.Helper()
	var v T
	read(t, text, &v, true)
	return v
}

func read(t testing.TB, text []byte, into any, strict bool) {
	t.Helper()
	unmarshal := yaml.Unmarshal
	if strict {
		unmarshal = yaml.UnmarshalStrict
	}
	if err := unmarshal(text, into); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
}
