package helm

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
)

// What `helm lint` says, with the default values and with those of every release.
func TestLint(t *testing.T) {
	for _, r := range append([]release{{name: "default values"}}, releases...) {
		t.Run(r.name, func(t *testing.T) {
			for _, m := range lint.AllWithKubeVersion(chart, r.set(t), "park", r.version(t)).Messages {
				if m.Severity >= support.WarningSev {
					t.Error(m)
				}
			}
		})
	}
}

// Values that cannot work are refused, and the message says what to do.
func TestRefusedValues(t *testing.T) {
	for _, test := range []struct{ values, says string }{
		{"dc: {files: []}", "name the DC files"},
		{"dc: {files: [park.dc]}", "which dc.texts does not have"},
		{"dc: {file: [park.dc]}", "additional properties 'file' not allowed"},
		{"clientAgent: {version: ''}", "clientAgent.version"},
		{"clientAgent: {replicas: 17}", "clientAgent.replicas is 17"},
		{"clientAgent: {drain_timeout: 5s}", "additional properties"},
		{"clientAgent: {firstChannel: 400000}", "the channels of clients, 400000 to 16399999, and stateServer.servers[0].control, 402000 to 402000, overlap"},
		{"clientAgent: {firstChannel: 390000000}", "database.generate"},
		{"database: {control: 402000}", "stateServer.servers[0].control, 402000 to 402000, and database.control"},
		{"stateServer: {servers: [{control: 402000}, {control: 402000}]}", "overlap"},
		{"stateServer: {servers: [{control: 1, ranges: []}]}", "minimum: got 1, want 1,000"},
		{"stateServer: {servers: [{control: 402000, ranges: [{min: 10000, max: 25000}]}, {control: 403000, ranges: [{min: 20000, max: 30000}]}]}", "stateServer.servers[0].ranges, 10000 to 25000, and stateServer.servers[1].ranges"},
		{"dbss: {servers: [{ranges: [{min: 100000000, max: 100000001}]}]}", "the dbss in the database's process"},
		{"database: {backend: mongodb}", "database.mongodb.existingSecret"},
		{"database: {backend: soci}", "backend"},
		{"web: {authentication: {username: operator}}", "web.authentication.existingSecret"},
		{"nats: {password: \"it's\"}", "nats/password"},
		{"nats: {replicas: 2}", "nats/replicas"},
		{"nats: {urls: ['nats.example.org']}", "nats/urls/0"},
	} {
		_, _, err := release{files: []string{"hello.yaml"}, values: test.values}.render(t)
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), ".nats.", "nats/"), test.says) {
			t.Errorf("%s: %v, want %q", test.values, err, test.says)
		}
	}
}

// Whatever selects pods, selects those that it should, and each named port is there.
func TestSelectors(t *testing.T) {
	for _, r := range releases {
		t.Run(r.name, func(t *testing.T) {
			c := r.rendered(t)
			for _, s := range c.services {
				var chosen []string
				for name, w := range c.workloads {
					if !matches(s.Spec.Selector, w.template.Labels) {
						continue
					}
					var ports []string
					for _, p := range w.template.Spec.Containers[0].Ports {
						ports = append(ports, p.Name)
					}
					for _, p := range s.Spec.Ports {
						if slices.Contains(ports, p.TargetPort.StrVal) {
							chosen = append(chosen, name)
						}
					}
				}
				slices.Sort(chosen)
				want := []string{s.Name}
				if strings.HasSuffix(s.Name, "-pods") {
					want = slices.DeleteFunc(slices.Sorted(maps.Keys(c.workloads)), func(n string) bool { return strings.HasSuffix(n, "-nats") })
				}
				if !slices.Equal(slices.Compact(chosen), want) {
					t.Errorf("the Service %s leads to %v, want %v", s.Name, chosen, want)
				}
			}
			for name, w := range c.workloads {
				for other, o := range c.workloads {
					if matches(w.MatchLabels, o.template.Labels) != (name == other) {
						t.Errorf("%s takes the pods of %s for its own: %t", name, other, name != other)
					}
				}
			}
		})
	}
}

func matches(selector, labels map[string]string) bool {
	for key, value := range selector {
		if labels[key] != value {
			return false
		}
	}
	return true
}

// A pod has no rights, and an end.
func TestPods(t *testing.T) {
	for _, r := range releases {
		t.Run(r.name, func(t *testing.T) {
			for name, w := range r.rendered(t).workloads {
				pod, container := w.template.Spec, w.template.Spec.Containers[0]
				s := container.SecurityContext
				if !*pod.SecurityContext.RunAsNonRoot || *pod.AutomountServiceAccountToken || *s.AllowPrivilegeEscalation || !*s.ReadOnlyRootFilesystem || len(s.Capabilities.Drop) != 1 {
					t.Errorf("%s may do more than it needs", name)
				}
				if container.LivenessProbe == nil || container.ReadinessProbe == nil || container.StartupProbe == nil {
					t.Errorf("nobody asks %s how it is", name)
				}
				if lingers := container.Lifecycle != nil; lingers != (strings.HasSuffix(name, "-clientagent") && r.kubernetes == "") {
					t.Errorf("%s goes on for a while when it is to end: %t", name, lingers)
				}
			}
		})
	}
}

// Raising the number of ranges, or adding a state server, restarts nobody; a change of the
// configuration restarts those that it is for.
func TestRestarts(t *testing.T) {
	templates := func(values string) map[string]string {
		all := map[string]string{}
		for name, w := range (release{files: []string{"hello.yaml"}, values: values}).rendered(t).workloads {
			all[name] = w.template.String()
		}
		return all
	}
	before := templates("")
	for _, test := range []struct{ values, restarts string }{
		{"clientAgent: {maxReplicas: 20}", ""},
		{"stateServer: {servers: [{control: 402000, ranges: [{min: 10000, max: 99999999}]}, {control: 403000}]}", ""},
		{"stateServer: {servers: [{control: 402000, ranges: [{min: 10000, max: 99999998}]}]}", "game-natstron-stateserver-402000"},
		{"clientAgent: {role: {client: {relocate: true}}}", "game-natstron-clientagent"},
		{"database: {config: {daemon: {name: other}}}", "game-natstron-database"},
		{"nats: {config: 'max_payload: 2MB'}", "game-natstron-nats"},
	} {
		var changed []string
		for name, after := range templates(test.values) {
			if was, ok := before[name]; ok && was != after {
				changed = append(changed, name)
			}
		}
		if got := strings.Join(changed, " "); got != test.restarts {
			t.Errorf("%s restarts %q, want %q", test.values, got, test.restarts)
		}
	}
}

// The notes name what there is.
func TestNotes(t *testing.T) {
	for _, r := range releases {
		_, notes, err := r.render(t)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(notes, "<no value>") || strings.Contains(notes, "%!") || len(notes) < 200 {
			t.Errorf("%s:\n%s", r.name, notes)
		}
	}
}
