package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Hosts of a network, made of namespaces: packets are late or lost, a host is cut off.

// A network is several hosts on this machine: network namespaces with addresses of their own, from
// 10.77.0.1 on. Each has a TUN device, and this process passes on what comes out of one of them. Nothing
// leaves the machine.
type network struct {
	t     *testing.T
	delay time.Duration // of each packet, one way
	loss  float64       // of packets, one way, as a share
	hosts []*host
}

// host is one of them.
type host struct {
	address string
	tun     *os.File
	cut     atomic.Bool // nothing comes in or goes out
	in      chan packet
	do      chan func() // in its namespace
}

// packet is one that is on its way.
type packet struct {
	due  time.Time
	data []byte
}

// newNetwork makes hosts. The test is skipped where it may not.
func newNetwork(t *testing.T, hosts int, delay time.Duration, loss float64) *network {
	t.Helper()
	n := &network{t: t, delay: delay, loss: loss}
	for i := range hosts {
		h := &host{address: fmt.Sprint("10.77.0.", i+1), in: make(chan packet, 10_000), do: make(chan func())}
		made := make(chan error)
		go h.live(made)
		t.Cleanup(func() { close(h.do) })
		if err := <-made; err != nil {
			t.Skipf("this needs network namespaces and TUN devices, as root has them: %v", err)
		}
		n.hosts = append(n.hosts, h)
	}
	var passing sync.WaitGroup
	for _, h := range n.hosts {
		passing.Go(func() { n.pass(h) })
		passing.Go(h.receive)
	}
	t.Cleanup(func() {
		for _, h := range n.hosts {
			_ = h.tun.Close() // its readers end
		}
		for _, h := range n.hosts {
			h.in <- packet{} // the last one
		}
		passing.Wait()
	})
	return n
}

// live is the goroutine of the host. Its thread is in the namespace, so what it starts is, and it ends
// with the goroutine.
func (h *host) live(made chan<- error) {
	runtime.LockOSThread()
	err := h.make()
	made <- err
	for do := range h.do {
		do()
	}
}

func (h *host) make() error {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("a new network namespace: %w", err)
	}
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("/dev/net/tun: %w", err)
	}
	tun, err := unix.NewIfreq("tun0")
	if err != nil {
		return err
	}
	tun.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, tun); err != nil {
		return fmt.Errorf("a TUN device: %w", err)
	}
	h.tun = os.NewFile(uintptr(fd), "tun0")
	if err := up("lo", [4]byte{127, 0, 0, 1}, 8); err != nil {
		return err
	}
	var address [4]byte
	_, err = fmt.Sscanf(h.address, "%d.%d.%d.%d", &address[0], &address[1], &address[2], &address[3])
	if err != nil {
		return err
	}
	return up("tun0", address, 24)
}

// up gives a device an address, and turns it on.
func up(device string, address [4]byte, bits int) error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(socket) }()
	mask := [4]byte{}
	for i := range bits {
		mask[i/8] |= 0x80 >> (i % 8)
	}
	for _, set := range []struct {
		request uint
		fill    func(r *unix.Ifreq) error
	}{
		{unix.SIOCSIFADDR, func(r *unix.Ifreq) error { return r.SetInet4Addr(address[:]) }},
		{unix.SIOCSIFNETMASK, func(r *unix.Ifreq) error { return r.SetInet4Addr(mask[:]) }},
		{unix.SIOCSIFFLAGS, func(r *unix.Ifreq) error { r.SetUint16(unix.IFF_UP | unix.IFF_RUNNING); return nil }},
	} {
		r, err := unix.NewIfreq(device)
		if err != nil {
			return err
		}
		if err := set.fill(r); err != nil {
			return err
		}
		if err := unix.IoctlIfreq(socket, set.request, r); err != nil {
			return fmt.Errorf("%s: %w", device, err)
		}
	}
	return nil
}

// pass passes on what a host sends.
func (n *network) pass(from *host) {
	const destination = 16 // in a header of IPv4; hosts are numbered by the last byte
	buffer := make([]byte, 64<<10)
	for {
		size, err := from.tun.Read(buffer)
		if err != nil {
			return
		}
		p := buffer[:size]
		if size < destination+4 || p[0]>>4 != 4 || int(p[destination+3]) > len(n.hosts) || p[destination+3] == 0 {
			continue
		}
		to := n.hosts[p[destination+3]-1]
		if from.cut.Load() || to.cut.Load() || rand.Float64() < n.loss {
			continue
		}
		select {
		case to.in <- packet{time.Now().Add(n.delay), append([]byte{}, p...)}:
		default: // as a router does that has no room
		}
	}
}

// receive hands packets to the host when they are due.
func (h *host) receive() {
	for p := range h.in {
		if p.data == nil {
			return
		}
		time.Sleep(time.Until(p.due))
		_, _ = h.tun.Write(p.data) // it may be off
	}
}

// launch starts a program on the host.
func (h *host) launch(d *daemon) *daemon {
	d.t.Helper()
	done := make(chan struct{})
	h.do <- func() {
		defer close(done) // also if the test fails here
		d.launch()
	}
	<-done
	return d
}
