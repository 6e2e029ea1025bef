package resume

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"natstron/bridge/wire"
)

// A Token says which session a client goes on with.
type Token struct {
	Channel wire.Channel // that the client agent gave to the client
	Session uint64       // drawn at random; no two sessions have the same
	Number  uint32       // among the tokens of the session
}

// A signed token is a version, the key's name, the token, and the code of all before.
const (
	tokenVersion = 1
	nameSize     = 4
	bodySize     = 1 + nameSize + 8 + 8 + 4
	// TokenSize is how many bytes a signed token has.
	TokenSize = bodySize + sha256.Size
)

// LeastSecret is how many bytes a secret has at least.
const LeastSecret = 16

// Why a token is refused.
var (
	ErrToken = errors.New("it is not a token")
	ErrKey   = errors.New("it was signed with a key that is not in use")
	ErrCode  = errors.New("it was not signed with its key")
)

// Keys sign and verify tokens with HMAC-SHA256. They may be used by several goroutines.
type Keys struct{ all []key }

// A key is a secret and its name in tokens: the beginning of a hash.
type key struct {
	name   [nameSize]byte
	secret []byte
}

// NewKeys returns the keys of some secrets, at least one. The first one signs; tokens that
// were signed with any of them are good.
func NewKeys(secrets ...string) (*Keys, error) {
	k := &Keys{}
	for i, s := range secrets {
		if len(s) < LeastSecret {
			return nil, fmt.Errorf("key %d has %d bytes: it must have at least %d", i+1, len(s), LeastSecret)
		}
		next := key{secret: []byte(s)}
		hash := sha256.Sum256(append([]byte("natstron resume key "), s...))
		copy(next.name[:], hash[:])
		k.all = append(k.all, next)
	}
	if len(k.all) == 0 {
		return nil, errors.New("no key")
	}
	return k, nil
}

// RandomKeys returns a key that nobody else has.
func RandomKeys() *Keys {
	k, err := NewKeys(rand.Text() + rand.Text())
	if err != nil {
		panic(err) // rand.Text is longer than LeastSecret
	}
	return k
}

func (k *key) code(body []byte) []byte {
	mac := hmac.New(sha256.New, k.secret)
	mac.Write(body)
	return mac.Sum(nil)
}

// Sign returns the token as it is given to a client.
func (k *Keys) Sign(t Token) []byte {
	signs := &k.all[0]
	b := make([]byte, 0, TokenSize)
	b = append(append(b, tokenVersion), signs.name[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(t.Channel))
	b = binary.LittleEndian.AppendUint64(b, t.Session)
	b = binary.LittleEndian.AppendUint32(b, t.Number)
	return append(b, signs.code(b)...)
}

// Verify is the token in bytes that a client has sent. The error is [ErrToken], [ErrKey] or
// [ErrCode].
func (k *Keys) Verify(b []byte) (Token, error) {
	if len(b) != TokenSize || b[0] != tokenVersion {
		return Token{}, ErrToken
	}
	err := ErrKey
	for i := range k.all {
		if signed := &k.all[i]; signed.name == [nameSize]byte(b[1:]) {
			err = ErrCode
			if hmac.Equal(b[bodySize:], signed.code(b[:bodySize])) {
				r := b[1+nameSize:]
				return Token{
					Channel: wire.Channel(binary.LittleEndian.Uint64(r)),
					Session: binary.LittleEndian.Uint64(r[8:]),
					Number:  binary.LittleEndian.Uint32(r[16:]),
				}, nil
			}
		}
	}
	return Token{}, err
}
