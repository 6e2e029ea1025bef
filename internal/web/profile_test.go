package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// What waits is recorded as long as somebody asks for it, and only then.
func TestWaitsAreRecordedWhileAskedFor(t *testing.T) {
	_, url := start(t, Options{Profile: true})
	done := make(chan struct{})
	var contending sync.WaitGroup
	var mu sync.Mutex
	for range 2 {
		contending.Go(func() { contend(done, &mu) })
	}
	var asking sync.WaitGroup
	for _, path := range []string{"mutex?seconds=1", "block?seconds=2"} {
		asking.Go(func() {
			got := ask(t, "GET", url+"/debug/pprof/"+path)
			zipped, err := gzip.NewReader(strings.NewReader(got.body))
			if err != nil {
				t.Errorf("%s: %d %v: %q", path, got.code, err, got.body)
				return
			}
			names, err := io.ReadAll(zipped)
			if err != nil || !bytes.Contains(names, []byte("web.contend")) {
				t.Errorf("%s: %d, %v: the profile does not know the function that waits", path, got.code, err)
			}
		})
	}
	asking.Wait()
	close(done)
	contending.Wait()
	if rate := runtime.SetMutexProfileFraction(-1); rate != 0 {
		t.Errorf("nobody asks, and one in %d waits for a lock is recorded", rate)
	}
}

// contend holds a lock that others want, and waits for it.
func contend(done <-chan struct{}, mu *sync.Mutex) {
	for {
		select {
		case <-done:
			return
		default:
		}
		mu.Lock()
		time.Sleep(time.Millisecond) // it is held while others come
		mu.Unlock()
	}
}

// A request that does not say for how long gets some seconds, but for one that wants words.
func TestHowLongWaitsAreRecorded(t *testing.T) {
	for query, want := range map[string]struct {
		seconds   string
		recording bool
	}{
		"":          {waitSeconds, true},
		"seconds=2": {"2", true},
		"debug=1":   {"", false},
	} {
		var w waits
		w.record(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if got := r.FormValue("seconds"); got != want.seconds || (runtime.SetMutexProfileFraction(-1) > 0) != want.recording {
				t.Errorf("%q: for %q seconds, recording is %v", query, got, !want.recording)
			}
		}))(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/debug/pprof/mutex?"+query, nil))
	}
}
