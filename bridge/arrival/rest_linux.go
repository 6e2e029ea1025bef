package arrival

import (
	"errors"
	"os"
	"syscall"
	"time"
	"unsafe"
)

// rest is how a loop waits that nothing has come to for a while: in the runtime's poller, as
// other goroutines do. To wait in the system costs less for each message, but keeps one of the
// runtime's processors. After 10 ms its monitor takes that away, and then looks some sixty times
// what there is to do: that cost ten times as much as a lonely message itself.
//
// The runtime's poller knows only an epoll that knows the loop's, and that tells nothing while
// the loop does not rest; otherwise each message would wake two threads.
type rest struct {
	loop, epoll int
	file        *os.File // of epoll
	raw         syscall.RawConn
}

const (
	// restAfter is when a loop rests: when nothing has come for so long. To rest sooner costs more
	// than it saves, for the monitor would not have come yet.
	restAfter = 9 * time.Millisecond
	// restless is how often in a row something must have come sooner for the loop not to rest.
	restless = 4
)

// newRest is the rest of a loop with an epoll.
func newRest(loop int) (*rest, error) {
	r := &rest{loop: loop}
	var err error
	if r.epoll, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC); err != nil {
		return nil, os.NewSyscallError("epoll_create", err)
	}
	if err := syscall.SetNonblock(r.epoll, true); err != nil { // else the poller does not take it
		_ = syscall.Close(r.epoll) // not to be used
		return nil, os.NewSyscallError("fcntl", err)
	}
	r.file = os.NewFile(uintptr(r.epoll), "epoll")
	if r.raw, err = r.file.SyscallConn(); err == nil {
		err = control(r.epoll, syscall.EPOLL_CTL_ADD, r.loop, 0)
	}
	if err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *rest) close() { _ = r.file.Close() } // not to be used

// wait waits until the loop's epoll has something to tell.
func (r *rest) wait() error {
	if err := control(r.epoll, syscall.EPOLL_CTL_MOD, r.loop, syscall.EPOLLIN|syscall.EPOLLONESHOT); err != nil {
		return err
	}
	var failed error
	err := r.raw.Read(func(uintptr) (done bool) {
		var event [1]syscall.EpollEvent
		n, err := look(r.epoll, event[:])
		if err != nil && !errors.Is(err, syscall.EINTR) {
			failed = os.NewSyscallError("epoll_wait", err)
		}
		return n > 0 || failed != nil
	})
	return errors.Join(err, failed)
}

// control has an epoll tell events of a file from now on, or none.
func control(epoll, op, fd int, events uint32) error {
	e := syscall.EpollEvent{Events: events, Fd: int32(fd)}
	return os.NewSyscallError("epoll_ctl", syscall.EpollCtl(epoll, op, fd, &e))
}

// look tells of the events of an epoll without waiting. It does not tell the runtime of the call,
// which would wake its monitor.
func look(epoll int, events []syscall.EpollEvent) (int, error) {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(epoll), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
	if errno != 0 {
		return -1, errno
	}
	return int(n), nil
}
