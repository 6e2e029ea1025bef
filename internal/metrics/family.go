package metrics

import (
	"maps"

	"natstron/internal/latency"
	"natstron/internal/sizes"
	"natstron/internal/status"
)

// family is a metric with its samples.
type family struct{ status.Family }

func newFamily(kind status.Kind, name, help string, labels ...string) family {
	return family{status.Family{Desc: status.Desc{Name: name, Kind: kind, Help: help, Labels: labels}}}
}

// number is what Stats count in.
type number interface {
	~int | ~int64 | ~uint64 | ~float64
}

// counter is a single number that only grows.
func counter[N number](name string, value N, help string) family {
	return newFamily(status.Counter, name, help).sample(status.Sample{Value: float64(value)})
}

// gauge is a single number.
func gauge[N number](name string, value N, help string) family {
	return newFamily(status.Gauge, name, help).sample(status.Sample{Value: float64(value)})
}

// labelled is a number for each value of a label.
func labelled[N number](kind status.Kind, name, label string, values map[string]N, help string) family {
	f := newFamily(kind, name, help, label)
	for v, n := range values {
		f = f.sample(status.Sample{Value: float64(n)}, v)
	}
	return f
}

// duration is a histogram.
func duration(name string, d latency.Snapshot, help string) family {
	return newFamily(status.Histogram, name, help).durations(d)
}

// size is a histogram of bytes.
func size(name string, c sizes.Counts, help string) family {
	s := status.Sample{Sum: float64(c.Sum)}
	for i, n := range c.In {
		s.Value += float64(n)
		if i < sizes.Buckets-1 {
			s.Buckets = append(s.Buckets, status.Bucket{UpTo: float64(sizes.UpTo(i)), Count: n})
		}
	}
	return newFamily(status.Histogram, name, help).sample(s)
}

// durations adds a sample of a histogram.
func (f family) durations(d latency.Snapshot, labels ...string) family {
	s := status.Sample{Value: float64(d.Count), Sum: d.Sum.Seconds()}
	for _, b := range d.Buckets {
		s.Buckets = append(s.Buckets, status.Bucket{UpTo: b.UpTo.Seconds(), Count: b.Count})
	}
	return f.sample(s, labels...)
}

// sample adds a sample with values of the labels.
func (f family) sample(s status.Sample, labels ...string) family {
	for i, v := range labels {
		if s.Labels == nil {
			s.Labels = map[string]string{}
		}
		s.Labels[f.Labels[i]] = v
	}
	f.Samples = append(f.Samples, s)
	return f
}

// as gives the metric the name, too, under which Ardos exports the same.
func (f family) as(alias string) family { return f.scaled(alias, 1) }

// scaled is as, for another unit: scale times ours.
func (f family) scaled(alias string, scale float64) family {
	f.Alias, f.Scale = alias, scale
	return f
}

// ofRole puts the label role before the others.
func ofRole(role string, all []family) []family {
	for i := range all {
		f := &all[i]
		f.Labels = append([]string{"role"}, f.Labels...)
		for j, s := range f.Samples {
			labels := map[string]string{"role": role}
			maps.Copy(labels, s.Labels)
			f.Samples[j].Labels = labels
		}
	}
	return all
}

// named is counts under the names of what they count.
func named[K interface {
	comparable
	String() string
}](counts map[K]uint64) map[string]uint64 {
	m := make(map[string]uint64, len(counts))
	for k, n := range counts {
		m[k.String()] += n
	}
	return m
}
