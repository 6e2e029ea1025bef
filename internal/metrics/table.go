package metrics

import (
	"natstron/internal/latency"
	"natstron/internal/sizes"
	"natstron/internal/status"
)

// table is the metrics that are read from a value of type S.
type table[S any] []row[S]

type row[S any] struct {
	status.Desc
	read func(S, *samples)
}

// samples takes what a row reads.
type samples struct {
	names  []string // of labels
	prefix []string // the values of the first of them
	all    []status.Sample
}

// value adds a sample; labels are the values of its labels behind the role's.
func (s *samples) value(v float64, labels ...string) {
	s.all = append(s.all, status.Sample{Labels: s.labels(labels), Value: v})
}

// durations adds a histogram.
func (s *samples) durations(d latency.Snapshot, labels ...string) {
	sample := status.Sample{Labels: s.labels(labels), Value: float64(d.Count), Sum: d.Sum.Seconds()}
	for _, b := range d.Buckets {
		sample.Buckets = append(sample.Buckets, status.Bucket{UpTo: b.UpTo.Seconds(), Count: b.Count})
	}
	s.all = append(s.all, sample)
}

// sizes adds a histogram.
func (s *samples) sizes(c sizes.Counts, labels ...string) {
	sample := status.Sample{Labels: s.labels(labels), Sum: float64(c.Sum)}
	for i, n := range c.In {
		sample.Value += float64(n)
		if i < sizes.Buckets-1 {
			sample.Buckets = append(sample.Buckets, status.Bucket{UpTo: float64(sizes.UpTo(i)), Count: n})
		}
	}
	s.all = append(s.all, sample)
}

func (s *samples) labels(values []string) map[string]string {
	if len(s.names) == 0 {
		return nil
	}
	m := make(map[string]string, len(s.names))
	for i, v := range append(s.prefix[:len(s.prefix):len(s.prefix)], values...) {
		m[s.names[i]] = v
	}
	return m
}

// number is what Stats count in.
type number interface {
	~int | ~int64 | ~uint64 | ~float64
}

// counter is a row with a single number that only grows.
func counter[S any, N number](name, help string, read func(S) N) row[S] {
	return single(status.Counter, name, help, read)
}

// gauge is a row with a single number.
func gauge[S any, N number](name, help string, read func(S) N) row[S] {
	return single(status.Gauge, name, help, read)
}

func single[S any, N number](kind status.Kind, name, help string, read func(S) N) row[S] {
	return row[S]{
		status.Desc{Name: name, Kind: kind, Help: help},
		func(s S, to *samples) { to.value(float64(read(s))) },
	}
}

// labelled is a row with a number for each value of a label.
func labelled[S any, N number](kind status.Kind, name, help, label string, read func(S) map[string]N) row[S] {
	return row[S]{
		status.Desc{Name: name, Kind: kind, Help: help, Labels: []string{label}},
		func(s S, to *samples) {
			for value, n := range read(s) {
				to.value(float64(n), value)
			}
		},
	}
}

// duration is a row that is a histogram.
func duration[S any](name, help string, read func(S) latency.Snapshot) row[S] {
	return row[S]{
		status.Desc{Name: name, Kind: status.Histogram, Help: help},
		func(s S, to *samples) { to.durations(read(s)) },
	}
}

// size is a row that is a histogram of bytes.
func size[S any](name, help string, read func(S) sizes.Counts) row[S] {
	return row[S]{
		status.Desc{Name: name, Kind: status.Histogram, Help: help},
		func(s S, to *samples) { to.sizes(read(s)) },
	}
}

// as gives the row the name, too, under which Ardos exports the same.
func (r row[S]) as(alias string) row[S] { return r.scaled(alias, 1) }

// scaled is as, for another unit: scale times ours.
func (r row[S]) scaled(alias string, scale float64) row[S] {
	r.Alias, r.Scale = alias, scale
	return r
}

// ofRole puts the label role before the others of all rows.
func (t table[S]) ofRole() table[S] {
	for i := range t {
		t[i].Labels = append([]string{"role"}, t[i].Labels...)
	}
	return t
}

func (t table[S]) describe() []status.Desc {
	var all []status.Desc
	for _, r := range t {
		all = append(all, r.Desc)
	}
	return all
}
