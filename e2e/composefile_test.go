package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// docker-compose.yml, and everything that it names.
//
// There need be no Docker: what is in the file is held against the files, the binary and the documents; that it
// runs is shown by TestComposeCluster.

const root = ".." // of the project

type composeFile struct {
	Name     string
	Services map[string]*composeService
	Volumes  map[string]any

	Service      any `yaml:"x-service"`
	Unprivileged any `yaml:"x-unprivileged"`
	Astrond      any `yaml:"x-astrond"`
	Environment  any `yaml:"x-environment"`
	Healthcheck  any `yaml:"x-healthcheck"`
}

type composeService struct {
	Image, Restart, User string
	Build                *struct {
		Context string
		Args    map[string]string
	}
	PullPolicy            string `yaml:"pull_policy"`
	Command               []string
	Environment           map[string]string
	Volumes, Ports, Tmpfs []string
	Profiles              []string
	Init                  bool
	ReadOnly              bool     `yaml:"read_only"`
	CapDrop               []string `yaml:"cap_drop"`
	SecurityOpt           []string `yaml:"security_opt"`
	StopGracePeriod       string   `yaml:"stop_grace_period"`
	MemLimit              string   `yaml:"mem_limit"`
	CPUs                  float64  `yaml:"cpus"`
	PidsLimit             int      `yaml:"pids_limit"`
	Logging               struct {
		Driver  string
		Options map[string]string
	}
	Healthcheck composeHealth
	DependsOn   map[string]composeNeed `yaml:"depends_on"`
	mounts      []mount
	textOfIt    string // of an astrond service: its configuration
}

// composeNeed is how far another service has to be.
type composeNeed struct {
	Condition string
	Required  *bool
}

type composeHealth struct {
	Test              []string
	Interval, Timeout string
	Retries           int
	StartPeriod       string `yaml:"start_period"`
}

// configuration is where astrond finds it in the image by default.
const configuration = "/etc/astrond/astrond.yml"

// mount is a file or folder of the project, or a volume, in a container.
type mount struct {
	from, to string
	volume   bool
}

// isAstrond reports whether the service runs an astrond.
func (s *composeService) isAstrond() bool { return s.Image == "natstron" && !s.isTask() }

// isTask reports whether the service does something once, and ends.
func (s *composeService) isTask() bool { return s.Restart == "no" || s.Restart == "on-failure" }

// readCompose reads the file. A key that it does not know is an error; one that is merged
// in, and given another value, is none.
func readCompose(t testing.TB) *composeFile {
	t.Helper()
	text := read(t, root, "docker-compose.yml")
	var file composeFile
	must(t, yaml.UnmarshalWithOptions([]byte(text), &file, yaml.Strict(), yaml.AllowDuplicateMapKey()))
	for name, s := range file.Services {
		for _, v := range s.Volumes {
			parts := strings.Split(v, ":")
			m := mount{from: parts[0], to: parts[1], volume: !strings.HasPrefix(parts[0], ".")}
			if !m.volume && (len(parts) != 3 || parts[2] != "ro") {
				t.Errorf("%s can write to %s", name, m.from)
			}
			s.mounts = append(s.mounts, m)
		}
		if s.isAstrond() {
			s.textOfIt = s.read(t, configuration)
		}
	}
	return &file
}

// source is the file of the project that is mounted at a path.
func (s *composeService) source(inside string) (string, bool) {
	for _, m := range s.mounts {
		if below, ok := strings.CutPrefix(inside, m.to); ok && !m.volume && (below == "" || below[0] == '/') {
			return filepath.Join(root, m.from, below), true
		}
	}
	return "", false
}

// read is the text of a mounted file.
func (s *composeService) read(t testing.TB, inside string) string {
	t.Helper()
	file, ok := s.source(inside)
	if !ok {
		t.Fatalf("nothing is mounted at %s", inside)
	}
	return read(t, file)
}

var variable = regexp.MustCompile(`\$\{(\w+)(?::-([^}]*))?\}`)

// byDefault is a text of the file where the environment sets nothing.
func byDefault(text string) string { return variable.ReplaceAllString(text, "$2") }

// publishedPort is a port that is open on the host.
type publishedPort struct{ host, outside, inside, protocol string }

func openPort(t testing.TB, text string) publishedPort {
	t.Helper()
	parts := strings.Split(byDefault(text), ":")
	if len(parts) != 3 {
		t.Fatalf("%q is no port with an address", text)
	}
	inside, protocol, _ := strings.Cut(parts[2], "/")
	return publishedPort{parts[0], parts[1], inside, protocol}
}

func TestComposeFile(t *testing.T) {
	t.Parallel()
	file := readCompose(t)
	used, outside, built := map[string]bool{}, map[string]string{}, 0
	for name, s := range file.Services {
		if s.Restart != "unless-stopped" && !s.isTask() {
			t.Errorf("%s stays away when it has failed", name)
		}
		if s.Image != "natstron" && !regexp.MustCompile(`:v?\d+\.\d+\.\d+(-\w+)?$`).MatchString(s.Image) {
			t.Errorf("%s runs whatever is the latest %s", name, s.Image)
		}
		if s.Build != nil {
			built++
		}
		if len(s.Healthcheck.Test) < 2 && !s.isTask() && name != "ai" || len(s.Healthcheck.Test) > 0 && s.Healthcheck.Test[0] != "CMD" {
			t.Errorf("%s is not health-checked", name)
		}
		if s.MemLimit == "" || s.CPUs == 0 || s.CPUs > 1 || s.PidsLimit == 0 || s.Logging.Options["max-size"] == "" || len(s.SecurityOpt) != 1 {
			t.Errorf("%s may take as much as it likes, or more than a machine of one processor has", name)
		}
		for _, m := range s.mounts {
			if m.volume {
				used[m.from] = true
			} else if _, err := os.Stat(filepath.Join(root, m.from)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, text := range s.Ports {
			p := openPort(t, text)
			if p.host != "127.0.0.1" {
				t.Errorf("%s opens port %s to everybody", name, p.outside)
			}
			if players := strings.HasPrefix(text, "${BIND:-"); players != (p.outside == "7198") {
				t.Errorf("BIND, which is for players alone, opens %s: %t", p.outside, players)
			}
			if other, taken := outside[p.outside+p.protocol]; taken {
				t.Errorf("%s and %s both want port %s", name, other, p.outside)
			}
			outside[p.outside+p.protocol] = name
		}
		for needed, how := range s.DependsOn {
			other := file.Services[needed]
			want := "service_healthy"
			switch {
			case other == nil:
				t.Errorf("%s depends on %s, which there is not", name, needed)
				continue
			case other.isTask():
				want = "service_completed_successfully"
			case len(other.Healthcheck.Test) == 0 || s.isTask(): // which looks for itself
				want = "service_started"
			}
			if how.Condition != want {
				t.Errorf("%s waits until %s is %s, want %s", name, needed, how.Condition, want)
			}
			if optional := how.Required != nil && !*how.Required; optional != (len(other.Profiles) > 0 && len(s.Profiles) == 0) {
				t.Errorf("%s can do without %s: %t", name, needed, optional)
			}
		}
	}
	if built != 1 {
		t.Errorf("one image is built by %d services", built)
	}
	for v := range file.Volumes {
		if !used[v] {
			t.Errorf("nobody uses the volume %s", v)
		}
	}
	for v := range used {
		if _, ok := file.Volumes[v]; !ok {
			t.Errorf("there is no volume %s", v)
		}
	}
	order := inOrder(t, file)
	if slices.Index(order, "bridge") > slices.Index(order, "clientagent") {
		t.Error("the AIs are thrown out before the players have left")
	}
}

// inOrder is the services with what they depend on before them.
func inOrder(t testing.TB, file *composeFile) []string {
	t.Helper()
	var order []string
	var visit func(name string, above []string)
	visit = func(name string, above []string) {
		if slices.Contains(above, name) {
			t.Fatalf("%v wait for each other", above)
		}
		if slices.Contains(order, name) {
			return
		}
		for _, needed := range slices.Sorted(maps.Keys(file.Services[name].DependsOn)) {
			visit(needed, append(above, name))
		}
		order = append(order, name)
	}
	for _, name := range slices.Sorted(maps.Keys(file.Services)) {
		visit(name, nil)
	}
	return order
}

// The services that run our image: against the Dockerfile, and their
// configuration.
func TestComposeAstrond(t *testing.T) {
	t.Parallel()
	file := readCompose(t)
	dockerfile := read(t, root, "Dockerfile")
	for _, want := range []string{"\nENTRYPOINT [\"/astrond\"]\n", " /astrond\n", "\nUSER 65532:65532\nWORKDIR " + path.Dir(configuration) + "\n", "CGO_ENABLED=0", "--chown=65532:65532 /out/data /data\n"} {
		if !strings.Contains(dockerfile, want) {
			t.Errorf("the Dockerfile lacks %q", want)
		}
	}
	exposed := regexp.MustCompile(`(?m)^EXPOSE (.*)$`).FindStringSubmatch(dockerfile)
	count := 0
	for name, s := range file.Services {
		if !s.isAstrond() {
			continue
		}
		count++
		if s.PullPolicy != "never" || s.User != "65532:65532" || !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || len(s.SecurityOpt) != 1 {
			t.Errorf("%s may do more than it needs", name)
		}
		if !slices.Equal(s.Healthcheck.Test, []string{"CMD", "/astrond", "health"}) || len(s.Command) > 0 {
			t.Errorf("%s is health-checked by %q", name, s.Healthcheck.Test)
		}
		for _, p := range s.Ports {
			inside := openPort(t, p).inside
			if !strings.Contains(s.textOfIt, "0.0.0.0:"+inside+"\n") {
				t.Errorf("%s opens port %s, which its configuration does not", name, inside)
			}
			if !strings.Contains(exposed[1], inside) {
				t.Errorf("the Dockerfile does not expose %s", inside)
			}
		}
		for _, v := range variable.FindAllStringSubmatch(s.textOfIt, -1) {
			if byDefault(s.Environment[v[1]]) == "" {
				t.Errorf("%s is not given %s", name, v[1])
			}
		}
		for _, m := range s.mounts {
			if m.volume && m.to != "/data" {
				t.Errorf("%s has a volume at %s, where it may not write", name, m.to)
			}
			if !m.volume && path.Dir(m.to) != path.Dir(configuration) {
				t.Errorf("%s has %s where nothing looks for it", name, m.to)
			}
		}
	}
	if count != 5 {
		t.Errorf("%d services run astrond", count)
	}
}

// The image has nothing in it but the binary, so that must need no C library: no
// package of it, but for those of Go that can do without, has any C in it.
func TestImageNeedsNoC(t *testing.T) {
	t.Parallel()
	list := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}} {{.CgoFiles}}{{end}}", "natstron/cmd/astrond")
	list.Env = append(os.Environ(), "CGO_ENABLED=1")
	out, err := list.Output()
	must(t, err)
	if strings.Count(string(out), "\n") < 50 {
		t.Errorf("only these packages were looked at:\n%s", out)
	}
	for line := range strings.Lines(string(out)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasSuffix(line, " []") {
			t.Errorf("needs C: %s", line)
		}
	}
	list = exec.Command("go", "list", "-deps", "natstron/cmd/astrond")
	list.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := list.CombinedOutput(); err != nil {
		t.Errorf("without C: %v\n%s", err, out)
	}
}

// What the image is built of is all in its context, and nothing else is: a change of a
// document or a test rebuilds nothing.
func TestImageContext(t *testing.T) {
	t.Parallel()
	text := read(t, root, ".dockerignore")
	unused := map[string]bool{"go.mod": false, "go.sum": false, "LICENSE": false}
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "!"); ok {
			if _, known := unused[name]; !known {
				unused[name] = true
			}
		}
	}
	if !strings.Contains(text, "\n*\n") {
		t.Error(".dockerignore does not begin with nothing")
	}
	list := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if .Main}}{{$.ImportPath}}{{range $.EmbedFiles}} {{.}}{{end}}{{end}}{{end}}", "natstron/cmd/astrond")
	out, err := list.Output()
	must(t, err)
	packages := strings.Fields(string(out))
	if len(packages) < 20 {
		t.Errorf("only these packages were looked at: %v", packages)
	}
	for _, p := range packages {
		below, ok := strings.CutPrefix(p, "natstron/")
		if !ok {
			continue // an embedded file
		}
		within := ""
		for name := range unused {
			if strings.HasPrefix(below+"/", name+"/") {
				within = name
			}
		}
		if within == "" || strings.Contains(below, "testdata") {
			t.Errorf("%s is not in the context of the image", p)
			continue
		}
		unused[within] = false
	}
	for name, is := range unused {
		if is {
			t.Errorf("%s is in the context, but nothing of it in the binary", name)
		}
	}
}

// listens reports whether a service opens a port inside the network.
func (f *composeFile) listens(address string) bool {
	host, inside, err := net.SplitHostPort(address)
	if err != nil || f.Services[host] == nil {
		return false
	}
	for _, p := range f.Services[host].Ports {
		if _, rest, ok := strings.Cut(byDefault(p), ":"); ok {
			_, at, _ := strings.Cut(rest, ":")
			if at, _, _ = strings.Cut(at, "/"); at == inside {
				return true
			}
		}
	}
	return false
}

// What Prometheus asks, and what Grafana shows, is there.
func TestComposeMonitoring(t *testing.T) {
	t.Parallel()
	file := readCompose(t)
	prometheus, grafana := file.Services["prometheus"], file.Services["grafana"]
	if !slices.Equal(prometheus.Profiles, []string{"monitoring", "grafana"}) || !slices.Equal(grafana.Profiles, []string{"grafana"}) {
		t.Error("Prometheus or Grafana is there without being asked for, or Prometheus not without Grafana")
	}
	var scrape struct {
		Scrape []struct {
			Static []struct{ Targets []string } `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	must(t, yaml.Unmarshal([]byte(prometheus.read(t, "/etc/prometheus/prometheus.yml")), &scrape))
	targets := scrape.Scrape[0].Static[0].Targets
	for name, s := range file.Services {
		if s.isAstrond() && !slices.Contains(targets, name+":8080") {
			t.Errorf("Prometheus does not ask %s", name)
		}
	}
	for _, target := range targets {
		if !file.listens(target) {
			t.Errorf("Prometheus asks %s, where nobody is", target)
		}
	}
	var sources struct {
		Sources []struct{ UID, URL string } `yaml:"datasources"`
	}
	must(t, yaml.Unmarshal([]byte(grafana.read(t, "/etc/grafana/provisioning/datasources/prometheus.yml")), &sources))
	source := sources.Sources[0]
	if !file.listens(strings.TrimPrefix(source.URL, "http://")) {
		t.Errorf("Grafana asks %s, where nobody is", source.URL)
	}
	var providers struct {
		Providers []struct{ Options struct{ Path string } }
	}
	must(t, yaml.Unmarshal([]byte(grafana.read(t, "/etc/grafana/provisioning/dashboards/natstron.yml")), &providers))
	home := byDefault(grafana.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
	if path.Dir(home) != providers.Providers[0].Options.Path {
		t.Errorf("Grafana begins with %s, which is not in %s", home, providers.Providers[0].Options.Path)
	}
	checkDashboard(t, grafana.read(t, home), source.UID)
}

func checkDashboard(t *testing.T, text, source string) {
	t.Helper()
	var dashboard struct {
		Panels []struct {
			Title, Type string
			Targets     []struct {
				Expr       string
				Datasource struct{ UID string }
			}
		}
	}
	must(t, json.Unmarshal([]byte(text), &dashboard))
	documented := read(t, root, "docs", "metrics.md")
	metric := regexp.MustCompile(`astrond_\w+`)
	count := 0
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			if target.Datasource.UID != source {
				t.Errorf("%s asks %q", p.Title, target.Datasource.UID)
			}
			for _, name := range metric.FindAllString(target.Expr, -1) {
				count++
				if !strings.Contains(documented, fmt.Sprintf("\n| `%s` |", strings.TrimSuffix(name, "_bucket"))) {
					t.Errorf("%s shows %s, which docs/metrics.md does not have", p.Title, name)
				}
			}
		}
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("%s shows nothing", p.Title)
		}
	}
	if count < 20 {
		t.Errorf("the dashboard shows %d metrics", count)
	}
}
