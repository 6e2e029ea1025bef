package helm

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// What a kubelet does for a pod, as far as processes of one machine can stand for pods: its
// files, its variables, its arguments. Each pod has an address of the loopback network, where
// it opens the ports that it opens on its own; names of Services and pods are replaced by these
// addresses, as no DNS has them.

// folder is the one that the image works in, where astrond.yml is.
const folder = "/etc/astrond"

type pod struct {
	name string
	ip   string
	dir  string // its file system
	spec corev1.PodSpec
	env  map[string]string
}

// node is a machine with the pods of a release.
type node struct {
	t       testing.TB
	dir     string
	cluster cluster
	given   map[string]map[string]string // Secrets and ConfigMaps that are the operator's, by name
	pods    map[string]*pod
	names   *strings.Replacer
}

// schedule gives every pod of a release its address and its files.
func schedule(t testing.TB, c cluster, given map[string]map[string]string) *node {
	t.Helper()
	n := &node{t: t, dir: t.TempDir(), cluster: c, given: given, pods: map[string]*pod{}}
	network := fmt.Sprintf("127.%d.%d.", 1+rand.IntN(250), rand.IntN(250))
	if l, err := net.Listen("tcp", network+"1:0"); err != nil {
		t.Skipf("this system has one loopback address only: %v", err)
	} else {
		l.Close()
	}
	var longest, rest []string // the names of pods begin with those of Services
	for _, w := range c.workloads {
		for i := range w.replicas {
			p := &pod{name: fmt.Sprintf("%s-%d", w.name, i), ip: network + fmt.Sprint(2+len(n.pods)), spec: w.template.Spec}
			p.dir = filepath.Join(n.dir, p.name)
			n.pods[p.name] = p
			if w.ordered {
				longest = append(longest, "//"+p.name+"."+w.name+":", "//"+p.ip+":")
			}
			if i == 0 {
				rest = append(rest, " "+w.name+":7", " "+p.ip+":7")
			}
		}
	}
	n.names = strings.NewReplacer(append(longest, rest...)...)
	for _, p := range n.pods {
		n.prepare(p)
	}
	return n
}

// secret returns what is in a Secret.
func (n *node) secret(name string) map[string]string {
	n.t.Helper()
	if s, ok := n.cluster.secrets[name]; ok {
		return s.StringData
	}
	return n.operators(name)
}

// configMap returns what is in a ConfigMap.
func (n *node) configMap(name string) map[string]string {
	n.t.Helper()
	if m, ok := n.cluster.configMaps[name]; ok {
		return m.Data
	}
	return n.operators(name)
}

func (n *node) operators(name string) map[string]string {
	n.t.Helper()
	given, ok := n.given[name]
	if !ok {
		n.t.Fatalf("nobody made %s", name)
	}
	return given
}

// prepare gives a pod its variables and files.
func (n *node) prepare(p *pod) {
	n.t.Helper()
	c := p.spec.Containers[0]
	p.env = map[string]string{}
	expand := func(text string) string {
		for name, value := range p.env {
			text = strings.ReplaceAll(text, "$("+name+")", value)
		}
		return text
	}
	for _, e := range c.Env {
		switch {
		case e.ValueFrom == nil:
			p.env[e.Name] = expand(e.Value)
		case e.ValueFrom.FieldRef != nil && e.ValueFrom.FieldRef.FieldPath == "metadata.name":
			p.env[e.Name] = p.name
		case e.ValueFrom.SecretKeyRef != nil:
			value, ok := n.secret(e.ValueFrom.SecretKeyRef.Name)[e.ValueFrom.SecretKeyRef.Key]
			if !ok {
				n.t.Fatalf("%s: %s has no %s", p.name, e.ValueFrom.SecretKeyRef.Name, e.ValueFrom.SecretKeyRef.Key)
			}
			p.env[e.Name] = value
		default:
			n.t.Fatalf("%s: where does %s come from?", p.name, e.Name)
		}
	}
	local := strings.NewReplacer("0.0.0.0", p.ip, "/data", filepath.Join(p.dir, "data"))
	if err := os.MkdirAll(filepath.Join(p.dir, "data"), 0o700); err != nil {
		n.t.Fatal(err)
	}
	for _, m := range c.VolumeMounts {
		files, ok := n.volume(p, m.Name)
		if !ok {
			continue
		}
		only := m.SubPath + expand(m.SubPathExpr)
		found := false
		for name, text := range files {
			file := filepath.Join(p.dir, m.MountPath, name)
			if only != "" {
				if name != only {
					continue
				}
				file = filepath.Join(p.dir, m.MountPath)
			}
			found = true
			if strings.HasSuffix(file, ".yml") || strings.HasSuffix(file, ".conf") {
				text = local.Replace(n.names.Replace(text))
			}
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				n.t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				n.t.Fatal(err)
			}
		}
		if !found {
			n.t.Fatalf("%s: %s has no %q", p.name, m.Name, only)
		}
	}
}

// volume returns the files of a volume; false is an empty one for data.
func (n *node) volume(p *pod, name string) (map[string]string, bool) {
	n.t.Helper()
	for _, v := range p.spec.Volumes {
		switch {
		case v.Name != name:
		case v.ConfigMap != nil:
			return n.configMap(v.ConfigMap.Name), true
		case v.Secret != nil:
			return n.secret(v.Secret.SecretName), true
		}
	}
	if name != "data" {
		n.t.Fatalf("%s has no volume %s", p.name, name)
	}
	return nil, false
}

// command is the binary with some arguments, as it runs in the pod.
func (p *pod) command(bin string, args ...string) *exec.Cmd {
	cmd := exec.Command(bin, args...)
	cmd.Dir = filepath.Join(p.dir, folder)
	cmd.Env = os.Environ()
	for name, value := range p.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

// runsAstrond reports whether a pod runs our image.
func (p *pod) runsAstrond() bool { return p.spec.Containers[0].Name == "astrond" }

// astrond builds the binary of this tree.
func astrond(t testing.TB) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "astrond")
	build := exec.Command("go", "build", "-o", bin, "./cmd/astrond")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return bin
}
