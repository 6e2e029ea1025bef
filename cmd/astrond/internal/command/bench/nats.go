package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// NATSUsage is what a NATS server did while the world was measured. In and out are from its view.
type NATSUsage struct {
	Name          string  `json:"name"`
	Subscriptions uint32  `json:"subscriptions"`
	Connections   int     `json:"connections"`
	Leaves        int     `json:"leaf_connections"`
	In            float64 `json:"in_messages_per_second"`
	Out           float64 `json:"out_messages_per_second"`
	InBytes       float64 `json:"in_bytes_per_second"`
	OutBytes      float64 `json:"out_bytes_per_second"`
}

// natsCounts are what a server's monitoring tells.
type natsCounts struct {
	Subscriptions uint32 `json:"subscriptions"`
	Connections   int    `json:"connections"`
	Leaves        int    `json:"leafnodes"`
	InMessages    int64  `json:"in_msgs"`
	OutMessages   int64  `json:"out_msgs"`
	InBytes       int64  `json:"in_bytes"`
	OutBytes      int64  `json:"out_bytes"`
	Leaf          struct {
		Port int `json:"port"`
	} `json:"leaf"`
}

// natsServer is one that is watched.
type natsServer struct {
	name, monitor string
	before        natsCounts
}

func (s *natsServer) ask(ctx context.Context) (c natsCounts, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(s.monitor, "/")+"/varz", nil)
	if err != nil {
		return c, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return c, err
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&c); err != nil {
		return c, fmt.Errorf("the monitoring of NATS at %s: %w", s.monitor, err)
	}
	return c, nil
}

// since is what the server has done in a time that began with before.
func (s *natsServer) since(ctx context.Context, took time.Duration) (u NATSUsage, err error) {
	now, err := s.ask(ctx)
	a := func(before, after int64) float64 { return float64(after-before) / took.Seconds() }
	return NATSUsage{
		Name: s.name, Subscriptions: now.Subscriptions, Connections: now.Connections, Leaves: now.Leaves,
		In: a(s.before.InMessages, now.InMessages), Out: a(s.before.OutMessages, now.OutMessages),
		InBytes: a(s.before.InBytes, now.InBytes), OutBytes: a(s.before.OutBytes, now.OutBytes),
	}, err
}
