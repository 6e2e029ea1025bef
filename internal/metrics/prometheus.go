package metrics

import (
	"log/slog"
	"math"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"natstron/internal/status"
)

// Handler answers scrapes: gather is called for each, by any goroutine. Beside
// its metrics there are those of the Go runtime and of the process, under the
// names go_… and process_… that every Go program exports.
func Handler(gather func() *Set, log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(newRegistry(gather), promhttp.HandlerOpts{
		ErrorLog:            slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: 4,
		Timeout:             10 * time.Second,
	})
}

func newRegistry(gather func() *Set) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collector{gather}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// Resources is what the operating system says of this process: bytes of memory,
// and seconds of processor time since the start. They are 0 where it does not say.
func Resources() (resident uint64, cpu float64) {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	families, err := r.Gather()
	if err != nil {
		return 0, 0 // the system does not say
	}
	for _, f := range families {
		switch f.GetName() {
		case "process_resident_memory_bytes":
			resident = uint64(f.GetMetric()[0].GetGauge().GetValue())
		case "process_cpu_seconds_total":
			cpu = f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	return resident, cpu
}

// collector makes metrics of a set. It describes none beforehand, since which
// there are depends on the roles; the registry checks them as they come.
type collector struct{ gather func() *Set }

func (collector) Describe(chan<- *prometheus.Desc) {}

func (c collector) Collect(to chan<- prometheus.Metric) {
	for _, f := range c.gather().families {
		for _, s := range f.Samples {
			to <- metric(f.Desc, f.Name, 1, s)
			if f.Alias != "" {
				to <- metric(f.Desc, f.Alias, f.Scale, s)
			}
		}
	}
}

func metric(d status.Desc, name string, scale float64, s status.Sample) prometheus.Metric {
	values := make([]string, len(d.Labels))
	for i, l := range d.Labels {
		values[i] = s.Labels[l]
	}
	desc := prometheus.NewDesc(name, d.Help, d.Labels, nil)
	switch d.Kind {
	case status.Histogram:
		return prometheus.MustNewConstHistogram(desc, uint64(s.Value), s.Sum*scale, buckets(s, scale), values...)
	case status.Counter:
		return prometheus.MustNewConstMetric(desc, prometheus.CounterValue, s.Value*scale, values...)
	}
	return prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, s.Value*scale, values...)
}

// buckets are cumulative, as Prometheus has them.
func buckets(s status.Sample, scale float64) map[float64]uint64 {
	m := make(map[float64]uint64, len(s.Buckets))
	sum := uint64(0)
	for _, b := range s.Buckets {
		sum += b.Count
		m[round(b.UpTo*scale)] = sum
	}
	return m
}

// round takes off what multiplication added behind the ninth digit, so that a
// bucket is called 0.3 and not 0.30000000000000004.
func round(v float64) float64 { return math.Round(v*1e9) / 1e9 }
