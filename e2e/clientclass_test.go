package e2e

import (
	"fmt"
	"strings"
	"testing"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/clientagent/clienttest"
)

// The example of a client class of a game's own.

// An astrond with a client class of its own, as its README says: logins with accounts of the
// database, without an UberDOG; chat filtered on its way in, and on its way out.
func TestExampleClientClass(t *testing.T) {
	t.Parallel()
	park := built(t, "examples/clientclass")
	d := example(t, "clientclass", park)
	address := d.where("listening for clients")
	const (
		manager wire.DoID    = 4665
		login   wire.FieldID = 0
		setChat wire.FieldID = 3
	)
	file, err := dc.ParseFiles("../examples/clientclass/park.dc")
	must(t, err)
	if hash := fmt.Sprintf("0x%08x", file.Hash()); !strings.Contains(read(t, "../examples/clientclass", "client.py"), hash) {
		t.Errorf("the hash of the DC files is %s", hash)
	}
	logIn := func(name, password string) *clienttest.Client {
		c := clienttest.Dial(t, address)
		c.Hello(file.Hash(), "park-1")
		c.Send(wire.ClientObjectSetField, func(w *wire.Writer) { w.DoID(manager).FieldID(login).Text(name).Text(password) })
		return c
	}
	enter := func(name, password string) (*clienttest.Client, wire.DoID) {
		c := logIn(name, password)
		r := c.Until(wire.ClientEnterObjectRequiredOwner)
		return c, r.DoID()
	}
	elsewhere, _ := enter("Ada", "lovelace")
	ada, adaDo := enter("Ada", "lovelace")
	elsewhere.UntilEject(wire.EjectLoggedInElsewhere)
	bob, bobDo := enter("Bob", "builder")
	logIn("Bob", "bilder").ExpectEject(wire.EjectBadCredentials)
	about := func(c *clienttest.Client, kind wire.ClientMsgType) wire.DoID {
		r := c.Until(kind)
		return r.DoID()
	}
	for about(ada, wire.ClientEnterObjectRequired) != bobDo { // her own avatar, perhaps
	}
	chat := func(c *clienttest.Client, from wire.DoID, want string) {
		t.Helper()
		r := c.Until(wire.ClientObjectSetField)
		if do, field, text := r.DoID(), r.FieldID(), r.Text(); do != from || field != setChat || text != want {
			t.Errorf("%d says %q in field %d, want %d and %q", do, text, field, from, want)
		}
	}
	bob.SetField(bobDo, setChat, "what the heck")
	chat(ada, bobDo, "what the ****")

	ada.SetField(adaDo, setChat, "/deaf")
	ada.SetField(adaDo, setChat, "I hear nothing") // said after it
	chat(bob, adaDo, "I hear nothing")
	bob.SetField(bobDo, setChat, "not for Ada")
	bob.SetField(adaDo, setChat, "in Ada's name")
	bob.UntilEject(wire.EjectForbiddenField)
	if r := ada.Expect(wire.ClientObjectLeaving); r.DoID() != bobDo { // and no chat before it
		t.Error("somebody else than Bob leaves")
	}

	logIn("a name of more than twenty letters", "secret").ExpectEject(wire.EjectBadCredentials)
	logIn("Cy", "no").ExpectEject(wire.EjectBadCredentials)

	// While a login waits, what the client sends waits, too, and is checked after it.
	c := logIn("Bob", "builder")
	c.SetField(manager, 99, "no such field")
	c.Until(wire.ClientEnterObjectRequiredOwner)
	c.UntilEject(wire.EjectForbiddenField)

	// Of two who want a new name at once, one gets it.
	rivals := []*clienttest.Client{logIn("Dee", "dexter"), logIn("Dee", "sinister")}
	in := 0
	for _, c := range rivals {
		if kind, _, err := c.Receive(); err == nil && kind != wire.ClientEject {
			in++
		}
	}
	if in != 1 {
		t.Errorf("%d of two get the name", in)
	}
}
