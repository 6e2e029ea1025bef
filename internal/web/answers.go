package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"natstron/roles/inspect"
)

// clusterAnswers answers what is asked of the whole cluster, as JSON. However many ask the same,
// the cluster is asked once, and only so often.
type clusterAnswers struct {
	ask   inspect.Asker
	limit *rate.Limiter

	mu   sync.Mutex
	kept map[string]*cachedAnswer
}

// cachedAnswer is an answer, or one under way.
type cachedAnswer struct {
	done  chan struct{} // closed when the rest is there
	until time.Time     // when it is too old
	code  int
	body  []byte
}

const (
	answerAge          = time.Second // how long an answer is given out
	questionsPerSecond = 10          // different questions a second
	questionsBurst     = 30
	maxAnswers         = 200
)

func newClusterAnswers(ask inspect.Asker) clusterAnswers {
	return clusterAnswers{ask: ask, limit: rate.NewLimiter(questionsPerSecond, questionsBurst), kept: map[string]*cachedAnswer{}}
}

// handle answers the questions of one kind, whose parameters are in the URL.
func (a *clusterAnswers) handle(ask inspect.Query) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		key := r.URL.Path + "?" + q.Encode()
		one, mine := a.find(key)
		switch {
		case one == nil:
			w.Header().Set("Retry-After", "1")
			text(w, http.StatusTooManyRequests, "too many different questions: ask again in a second")
			return
		case mine:
			one.code, one.body = reply(context.WithoutCancel(r.Context()), a.ask, q, ask)
			close(one.done)
		}
		select {
		case <-one.done:
		case <-r.Context().Done():
			return
		}
		if one.code != http.StatusOK {
			text(w, one.code, string(one.body))
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(one.body) // the client may be gone
	}
}

// find is the answer to a question; the caller may have to fill it in. It is nil if too
// much is asked.
func (a *clusterAnswers) find(key string) (one *cachedAnswer, mine bool) {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	if one := a.kept[key]; one != nil && now.Before(one.until) {
		return one, false
	}
	for key, one := range a.kept {
		if now.After(one.until) {
			delete(a.kept, key)
		}
	}
	if len(key) > maxQuestion || len(a.kept) >= maxAnswers || !a.limit.AllowN(now, 1) {
		return nil, false
	}
	one = &cachedAnswer{done: make(chan struct{}), until: now.Add(answerAge)}
	a.kept[key] = one
	return one, true
}

// maxQuestion is the longest question, in bytes.
const maxQuestion = 500

func reply(ctx context.Context, asker inspect.Asker, q url.Values, ask inspect.Query) (code int, body []byte) {
	found, err := ask(ctx, asker, q)
	if err == nil {
		body, err = json.Marshal(found)
	}
	var wrong *strconv.NumError
	switch {
	case errors.As(err, &wrong):
		return http.StatusBadRequest, fmt.Appendf(nil, "%q is not a number of that kind", wrong.Num)
	case err != nil:
		return http.StatusInternalServerError, []byte(err.Error())
	}
	return http.StatusOK, body
}
