package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
)

// The alert rules, as promtool and Prometheus themselves take them.

// alertRules is the file that compose's Prometheus and the Helm chart read.
var alertRules = filepath.Join(root, "deploy", "helm", "natstron", "files", "alerts.yml")

// prometheusTool is one of Prometheus's two programs.
func prometheusTool(t *testing.T, name string) string {
	t.Helper()
	program, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("########## NO %s HERE: NOBODY TRIES THE ALERT RULES ##########", strings.ToUpper(name))
	}
	return program
}

// alerting is, for each alert, the series that set it off, as promtool writes them: a value
// each minute. a is a process.
var alerting = map[string][]string{
	"AstrondDown":               {`astrond_build_info{a} 1+0x5 stale`, `up{a} 1+0x5 0+0x20`},
	"AstrondNotReady":           {`astrond_ready{a} 1+0x5 0+0x20`, `astrond_clientagent_draining{a,role="r"} 0+0x25`},
	"AstrondRestarts":           {`astrond_build_info{a} 1+0x25`, `process_start_time_seconds{a} 1+10x25`},
	"AstrondErrors":             {`astrond_log_warnings_total{a,level="error"} 0+0x18 1+0x2`},
	"AstrondLogLost":            {`astrond_log_dropped_total{a,output="console"} 0+0x18 1+0x2`},
	"AstrondFilesShort":         {`astrond_build_info{a} 1+0x25`, `process_open_fds{a} 900+0x25`, `process_max_fds{a} 1000+0x25`},
	"AstrondVersionsDiffer":     {`astrond_build_info{a,version="1"} 1+0x90`, `astrond_build_info{b,version="2"} 1+0x90`},
	"AstrondBackboneLost":       {`astrond_backbone_lost_total{a} 0+0x18 1+0x2`},
	"AstrondPeerDead":           {`astrond_backbone_dead_peers_total{a} 0+0x18 1+0x2`},
	"AstrondPeersDiffer":        {`astrond_backbone_peers{a} 1+0x25`, `astrond_backbone_peers{b} 0+0x25`},
	"AstrondClaimsClash":        {`astrond_backbone_clashes{a} 0+0x10 1+0x10`},
	"AstrondDCMismatch":         {`astrond_backbone_dc_mismatches{a} 0+0x10 1+0x10`},
	"AstrondBackboneHoles":      {`astrond_backbone_holes_total{a} 0+0x18 1+0x2`},
	"AstrondParticipantCutOff":  {`astrond_participants_overflowed_total{a} 0+0x18 1+0x2`},
	"AstrondLate":               {`astrond_backbone_settles_late_total{a} 0+0x18 1+0x2`},
	"AstrondDatagramsLost":      {`astrond_backbone_too_long_total{a} 0+0x18 1+0x2`},
	"AstrondUnheard":            {`astrond_datagrams_unheard_total{a,message="m",kind="control"} 0+0x18 1+0x2`},
	"AstrondDatagramsMalformed": {`astrond_datagrams_malformed_total{a} 0+0x18 1+0x2`},
	"AstrondPostRemovesRefused": {`astrond_post_removes_refused_total{a} 0+0x18 1+0x2`},
	"AstrondPlaceShort":         {`astrond_clientagent_free_channels{a,role="r"} 5+0x25`, `astrond_clientagent_clients{a,role="r"} 95+0x25`},
	"AstrondInterestsLate":      {`astrond_clientagent_interest_timeouts_total{a,role="r"} 0+0x18 1+0x2`},
	"AstrondInterestsSlow":      {`astrond_clientagent_interest_seconds_bucket{a,le="0.5"} 0+0x25`, `astrond_clientagent_interest_seconds_bucket{a,le="1"} 0+60x25`, `astrond_clientagent_interest_seconds_bucket{a,le="+Inf"} 0+60x25`},
	"AstrondClientsEjected":     {`astrond_clientagent_ejects_total{a,role="r",code="124"} 0+60x25`},
	"AstrondClientsLost":        {`astrond_clientagent_lost_total{a,role="r"} 0+0x18 60+0x2`, `astrond_clientagent_clients{a,role="r"} 100+0x25`},
	"AstrondRefused":            {`astrond_stateserver_refused_total{a,role="r",reason="full"} 0+0x18 1+0x2`},
	"AstrondDatabaseFails":      {`astrond_database_requests_total{a,role="r",message="m",result="unavailable"} 0+0x18 1+0x2`},
	"AstrondDatabaseSlow":       {`astrond_database_request_seconds_bucket{a,le="1"} 0+0x25`, `astrond_database_request_seconds_bucket{a,le="2"} 0+60x25`, `astrond_database_request_seconds_bucket{a,le="+Inf"} 0+60x25`},
	"AstrondDatabaseUnheard":    {`astrond_database_unanswered_total{a,role="r"} 0+0x18 1+0x2`},
	"AstrondActivationsFail":    {`astrond_dbss_failed_total{a,role="r",reason="unanswered"} 0+0x18 1+0x2`},
	"AstrondEventsLost":         {`astrond_events_lost_total{a,reason="dropped"} 0+0x18 1+0x2`},
}

// silent are series that look alike and set off nothing: one value that stays is no fault, a
// client agent may drain, a player may be ejected, an AI may ask for an object that is not there.
var silent = []string{
	`up{a} 1+0x90`, `astrond_build_info{a,version="1"} 1+0x90`, `astrond_build_info{b,version="1"} 1+0x90`, `up{job="other",instance="x"} 0+0x90`,
	`astrond_ready{a} 0+0x90`, `astrond_clientagent_draining{a,role="r"} 1+0x90`, `astrond_backbone_peers{a} 1+0x90`, `astrond_backbone_peers{b} 1+0x90`,
	`astrond_backbone_clashes{a} 0+0x20 1 0+0x70`, `astrond_backbone_dc_mismatches{a} 0+0x20 1 0+0x70`,
	`astrond_log_warnings_total{a,level="error"} 7+0x90`, `astrond_log_warnings_total{a,level="warning"} 0+9x90`,
	`astrond_stateserver_refused_total{a,role="r",reason="full"} 31+0x90`, `astrond_dbss_failed_total{a,role="r",reason="no_object"} 0+5x90`,
	`astrond_datagrams_unheard_total{a,message="m",kind="object"} 0+5x90`, `astrond_datagrams_unheard_total{a,message="m",kind="broadcast"} 0+99x90`,
	`astrond_clientagent_ejects_total{a,role="r",code="124"} 0+1x90`, `astrond_clientagent_ejects_total{a,role="r",code="154"} 0+600x90`,
	`astrond_clientagent_lost_total{a,role="r"} 0+1x90`, `astrond_clientagent_clients{a,role="r"} 100+0x90`, `astrond_clientagent_free_channels{a,role="r"} 900+0x90`,
	`astrond_database_requests_total{a,role="r",message="m",result="not_found"} 0+60x90`, `process_open_fds{job="other",instance="x"} 99+0x90`, `process_max_fds{job="other",instance="x"} 100+0x90`,
}

// Each alert goes off when it should, and none when it should not.
func TestAlerts(t *testing.T) {
	t.Parallel()
	promtool := prometheusTool(t, "promtool")
	if out, err := exec.Command(promtool, "check", "rules", alertRules).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text := read(t, alertRules)
	var named []string
	for _, m := range regexp.MustCompile(`- alert: (\w+)`).FindAllStringSubmatch(text, -1) {
		named = append(named, m[1])
	}
	slices.Sort(named)
	if tested := slices.Sorted(maps.Keys(alerting)); !slices.Equal(named, tested) {
		t.Errorf("the file has the alerts\n%v, want those of this test\n%v", named, tested)
	}
	documented := read(t, root, "docs", "metrics.md")
	for _, name := range regexp.MustCompile(`astrond_\w+`).FindAllString(text, -1) {
		if !strings.Contains(documented, "\n| `"+strings.TrimSuffix(name, "_bucket")+"` |") {
			t.Errorf("the alerts speak of %s, which docs/metrics.md does not have", name)
		}
	}

	type m = map[string]any
	processes := strings.NewReplacer("{a", `{job="astrond",instance="a"`, "{b", `{job="astrond",instance="b"`)
	test := func(series []string, minute int, expr string, firing int) m {
		var input, want []m
		for _, s := range series {
			name, values, _ := strings.Cut(processes.Replace(s), "} ")
			input = append(input, m{"series": name + "}", "values": values})
		}
		if firing > 0 {
			want = []m{{"labels": "{}", "value": firing}}
		}
		return m{"interval": "1m", "input_series": input, "promql_expr_test": []m{
			{"expr": expr, "eval_time": fmt.Sprintf("%dm", minute), "exp_samples": want},
		}}
	}
	tests := []m{test(silent, 80, `count(ALERTS)`, 0)}
	for name, series := range alerting {
		minute := 20
		if strings.Contains(series[0], "x90") {
			minute = 80
		}
		tests = append(tests, test(series, minute, fmt.Sprintf(`count(ALERTS{alertname=%q,alertstate="firing"})`, name), 1))
	}
	rules, err := filepath.Abs(alertRules)
	must(t, err)
	file := filepath.Join(t.TempDir(), "tests.yml")
	plan, err := json.Marshal(m{"rule_files": []string{rules}, "evaluation_interval": "1m", "tests": tests})
	must(t, err)
	must(t, os.WriteFile(file, plan, 0o600))
	if out, err := exec.Command(promtool, "test", "rules", file).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// prometheus is a running one.
type prometheus struct {
	*daemon
	at string
}

// startPrometheus runs Prometheus with compose's configuration, but for the addresses of
// processes, and for how often it looks.
func startPrometheus(t *testing.T, targets ...string) *prometheus {
	t.Helper()
	bin := prometheusTool(t, "prometheus")
	text := read(t, root, "examples", "compose", "prometheus.yml")
	rules, err := filepath.Abs(alertRules)
	must(t, err)
	var configuration map[string]any
	must(t, yaml.Unmarshal([]byte(strings.NewReplacer("5s", "250ms", "/etc/prometheus/alerts.yml", rules).Replace(text)), &configuration))
	scrape := configuration["scrape_configs"].([]any)[0].(map[string]any)
	scrape["static_configs"] = []map[string]any{{"targets": targets}}
	changed, err := json.Marshal(configuration)
	must(t, err)
	dir := t.TempDir()
	file := filepath.Join(dir, "prometheus.yml")
	must(t, os.WriteFile(file, changed, 0o600))
	at := loopbackNetwork(t)() + ":9090"
	p := &prometheus{program(t, exec.Command(bin, "--config.file="+file, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+at)), "http://" + at}
	p.launch()
	p.waitFor("Server is ready to receive web requests")
	return p
}

// value is what an expression is now, if it is one number.
func (p *prometheus) value(expr string) string {
	p.t.Helper()
	code, body := get(p.t, p.at+"/api/v1/query?query="+url.QueryEscape(expr))
	var answer struct {
		Data struct {
			Result []struct{ Value []any }
		}
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || code != 200 {
		p.t.Fatalf("%d, %v: %s", code, err, body)
	}
	if len(answer.Data.Result) != 1 {
		return ""
	}
	return answer.Data.Result[0].Value[1].(string)
}

// alerts are those that are there: name, state, and a label that the rule keeps.
func (p *prometheus) alerts() []string {
	p.t.Helper()
	code, body := get(p.t, p.at+"/api/v1/alerts")
	var answer struct {
		Data struct {
			Alerts []struct {
				State       string
				Labels      map[string]string
				Annotations map[string]string
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || code != 200 {
		p.t.Fatalf("%d, %v: %s", code, err, body)
	}
	var all []string
	for _, a := range answer.Data.Alerts {
		if strings.Contains(a.Annotations["summary"], "no value") || a.Annotations["description"] == "" {
			p.t.Errorf("%v says %v", a.Labels, a.Annotations)
		}
		all = append(all, strings.TrimSpace(a.Labels["alertname"]+" "+a.State+" "+a.Labels["reason"]))
	}
	slices.Sort(all)
	return all
}

// A real Prometheus and a real cluster: nothing is wrong, until an AI sends one message that a
// state server refuses, and until a process is killed.
func TestAlertOnTheFirstFault(t *testing.T) {
	t.Parallel()
	d := run(t, watchedCluster+"web: {bind: '127.0.0.1:0'}\n", withDC(t))
	p := startPrometheus(t, strings.TrimSuffix(strings.TrimPrefix(d.said("status"), "http://"), "/"))
	until(t, "Prometheus to have looked twice", func() bool {
		return p.value(`max(count_over_time(astrond_stateserver_refused_total{reason="truncated"}[1m]))`) > "1"
	})
	if a := p.alerts(); len(a) > 0 {
		t.Fatalf("these alerts are there though nothing is wrong: %v", a)
	}
	c := d.dial()
	c.Send(mdtest.Datagram(t, func(w *wire.Writer) { w.Header(5000, wire.StateServerCreateObjectWithRequired, 402000).Uint8(1) }))
	var a []string
	until(t, "the alert", func() bool {
		a = p.alerts()
		return slices.Contains(a, "AstrondRefused firing truncated")
	})
	if len(a) != 1 {
		t.Errorf("the alerts are %v, want the one", a)
	}
	d.signal(os.Kill)
	until(t, "the alert that the process is down", func() bool { return slices.Contains(p.alerts(), "AstrondDown pending") })

	code, rules := get(t, p.at+"/api/v1/rules")
	if n := strings.Count(rules, `"health":"ok"`); code != 200 || n != len(alerting) {
		t.Errorf("%d rules of %d can be evaluated: %s", n, len(alerting), rules)
	}
}
