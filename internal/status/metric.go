package status

// Kind is what sort of number a metric is.
type Kind int

// Kinds of metrics.
const (
	Counter   Kind = iota + 1 // only grows, from 0 at the process's start
	Gauge                     // goes up and down
	Histogram                 // durations, in seconds, or sizes, in bytes
)

// String is the kind as Prometheus names it.
func (k Kind) String() string {
	return [...]string{"", "counter", "gauge", "histogram"}[k]
}

// Desc describes a metric.
type Desc struct {
	Name   string
	Kind   Kind
	Help   string
	Labels []string
	// Alias is the name under which Ardos exports the same, in its unit: ours
	// times Scale. Empty: it has none.
	Alias string
	Scale float64
}

// Family is a metric, and what it is at a moment.
type Family struct {
	Desc
	Samples []Sample
}

// Sample is one value of a metric.
type Sample struct {
	Labels map[string]string `json:"labels,omitempty"`
	// Value is the number; of a histogram, how many there were.
	Value float64 `json:"value"`
	// Sum is of all that a histogram counts: seconds or bytes.
	Sum float64 `json:"sum,omitempty"`

	Buckets []Bucket `json:"-"` // of a histogram, in rising order
}

// Bucket is how much a histogram counted that was at most UpTo, and more than the
// bucket before.
type Bucket struct {
	UpTo  float64
	Count uint64
}
