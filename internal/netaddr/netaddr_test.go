package netaddr

import "testing"

func TestNetwork(t *testing.T) {
	for address, want := range map[string]string{
		"0.0.0.0:7199": "tcp4", "127.0.0.1:0": "tcp4", "[::]:7199": "tcp", "[::1]:7199": "tcp",
		"localhost:7199": "tcp", "[::ffff:127.0.0.1]:1": "tcp", ":7199": "tcp", "nonsense": "tcp",
	} {
		if got := Network("tcp", address); got != want {
			t.Errorf("%s is listened on over %s, want %s", address, got, want)
		}
	}
}
