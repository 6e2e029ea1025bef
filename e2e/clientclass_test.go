package e2e

import (
	"os/exec"
	"path/filepath"
	"testing"

	"natstron/bridge/wire"
	"natstron/dc"
)

// An astrond with a client class of its own, as its README says: logins without
// an UberDOG, chat filtered on its way in, and on its way out.
func TestExampleClientClass(t *testing.T) {
	t.Parallel()
	park := filepath.Join(t.TempDir(), "park")
	if out, err := exec.Command("go", "build", "-o", park, "natstron/examples/clientclass").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	d := example(t, "clientclass", park)
	address := d.where("listening for clients")
	const (
		manager wire.DoID    = 4665
		login   wire.FieldID = 0
		setChat wire.FieldID = 3
	)
	file, err := dc.ParseFiles("../examples/clientclass/park.dc")
	must(t, err)
	enter := func(name string) (*gameClient, wire.DoID) {
		c := dialGame(t, address)
		c.hello(file.Hash(), "park-1")
		c.setField(manager, login, name)
		r := c.until(wire.ClientEnterObjectRequiredOwner)
		return c, r.DoID()
	}
	ada, adaDo := enter("Ada")
	bob, bobDo := enter("Bob")
	about := func(c *gameClient, kind wire.ClientMsgType) wire.DoID {
		r := c.until(kind)
		return r.DoID()
	}
	for about(ada, wire.ClientEnterObjectRequired) != bobDo { // her own avatar, perhaps
	}
	chat := func(c *gameClient, from wire.DoID, want string) {
		t.Helper()
		r := c.until(wire.ClientObjectSetField)
		if do, field, text := r.DoID(), r.FieldID(), r.Text(); do != from || field != setChat || text != want {
			t.Errorf("%d says %q in field %d, want %d and %q", do, text, field, from, want)
		}
	}
	bob.setField(bobDo, setChat, "what the heck")
	chat(ada, bobDo, "what the ****")

	ada.setField(adaDo, setChat, "/deaf")
	ada.setField(adaDo, setChat, "I hear nothing") // said after it
	chat(bob, adaDo, "I hear nothing")
	bob.setField(bobDo, setChat, "not for Ada")
	bob.setField(adaDo, setChat, "in Ada's name")
	bob.expectEject(wire.EjectForbiddenField)
	if r := ada.expect(wire.ClientObjectLeaving); r.DoID() != bobDo { // and no chat before it
		t.Error("somebody else than Bob leaves")
	}

	c := dialGame(t, address)
	c.hello(file.Hash(), "park-1")
	c.setField(manager, login, "a name of more than twenty letters")
	c.expectEject(wire.EjectBadCredentials)
}
