package top

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"natstron/cmd/astrond/internal/cmdline"
	"natstron/cmd/astrond/internal/logging"
	"natstron/internal/status"
)

// How many lines of each list top shows; the status page has all.
const (
	topConnections = 12
	topClasses     = 10
	topWarnings    = 5
	topUnheard     = 5
)

// topView is a process for people: what it is, and what it did since before,
// which may be nil. A width of 0 is without bounds.
func topView(now, before *status.Snapshot, width int) string {
	r := reading{now, before}
	var b strings.Builder
	p := &now.Process
	state := "ready"
	if !now.Ready {
		state = "NOT READY"
	}
	line := func(format string, args ...any) {
		b.WriteString(logging.Clean(fmt.Sprintf(format, args...)) + "\n") // others write some of this
	}
	line("%s: %s   %s, process %d, up %s, astrond %s", cmp.Or(p.Name, "astrond"), state, p.Host, p.PID, cmdline.Span(now.Time.Sub(p.Started)), p.Version)
	for _, why := range now.NotReady {
		line("  %s", why)
	}
	if p.DCHash != "" {
		line("DC hash %s", p.DCHash)
	}
	for _, text := range slices.Concat(now.Backbone.DCMismatches, now.Backbone.Clashes) {
		line("ERROR: %s", text)
	}
	b.WriteByte('\n')
	r.totals(&b)
	r.roles(&b)
	if len(now.Warnings) > 0 {
		b.WriteString("\nWARNINGS\n")
		for _, w := range now.Warnings[:min(len(now.Warnings), topWarnings)] {
			text := fmt.Sprintf("%s ago  %s: %s", cmdline.Span(now.Time.Sub(w.Time)), w.Level, w.Text)
			if r := []rune(text); width > 0 && len(r) > width {
				text = string(r[:width-1]) + "…"
			}
			line("%s", text)
		}
	}
	r.unheard(&b)
	r.peers(&b)
	r.classes(&b)
	r.connections(&b)
	return b.String()
}

// reading is two looks at a process: sums of the later, and rates between them.
type reading struct{ now, before *status.Snapshot }

func total(s *status.Snapshot, of func(status.Sample) float64, name string, labels ...string) float64 {
	sum := 0.0
	for _, sample := range s.Metrics[name] {
		fits := true
		for i := 0; i < len(labels); i += 2 {
			fits = fits && sample.Labels[labels[i]] == labels[i+1]
		}
		if fits {
			sum += of(sample)
		}
	}
	return sum
}

func valueOf(s status.Sample) float64 { return s.Value }
func sumOf(s status.Sample) float64   { return s.Sum }

// sum is over all samples of a metric with those labels, given as name, value.
func (r reading) sum(name string, labels ...string) float64 {
	return total(r.now, valueOf, name, labels...)
}

// rate is how much a metric grew in a second; "…" where that is not known yet.
func (r reading) rate(name string, labels ...string) string {
	if r.before == nil || !r.now.Time.After(r.before.Time) {
		return "…"
	}
	grown := max(0, r.sum(name, labels...)-total(r.before, valueOf, name, labels...))
	return cmdline.Count(grown/r.now.Time.Sub(r.before.Time).Seconds()) + "/s"
}

// mean is how long one of a histogram's took.
func (r reading) mean(name string, labels ...string) string {
	n := r.sum(name, labels...)
	if n == 0 {
		return "-"
	}
	d := time.Duration(total(r.now, sumOf, name, labels...) / n * float64(time.Second))
	switch {
	case d < time.Millisecond:
		return d.Round(time.Microsecond).String()
	case d < time.Second:
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}

func (r reading) totals(b *strings.Builder) {
	cpu := "…"
	if r.before != nil && r.now.Time.After(r.before.Time) {
		used := r.now.Process.CPU - r.before.Process.CPU
		cpu = strconv.FormatFloat(100*used/r.now.Time.Sub(r.before.Time).Seconds(), 'f', 0, 64) + " %"
	}
	w := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	row := func(cells ...string) { fmt.Fprintln(w, strings.Join(cells, "\t")) }
	row("clients "+cmdline.Count(r.sum("astrond_clientagent_clients")),
		"objects "+cmdline.Count(r.sum("astrond_stateserver_objects")+r.sum("astrond_dbss_objects")),
		"sent "+r.rate("astrond_datagrams_sent_total"),
		"NATS out "+r.rate("astrond_backbone_messages_published_total"),
		"processor "+cpu)
	row("logged in "+cmdline.Count(r.sum("astrond_clientagent_clients_established")),
		"participants "+cmdline.Count(r.sum("astrond_participants")),
		"delivered "+r.rate("astrond_datagrams_delivered_total"),
		"NATS in "+r.rate("astrond_backbone_messages_received_total"),
		"memory "+cmdline.Size(float64(cmp.Or(r.now.Process.Resident, r.now.Process.Heap))))
	_ = w.Flush() // a strings.Builder takes everything
}

func (r reading) roles(b *strings.Builder) {
	cmdline.List(b, "ROLE\tSTATE\t", r.now.Roles, len(r.now.Roles), func(role status.Role) string {
		text := logging.Clean(role.Name) + "\t" + role.State + "\t" + r.role(role)
		if role.Problem != "" {
			text += "  " + logging.Clean(role.Problem)
		}
		return text
	})
}

// role is what matters of a role, by its type.
func (r reading) role(role status.Role) string {
	var parts []string
	say := func(name, value string) { parts = append(parts, name+" "+value) }
	of := []string{"role", role.Name}
	switch role.Type {
	case "messagedirector":
		say("connections", cmdline.Count(r.sum("astrond_messagedirector_connections")))
		say("datagrams", r.rate("astrond_datagrams_routed_total"))
	case "clientagent":
		say("clients", cmdline.Count(r.sum("astrond_clientagent_clients", of...)))
		say("in", r.rate("astrond_clientagent_datagrams_in_total", of...))
		say("out", r.rate("astrond_clientagent_datagrams_out_total", of...))
		say("queued", cmdline.Size(r.sum("astrond_clientagent_queued_bytes", of...)))
		say("interest", r.mean("astrond_clientagent_interest_seconds", of...))
		say("ejected", cmdline.Count(r.sum("astrond_clientagent_ejects_total", of...)))
	case "stateserver":
		say("objects", cmdline.Count(r.sum("astrond_stateserver_objects", of...)))
		say("messages", r.rate("astrond_stateserver_messages_total", of...))
		say("waiting", cmdline.Size(r.sum("astrond_stateserver_queued_bytes", of...)))
		say("refused", cmdline.Count(r.sum("astrond_stateserver_refused_total", of...)))
	case "dbss":
		say("objects", cmdline.Count(r.sum("astrond_dbss_objects", of...)))
		say("loading", cmdline.Count(r.sum("astrond_dbss_loading", of...)))
		say("activation", r.mean("astrond_dbss_activate_seconds", of...))
		say("failed", cmdline.Count(r.sum("astrond_dbss_failed_total", of...)))
	case "database":
		say("requests", r.rate("astrond_database_requests_total", of...))
		say("each", r.mean("astrond_database_request_seconds", of...))
		say("waiting", cmdline.Count(r.sum("astrond_database_queue", of...)))
	case "eventlogger":
		say("written", r.rate("astrond_eventlogger_written_total", of...))
		say("lost", cmdline.Count(r.sum("astrond_eventlogger_lost_total", of...)))
	}
	return strings.Join(parts, ", ")
}

func (r reading) unheard(b *strings.Builder) {
	cmdline.List(b, "NOBODY RECEIVED\tKIND\tTIMES\tLAST TO\tFROM\tWHEN", r.now.Backbone.Unheard, topUnheard, func(u status.Unheard) string {
		return fmt.Sprintf("%s\t%s\t%d\t%d\t%d\t%s ago", u.Message, u.Kind, u.Count, u.To, u.From, cmdline.Span(r.now.Time.Sub(u.Last)))
	})
}

func (r reading) peers(b *strings.Builder) {
	cmdline.List(b, "OTHER PROCESS\tPARTICIPANTS\tHEARD\tORIGIN", r.now.Backbone.Peers, topConnections, func(p status.Peer) string {
		return fmt.Sprintf("%s\t%d\t%s ago\t%s", logging.Clean(cmp.Or(p.Name, "?")), p.Participants, cmdline.Span(r.now.Time.Sub(p.Heard)), logging.Clean(p.Origin))
	})
}

func (r reading) classes(b *strings.Builder) {
	all := slices.Concat(r.now.Metrics["astrond_stateserver_objects"], r.now.Metrics["astrond_dbss_objects"])
	all = slices.DeleteFunc(all, func(s status.Sample) bool { return s.Value == 0 })
	slices.SortStableFunc(all, func(x, y status.Sample) int { return cmp.Compare(y.Value, x.Value) })
	cmdline.List(b, "CLASS\tOBJECTS\tWHERE", all, topClasses, func(s status.Sample) string {
		return logging.Clean(s.Labels["dclass"]) + "\t" + cmdline.Count(s.Value) + "\t" + logging.Clean(s.Labels["role"])
	})
}

func (r reading) connections(b *strings.Builder) {
	cmdline.List(b, "CONNECTED\tADDRESS\tCHANNELS\tRANGES\tQUEUED", r.now.Connections, topConnections, func(p status.Participant) string {
		return fmt.Sprintf("%s\t%s\t%d\t%d\t%s", logging.Clean(p.Name), logging.Clean(p.Address+inDialect(p)), p.Channels, p.Ranges, cmdline.Size(float64(p.Queued)))
	})
}

// inDialect is what a participant speaks, where that is not Astron's protocol.
func inDialect(p status.Participant) string {
	if p.Dialect == "" {
		return ""
	}
	return " (" + p.Dialect + ")"
}
