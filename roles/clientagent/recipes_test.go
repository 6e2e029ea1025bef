package clientagent_test

import (
	"context"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/ask"
	"natstron/roles/clientagent"
)

// TestDocs compares the functions in docs/clientclass.md with those here, which are compiled.
func TestDocs(t *testing.T) {
	source, err := os.ReadFile("recipes_test.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/clientclass.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```go\n(func \\(g .*?)```").FindAllSubmatch(page, -1)
	if len(blocks) != 3 {
		t.Errorf("%d functions in the page, want 3", len(blocks))
	}
	for _, b := range blocks {
		if !strings.Contains(string(source), string(b[1])) {
			t.Errorf("the page has another function than this file:\n%s", b[1])
		}
	}
}

// game is a class that waits. Its methods are in docs/clientclass.md.
type game struct {
	filter
	service string
}

const (
	accounts ask.Database = 4003
	names    wire.DoID    = 4670
)

var (
	_ = game.logIn
	_ = game.checkToken
	_ = game.filterName
)

func (g game) logIn(s *clientagent.Session, name, password string) {
	s.Wait(accounts.Find("Account", "setName", name, 0, func(found []wire.DoID, _ bool, err error) {
		if err != nil || len(found) == 0 {
			s.Eject(wire.EjectBadCredentials, "There is no such account.")
			return
		}
		s.Wait(accounts.Get("Account", found[0], []string{"setPassword"}, func(account ask.Values, err error) {
			hash, _ := account["setPassword"].([]byte) // none, if there is an error
			s.Wait(ask.Do(func(context.Context) (bool, error) {
				return true, bcrypt.CompareHashAndPassword(hash, []byte(password))
			}, func(_ bool, err error) {
				if err != nil {
					s.Eject(wire.EjectBadCredentials, "That is not the password.")
					return
				}
				s.SetState(clientagent.StateEstablished)
			}))
		}))
	}))
}

func (g game) checkToken(s *clientagent.Session, token string) {
	s.Wait(ask.Do(func(ctx context.Context) (status int, err error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, g.service, nil)
		if err != nil {
			return 0, err
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return 0, err
		}
		defer response.Body.Close()
		return response.StatusCode, nil
	}, func(status int, err error) {
		if err != nil || status != http.StatusOK {
			s.Eject(wire.EjectBadCredentials, "Your token is not valid.")
			return
		}
		s.SetState(clientagent.StateEstablished)
	}))
}

func (g game) filterName(s *clientagent.Session, message []byte, name string) []byte {
	kept := slices.Clone(message)
	s.Wait(ask.Call("Names", names, "check", []any{name}, "checked", func(answer dc.Record, err error) {
		if allowed, _ := answer.Get("allowed"); allowed == uint8(1) {
			s.Pass(kept)
		}
	}))
	return nil // the agent does nothing with it now
}
