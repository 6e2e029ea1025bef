package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// natsCounts are what the hub's monitoring tells.
type natsCounts struct {
	Subscriptions uint32 `json:"subscriptions"`
	InMessages    int64  `json:"in_msgs"`
	OutMessages   int64  `json:"out_msgs"`
	InBytes       int64  `json:"in_bytes"`
	OutBytes      int64  `json:"out_bytes"`
	Slow          int64  `json:"slow_consumers"`
}

func askNATS(ctx context.Context, monitor string) (c natsCounts, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, monitor+"varz", nil)
	if err != nil {
		return c, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return c, err
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&c); err != nil {
		return c, fmt.Errorf("NATS's monitoring: %w", err)
	}
	return c, nil
}
