package arrival

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// onOneProcessor has the test send from one processor: on a busy machine the system hands
// over what two of them sent in any order.
func onOneProcessor(t *testing.T) {
	t.Helper()
	runtime.LockOSThread()
	var before, one unix.CPUSet
	must(t, unix.SchedGetaffinity(0, &before))
	for cpu := 0; one.Count() == 0; cpu++ {
		if before.IsSet(cpu) {
			one.Set(cpu)
		}
	}
	must(t, unix.SchedSetaffinity(0, &one))
	t.Cleanup(func() {
		_ = unix.SchedSetaffinity(0, &before) // the thread may be slower then
		runtime.UnlockOSThread()
	})
}
