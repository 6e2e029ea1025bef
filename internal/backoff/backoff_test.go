package backoff

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestPauses(t *testing.T) {
	p := Pause{First: 20 * time.Millisecond, Last: 100 * time.Millisecond}
	var got []time.Duration
	for range 5 {
		got = append(got, p.Next()/time.Millisecond)
	}
	p.Reset()
	got = append(got, p.Next()/time.Millisecond)
	if want := []time.Duration{20, 40, 80, 100, 100, 20}; !slices.Equal(got, want) {
		t.Errorf("%d, want %d ms", got, want)
	}
}

// A wait takes between the pause and one and a half times that, unless it is stopped.
func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := Pause{First: time.Second, Last: time.Minute}
		stop := make(chan struct{})
		for _, pause := range []time.Duration{time.Second, 2 * time.Second} {
			begin := time.Now()
			if !p.Wait(stop) {
				t.Error("it was stopped")
			}
			if took := time.Since(begin); took < pause || took > pause*3/2 {
				t.Errorf("%v after a pause of %v", took, pause)
			}
		}
		time.AfterFunc(time.Second, func() { close(stop) })
		if begin := time.Now(); p.Wait(stop) || time.Since(begin) != time.Second {
			t.Errorf("not stopped after %v", time.Since(begin))
		}
	})
}
