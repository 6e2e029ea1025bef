package resume

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"natstron/bridge/wire"
)

const secret, other = "0123456789abcdef", "fedcba9876543210"

func keys(t testing.TB, secrets ...string) *Keys {
	t.Helper()
	k, err := NewKeys(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

var token = Token{Channel: 1_000_000_001, Session: 1 << 63, Number: 7}

func TestKeysMustBeLong(t *testing.T) {
	for _, secrets := range [][]string{{}, {""}, {secret, "short"}, {strings.Repeat("x", LeastSecret-1)}} {
		if _, err := NewKeys(secrets...); err == nil {
			t.Errorf("%q are keys", secrets)
		}
	}
}

// Any of the keys is good, the first one signs: so a new key can be added behind the old
// one everywhere, then put first, then the old one taken out.
func TestRotation(t *testing.T) {
	before, during, after := keys(t, secret), keys(t, other, secret), keys(t, other)
	old, fresh := before.Sign(token), during.Sign(token)
	for _, c := range []struct {
		keys  *Keys
		token []byte
		want  error
	}{{before, old, nil}, {during, old, nil}, {after, old, ErrKey}, {before, fresh, ErrKey}, {during, fresh, nil}, {after, fresh, nil}} {
		got, err := c.keys.Verify(c.token)
		if !errors.Is(err, c.want) || err == nil && got != token {
			t.Errorf("%+v, %v, want %v", got, err, c.want)
		}
	}
}

// No token but those that were signed is good: not if it is cut anywhere, nor if any bit is
// another one, nor with anything behind it, nor signed with another key under the name of a
// good one.
func TestForgedTokens(t *testing.T) {
	k := keys(t, secret)
	good := k.Sign(token)
	for n := range good {
		if _, err := k.Verify(good[:n]); !errors.Is(err, ErrToken) {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
	if _, err := k.Verify(append(bytes.Clone(good), 0)); !errors.Is(err, ErrToken) {
		t.Errorf("with a byte behind it: %v", err)
	}
	for bit := range 8 * len(good) {
		b := bytes.Clone(good)
		b[bit/8] ^= 1 << (bit % 8)
		if _, err := k.Verify(b); err == nil {
			t.Errorf("bit %d is another one, and the token is good", bit)
		}
	}
	forged := keys(t, other).Sign(token)
	copy(forged[1:], good[1:1+nameSize])
	if _, err := k.Verify(forged); !errors.Is(err, ErrCode) {
		t.Errorf("another key under the name of a good one: %v", err)
	}
	if _, err := RandomKeys().Verify(good); !errors.Is(err, ErrKey) {
		t.Errorf("a random key: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	k := keys(f, secret)
	f.Add(k.Sign(token))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, err := k.Verify(b); err == nil && !bytes.Equal(k.Sign(got), b) {
			t.Errorf("%x is %+v", b, got)
		}
	})
}

// A token is good until the client has confirmed that it has the next one.
func TestOneUse(t *testing.T) {
	ticket := NewTicket(token.Channel, 100, &Memory{Limit: 100})
	first := ticket.Token()
	if !ticket.Accepts(first) {
		t.Error("the first token is refused")
	}
	for _, wrong := range []Token{
		{first.Channel + 1, first.Session, 0}, {first.Channel, first.Session + 1, 0},
		{first.Channel, first.Session, 1}, {first.Channel, first.Session, 1<<32 - 1}, {},
	} {
		if ticket.Accepts(wrong) {
			t.Errorf("%+v is good", wrong)
		}
	}
	second := ticket.Renew()
	if !ticket.Accepts(first) || !ticket.Accepts(second) {
		t.Error("the client may have either, and one is refused")
	}
	if !ticket.Confirm(0) || ticket.Accepts(first) || !ticket.Accepts(second) {
		t.Error("the client has the second, but the first is good")
	}
	third := ticket.Renew()
	fourth := ticket.Renew()
	if ticket.Accepts(first) || !ticket.Accepts(second) || !ticket.Accepts(third) || !ticket.Accepts(fourth) {
		t.Error("the client may have the second to the fourth, and one is refused; or the first is good")
	}
	if ticket.Confirm(0); ticket.Accepts(second) || ticket.Accepts(third) || !ticket.Accepts(fourth) {
		t.Error("the client has the fourth, but one before is good")
	}
}

// A history has what was not acknowledged, in order, and never more than its limit.
func TestHistory(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 1))
		const limit = 4000
		all := &Memory{Used: 77, Limit: 77 + limit}
		ticket := NewTicket(1, 2*limit, all)
		if seed%2 == 0 {
			all.Limit *= 2
			ticket = NewTicket(1, limit, all)
		}
		var want [][]byte
		sent, acknowledged := uint32(0), uint32(0)
		for range 2000 {
			if random.IntN(3) > 0 {
				var w wire.Writer
				w.BeginFrame().Raw(make([]byte, random.IntN(200))).Uint32(sent)
				frame, err := w.Frame()
				if err != nil {
					t.Fatal(err)
				}
				if fits := len(bytes.Join(want, nil))+len(frame) <= limit; ticket.Add(frame) != fits || ticket.Void() == fits {
					t.Fatalf("a frame that fits (%v) has no room, or one that does not has", fits)
				} else if !fits {
					if ticket.Bytes() != 0 || ticket.Accepts(ticket.Token()) || ticket.Add(frame) {
						t.Fatal("a void ticket keeps something, or is good")
					}
					break
				}
				sent++
				want = append(want, bytes.Clone(frame))
			} else {
				n := acknowledged + uint32(random.IntN(len(want)+2))
				if ok := n <= sent; ticket.Acknowledge(n) != ok {
					t.Fatalf("%d of %d to %d can be acknowledged: %v", n, acknowledged, sent, !ok)
				} else if ok {
					want, acknowledged = want[n-acknowledged:], n
				}
				if acknowledged > 0 && ticket.Acknowledge(acknowledged-1) {
					t.Fatal("what was acknowledged can be taken back")
				}
			}
			if got := bytes.Join(want, nil); !bytes.Equal(ticket.Frames(), got) || ticket.Bytes() != len(got) || ticket.Sent() != sent {
				t.Fatalf("%d bytes of %d frames are kept, want %d of %d", ticket.Bytes(), ticket.Sent(), len(got), sent)
			}
			if all.Used != 77+ticket.Bytes() {
				t.Fatalf("%d bytes are counted, %d are kept", all.Used-77, ticket.Bytes())
			}
		}
		if ticket.End(); all.Used != 77 {
			t.Fatalf("%d bytes are counted in the end", all.Used-77)
		}
	}
}
